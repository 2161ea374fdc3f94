//! Waivers that a change brings along: who opens a merge request does not approve it.

use std::collections::BTreeMap;

use super::base::Base;
use crate::model::{Digest, Timestamp, Waiver};
use crate::posture::{self, InlineWaiver};

/// A waiver that the base does not have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddedWaiver {
    /// File.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// The rule it accepts.
    pub rule: String,
    /// Who accepts.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Until when.
    pub expires: Timestamp,
}

impl AddedWaiver {
    fn new(file: &str, line: u64, waiver: &Waiver) -> AddedWaiver {
        AddedWaiver {
            file: file.to_owned(),
            line,
            rule: waiver.rule.clone(),
            owner: waiver.owner.clone(),
            reason: waiver.reason.clone(),
            expires: waiver.expires,
        }
    }
}

/// What a waiver says and covers, wherever it stands.
type Content = (String, Option<Digest>);

fn content(waiver: &Waiver, block: Option<Digest>) -> Content {
    let Waiver {
        rule,
        fingerprint,
        subject,
        object,
        reason,
        owner,
        expires,
        ticket,
        approved_by,
        approved_on,
        declared_at: _,
    } = waiver;
    let named = (rule, fingerprint, subject, object, reason, owner);
    let said = (expires, ticket, approved_by, approved_on);
    (format!("{named:?}{said:?}"), block)
}

/// How often each content stands in the base; one is taken for each that is met again.
struct Held(BTreeMap<Content, usize>);

impl Held {
    fn of(contents: impl Iterator<Item = Content>) -> Held {
        let mut held = BTreeMap::new();
        for content in contents {
            *held.entry(content).or_insert(0) += 1;
        }
        Held(held)
    }

    fn take(&mut self, content: &Content) -> bool {
        match self.0.get_mut(content) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }
}

/// Takes the waivers in comments apart: those that the base has, in order, and those it does not.
pub(super) fn inline(
    base: &Base,
    waivers: Vec<InlineWaiver>,
) -> (Vec<InlineWaiver>, Vec<InlineWaiver>) {
    let mut files: BTreeMap<String, Held> = BTreeMap::new();
    let key = |waiver: &InlineWaiver| content(&waiver.waiver, Some(waiver.block));
    waivers.into_iter().partition(|waiver| {
        let file = waiver.evidence.file.as_str();
        let held = files.entry(file.to_owned()).or_insert_with(|| {
            let text = base.text(file).unwrap_or_default();
            Held::of(posture::inline_waivers(&text, file).iter().map(key))
        });
        held.take(&key(waiver))
    })
}

/// The waivers of `now` that `before` does not have, by their position in `now`.
#[must_use]
pub fn configured(before: &[Waiver], now: &[Waiver]) -> Vec<usize> {
    let mut held = Held::of(before.iter().map(|waiver| content(waiver, None)));
    let new = now.iter().enumerate();
    new.filter(|(_, waiver)| !held.take(&content(waiver, None)))
        .map(|(at, _)| at)
        .collect()
}

/// As it is shown.
pub(super) fn shown(waiver: &InlineWaiver) -> AddedWaiver {
    AddedWaiver::new(&waiver.evidence.file, waiver.evidence.line, &waiver.waiver)
}

/// A waiver of the configuration as it is shown.
#[must_use]
pub fn shown_configured(waiver: &Waiver) -> AddedWaiver {
    let (file, line) = waiver
        .declared_at
        .rsplit_once(':')
        .unwrap_or((&waiver.declared_at, ""));
    AddedWaiver::new(file, line.parse().unwrap_or(1), waiver)
}
