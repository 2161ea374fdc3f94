//! The rules in the box, held against the checks and their own examples.

mod owned_place;
mod stated_fact;

use std::collections::BTreeSet;

use super::example;
use crate::check;
use crate::rule::{Example, Expect, embedded};

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
