//! What rests on a thing that is stated twice and differently: whom it accuses is suspected, and what
//! passes by it passes in part.

use crate::model::Restated;
use crate::rule::{Observation, Rule, RuleKind};

/// How many such things a reason spells out.
const SHOWN: usize = 2;

/// Whether what a rule looks at may rest on such a thing. That one is stated twice rests on none.
fn asks(rule: &Rule, stated: &Restated) -> bool {
    if rule.kind == RuleKind::Coverage && rule.check.is_none() {
        return false;
    }
    let looked_at = rule.requires.looks_at();
    if looked_at.iter().any(|of| stated.concerns(of)) {
        return true;
    }
    let quoted = format!("'{}'", stated.kind);
    let named = rule.sql.as_ref().is_some_and(|sql| sql.contains(&quoted));
    let settings = &rule.requires.settings;
    let by_owner = settings
        .iter()
        .any(|key| key.starts_with("owner") || key.starts_with("people"));
    named || (stated.is_of_identity() && (by_owner || rule.kind == RuleKind::Join))
}

/// Whether an observation is about such a thing, about what rests on it, or read in either statement.
pub(super) fn rests_on(rule: &Rule, seen: &Observation, restated: &[Restated]) -> bool {
    let place = &seen.evidence;
    restated.iter().any(|stated| {
        let about = stated.is_of(&seen.subject) || stated.is_of(&seen.object);
        let told = || {
            let mut ids = std::iter::once(&stated.object).chain(&stated.rests);
            ids.any(|id| seen.detail.split([' ', ',', ';']).any(|word| word == id))
        };
        let read = || {
            let mut stands = stated.stands.iter();
            stands.any(|it| it.file == place.file && it.byte == place.byte)
        };
        (about || told() || read()) && asks(rule, stated)
    })
}

/// What is stated twice of what a rule looks at, in words.
pub(super) fn words(rule: &Rule, restated: &[Restated]) -> Vec<String> {
    let own: Vec<&Restated> = restated
        .iter()
        .filter(|stated| asks(rule, stated))
        .collect();
    let more = own.len().saturating_sub(SHOWN);
    let shown = own.into_iter().take(SHOWN).map(Restated::words);
    let rest = (more > 0).then(|| format!("{more} more thing(s) are stated twice and differently"));
    shown.chain(rest).collect()
}
