//! What a request does to the counters, remembered so that an equal one is not decided again.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use sha2::{Digest as _, Sha256};

use super::Unjudged;
use super::ruling::{Asked, Ruling, Verdict};
use crate::model::Outcome;
use crate::policy::{Capability, Reason};

/// What one request adds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Effect {
    /// Namespace and name of the token's policies.
    pub(super) policies: Vec<(String, String)>,
    /// Stanzas of the deciding pattern.
    pub(super) deciding: Vec<(usize, usize)>,
    /// The capability that it exercised.
    pub(super) exercised: Option<Capability>,
    /// Whether `default` was taken as servers write it.
    pub(super) shipped: bool,
    /// Whether the server allowed it.
    pub(super) allowed: bool,
    /// Of one that the policies allow too: whether parameters are asked for.
    pub(super) kept: Option<bool>,
    /// Why it is not judged.
    pub(super) unjudged: Vec<Unjudged>,
}

impl Effect {
    /// What every request adds, whatever the policies say.
    pub(super) fn of(asked: &Asked<'_>) -> Effect {
        let policies = asked.policies.iter();
        Effect {
            policies: policies
                .map(|name| (asked.namespace.to_owned(), (*name).to_owned()))
                .collect(),
            ..Effect::default()
        }
    }

    /// Adds what the policies say; a loss comes back.
    pub(super) fn take(&mut self, ruling: Ruling) -> Option<(Reason, (usize, Option<usize>))> {
        self.deciding = ruling.deciding;
        self.exercised = ruling.exercised;
        self.shipped = ruling.shipped;
        self.allowed = ruling.verdict.is_some();
        match ruling.verdict {
            None => None,
            Some(Verdict::Kept { conditional }) => {
                self.kept = Some(conditional);
                None
            }
            Some(Verdict::Unjudged(reasons)) => {
                self.unjudged = reasons;
                None
            }
            Some(Verdict::Lost(reason, at)) => Some((reason, at)),
        }
    }
}

/// Distinct requests kept at a time; a log with more decides some of them again.
const MOST: usize = 1 << 20;

/// The requests that were decided, by a digest of all that decides them, and how often each effect
/// came.
#[derive(Debug, Default)]
pub(super) struct Known {
    by_request: HashMap<u128, u32>,
    numbers: BTreeMap<Effect, u32>,
    times: Vec<u64>,
}

impl Known {
    /// Stands for all that decides a request: half of a digest, so that nobody who writes a log can
    /// write two requests that share one.
    pub(super) fn key(&self, asked: &Asked<'_>) -> u128 {
        let mut digest = Sha256::new();
        // Each text with its length, each list with how many it holds: none runs into the next.
        let mut text = |text: &str| {
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text);
        };
        text(asked.namespace);
        for list in [asked.policies, asked.granting] {
            text(&list.len().to_string());
            list.iter().for_each(|name| text(name));
        }
        text(asked.entity);
        text(asked.operation);
        text(asked.path);
        text(match asked.outcome {
            Outcome::Unknown => "unknown",
            Outcome::Allowed => "allowed",
            Outcome::Denied => "denied",
            Outcome::Failed => "failed",
        });
        let digest: [u8; 32] = digest.finalize().into();
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        u128::from_le_bytes(half)
    }

    /// Counts a request that is known; `false` for one that is not.
    pub(super) fn again(&mut self, key: u128) -> bool {
        let number = self.by_request.get(&key);
        let times = number.and_then(|number| self.times.get_mut(*number as usize));
        times.is_some_and(|times| {
            *times += 1;
            true
        })
    }

    /// Counts a request that was decided now.
    pub(super) fn first(&mut self, key: u128, effect: Effect) {
        if self.by_request.len() >= MOST {
            self.by_request.clear();
        }
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(effect).or_insert(next);
        self.by_request.insert(key, number);
        if self.times.len() <= number as usize {
            self.times.resize(number as usize + 1, 0);
        }
        if let Some(times) = self.times.get_mut(number as usize) {
            *times += 1;
        }
    }

    /// Every effect and how often it came.
    pub(super) fn into_effects(self) -> impl Iterator<Item = (Effect, u64)> {
        let times = self.times;
        self.numbers.into_iter().map(move |(effect, number)| {
            let count = times.get(number as usize).copied().unwrap_or(0);
            (effect, count)
        })
    }
}
