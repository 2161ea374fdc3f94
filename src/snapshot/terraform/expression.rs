//! Values of attributes, as far as they can be read without evaluating anything.

use super::lexer::Heredoc;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A string.
    Text(String),
    /// A heredoc.
    Heredoc(Heredoc),
    /// A number or boolean, as written.
    Plain(String),
    /// A list.
    List(Vec<Value>),
    /// A map.
    Map(Vec<(String, Value)>),
    /// An expression that only Terraform can evaluate, as written on one line.
    Unresolved(String),
}

/// `name = value`.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) value: Value,
    pub(super) line: u64,
}

/// `kind "label" ... { ... }`.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) kind: String,
    pub(super) labels: Vec<String>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) blocks: Vec<Block>,
    pub(super) line: u64,
}

impl Value {
    /// The text of a scalar.
    pub(super) fn scalar(&self) -> Option<&str> {
        match self {
            Value::Text(text) | Value::Plain(text) => Some(text),
            Value::Heredoc(heredoc) => Some(&heredoc.text),
            _ => None,
        }
    }

    /// Whether nothing in it is left to Terraform.
    pub(super) fn is_resolved(&self) -> bool {
        match self {
            Value::Unresolved(_) => false,
            Value::List(items) => items.iter().all(Value::is_resolved),
            Value::Map(entries) => entries.iter().all(|(_, value)| value.is_resolved()),
            _ => true,
        }
    }
}

impl Block {
    /// An attribute by name.
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }

    /// `type.label`.
    pub(super) fn address(&self) -> String {
        let prefix = if self.kind == "data" { "data." } else { "" };
        format!("{prefix}{}", self.labels.join("."))
    }
}
