//! Checks of AWS configuration, and what they share: the roles that trust GitLab.

mod open_role;
mod project_spanning_trust;
mod stranger_trust;
mod trust;
mod unbound_audience;
mod unprotected_trust;

use super::{Check, Known, Verdict};

/// Every check of this folder.
pub(super) const CHECKS: &[&dyn Check] = &[
    &open_role::OpenRole,
    &project_spanning_trust::ProjectSpanningTrust,
    &stranger_trust::StrangerTrust,
    &unbound_audience::UnboundAudience,
    &unprotected_trust::UnprotectedTrust,
];
