//! Rules of one's own: files beside those in the box, which add to them or stand in for them.
//!
//! A file that is wrong takes no run with it: its rule is not assessed and says why, also where it
//! was to stand in for one in the box.

use super::load::{RuleError, parse};
use super::{Rule, RuleKind};
use crate::model::Severity;

/// The rules of a run, and what is wrong with files of one's own.
#[derive(Debug, Default)]
pub struct Ruleset {
    /// Rules, by id.
    pub rules: Vec<Rule>,
    /// What is wrong.
    pub faults: Vec<RuleError>,
}

impl Ruleset {
    /// Adds files, by name and text, to `rules`; of equal ids the last stands.
    #[must_use]
    pub fn with(rules: Vec<Rule>, files: &[(String, String)]) -> Ruleset {
        let mut set = Ruleset {
            rules,
            faults: Vec::new(),
        };
        for (file, text) in files {
            let rule = match parse(file, text) {
                Ok(rule) => Rule {
                    own: Some(text.clone()),
                    ..rule
                },
                Err(faults) => {
                    let rule = set.broken(file, text, &faults);
                    set.faults.extend(faults);
                    rule
                }
            };
            set.rules.retain(|known| known.id != rule.id);
            set.rules.push(rule);
        }
        set.rules.sort_by(|a, b| a.id.cmp(&b.id));
        set
    }

    /// The rule that a wrong file was to be: what it stands in for, or one that says nothing else.
    fn broken(&self, file: &str, text: &str, faults: &[RuleError]) -> Rule {
        let name = file.rsplit('/').next().unwrap_or(file);
        let id = name.strip_suffix(".toml").unwrap_or(name);
        let fault = faults.first().map_or("", |fault| &fault.message);
        let fault = fault.lines().last().unwrap_or_default();
        let reason = format!("the rule file {name} is wrong: {fault}");
        let known = self.rules.iter().find(|rule| rule.id == id).cloned();
        Rule {
            own: Some(text.to_owned()),
            broken: Some(reason),
            ..known.unwrap_or_else(|| nothing(id))
        }
    }
}

/// The ids of the rules that are not in the box.
#[must_use]
pub fn own_ids(rules: &[Rule]) -> Vec<String> {
    let own = rules.iter().filter(|rule| rule.own.is_some());
    own.map(|rule| rule.id.clone()).collect()
}

/// A rule of which nothing but its id is known.
pub(super) fn nothing(id: &str) -> Rule {
    Rule {
        id: id.to_owned(),
        title: "Rule whose file is wrong".to_owned(),
        kind: RuleKind::Event,
        severity: Severity::Info,
        question: String::new(),
        logic: String::new(),
        subject: String::new(),
        object: String::new(),
        requires: super::Requires::default(),
        population: None,
        sql: None,
        check: None,
        message: String::new(),
        remediation: String::new(),
        soc2: Vec::new(),
        iso27001: Vec::new(),
        claims: Vec::new(),
        source: String::new(),
        thresholds: std::collections::BTreeMap::new(),
        modifiers: Vec::new(),
        examples: Vec::new(),
        own: None,
        broken: None,
    }
}

/// The text of a new rule: sound, and proven by its examples.
#[must_use]
pub fn skeleton(id: &str) -> String {
    include_str!("skeleton.toml").replace("OWN-001", id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::embedded;

    fn with(file: &str, text: &str) -> Ruleset {
        let files = [(file.to_owned(), text.to_owned())];
        Ruleset::with(embedded().unwrap(), &files)
    }

    #[test]
    fn a_file_adds_a_rule_or_stands_in_for_one() {
        let before = embedded().unwrap().len();
        let set = with("own/OWN-001.toml", &skeleton("OWN-001"));
        assert!(set.faults.is_empty(), "{:?}", set.faults);
        assert_eq!(set.rules.len(), before + 1);
        let set = with("own/VLT-EVT-001.toml", &skeleton("VLT-EVT-001"));
        assert_eq!(set.rules.len(), before);
        let own = set.rules.iter().find(|rule| rule.id == "VLT-EVT-001");
        assert!(own.is_some_and(|rule| rule.own.is_some()));
    }

    #[test]
    fn a_wrong_file_is_named_with_its_line_and_its_rule_says_so() {
        let wrong = skeleton("VLT-EVT-001").replace("severity = \"med\"", "severity = \"bad\"");
        let set = with("own/VLT-EVT-001.toml", &wrong);
        let said = set.faults[0].to_string();
        assert!(
            said.starts_with("own/VLT-EVT-001.toml:") && said.contains("help:"),
            "{said}"
        );
        let rule = set
            .rules
            .iter()
            .find(|rule| rule.id == "VLT-EVT-001")
            .unwrap();
        assert!(
            rule.broken
                .as_ref()
                .is_some_and(|why| why.contains("VLT-EVT-001.toml is wrong"))
        );
        let sql = skeleton("OWN-002").replace("SELECT count(*)", "SELECT sourceFile, count(*)");
        let set = with("OWN-002.toml", &sql);
        let line = sql
            .lines()
            .position(|line| line.starts_with("population"))
            .unwrap()
            + 1;
        let said = set.faults[0].to_string();
        assert!(
            said.starts_with(&format!("OWN-002.toml:{line}: ")),
            "{said}"
        );
    }
}
