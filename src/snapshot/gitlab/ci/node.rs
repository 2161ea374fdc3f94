//! YAML as GitLab reads it: merge keys applied, the last of equal keys wins, `!reference` kept.

use std::collections::HashMap;
use std::fmt;

use serde::de::{
    Deserialize, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use crate::model::{is_nested_too_deep, unmarked_text};

/// One YAML value. Scalars are text: GitLab treats variables and names so.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Node {
    /// Nothing.
    #[default]
    Null,
    /// A scalar, as text.
    Scalar(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<(String, Node)>),
    /// `!reference [job, key, ...]`.
    Reference(Vec<String>),
}

/// Why a file could not be parsed, without its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The YAML is broken.
    #[error("not readable as YAML{}", at(.line))]
    Yaml {
        /// The line, from 1, where the parser knows it.
        line: Option<usize>,
    },
    /// The file has no mapping at its top.
    #[error("the top of the file is no mapping")]
    NoMapping,
}

fn at(line: &Option<usize>) -> String {
    line.map(|line| format!(", line {line}"))
        .unwrap_or_default()
}

impl Node {
    /// The value of `key` in a mapping.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        match self {
            Node::Map(entries) => entries
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, node)| node),
            _ => None,
        }
    }

    /// The text of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Node::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The scalars of a list, however nested, or the lone scalar.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Node::Scalar(text) => vec![text],
            Node::List(items) => items.iter().flat_map(Node::texts).collect(),
            _ => Vec::new(),
        }
    }

    /// The entries of a mapping; none for anything else.
    #[must_use]
    pub fn entries(&self) -> &[(String, Node)] {
        match self {
            Node::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Parses the documents of a file.
    pub(super) fn documents(text: &str) -> Result<Vec<Node>, ParseError> {
        if is_nested_too_deep(text) {
            return Err(ParseError::Yaml { line: None });
        }
        yaml_serde::Deserializer::from_str(unmarked_text(text))
            .map(|document| {
                Node::deserialize(document).map_err(|error| ParseError::Yaml {
                    line: error.location().map(|location| location.line()),
                })
            })
            .collect()
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }
    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }
    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }
    // A project may keep an account number of any length in a variable.
    fn visit_i128<E>(self, value: i128) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }
    fn visit_u128<E>(self, value: u128) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }
    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Scalar(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut own = Entries::default();
        let mut merged: Vec<(String, Node)> = Vec::new();
        while let Some((key, value)) = map.next_entry::<Node, Node>()? {
            let Node::Scalar(key) = key else { continue };
            match (key.as_str(), value) {
                // YAML 1.1 merge key: what it brings never replaces what is written out.
                ("<<", Node::Map(entries)) => merged.extend(entries),
                ("<<", Node::List(items)) => {
                    merged.extend(items.iter().flat_map(|item| item.entries().to_vec()));
                }
                (_, value) => own.put(key, value),
            }
        }
        for (key, value) in merged {
            if own.get_mut(&key).is_none() {
                own.put(key, value);
            }
        }
        Ok(own.into_map())
    }
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Node, A::Error> {
        let (tag, content) = data.variant::<String>()?;
        let node: Node = content.newtype_variant()?;
        if tag.trim_start_matches('!') == "reference" {
            let steps = node.texts().into_iter().map(str::to_owned).collect();
            return Ok(Node::Reference(steps));
        }
        Ok(node)
    }
}

/// A mapping while it is put together: files are hostile, and a linear search per key is slow on
/// wide ones.
#[derive(Default)]
pub(super) struct Entries {
    list: Vec<(String, Node)>,
    at: HashMap<String, usize>,
}

impl Entries {
    /// The entries of a mapping, to be added to.
    pub(super) fn from(list: Vec<(String, Node)>) -> Entries {
        let keys = list.iter().zip(0..);
        let at = keys.map(|((key, _), at)| (key.clone(), at)).collect();
        Entries { list, at }
    }

    /// The value of a key.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let (_, node) = self.list.get_mut(*self.at.get(key)?)?;
        Some(node)
    }

    /// Sets a key; the last of equal keys wins, in the place of the first.
    pub(super) fn put(&mut self, key: String, value: Node) {
        match self.get_mut(&key) {
            Some(slot) => *slot = value,
            None => {
                self.at.insert(key.clone(), self.list.len());
                self.list.push((key, value));
            }
        }
    }

    /// The mapping.
    pub(super) fn into_map(self) -> Node {
        Node::Map(self.list)
    }
}

/// Sets a key; the last of equal keys wins, in the place of the first.
pub(super) fn put(entries: &mut Vec<(String, Node)>, key: String, value: Node) {
    match entries.iter_mut().find(|(known, _)| *known == key) {
        Some((_, slot)) => *slot = value,
        None => entries.push((key, value)),
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}
