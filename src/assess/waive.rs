//! Holds waivers against what was found; the rule about unused ones answers after it.

use std::collections::BTreeSet;

use crate::finding::{self, WaiverUse};
use crate::model::{Evidence, Finding, Timestamp};
use crate::posture::{InlineWaiver, Posture};
use crate::rule::{self, Rule};

/// The check that answers once every other rule has.
const LAST: &str = "unused-waiver";

/// Whether a rule can answer only once every other one has.
pub(super) fn is_last(rule: &Rule) -> bool {
    rule.check.as_deref() == Some(LAST)
}

/// What became of waivers.
pub(super) struct Waived {
    /// Where those stand that no finding met, in order.
    pub(super) unused: Vec<Evidence>,
    /// What became of the configured ones, in their order.
    pub(super) uses: Vec<WaiverUse>,
}

/// Marks what waivers accept. A waiver for a rule that is not among the `assessed` is not
/// called unused. `last_line` tells where the statement of a finding at a line ends.
pub(super) fn waive(
    input: &Posture<'_>,
    findings: &mut [Finding],
    assessed: &BTreeSet<String>,
    last_line: impl Fn(&Finding, u64) -> u64,
) -> Waived {
    let mut unused = Vec::new();
    // Where nothing tells the moment, a waiver that ends may have ended.
    let as_of = if input.as_of == Timestamp::UNKNOWN {
        Timestamp::MAX
    } else {
        input.as_of
    };
    for waiver in &input.waivers {
        let met = finding::accept(findings, &waiver.waiver, as_of, |found| {
            let covers = |by: &InlineWaiver, at: &Evidence| {
                by.covers(&at.file, at.line, last_line(found, at.line))
            };
            // What another file states the same way needs a waiver there: a comment speaks for its
            // own file. Logs state nothing.
            let accepted = |at: &Evidence| {
                let mut all = input.waivers.iter();
                at.file == waiver.evidence.file
                    || !input.states(&at.file)
                    || all.any(|by| by.waiver.rule == found.rule_id && covers(by, at))
            };
            found.evidence.iter().any(|at| covers(waiver, at))
                && found.evidence.iter().all(accepted)
        });
        if met == 0 && assessed.contains(&waiver.waiver.rule) {
            unused.push(waiver.evidence.clone());
        }
    }
    let uses = finding::apply(findings, &input.settings.waivers, as_of);
    for (used, waiver) in uses.iter().zip(&input.settings.waivers) {
        if *used == WaiverUse::Unused && assessed.contains(&waiver.rule) {
            unused.push(rule::declared(&waiver.declared_at));
        }
    }
    unused.sort();
    Waived { unused, uses }
}
