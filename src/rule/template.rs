//! Placeholders in SQL and messages.

use std::collections::BTreeMap;

use super::{Facts, Rule};

/// What stands for a moment that nothing tells.
pub const UNDATED: &str = "-";

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
                rest = match name {
                    "count" => noun(value, tail, &mut text),
                    "first_seen" | "last_seen" => moment(name, values, tail, &mut text),
                    _ => {
                        text.push_str(value);
                        tail
                    }
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

/// When something was seen: `first X, last Y`, and `at X` where the two are one moment. What is
/// behind it.
fn moment<'t>(
    name: &str,
    values: &BTreeMap<&str, String>,
    tail: &'t str,
    text: &mut String,
) -> &'t str {
    let [value, first, last] = [name, "first_seen", "last_seen"].map(|name| values.get(name));
    let value = value.map_or("", String::as_str);
    let word = if name == "first_seen" {
        "first "
    } else {
        "last "
    };
    match text.strip_suffix(word).map(str::len) {
        Some(before) if first == last => text.truncate(before),
        _ => {
            text.push_str(value);
            return tail;
        }
    }
    if value == UNDATED {
        text.push_str("not dated");
    } else {
        text.push_str("at ");
        text.push_str(value);
    }
    tail.strip_prefix(", last {last_seen}").unwrap_or(tail)
}

/// A count and the noun behind it, in the number that it needs: `1 time`, `3 times`. What is behind
/// it.
fn noun<'t>(count: &str, tail: &'t str, text: &mut String) -> &'t str {
    text.push_str(count);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn said(template: &str, first: &str, last: &str) -> String {
        let values = [("count", "1"), ("first_seen", first), ("last_seen", last)];
        let values = values.map(|(name, value)| (name, value.to_owned()));
        message(template, &BTreeMap::from(values))
    }

    #[test]
    fn one_moment_is_said_once() {
        let (whole, start, end) = (
            "{count} time(s), first {first_seen}, last {last_seen} (x).",
            "{count} time(s), first {first_seen} (x).",
            "{count} time(s), last {last_seen} (x).",
        );
        assert_eq!(said(whole, "09:00Z", "09:00Z"), "1 time, at 09:00Z (x).");
        assert_eq!(said(start, "09:00Z", "09:00Z"), "1 time, at 09:00Z (x).");
        assert_eq!(said(end, "09:00Z", "09:00Z"), "1 time, at 09:00Z (x).");
        assert_eq!(said(whole, UNDATED, UNDATED), "1 time, not dated (x).");
        assert_eq!(
            said(whole, "09:00Z", "10:00Z"),
            "1 time, first 09:00Z, last 10:00Z (x)."
        );
        assert_eq!(said(start, "09:00Z", "10:00Z"), "1 time, first 09:00Z (x).");
        assert_eq!(
            said("between {first_seen} and {last_seen}", "09:00Z", "09:00Z"),
            "between 09:00Z and 09:00Z"
        );
    }
}
