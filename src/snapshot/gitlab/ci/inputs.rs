//! `$[[ inputs.name ]]`: the values that a file's header (`spec:inputs`) gives by default.
//!
//! GitLab fills them in before it reads anything else (documentation, "CI/CD inputs"). What has no
//! default is set by who includes the file or starts the pipeline, and stays as it is written.
//! `${{ job.inputs.name }}` is the same within one job, by the job's own `inputs`.

use super::node::{Node, put};

/// The marks around an interpolation and what its name begins with.
#[derive(Clone, Copy)]
pub(super) struct Marks {
    open: &'static str,
    close: &'static str,
    prefix: &'static str,
}

/// Inputs of a file.
pub(super) const FILE: Marks = Marks {
    open: "$[[",
    close: "]]",
    prefix: "inputs.",
};

/// Inputs of a job.
pub(super) const JOB: Marks = Marks {
    open: "${{",
    close: "}}",
    prefix: "job.inputs.",
};

/// The defaults that a mapping of inputs declares.
pub(super) fn defaults(inputs: Option<&Node>) -> Vec<(String, Node)> {
    let inputs = inputs.map(Node::entries).unwrap_or_default();
    inputs
        .iter()
        .filter_map(|(name, input)| Some((name.clone(), input.get("default")?.clone())))
        .collect()
}

impl Marks {
    /// A node with the inputs in it replaced by `values`.
    pub(super) fn fill(self, node: &Node, values: &[(String, Node)]) -> Node {
        match node {
            Node::Scalar(text) => self.filled(text, values),
            Node::List(items) => {
                Node::List(items.iter().map(|item| self.fill(item, values)).collect())
            }
            Node::Map(entries) => {
                let mut filled = Vec::new();
                for (key, value) in entries {
                    let key = match self.filled(key, values) {
                        Node::Scalar(key) => key,
                        _ => key.clone(),
                    };
                    put(&mut filled, key, self.fill(value, values));
                }
                Node::Map(filled)
            }
            Node::Reference(steps) => Node::Reference(
                steps
                    .iter()
                    .map(|step| match self.filled(step, values) {
                        Node::Scalar(step) => step,
                        _ => step.clone(),
                    })
                    .collect(),
            ),
            Node::Null => Node::Null,
        }
    }

    /// A text with its inputs replaced; one that is nothing but an input takes the value's type.
    fn filled(self, text: &str, values: &[(String, Node)]) -> Node {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(self.open) {
            let Some((inner, behind)) = after.split_once(self.close) else {
                break;
            };
            out.push_str(before);
            match self.value(inner, values) {
                Some(Value::Text(value)) => out.push_str(&value),
                Some(Value::Node(node)) if before.is_empty() && behind.is_empty() => {
                    return node.clone();
                }
                _ => {
                    out.push_str(self.open);
                    out.push_str(inner);
                    out.push_str(self.close);
                }
            }
            rest = behind;
        }
        out.push_str(rest);
        Node::Scalar(out)
    }

    /// `inputs.name`, with functions behind bars.
    fn value<'v>(self, inner: &str, values: &'v [(String, Node)]) -> Option<Value<'v>> {
        let mut parts = inner.split('|').map(str::trim);
        let name = parts.next()?.strip_prefix(self.prefix)?;
        let (_, node) = values.iter().find(|(known, _)| known == name)?;
        let Some(text) = node.text() else {
            return Some(Value::Node(node));
        };
        let mut text = text.to_owned();
        for function in parts {
            text = applied(function, text)?;
        }
        Some(Value::Text(text))
    }

    /// The inputs that a node still names, as written.
    pub(super) fn left_in(self, node: &Node, found: &mut Vec<String>) {
        match node {
            Node::Scalar(text) => {
                let opened = text.split(self.open).skip(1);
                let names = opened.filter_map(|part| part.split_once(self.close));
                let names = names.map(|(inner, _)| inner.split('|').next().unwrap_or("").trim());
                found.extend(names.map(str::to_owned));
            }
            Node::List(items) => items.iter().for_each(|item| self.left_in(item, found)),
            Node::Map(entries) => entries
                .iter()
                .for_each(|(_, value)| self.left_in(value, found)),
            Node::Null | Node::Reference(_) => {}
        }
    }
}

enum Value<'v> {
    Text(String),
    Node(&'v Node),
}

/// The predefined functions of interpolation; none for one that is not known.
fn applied(function: &str, text: String) -> Option<String> {
    if function == "expand_vars" {
        // Variables are expanded where they are read.
        return Some(text);
    }
    if function == "posix_escape" {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-.,:+/@".contains(c);
        let escaped = text
            .chars()
            .flat_map(|c| (!plain(c)).then_some('\\').into_iter().chain([c]));
        return Some(escaped.collect());
    }
    let (from, length) = function
        .strip_prefix("truncate(")?
        .strip_suffix(')')?
        .split_once(',')?;
    let (from, length) = (from.trim().parse().ok()?, length.trim().parse().ok()?);
    Some(text.chars().skip(from).take(length).collect())
}
