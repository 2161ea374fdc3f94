//! What is known of one operation besides what its records say.

use std::rc::Rc;

use super::ownership::Location;
use crate::identity::{AwsUse, CloudUse, Facts, Session};

/// What is known of one operation besides its record.
pub(super) struct Context {
    /// Whether it lies in the period.
    pub(super) inside: bool,
    /// Its name in every table.
    pub(super) event_id: String,
    /// The login whose token made it.
    pub(super) session: Option<Session>,
    /// The login that the facts are of: its own, or that of its token.
    pub(super) known_by: Option<Session>,
    /// What is known of its origin.
    pub(super) facts: Rc<Facts>,
    /// What it is about, and whose that is.
    pub(super) location: Rc<Location>,
    /// The caller's credential.
    pub(super) credential_id: String,
    /// Role in use: as asked for, or else the origin's.
    pub(super) role_id: String,
    /// Whether a call of AWS came from an address of the runners.
    pub(super) from_runner: bool,
    /// Where an event of Google's came from.
    pub(super) cloud: Option<CloudUse>,
    /// The session or key that made a call of AWS.
    pub(super) aws: Option<AwsUse>,
}
