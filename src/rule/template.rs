//! Placeholders in SQL and messages.

use std::collections::BTreeMap;

use super::{Facts, Rule};

/// The SQL with every `{threshold}` replaced by its number: the configured one, or the rule's
/// default. Lengths of time are whole seconds: `INTERVAL '{grace} seconds'`, `ttl_s > {limit}`.
#[must_use]
pub fn fill_sql(rule: &Rule, sql: &str, facts: &Facts) -> String {
    let mut filled = sql.to_owned();
    for (name, default) in &rule.thresholds {
        let value = facts.thresholds.get(name).copied();
        let value = value.unwrap_or_else(|| default.value());
        filled = filled.replace(&format!("{{{name}}}"), &value.to_string());
    }
    filled
}

/// A message with `{name}` replaced by the value of that name. One pass over the template, so a
/// value that contains braces is never read again.
#[must_use]
pub fn message(template: &str, values: &BTreeMap<&str, String>) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        match after.split_once('}') {
            Some((name, tail)) => {
                let value = values.get(name).map_or("", String::as_str);
                text.push_str(value);
                rest = match name {
                    "count" => noun(value, tail, &mut text),
                    _ => tail,
                };
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

/// The noun behind a count, in the number that it needs: `1 time`, `3 times`. What is behind it.
fn noun<'t>(count: &str, tail: &'t str, text: &mut String) -> &'t str {
    let Some((noun, after)) = tail.split_once("(s)") else {
        return tail;
    };
    if !noun.chars().all(|char| char.is_alphabetic() || char == ' ') {
        return tail;
    }
    text.push_str(noun);
    if count != "1" {
        text.push('s');
    }
    after
}

/// The names between braces.
pub(super) fn placeholders(template: &str) -> Vec<&str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|after| after.split_once('}').map(|(name, _)| name))
        .collect()
}
