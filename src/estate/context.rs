//! What is known of one operation besides what its records say.

use std::rc::Rc;

use crate::identity::{CloudUse, Facts, Session};
use crate::model::{Place, Timestamp};

/// What is known of one row besides its columns.
pub(super) struct Context {
    pub(super) place: Place,
    pub(super) at: Timestamp,
    pub(super) inside: bool,
    pub(super) session: Option<Session>,
    pub(super) facts: Rc<Facts>,
    pub(super) owner: String,
    pub(super) owner_environment: String,
    pub(super) credential_id: String,
    pub(super) cloud: Option<CloudUse>,
}
