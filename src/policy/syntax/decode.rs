//! Turns values of the tree into the types of a stanza, with the coercions of HCL 1.

use serde_json::{Map, Number, Value};

use super::error::Faults;
use super::tree::{Item, Kind, Node};

/// Reports that an attribute is of the wrong kind.
pub(super) fn wrong_kind(item: &Item, wanted: &str, faults: &mut Faults<'_>) {
    let key = item.first_key();
    let found = item.value.kind.noun();
    let message = format!("`{key}` must be {wanted}, not {found}");
    let help = match (wanted, &item.value.kind) {
        ("a list", Kind::Text(text)) => format!("write `{key} = [{text:?}]`"),
        ("a list", _) => format!("write `{key} = [\"...\"]`"),
        ("an object", _) => format!("write `{key} = {{ \"name\" = [] }}`"),
        _ => format!("write `{key} = \"...\"`"),
    };
    faults.add(item.value.span, message, found, help);
}

/// A string; a whole number is taken as its digits.
pub(super) fn string(node: &Node, key: &str, faults: &mut Faults<'_>) -> Option<String> {
    match &node.kind {
        Kind::Text(text) | Kind::Number(text) => Some(text.clone()),
        kind => {
            let message = format!("`{key}` must be a string, not {}", kind.noun());
            faults.add(node.span, message, kind.noun(), "put the value in quotes");
            None
        }
    }
}

/// A list of strings; an empty object counts as an empty list.
pub(super) fn strings<'n>(
    item: &'n Item,
    faults: &mut Faults<'_>,
) -> Option<Vec<(String, &'n Node)>> {
    match &item.value.kind {
        Kind::List(nodes) if item.keys.len() == 1 => {
            let key = item.first_key();
            let read = nodes
                .iter()
                .map(|node| Some((string(node, key, faults)?, node)));
            read.collect()
        }
        Kind::Object(items) if items.is_empty() && item.keys.len() == 1 => Some(Vec::new()),
        _ => {
            wrong_kind(item, "a list", faults);
            None
        }
    }
}

/// A map of lists; `key "label" { }` counts as an entry of that label.
pub(super) fn map(item: &Item, faults: &mut Faults<'_>) -> Option<Vec<(String, Vec<Value>)>> {
    let Kind::Object(items) = &item.value.kind else {
        wrong_kind(item, "an object", faults);
        return None;
    };
    if let Some(label) = item.keys.get(1) {
        return Some(vec![(label.text.clone(), vec![object(items, faults)])]);
    }
    let mut entries = Vec::with_capacity(items.len());
    for entry in items {
        let values = match &entry.value.kind {
            Kind::List(nodes) => nodes.iter().map(|node| value(node, faults)).collect(),
            Kind::Object(items) => vec![object(items, faults)],
            _ => {
                wrong_kind(entry, "a list", faults);
                return None;
            }
        };
        entries.push((entry.first_key().to_owned(), values));
    }
    Some(entries)
}

/// A whole number, decimal, hexadecimal (`0x`) or octal (`0`).
pub(super) fn integer(item: &Item, faults: &mut Faults<'_>) -> Option<i64> {
    let number = match &item.value.kind {
        Kind::Number(text) | Kind::Text(text) => whole(text),
        _ => None,
    };
    if number.is_none() {
        wrong_kind(item, "a whole number", faults);
    }
    number
}

/// The value of digits as Go's `ParseInt` reads them with base 0.
pub(super) fn whole(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let magnitude = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => i128::from_str_radix(digits.get(2..)?, 16),
        [b'0', _, ..] => i128::from_str_radix(digits.get(1..)?, 8),
        _ => digits.parse(),
    };
    i64::try_from(magnitude.ok()?.checked_mul(sign)?).ok()
}

/// Any value, for parameters. A number that no 64 bits hold refuses the text.
fn value(node: &Node, faults: &mut Faults<'_>) -> Value {
    let number = match &node.kind {
        Kind::Number(text) => whole(text).map(Number::from),
        Kind::Float(text) => text.parse::<f64>().ok().and_then(Number::from_f64),
        Kind::Bool(value) => return Value::Bool(*value),
        Kind::Text(text) => return Value::String(text.clone()),
        Kind::List(nodes) => {
            return Value::Array(nodes.iter().map(|node| value(node, faults)).collect());
        }
        Kind::Object(items) => return object(items, faults),
    };
    number.map_or_else(
        || {
            let message = "a number is out of range, or has no digits";
            let help = "write one that 64 bits hold";
            faults.add(node.span, message, node.kind.noun(), help);
            Value::Null
        },
        Value::Number,
    )
}

fn object(items: &[Item], faults: &mut Faults<'_>) -> Value {
    let mut map = Map::new();
    for item in items {
        // Below the first level, HCL wraps an object into a list of one.
        let inner = match &item.value.kind {
            Kind::Object(_) => Value::Array(vec![value(&item.value, faults)]),
            _ => value(&item.value, faults),
        };
        map.insert(item.first_key().to_owned(), inner);
    }
    Value::Object(map)
}
