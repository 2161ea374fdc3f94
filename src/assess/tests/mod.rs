//! The rules in the box, held against the checks and their own examples.

#[cfg(feature = "tables")]
mod answers;
mod declared;
mod in_part;
mod owned_place;
mod stated_fact;

use std::collections::BTreeSet;

use super::example;
use crate::check;
use crate::identity::MismatchKind;
use crate::rule::{Example, Expect, Rule, embedded};

/// A rule of the box, and its first example over a configuration and some files.
fn over(id: &str, config: &str, files: &[(&str, &str)]) -> (Rule, Example) {
    let mut rules = embedded().unwrap().into_iter();
    let rule = rules.find(|rule| rule.id == id).unwrap();
    let mut example = rule.examples[0].clone();
    example.config = config.to_owned();
    example.files = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    (rule, example)
}

#[test]
fn every_check_a_rule_names_is_there_and_every_check_is_named() {
    let rules = embedded().unwrap();
    let named: BTreeSet<&str> = rules
        .iter()
        .filter_map(|rule| rule.check.as_deref())
        .collect();
    let built: BTreeSet<&str> = check::checks().map(|check| check.name()).collect();
    assert_eq!(named, built);
}

/// A rule that asks for a fact nothing states would pass for ever.
#[test]
fn every_fact_a_rule_asks_for_is_one_that_is_stated() {
    let words: BTreeSet<&str> = MismatchKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(words.len(), MismatchKind::ALL.len());
    let asked = regex::Regex::new(r"\bm\.detail (?:= ('[^']*')|IN \(([^)]*)\))").unwrap();
    let rules = embedded().unwrap();
    let mut seen = 0;
    for rule in &rules {
        let sql = rule.sql.as_deref().unwrap_or("");
        let lists = asked.captures_iter(sql);
        let lists = lists
            .flat_map(|found| [found.get(1), found.get(2)])
            .flatten();
        for word in lists.flat_map(|list| list.as_str().split(',')) {
            let word = word.trim().trim_matches('\'');
            seen += 1;
            assert!(words.contains(word), "{} asks for `{word}`", rule.id);
        }
    }
    assert!(seen > 10, "only {seen} were seen");
}

#[test]
fn every_example_gets_the_answer_it_promises() {
    let mut wrong = Vec::new();
    let rules = embedded().unwrap().into_iter();
    for rule in rules.filter(example::provable) {
        let gated = |example: &&Example| example.expect != Expect::Waived;
        for example in rule.examples.iter().filter(gated) {
            if let Err(why) = example::prove(&rule, example) {
                wrong.push(format!("{} \"{}\": {why}", rule.id, example.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
