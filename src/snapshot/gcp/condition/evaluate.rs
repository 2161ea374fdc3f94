//! A condition's value at a time, as far as the time decides it.

use chrono::{DateTime, Datelike as _};

use super::parse::{Expression, Operator};
use crate::model::Timestamp;

/// Microseconds by which local time may differ from UTC.
const ZONES: i64 = 14 * 3_600_000_000;

/// What an expression is worth.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// It depends on the request, or on what is not known here.
    Unknown,
    Bool(bool),
    Number(i64),
    Text(String),
    /// Microseconds since 1970.
    Time(i64),
    /// Microseconds.
    Duration(i64),
}

/// The value of an expression for a request at `at`.
pub(super) fn value(expression: &Expression, at: Timestamp) -> Value {
    match expression {
        Expression::Text(text) => Value::Text(text.clone()),
        Expression::Number(number) => Value::Number(*number),
        Expression::Bool(flag) => Value::Bool(*flag),
        Expression::Path(path) if path == "request.time" => Value::Time(at.0),
        Expression::Path(_) | Expression::List(_) => Value::Unknown,
        Expression::Not(inner) => match value(inner, at) {
            Value::Bool(flag) => Value::Bool(!flag),
            _ => Value::Unknown,
        },
        Expression::Binary(operator, left, right) => binary(*operator, left, right, at),
        Expression::Choice(condition, then, otherwise) => match value(condition, at) {
            Value::Bool(true) => value(then, at),
            Value::Bool(false) => value(otherwise, at),
            _ => {
                let (then, otherwise) = (value(then, at), value(otherwise, at));
                if then == otherwise {
                    then
                } else {
                    Value::Unknown
                }
            }
        },
        Expression::Call(target, function, arguments) => {
            let target = target.as_ref().map(|target| value(target, at));
            let arguments: Vec<Value> = arguments.iter().map(|one| value(one, at)).collect();
            call(target, function, &arguments)
        }
    }
}

fn binary(operator: Operator, left: &Expression, right: &Expression, at: Timestamp) -> Value {
    if let (Operator::In, Expression::List(items)) = (operator, right) {
        return within(&value(left, at), items, at);
    }
    let (left, right) = (value(left, at), value(right, at));
    match (operator, &left, &right) {
        (Operator::And, Value::Bool(false), _) | (Operator::And, _, Value::Bool(false)) => {
            Value::Bool(false)
        }
        (Operator::Or, Value::Bool(true), _) | (Operator::Or, _, Value::Bool(true)) => {
            Value::Bool(true)
        }
        (Operator::And, Value::Bool(a), Value::Bool(b)) => Value::Bool(*a && *b),
        (Operator::Or, Value::Bool(a), Value::Bool(b)) => Value::Bool(*a || *b),
        (Operator::Plus, Value::Time(a), Value::Duration(b)) => Value::Time(a.saturating_add(*b)),
        (Operator::Minus, Value::Time(a), Value::Duration(b)) => Value::Time(a.saturating_sub(*b)),
        (Operator::Minus, Value::Time(a), Value::Time(b)) => Value::Duration(a.saturating_sub(*b)),
        _ => compared(operator, &left, &right),
    }
}

fn compared(operator: Operator, left: &Value, right: &Value) -> Value {
    let order = match (left, right) {
        (Value::Number(a), Value::Number(b))
        | (Value::Time(a), Value::Time(b))
        | (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ => return Value::Unknown,
    };
    Value::Bool(match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Less => order.is_lt(),
        Operator::AtMost => order.is_le(),
        Operator::Greater => order.is_gt(),
        Operator::AtLeast => order.is_ge(),
        _ => return Value::Unknown,
    })
}

fn within(value_of: &Value, items: &[Expression], at: Timestamp) -> Value {
    let found = items
        .iter()
        .map(|item| compared(Operator::Equal, value_of, &value(item, at)));
    let found: Vec<Value> = found.collect();
    match (
        found.contains(&Value::Bool(true)),
        found.contains(&Value::Unknown),
    ) {
        (true, _) => Value::Bool(true),
        (false, true) => Value::Unknown,
        (false, false) => Value::Bool(false),
    }
}

fn call(target: Option<Value>, function: &str, arguments: &[Value]) -> Value {
    match (target, function, arguments) {
        (None, "timestamp", [Value::Text(text)]) => {
            Timestamp::parse(text).map_or(Value::Unknown, |time| Value::Time(time.0))
        }
        // The beginning of a day, UTC.
        (None, "date", [Value::Text(day)]) => {
            let whole = (day.len() == 10).then(|| Timestamp::parse(&format!("{day}T00:00:00Z")));
            whole
                .flatten()
                .map_or(Value::Unknown, |time| Value::Time(time.0))
        }
        (None, "duration", [Value::Text(text)]) => duration(text),
        (Some(Value::Text(whole)), "startsWith", [Value::Text(part)]) => {
            Value::Bool(whole.starts_with(part))
        }
        (Some(Value::Text(whole)), "endsWith", [Value::Text(part)]) => {
            Value::Bool(whole.ends_with(part))
        }
        // The year passes once; what comes again every day or week is true for some request.
        (Some(Value::Time(time)), "getFullYear", []) => year(time, 0),
        (Some(Value::Time(time)), "getFullYear", [Value::Text(_)]) => year(time, ZONES),
        _ => Value::Unknown,
    }
}

/// The year at a time, where it is one in every zone.
fn year(time: i64, zones: i64) -> Value {
    let at = |time: i64| DateTime::from_timestamp_micros(time).map(|time| time.year());
    match (
        at(time.saturating_sub(zones)),
        at(time.saturating_add(zones)),
    ) {
        (Some(first), Some(last)) if first == last => Value::Number(first.into()),
        _ => Value::Unknown,
    }
}

/// `3600s`, `1h30m`: a sequence of whole numbers with units.
fn duration(text: &str) -> Value {
    let mut rest = text;
    let mut total = 0i64;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (digits, behind) = rest.split_at(end);
        let unit_end = behind
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit_end);
        let micros = match unit {
            "h" => 3_600_000_000i64,
            "m" => 60_000_000,
            "s" => 1_000_000,
            "ms" => 1_000,
            _ => return Value::Unknown,
        };
        let Ok(number) = digits.parse::<i64>() else {
            return Value::Unknown;
        };
        total = total.saturating_add(number.saturating_mul(micros));
        rest = behind;
    }
    match text.is_empty() {
        true => Value::Unknown,
        false => Value::Duration(total),
    }
}
