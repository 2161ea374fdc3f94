//! Whether a set is overly broad, and what "not used" is worth.

use std::fmt;

use super::Breadth;
use super::input::BreadthInput;
use crate::policy::acl::Acl;
use crate::policy::capability::Capability;

/// Sessions below which nothing is said about use.
const ENOUGH_SESSIONS: u64 = 30;

/// A reason for which a set is overly broad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ruling {
    /// R1: a whole mount, or more, with more than listing.
    OpenEnded,
    /// R2: atoms of an owner that no holder maps to.
    CrossOwner,
    /// R3: at least four fifths of the weight unused, over enough atoms, days and sessions.
    OverPrivileged,
    /// R4: write, delete or sudo granted and never used.
    UnusedWrite,
    /// R5: a control-plane write within reach.
    Escalation,
}

impl Ruling {
    /// The short name: `R1` to `R5`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Ruling::OpenEnded => "R1",
            Ruling::CrossOwner => "R2",
            Ruling::OverPrivileged => "R3",
            Ruling::UnusedWrite => "R4",
            Ruling::Escalation => "R5",
        }
    }
}

impl fmt::Display for Ruling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// What the observation is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Evidence {
    /// Unused in so many sessions: the 95 % upper bound of its use in one session, three over n.
    Bound(f64),
    /// Too few sessions, or a window shorter than two runs of the longest schedule.
    Insufficient,
}

impl Evidence {
    pub(super) fn of(input: &BreadthInput) -> Evidence {
        let long_enough = input.window_days >= input.longest_schedule_days.saturating_mul(2);
        if input.sessions < ENOUGH_SESSIONS || !long_enough {
            return Evidence::Insufficient;
        }
        Evidence::Bound(3.0 / input.sessions as f64)
    }
}

pub(super) fn rulings(breadth: &Breadth, acl: &Acl, input: &BreadthInput) -> Vec<Ruling> {
    let enough = input.sessions >= ENOUGH_SESSIONS;
    let writes = [
        Capability::Create,
        Capability::Update,
        Capability::Patch,
        Capability::Delete,
        Capability::Sudo,
    ];
    // A capability that was used somewhere is used.
    let unused_write = writes.into_iter().any(|capability| {
        breadth
            .unused
            .iter()
            .any(|atom| atom.capability == capability)
            && !input.observed.iter().any(|observed| {
                observed.allowed
                    && match capability {
                        Capability::Sudo => acl.is_protected(&observed.path),
                        _ => observed.operation.capability(acl.dialect()) == Some(capability),
                    }
            })
    });
    let holds = [
        (Ruling::OpenEnded, breadth.openness >= 4),
        (Ruling::CrossOwner, !breadth.foreign_owners.is_empty()),
        (
            Ruling::OverPrivileged,
            breadth.over_privilege >= 0.80
                && breadth.granted_atoms >= 10
                && input.window_days >= 30
                && enough,
        ),
        (Ruling::UnusedWrite, unused_write && enough),
        (Ruling::Escalation, !breadth.escalations.is_empty()),
    ];
    holds
        .into_iter()
        .filter(|(_, holds)| *holds)
        .map(|(ruling, _)| ruling)
        .collect()
}
