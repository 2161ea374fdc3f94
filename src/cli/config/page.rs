//! The reference of `piperoll.toml` as a page of Markdown: `docs/configuration.md` is its output.

use std::fmt::Write as _;

use crate::config::BUILT_IN;
use crate::config::reference::{self, TABLES, THRESHOLDS, Table};
use crate::rule::{self, Rule};

/// The whole page.
pub(super) fn page(rules: &[Rule]) -> String {
    let mut text = String::from(HEAD);
    for table in TABLES {
        of_table(&mut text, table, rules);
    }
    of_thresholds(&mut text, rules);
    let _ = write!(
        text,
        "\n## All of it at once\n\nEvery table and key but the thresholds, as a file that is read without a fault:\n\n```toml\n{}```\n",
        reference::example()
    );
    text
}

const HEAD: &str = "\
# Configuration

`piperoll.toml` beside you, or `-c FILE`. Every table and key is optional unless it says required; a rule that needs a missing one is not assessed and names it. An unknown key is an error with a suggestion. `piperoll config check [INPUT...]` says every fault and, with inputs, which settings nothing in them matches; `piperoll config schema` prints the JSON schema for editors.

This page is what `piperoll config reference` prints.
";

fn of_table(text: &mut String, table: &Table, rules: &[Rule]) {
    let _ = write!(text, "\n## `{}`\n\n{}\n\n", table.header(), table.about);
    let users = users(rules, table.name);
    if !users.is_empty() {
        let _ = write!(text, "Rules that need it: {}.\n\n", users.join(", "));
    }
    let _ = writeln!(
        text,
        "| Key | Kind | Without it | Meaning |\n|---|---|---|---|"
    );
    for key in table.keys {
        let mut about = key.about.to_owned();
        let users = self::users(rules, &format!("{}.{}", table.name, key.name));
        if !users.is_empty() {
            let _ = write!(about, " Rules that need it: {}.", users.join(", "));
        }
        let default = match key.default.starts_with(['[', '"']) || key.default == "false" {
            true => format!("`{}`", key.default),
            false => key.default.to_owned(),
        };
        let name = key.name;
        let _ = writeln!(
            text,
            "| `{name}` | {} | {default} | {about} Example: `{} = {}` |",
            key.kind.words(),
            key.written(),
            key.example
        );
    }
}

/// The rules that need a setting, sorted.
fn users<'r>(rules: &'r [Rule], setting: &str) -> Vec<&'r str> {
    let needs = |rule: &&Rule| {
        rule.requires
            .settings
            .iter()
            .any(|needed| needed == setting)
    };
    let users = rules.iter().filter(needs);
    users.map(|rule| rule.id.as_str()).collect()
}

fn of_thresholds(text: &mut String, rules: &[Rule]) {
    let _ = write!(
        text,
        "\n## `[thresholds]`\n\nEvery number that a rule uses: a length of time (`\"60s\"`, `\"10m\"`, `\"24h\"`, `\"90d\"`, `\"1h30m\"`) or a plain number.\n\n| Key | Default | Meaning | Rules |\n|---|---|---|---|\n"
    );
    let of_rules = rule::thresholds(rules);
    for (name, about) in THRESHOLDS {
        let built_in = BUILT_IN.iter().find(|(known, _)| known == name);
        let built_in = built_in.map(|(_, default)| *default);
        let of_rule = of_rules.iter().find(|(known, _)| known == name);
        let default = built_in.or(of_rule.map(|(_, default)| *default));
        let default = default.map(|value| value.to_string()).unwrap_or_default();
        let users = rules
            .iter()
            .filter(|rule| rule.thresholds.contains_key(*name));
        let mut users: Vec<&str> = users.map(|rule| rule.id.as_str()).collect();
        if built_in.is_some() {
            users.insert(0, "joins and coverage");
        }
        let _ = writeln!(
            text,
            "| `{name}` | `{default}` | {about} | {} |",
            users.join(", ")
        );
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::{Settings, Threshold};

    #[test]
    fn every_threshold_says_what_it_decides() {
        let rules = rule::embedded().unwrap();
        let of_rules = rule::thresholds(&rules);
        let known = of_rules.iter().map(|(name, _)| name.as_str());
        let known: BTreeSet<&str> = known.chain(BUILT_IN.map(|(name, _)| name)).collect();
        let listed: BTreeSet<&str> = THRESHOLDS.iter().map(|(name, _)| *name).collect();
        assert_eq!(known, listed);
    }

    #[test]
    fn every_threshold_changes_what_the_program_keeps_and_is_refused_when_it_is_wrong() {
        let rules = rule::embedded().expect("rules");
        let of_rules = rule::thresholds(&rules);
        let known: Vec<(&str, Threshold)> = of_rules
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
            .collect();
        let parse = |text: &str| Settings::parse("piperoll.toml", text, &known);
        let unset = parse("").expect("an empty file").thresholds;
        assert!(THRESHOLDS.len() > 26);
        for (name, _) in THRESHOLDS {
            let (value, other) = match unset.get(name).expect(name) {
                Threshold::Duration(_) => ("\"77m\"", "77"),
                Threshold::Number(_) => ("77", "\"77m\""),
            };
            let text = |value: &str| format!("[thresholds]\n{name} = {value}\n");
            let set = parse(&text(value)).expect(name).thresholds;
            assert_ne!(set.get(name), unset.get(name), "{name}");
            let said = parse(&text(other)).expect_err(name).to_string();
            assert!(said.contains(name), "{name}: {said}");
        }
    }
}
