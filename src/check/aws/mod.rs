//! Checks of AWS configuration, and what they share: the roles that trust GitLab.

mod open_role;
mod permission;
mod project_spanning_trust;
mod self_escalation;
mod stranger_trust;
mod trust;
mod unbound_audience;
mod unbounded_permission;
mod unprotected_trust;

use super::{Check, Known, Verdict};

/// Every check of this folder.
pub(super) const CHECKS: &[&dyn Check] = &[
    &open_role::OpenRole,
    &project_spanning_trust::ProjectSpanningTrust,
    &self_escalation::SelfEscalation,
    &stranger_trust::StrangerTrust,
    &unbound_audience::UnboundAudience,
    &unbounded_permission::UnboundedPermission,
    &unprotected_trust::UnprotectedTrust,
];
