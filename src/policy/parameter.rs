//! Parameter rules: how those of several stanzas merge, and what they let through.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::dialect::Dialect;
use super::stanza::ParameterRules;

/// Adds the rules of a further stanza for the same pattern.
///
/// Values add up for each key, and a key without values (any value) stays without. A stanza's own
/// rules only enter; one without rules takes none away.
pub(super) fn merge(into: &mut ParameterRules, other: &ParameterRules) {
    merge_values(&mut into.allowed, &other.allowed);
    merge_values(&mut into.denied, &other.denied);
    into.required.extend(other.required.iter().cloned());
}

fn merge_values(into: &mut BTreeMap<String, Vec<Value>>, other: &BTreeMap<String, Vec<Value>>) {
    for (key, values) in other {
        match into.get_mut(key) {
            Some(existing) if values.is_empty() || existing.is_empty() => existing.clear(),
            Some(existing) => existing.extend(values.iter().cloned()),
            None => {
                into.insert(key.clone(), values.clone());
            }
        }
    }
}

/// Why parameters are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Required,
    Denied,
    NotAllowed,
}

/// Holds a request's parameters against the rules: required, then denied, then allowed.
pub(super) fn check(
    rules: &ParameterRules,
    parameters: Option<&Map<String, Value>>,
    dialect: Dialect,
) -> Result<(), Refusal> {
    // The rule's key is in lower case and the server looks it up as it is, so a request that
    // writes a required key in upper case does not have it.
    let has = |key: &String| parameters.is_some_and(|map| map.contains_key(key));
    if !rules.required.iter().all(has) {
        return Err(Refusal::Required);
    }
    let Some(parameters) = parameters.filter(|map| !map.is_empty()) else {
        return Ok(());
    };
    if rules.denied.contains_key("*") {
        return Err(Refusal::Denied);
    }
    if !rules.denied.is_empty() {
        for (key, value) in parameters {
            let listed = rules.denied.get(&key.to_lowercase());
            if listed.is_some_and(|values| denied(value, values, dialect)) {
                return Err(Refusal::Denied);
            }
        }
    }
    let any_key = rules.allowed.contains_key("*");
    if rules.allowed.is_empty() || (any_key && rules.allowed.len() == 1) {
        return Ok(());
    }
    for (key, value) in parameters {
        let fits = match rules.allowed.get(&key.to_lowercase()) {
            Some(values) => allowed(value, values, dialect),
            None => any_key,
        };
        if !fits {
            return Err(Refusal::NotAllowed);
        }
    }
    Ok(())
}

/// HashiCorp Vault also allows a list, or a comma-separated string, all of whose items are listed.
fn allowed(value: &Value, values: &[Value], dialect: Dialect) -> bool {
    values.is_empty()
        || listed(value, values)
        || (dialect == Dialect::Vault
            && items(value).is_some_and(|items| items.iter().all(|item| listed(item, values))))
}

/// HashiCorp Vault also denies a list, or a comma-separated string, any of whose items is listed.
fn denied(value: &Value, values: &[Value], dialect: Dialect) -> bool {
    values.is_empty()
        || listed(value, values)
        || (dialect == Dialect::Vault
            && items(value).is_some_and(|items| items.iter().any(|item| listed(item, values))))
}

fn items(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(items) => Some(items.clone()),
        Value::String(text) => {
            let items = text
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty());
            Some(items.map(Value::from).collect())
        }
        _ => None,
    }
}

fn listed(value: &Value, values: &[Value]) -> bool {
    values.iter().any(|entry| match (entry, value) {
        (Value::String(pattern), Value::String(text)) => glob_matches(pattern, text),
        _ => same(entry, value),
    })
}

/// Whether a value is the listed one, as the server compares them (`valueInSlice`, `vault/acl.go`).
///
/// A number of a policy is an integer or a float to it, and one of a request its digits: they are
/// never equal.
fn same(entry: &Value, value: &Value) -> bool {
    match (entry, value) {
        (Value::Number(_), _) => false,
        (Value::Array(entries), Value::Array(values)) => {
            let mut pairs = entries.iter().zip(values);
            entries.len() == values.len() && pairs.all(|(entry, value)| same(entry, value))
        }
        (Value::Object(entries), Value::Object(values)) => {
            let held = |(key, entry): (&String, &Value)| {
                values.get(key).is_some_and(|value| same(entry, value))
            };
            entries.len() == values.len() && entries.iter().all(held)
        }
        _ => entry == value,
    }
}

