//! One Vault operation, as it is watched.

use super::ruling::Asked;
use crate::model::{EventKind, Timestamp};

/// One Vault operation.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// Its number in the ledger.
    pub op: u32,
    /// Kind.
    pub kind: EventKind,
    /// When.
    pub at: Timestamp,
    /// Mount.
    pub mount: &'a str,
    /// Role in use; on a login, the one asked for.
    pub role: &'a str,
    /// What the server calls the caller.
    pub display_name: &'a str,
    /// Handle of the caller's token.
    pub credential: &'a str,
    /// What was asked, and by which token.
    pub asked: Asked<'a>,
}
