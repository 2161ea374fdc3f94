//! IAM conditions: whether a grant holds at a time, and whether it is narrowed to named resources.
//!
//! A condition is an expression of CEL (`cloud.google.com/iam/docs/conditions-overview`). `parse`
//! reads the forms that conditions are written in, `evaluate` decides them with three values: the
//! time is known, the resource and the hour of the day are the request's, and what is not known
//! stays so. A binding applies only while its expression is true.

mod evaluate;
mod parse;

use crate::model::Timestamp;
use evaluate::Value;
use parse::{Expression, Operator};

/// What is known of a condition at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is none.
    Absent,
    /// It is true whatever is asked for.
    Holds,
    /// It is false whatever is asked for.
    Fails,
    /// It depends on the request, or on what is not evaluated here.
    Open,
}

/// What is known of a condition at a time.
#[must_use]
pub fn standing(condition: &str, at: Timestamp) -> Standing {
    if condition.trim().is_empty() {
        return Standing::Absent;
    }
    let value = parse::expression(condition).map(|expression| evaluate::value(&expression, at));
    match value {
        Some(Value::Bool(true)) => Standing::Holds,
        Some(Value::Bool(false)) => Standing::Fails,
        _ => Standing::Open,
    }
}

/// Whether a condition holds for resources only that it names, or begins to name.
#[must_use]
pub fn narrows(condition: &str) -> bool {
    parse::expression(condition).is_some_and(|expression| narrowed(&expression))
}

fn narrowed(expression: &Expression) -> bool {
    use Expression::{Binary, Call};
    let named = |text: &Expression| matches!(text, Expression::Text(text) if names(text));
    match expression {
        // It holds for nothing.
        Expression::Bool(false) => true,
        // Where the condition is false, the rest is not narrowed by it.
        Expression::Choice(condition, then, otherwise) => {
            (narrowed(condition) || narrowed(then)) && narrowed(otherwise)
        }
        Binary(Operator::And, left, right) => narrowed(left) || narrowed(right),
        Binary(Operator::Or, left, right) => narrowed(left) && narrowed(right),
        Binary(Operator::Equal, left, right) => {
            (is_name(left) && named(right)) || (is_name(right) && named(left))
        }
        Binary(Operator::In, left, right) => {
            matches!(&**right, Expression::List(items) if is_name(left) && items.iter().all(named))
        }
        Call(Some(target), function, arguments) if is_name(target) => {
            match (function.as_str(), arguments.as_slice()) {
                ("startsWith", [text]) => named(text),
                // An end is that of one name, wherever it stands.
                ("endsWith", [Expression::Text(text)]) => !text.trim_matches('/').is_empty(),
                _ => false,
            }
        }
        _ => false,
    }
}

fn is_name(expression: &Expression) -> bool {
    matches!(expression, Expression::Path(path) if path == "resource.name")
}

/// Whether a name, or the beginning of one, goes beyond a project and a collection in it:
/// `projects/p/secrets/` is every secret of the project.
fn names(text: &str) -> bool {
    let text = text.trim_start_matches("//");
    let from = text.find("projects/").unwrap_or(0);
    let segments: Vec<&str> = text.get(from..).unwrap_or("").split('/').collect();
    let at = match segments.get(2) {
        Some(&"locations") => 5,
        _ => 3,
    };
    segments.get(at).is_some_and(|name| !name.is_empty())
}

#[cfg(test)]
mod tests;
