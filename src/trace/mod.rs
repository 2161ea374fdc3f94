//! One identity end to end: from the person or workload down to what was touched, or from a secret
//! up to everybody who touched it.
//!
//! What is joined comes from the identity room, which is in memory; what was done is fetched from
//! the tables in one pass for the rows that are shown.

mod ask;
mod elsewhere;
mod inquiry;
mod job;
mod list;
mod lookup;
mod near;
mod origin;
mod person;
mod rows;
mod secret;
mod service;
mod tally;
mod token;
mod tree;

pub use ask::{Ask, Kind, TraceError};
pub use list::{Listed, list};

use self::inquiry::Inquiry;
use self::lookup::Found;
use crate::config::Settings;
use crate::estate::JoinedEstate;
use crate::identity::Scope;
use crate::model::trace::Trace;

/// Answers `ask` from what was read.
///
/// # Errors
///
/// When nothing is known by that id, several things are, or the tables cannot be read back.
pub fn trace(
    estate: &mut JoinedEstate,
    settings: &Settings,
    ask: &Ask<'_>,
) -> Result<Trace, TraceError> {
    let scope = Scope {
        settings,
        as_of: estate.tabled.as_of,
    };
    let found = lookup::find(estate, &scope, ask)?;
    let inquiry = Inquiry::new(estate, scope, ask.limit);
    let (id, roots, in_period) = match found {
        Found::Job(job) => job::trace(&inquiry, job)?,
        Found::ClaimedJob(job, logins) => job::claimed(&inquiry, job, &logins)?,
        Found::Token(token) => token::trace(&inquiry, &token)?,
        Found::Secret(secret) => secret::trace(&inquiry, &secret)?,
        Found::Person(person) => person::trace(&inquiry, &person)?,
        Found::Service(service) => service::trace(&inquiry, &service)?,
    };
    Ok(Trace {
        kind: ask.kind.as_str(),
        id,
        period: estate.tabled.period,
        period_derived: estate.tabled.period_derived,
        as_of: estate.tabled.as_of,
        in_period,
        roots,
    })
}
