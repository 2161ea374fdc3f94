//! Things that an export says were made in the period, of whose making the log of such says nothing:
//! what else was left out of it, nobody can tell.
//!
//! A log is held against what was made in the projects and accounts that it holds records of. Times
//! of an export and of a log are of one clock; minutes lie between them where making takes a while.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Attribute, Hole, Outcome, Period, System, Timestamp, listed};
use crate::table::row::Symbols;
use crate::table::row::half::{Field, Half};

/// A kind of thing whose making a log tells.
#[derive(Debug)]
struct Made {
    /// The kind of the export, and what it says of the time.
    kind: &'static str,
    at: &'static str,
    log: &'static str,
    /// What the log calls it.
    operation: &'static str,
    words: &'static str,
}

const ACTIVITY: &str = "gcp-audit/admin-activity";

const ALL: [Made; 4] = [
    Made {
        kind: "gcp-service-account-key",
        at: "valid_after",
        log: ACTIVITY,
        operation: "CreateServiceAccountKey",
        words: "Google's Admin Activity log does not tell that keys of service accounts were made that an export holds",
    },
    Made {
        kind: "gcp-secret",
        at: "created_at",
        log: ACTIVITY,
        operation: "CreateSecret",
        words: "Google's Admin Activity log does not tell that secrets were made that an export holds",
    },
    Made {
        kind: "kms-key",
        at: "created_at",
        log: ACTIVITY,
        operation: "CreateCryptoKey",
        words: "Google's Admin Activity log does not tell that keys of Cloud KMS were made that an export holds",
    },
    Made {
        kind: "aws-access-key",
        at: "created_at",
        log: "cloudtrail",
        operation: "CreateAccessKey",
        words: "CloudTrail does not tell that access keys were made that an export holds",
    },
];

/// How far the two times of one making lie apart at most, in microseconds.
const APART: i64 = 15 * 60 * 1_000_000;

/// What logs tell of what was made.
#[derive(Debug, Default)]
pub(in crate::estate) struct Makings {
    /// When, by log and operation and by project or account.
    told: BTreeMap<(&'static str, &'static str, String), BTreeSet<Timestamp>>,
    /// The projects and accounts that each log holds records of.
    covered: BTreeMap<&'static str, BTreeSet<String>>,
}

/// One thing that an export says was made.
struct Thing<'t> {
    id: &'t str,
    /// The project or account that it is in.
    place: &'t str,
    at: Timestamp,
}

impl Makings {
    /// Keeps what a record tells.
    pub(in crate::estate) fn record(&mut self, half: &Half, symbols: &Symbols) {
        let log = match half.system {
            System::Gcp | System::Aws => half.system.log(half.kind),
            _ => return,
        };
        let text = |field| symbols.get(half.sym(field));
        let project = text(Field::Project);
        if project.is_empty() || !ALL.iter().any(|made| made.log == log) {
            return;
        }
        let covered = self.covered.entry(log).or_default();
        if !covered.contains(project) {
            covered.insert(project.to_owned());
        }
        let own = ALL.iter().filter(|made| made.log == log);
        let mut own = own.map(|made| made.operation);
        let operation = own.find(|name| *name == text(Field::Operation));
        let refused = matches!(half.outcome, Outcome::Denied | Outcome::Failed);
        if let Some(operation) = operation.filter(|_| !refused) {
            let told = self.told.entry((log, operation, project.to_owned()));
            told.or_default().insert(half.at);
        }
    }

    /// A hole for each log that does not tell of what was made in the period.
    pub(in crate::estate) fn holes(
        &self,
        attributes: &[Attribute],
        numbers: &BTreeMap<String, String>,
        period: Period,
    ) -> Vec<Hole> {
        let holes = ALL.iter().filter_map(|made| {
            let things = of_kind(made, attributes);
            let untold = things.into_iter().filter(|thing| {
                let named = numbers.get(thing.place).map(String::as_str);
                let project = named.unwrap_or(thing.place).to_owned();
                let covered = self.covered.get(made.log);
                period.contains(thing.at)
                    && covered.is_some_and(|covered| covered.contains(&project))
                    && !self.is_told(made, project, thing.at)
            });
            let untold: BTreeSet<&str> = untold.map(|thing| thing.id).collect();
            let words = || format!("{}: {}", made.words, listed(&untold));
            (!untold.is_empty()).then(|| Hole::somewhere(made.log, words()))
        });
        holes.collect()
    }

    fn is_told(&self, made: &Made, project: String, at: Timestamp) -> bool {
        let near = Timestamp(at.0.saturating_sub(APART))..=Timestamp(at.0.saturating_add(APART));
        let told = self.told.get(&(made.log, made.operation, project));
        told.is_some_and(|told| told.range(near).next().is_some())
    }
}

/// The exported things of a kind of which the time is told. A key that was uploaded is as old as its
/// certificate says, and Google makes keys of its own without a word.
fn of_kind<'a>(made: &Made, attributes: &'a [Attribute]) -> Vec<Thing<'a>> {
    let of = || attributes.iter().filter(|it| it.kind == made.kind);
    let other = of().filter(|it| match &*it.name {
        "key_origin" => it.value != "GOOGLE_PROVIDED",
        "key_type" => it.value == "SYSTEM_MANAGED",
        _ => false,
    });
    let other: BTreeSet<&str> = other.map(|it| it.object.as_str()).collect();
    let users = of().filter(|it| it.name == "user");
    let users: BTreeMap<&str, &str> = users
        .map(|it| (it.object.as_str(), it.value.as_str()))
        .collect();
    let timed = of().filter(|it| it.name == made.at && !other.contains(it.object.as_str()));
    let things = timed.filter_map(|it| {
        let id = it.object.as_str();
        let owner = users.get(id).copied().unwrap_or(id);
        Some(Thing {
            id,
            place: place(owner)?,
            at: Timestamp::parse(&it.value)?,
        })
    });
    things.collect()
}

/// The project that a resource is in, or the account of a user of AWS; none where its name leaves it
/// out.
fn place(id: &str) -> Option<&str> {
    let place = match id.strip_prefix("aws:user/") {
        Some(user) => user.split('/').next()?,
        None => {
            let (_, rest) = id.split_once("/projects/")?;
            match rest.split('/').next()? {
                // The account says its project where the path leaves it open.
                "-" => {
                    rest.split_once('@')?
                        .1
                        .split_once(".iam.gserviceaccount.com")?
                        .0
                }
                project => project,
            }
        }
    };
    Some(place).filter(|place| !place.is_empty() && *place != "_")
}

#[cfg(test)]
#[path = "made_tests.rs"]
mod tests;