/// Matches a value with `*` at its start, its end, or both; elsewhere it is literal, and so is a `*`
/// alone (`GlobbedStringsMatch` compares what is shorter than two bytes).
pub(super) fn glob_matches(pattern: &str, text: &str) -> bool {
    if pattern.len() < 2 {
        return pattern == text;
    }
    let (leading, trailing) = (pattern.strip_prefix('*'), pattern.strip_suffix('*'));
    match (leading, trailing) {
        // `**` stands for everything.
        (Some(suffix), Some(_)) => match suffix.strip_suffix('*') {
            Some(middle) => text.contains(middle),
            None => true,
        },
        (Some(suffix), None) => text.ends_with(suffix),
        (None, Some(prefix)) => text.starts_with(prefix),
        (None, None) => pattern == text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rules(allowed: Value, denied: Value, required: &[&str]) -> ParameterRules {
        ParameterRules {
            allowed: serde_json::from_value(allowed).unwrap(),
            denied: serde_json::from_value(denied).unwrap(),
            required: required.iter().map(|key| (*key).to_owned()).collect(),
        }
    }

    fn check(rules: &ParameterRules, parameters: Value) -> Result<(), Refusal> {
        super::check(rules, parameters.as_object(), Dialect::OpenBao)
    }

    #[test]
    fn required_comes_first_and_holds_without_parameters() {
        let rules = rules(json!({"k": []}), json!({}), &["k"]);
        assert_eq!(check(&rules, json!({})), Err(Refusal::Required));
        assert_eq!(check(&rules, json!({"K": "v"})), Err(Refusal::Required));
        assert_eq!(check(&rules, json!({"k": "v"})), Ok(()));
    }

    #[test]
    fn denied_beats_allowed() {
        let rules = rules(json!({"*": []}), json!({"k": ["v*"]}), &[]);
        assert_eq!(check(&rules, json!({"K": "v1"})), Err(Refusal::Denied));
        assert_eq!(check(&rules, json!({"k": "w", "z": 1})), Ok(()));
    }

    #[test]
    fn an_allowed_key_admits_its_values_only_and_a_star_any_other_key() {
        let narrow = rules(json!({"k": ["v*", true]}), json!({}), &[]);
        assert_eq!(check(&narrow, json!({"k": "w"})), Err(Refusal::NotAllowed));
        assert_eq!(check(&narrow, json!({"k": true})), Ok(()));
        assert_eq!(check(&narrow, json!({"z": 1})), Err(Refusal::NotAllowed));
        assert_eq!(check(&narrow, json!({})), Ok(()));
        let wide = rules(json!({"k": ["v"], "*": []}), json!({}), &[]);
        assert_eq!(check(&wide, json!({"z": 1})), Ok(()));
        assert_eq!(check(&wide, json!({"k": "w"})), Err(Refusal::NotAllowed));
    }

    #[test]
    fn a_glob_has_its_star_at_an_end() {
        for (pattern, text, matches) in [
            ("**", "", true),
            ("**", "a", true),
            ("*", "a", false),
            ("*", "*", true),
            ("", "a", false),
            ("a*", "ab", true),
            ("*b", "ab", true),
            ("*b*", "abc", true),
            ("a*c", "abc", false),
            ("a", "ab", false),
        ] {
            assert_eq!(glob_matches(pattern, text), matches, "{pattern} {text}");
        }
    }

    /// As OpenBao 2.7.2 answered.
    #[test]
    fn a_number_of_a_policy_is_none_of_a_request() {
        for (listed, value, is) in [
            (json!(5), json!(5), false),
            (json!(1.5), json!(1.5), false),
            (json!("5"), json!(5), false),
            (json!({"a": 1}), json!({"a": 1}), false),
            (json!({"a": "v"}), json!({"a": "v"}), true),
            (json!({"a": "v"}), json!({"a": "v", "b": true}), false),
            (json!({"a": "v*"}), json!({"a": "vx"}), false),
            (json!([5]), json!([5]), false),
            (json!(["v"]), json!(["v"]), true),
            (json!(["v*"]), json!(["vx"]), false),
            (json!(["v"]), json!(["v", "w"]), false),
            (json!(true), json!(true), true),
            (json!("*"), json!("5"), false),
        ] {
            let allows = rules(json!({"z": [listed.clone()]}), json!({}), &[]);
            let denies = rules(json!({}), json!({"z": [listed.clone()]}), &[]);
            let given = json!({"z": value});
            assert_eq!(
                check(&allows, given.clone()).is_ok(),
                is,
                "{listed} {value}"
            );
            assert_eq!(
                check(&denies, given.clone()).is_err(),
                is,
                "{listed} {value}"
            );
        }
    }

    #[test]
    fn vault_looks_into_lists() {
        let rules = rules(json!({"k": ["a", "b"]}), json!({}), &[]);
        let parameters = json!({"k": "a,b"});
        assert!(super::check(&rules, parameters.as_object(), Dialect::Vault).is_ok());
        assert!(super::check(&rules, parameters.as_object(), Dialect::OpenBao).is_err());
    }

    #[test]
    fn merging_adds_values_and_keeps_any() {
        let mut first = rules(json!({"k": ["a"], "z": []}), json!({}), &["k"]);
        merge(
            &mut first,
            &rules(json!({"k": ["b"], "z": ["c"], "y": []}), json!({}), &["y"]),
        );
        assert_eq!(first.allowed["k"], [json!("a"), json!("b")]);
        assert!(first.allowed["z"].is_empty() && first.allowed["y"].is_empty());
        assert_eq!(first.required.len(), 2);
    }
}
