//! What is in the box: the rules as a list and one by one, in words.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::Rule;

/// One line per rule: id, severity, kind, title.
#[must_use]
pub fn list(rules: &[Rule]) -> String {
    let mut text = String::new();
    for rule in rules {
        let (kind, severity) = (rule.kind.as_str(), rule.severity);
        let _ = writeln!(
            text,
            "{:<12} {severity:<5} {kind:<10} {}",
            rule.id, rule.title
        );
    }
    text
}

/// The name and version of the list's schema.
const SCHEMA: &str = "piperoll/rules/1";

/// Every rule, for machines.
#[must_use]
pub fn listed(rules: &[Rule]) -> Value {
    let rules: Vec<Value> = rules.iter().map(of).collect();
    json!({"schema": SCHEMA, "rules": rules})
}

fn of(rule: &Rule) -> Value {
    let requires = &rule.requires;
    let thresholds = rule.thresholds.iter();
    let thresholds: Map<String, Value> = thresholds
        .map(|(name, span)| (name.clone(), json!(span.value())))
        .collect();
    json!({
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity,
        "kind": rule.kind.as_str(),
        "question": rule.question,
        "logic": rule.logic,
        "subject": rule.subject,
        "object": rule.object,
        "remediation": rule.remediation,
        "judged_by_lint": rule.check.is_some(),
        "sources": requires.sources,
        "one_of_sources": requires.any_source,
        "logs": requires.logs,
        "things": requires.things,
        "settings": requires.settings,
        "thresholds": thresholds,
        "soc2": rule.soc2,
        "iso27001": rule.iso27001,
    })
}

/// The whole rule as a page of text.
#[must_use]
pub fn explain(rule: &Rule) -> String {
    let mut text = format!("{}  {}\n\n", rule.id, rule.title);
    let mut line = |name: &str, value: &str| {
        if !value.trim().is_empty() {
            let value = value.trim().replace('\n', "\n             ");
            let _ = writeln!(text, "{name:<12} {value}");
        }
    };
    line("question", &rule.question);
    line("logic", &rule.logic);
    line("severity", rule.severity.as_str());
    for modifier in &rule.modifiers {
        line("", modifier);
    }
    line("kind", rule.kind.as_str());
    line("subject", &rule.subject);
    line("object", &rule.object);
    line("needs", &needs(rule));
    for (name, span) in &rule.thresholds {
        let unit = match span {
            super::Span::Number(_) => "",
            super::Span::Seconds(_) => " s",
        };
        line("threshold", &format!("{name} = {}{unit}", span.value()));
    }
    line("remediation", &rule.remediation);
    line("SOC 2", &rule.soc2.join(" "));
    line("ISO 27001", &rule.iso27001.join(" "));
    line("claims", &rule.claims.join(" "));
    line("source", &rule.source);
    line("population", rule.population.as_deref().unwrap_or(""));
    line("SQL", rule.sql.as_deref().unwrap_or(""));
    line("check", rule.check.as_deref().unwrap_or(""));
    for example in &rule.examples {
        line(
            "example",
            &format!("{:?}: {}", example.expect, example.name),
        );
    }
    text
}

/// What must be there, in words.
pub(super) fn needs(rule: &Rule) -> String {
    let requires = &rule.requires;
    let mut parts = Vec::new();
    for (what, names) in [
        ("sources", &requires.sources),
        ("one of the sources", &requires.any_source),
        ("either of the sources", &requires.either),
        ("configuration", &requires.settings),
        ("rows in", &requires.tables),
        ("values in", &requires.columns),
    ] {
        if !names.is_empty() {
            parts.push(format!("{what} {}", names.join(", ")));
        }
    }
    if requires.addresses {
        parts.push("addresses that tell callers apart".to_owned());
    }
    if requires.reasons {
        parts.push("readable reasons of refused logins".to_owned());
    }
    parts.join("; ")
}
