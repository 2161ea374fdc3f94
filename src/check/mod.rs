//! Built-in checks: rules that need semantics SQL does not have, named by the bad pattern.
//!
//! One check is one file in the folder of its system, which lists it; a rule file names it with
//! `check =`. A check looks at the [`Posture`] only, so it runs in `lint` and in `report` alike.

mod aws;
mod gcp;
mod gitlab;
mod joined;
mod mesh;
mod review;
mod vault;
mod waiver;

use crate::model::Evidence;
use crate::posture::Posture;
use crate::rule::Observation;
use crate::usage::{Calls, Usage};

/// What a check answers.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It could not look; says why.
    NotAssessed(String),
    /// It looked at `population` things.
    Looked {
        /// How many things it examined.
        population: u64,
        /// Every piece of evidence.
        observations: Vec<Observation>,
    },
    /// It looked, and something it would also look at was not there.
    Partly {
        /// How many things it examined.
        population: u64,
        /// Every piece of evidence.
        observations: Vec<Observation>,
        /// What it could not look at, and why.
        missing: String,
    },
}

impl Verdict {
    /// The verdict of a check that looked, in part where something is `missing`.
    #[must_use]
    pub fn looked(
        population: u64,
        observations: Vec<Observation>,
        missing: Option<String>,
    ) -> Verdict {
        match missing {
            None => Verdict::Looked {
                population,
                observations,
            },
            Some(missing) => Verdict::Partly {
                population,
                observations,
                missing,
            },
        }
    }
}

/// What is known beside configuration.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'k> {
    /// What logs say of the policies; none where no log is at hand.
    pub usage: Option<&'k Usage>,
    /// Who called whom in a mesh; none where no access log is at hand.
    pub calls: Option<&'k Calls>,
    /// Where waivers stand that no finding met; none before every other rule has run.
    pub unused_waivers: Option<&'k [Evidence]>,
}

/// One built-in check.
pub trait Check: Sync {
    /// The name rule files use.
    fn name(&self) -> &'static str;

    /// Looks.
    fn run(&self, input: &Posture<'_>, known: &Known<'_>) -> Verdict;
}

/// Every check, by system.
pub fn checks() -> impl Iterator<Item = &'static dyn Check> {
    let all = [
        aws::CHECKS,
        gcp::CHECKS,
        gitlab::CHECKS,
        joined::CHECKS,
        mesh::CHECKS,
        review::CHECKS,
        vault::CHECKS,
        waiver::CHECKS,
    ];
    all.into_iter().flatten().copied()
}

/// The check of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Check> {
    checks().find(|check| check.name() == name)
}
