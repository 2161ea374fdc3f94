//! Of which type the fields of an API's objects are: a value of another one would be passed over as
//! if the field were missing.

use serde_json::{Map, Value};

/// What a field holds; each may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// True or false, as a text too.
    Truth,
    /// One text or number.
    Scalar,
    /// Texts or numbers, or a lone one.
    Scalars,
    /// Objects, or a lone one.
    Objects,
    /// An object whose values are texts, numbers, or lists of them.
    Map,
}

impl Type {
    fn fits(self, value: &Value) -> bool {
        let scalar = |value: &Value| matches!(value, Value::String(_) | Value::Number(_));
        let scalars = |value: &Value| match value {
            Value::Array(items) => items.iter().all(scalar),
            one => scalar(one),
        };
        match (self, value) {
            (_, Value::Null) => true,
            (Type::Truth, Value::String(text)) => matches!(text.as_str(), "true" | "false" | ""),
            (Type::Truth, value) => value.is_boolean(),
            (Type::Scalar, value) => scalar(value),
            (Type::Scalars, value) => scalars(value),
            (Type::Objects, Value::Array(items)) => items.iter().all(Value::is_object),
            (Type::Objects, value) => value.is_object(),
            (Type::Map, Value::Object(fields)) => fields
                .values()
                .all(|value| value.is_null() || value.is_boolean() || scalars(value)),
            (Type::Map, _) => false,
        }
    }
}

/// The first field whose value is of another type than it has.
pub(super) fn wrong(
    fields: &Map<String, Value>,
    types: &[(&[&'static str], Type)],
) -> Option<&'static str> {
    let each = types
        .iter()
        .flat_map(|(names, kind)| names.iter().map(|name| (*name, *kind)));
    let mut each = each.filter_map(|(name, kind)| Some((name, kind, fields.get(name)?)));
    each.find(|(_, kind, value)| !kind.fits(value))
        .map(|(name, ..)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_fits_its_type_or_is_named() {
        for (kind, fits, others) in [
            (
                Type::Truth,
                vec![json!(true), json!("false"), json!(null)],
                vec![json!(1), json!("yes"), json!([true]), json!({})],
            ),
            (
                Type::Scalar,
                vec![json!("a"), json!(7), json!(null)],
                vec![json!(["a"]), json!({"a": 1}), json!(true)],
            ),
            (
                Type::Scalars,
                vec![json!(["a", 1]), json!("a"), json!([])],
                vec![json!([["a"]]), json!({"a": 1})],
            ),
            (
                Type::Objects,
                vec![json!([{"a": 1}]), json!({"a": 1}), json!([])],
                vec![json!(["a"]), json!("a"), json!(40)],
            ),
            (
                Type::Map,
                vec![json!({"a": ["b"], "c": true}), json!({})],
                vec![json!(["a"]), json!("a"), json!({"a": {"b": 1}})],
            ),
        ] {
            let held = |value: &Value| {
                let fields = Map::from_iter([("field".to_owned(), value.clone())]);
                wrong(&fields, &[(&["other", "field"], kind)])
            };
            assert!(fits.iter().all(|value| held(value).is_none()), "{kind:?}");
            let named = |value: &Value| held(value) == Some("field");
            assert!(others.iter().all(named), "{kind:?}");
        }
    }
}
