//! Finds what an id names, in any of the ways people write it.

mod job;
mod person;
mod secret;
mod service;
mod token;

use super::ask::{Ask, Kind, TraceError};
use super::near::near;
use super::token::Token;
use crate::estate::JoinedEstate;
use crate::identity::Scope;

pub(super) use self::secret::Secret;

/// What was found.
pub(super) enum Found {
    /// A job, by number in the directory.
    Job(u32),
    /// A job that only tokens name: its id, and their logins.
    ClaimedJob(String, Vec<u32>),
    /// A token.
    Token(Token),
    /// A secret.
    Secret(Secret),
    /// A person, by id.
    Person(String),
    /// A service, by id.
    Service(String),
}

/// Finds what is asked for; an id that is of another kind is said to be.
pub(super) fn find(
    estate: &mut JoinedEstate,
    scope: &Scope<'_>,
    ask: &Ask<'_>,
) -> Result<Found, TraceError> {
    let asked = Ask {
        id: ask.id.trim(),
        ..*ask
    };
    let mut found = of_kind(estate, scope, &asked);
    if let Err(TraceError::Unknown { of, .. }) = &mut found {
        for kind in Kind::ALL {
            let other = Ask { kind, ..asked };
            let is = kind != ask.kind
                && matches!(
                    of_kind(estate, scope, &other),
                    Ok(_) | Err(TraceError::Ambiguous { .. })
                );
            if is {
                of.push(kind);
            }
        }
    }
    found
}

fn of_kind(
    estate: &mut JoinedEstate,
    scope: &Scope<'_>,
    ask: &Ask<'_>,
) -> Result<Found, TraceError> {
    match ask.kind {
        Kind::Job => job::find(estate, ask),
        Kind::Token => token::find(estate, ask),
        Kind::Secret => secret::find(estate, ask),
        Kind::Person => person::find(estate, scope, ask),
        Kind::Service => service::find(estate, ask),
    }
}

fn unknown<'k>(ask: &Ask<'_>, bare: &str, known: impl Iterator<Item = &'k str>) -> TraceError {
    unknown_but(ask, near(bare, known))
}

fn unknown_but(ask: &Ask<'_>, near: Vec<String>) -> TraceError {
    TraceError::Unknown {
        kind: ask.kind,
        asked: ask.id.to_owned(),
        near,
        of: Vec::new(),
    }
}

fn ambiguous(ask: &Ask<'_>, found: impl IntoIterator<Item = String>) -> TraceError {
    TraceError::Ambiguous {
        kind: ask.kind,
        asked: ask.id.to_owned(),
        found: found.into_iter().collect(),
    }
}
