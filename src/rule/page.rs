//! A rule as a page of Markdown, and the list of all pages: `docs/rules/`.

use std::fmt::Write as _;

use super::catalogue::needs;
use super::{Expect, Rule, Span};

/// The page of a rule.
#[must_use]
pub fn page(rule: &Rule) -> String {
    let mut text = format!("# {}: {}\n\n", rule.id, prose(&rule.title));
    let _ = writeln!(text, "**{}**\n", prose(&rule.question));
    text.push_str("| | |\n|---|---|\n");
    for (name, value) in facts(rule) {
        if !value.is_empty() {
            let _ = writeln!(text, "| {name} | {value} |");
        }
    }
    let mut part = |title: &str, value: &str| {
        if !value.trim().is_empty() {
            let _ = write!(text, "\n## {title}\n\n{}\n", value.trim());
        }
    };
    part("What it looks for", &prose(&rule.logic));
    part("What to do", &prose(&rule.remediation));
    part("What it needs", &inputs(rule));
    part("Numbers", &thresholds(rule));
    part("Examples that prove it", &examples(rule));
    part("How it is asked", &asked(rule));
    part("Where this comes from", &prose(&rule.source));
    text
}

/// The list of the pages, by what rules are about.
#[must_use]
pub fn index(rules: &[Rule]) -> String {
    let mut text = String::from(
        "# Every rule\n\nOne page each. `piperoll rules pages DIR` writes them, `piperoll rules explain ID` says the same on a terminal.\n",
    );
    let mut subject = "";
    for rule in rules {
        let of = rule.id.rsplit_once('-').map_or("", |(subject, _)| subject);
        if of != subject {
            subject = of;
            let _ = write!(
                text,
                "\n## {of}\n\n| Rule | Severity | Finds |\n|---|---|---|\n"
            );
        }
        let (id, severity) = (&rule.id, rule.severity);
        let title = cell(&prose(&rule.title));
        let _ = writeln!(text, "| [{id}]({id}.md) | {severity} | {title} |");
    }
    text
}

fn facts(rule: &Rule) -> [(&'static str, String); 7] {
    let severity = [rule.severity.as_str().to_owned()];
    let severity = severity.into_iter().chain(rule.modifiers.iter().cloned());
    let severity: Vec<String> = severity.map(|part| cell(&prose(&part))).collect();
    let judged = match rule.check {
        Some(_) => "`report`, and `lint` before a change is merged",
        None => "`report`",
    };
    [
        ("Severity", severity.join("; ")),
        ("Kind", rule.kind.as_str().to_owned()),
        ("Asked by", judged.to_owned()),
        ("Subject", cell(&prose(&rule.subject))),
        ("Object", cell(&prose(&rule.object))),
        ("SOC 2", rule.soc2.join(", ")),
        ("ISO/IEC 27001", rule.iso27001.join(", ")),
    ]
}

/// Without which it is not assessed, what else it looks at, and what keeps it from accusing.
fn inputs(rule: &Rule) -> String {
    let requires = &rule.requires;
    let mut text = String::new();
    let mut line = |what: &str, names: String| {
        if !names.is_empty() {
            let _ = writeln!(text, "- {what}: {names}");
        }
    };
    let code = |names: &[String]| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    line("Not assessed without", needs(rule));
    line("Logs", code(&requires.logs));
    line("Things that are exported", code(&requires.things));
    line("Looks, where they are there, also at", code(&requires.also));
    line(
        "Accuses nobody where these are missing",
        code(&requires.counterpart),
    );
    line(
        "Names nobody where these may hold another",
        code(&requires.candidates),
    );
    text
}

fn thresholds(rule: &Rule) -> String {
    if rule.thresholds.is_empty() {
        return String::new();
    }
    let mut text = String::from("`[thresholds]` of `piperoll.toml` sets them.\n\n");
    for (name, span) in &rule.thresholds {
        let unit = match span {
            Span::Number(_) => "",
            Span::Seconds(_) => " s",
        };
        let _ = writeln!(text, "- `{name}` = {}{unit}", span.value());
    }
    text
}

fn examples(rule: &Rule) -> String {
    let mut text = String::new();
    for example in &rule.examples {
        let answer = match example.expect {
            Expect::Finding => "Finding",
            Expect::Pass => "Pass",
            Expect::Waived => "Waived",
            Expect::NotAssessed => "Not assessed",
        };
        let _ = writeln!(text, "- {answer}: {}", prose(&example.name));
    }
    text
}

fn asked(rule: &Rule) -> String {
    if let Some(check) = &rule.check {
        return format!(
            "By the check `{check}`, which reads what SQL does not: policies, roles and files."
        );
    }
    let block = |name: &str, sql: &Option<String>| {
        let sql = sql.as_deref().map(str::trim).unwrap_or_default();
        format!("{name}:\n\n```sql\n{sql}\n```\n")
    };
    let rows = block("The rows that are evidence", &rule.sql);
    let all = block("How many things were looked at", &rule.population);
    format!("{rows}\n{all}")
}

/// Our own words in Markdown: what stands between backticks stays as it is, everything else is text.
fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // A backtick without its partner is one more character.
    let mut left = text.matches('`').count();
    let mut code = false;
    for character in text.trim().chars() {
        match character {
            '`' if code || left > 1 => {
                code = !code;
                left -= 1;
                out.push('`');
            }
            '&' if !code => out.push_str("&amp;"),
            '<' if !code => out.push_str("&lt;"),
            '*' | '_' | '[' | ']' | '`' if !code => {
                out.push('\\');
                out.push(character);
            }
            '\n' => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

/// A text of a table: a bar would end its cell, in code as well.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::embedded;

    #[test]
    fn words_are_text_and_code_stays_code() {
        assert_eq!(
            prose("a `secret/*` of <mesh> and *, key_age"),
            "a `secret/*` of &lt;mesh> and \\*, key\\_age"
        );
        assert_eq!(prose("an odd ` stays"), "an odd \\` stays");
    }

    #[test]
    fn a_page_says_everything_that_the_rule_says() {
        for rule in embedded().unwrap() {
            let page = page(&rule);
            let whole = [&rule.question, &rule.logic, &rule.remediation, &rule.source];
            for text in whole {
                assert!(page.contains(&prose(text)), "{}: {text}", rule.id);
            }
            let named = rule.soc2.iter().chain(&rule.iso27001);
            for control in named.chain(rule.thresholds.keys()) {
                assert!(page.contains(control.as_str()), "{}: {control}", rule.id);
            }
        }
    }
}
