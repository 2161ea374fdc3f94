//! Values of expressions, as far as they can be known without running Terraform.

use crate::model::Place;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A string.
    Text(Text),
    /// A number, boolean or null, as written.
    Plain(String),
    /// A list or set.
    List(Vec<Value>),
    /// A map or object, in the order in which it is written.
    Map(Vec<(String, Value)>),
    /// An expression that only Terraform can evaluate, as written on one line.
    Unresolved(String),
}

/// A string whose parts are known or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) pieces: Vec<Piece>,
    /// Where its first line stands, when the file holds it line by line (a heredoc).
    pub(super) place: Option<Place>,
}

/// A part of a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Its text.
    Known(String),
    /// The expression that gives it.
    Hole(String),
}

impl Value {
    /// A string that is known.
    pub(super) fn text(text: impl Into<String>) -> Value {
        Value::Text(Text::of(text))
    }

    /// A number.
    pub(super) fn number(number: i64) -> Value {
        Value::Plain(number.to_string())
    }

    /// A boolean.
    pub(super) fn boolean(boolean: bool) -> Value {
        Value::Plain(boolean.to_string())
    }

    /// The text of a scalar that is known.
    pub(super) fn known(&self) -> Option<String> {
        match self {
            Value::Text(text) => text.known(),
            Value::Plain(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// The number of a scalar that is known.
    pub(super) fn integer(&self) -> Option<i64> {
        self.known()?.parse().ok()
    }

    /// Whether nothing in it is left to Terraform.
    pub(super) fn is_resolved(&self) -> bool {
        match self {
            Value::Unresolved(_) => false,
            Value::Text(text) => text.known().is_some(),
            Value::List(items) => items.iter().all(Value::is_resolved),
            Value::Map(entries) => entries.iter().all(|(_, value)| value.is_resolved()),
            Value::Plain(_) => true,
        }
    }

    /// The value of a key of a map.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Map(entries) => entries
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// Bytes and parts, for the budget of an evaluation.
    pub(super) fn weight(&self) -> usize {
        match self {
            Value::Text(text) => text.pieces.iter().map(Piece::weight).sum::<usize>() + 1,
            Value::Plain(_) | Value::Unresolved(_) => 1,
            Value::List(items) => 1 + items.iter().map(Value::weight).sum::<usize>(),
            Value::Map(entries) => 1 + entries.iter().map(|(_, v)| v.weight()).sum::<usize>(),
        }
    }
}

impl Text {
    /// A text that is known.
    pub(super) fn of(text: impl Into<String>) -> Text {
        Text {
            pieces: vec![Piece::Known(text.into())],
            place: None,
        }
    }

    /// The whole text, if every part is known.
    pub(super) fn known(&self) -> Option<String> {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Known(text) => Some(text.as_str()),
                Piece::Hole(_) => None,
            })
            .collect()
    }

    /// The text with `${expression}` where a part is not known.
    pub(super) fn shown(&self) -> String {
        self.shown_with(str::to_owned)
    }

    /// The same, with the expressions as `show` writes them.
    pub(super) fn shown_with(&self, show: impl Fn(&str) -> String) -> String {
        let shown = self.pieces.iter().map(|piece| match piece {
            Piece::Known(text) => text.clone(),
            Piece::Hole(expression) => format!("${{{}}}", show(expression)),
        });
        shown.collect()
    }

    /// The expressions of the parts that are not known.
    pub(super) fn holes(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Known(_) => None,
            Piece::Hole(expression) => Some(expression.as_str()),
        })
    }
}

impl Piece {
    pub(super) fn weight(&self) -> usize {
        match self {
            Piece::Known(text) | Piece::Hole(text) => text.len(),
        }
    }
}
