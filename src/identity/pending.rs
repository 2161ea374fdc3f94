//! Logins that have handed out nothing yet.

use crate::model::Timestamp;
use crate::table::row::Sym;

/// A login whose second factor was due.
#[derive(Clone, Copy, Debug)]
pub struct Pending {
    /// When.
    pub at: Timestamp,
    /// Vault namespace.
    pub namespace: Sym,
    /// Auth mount.
    pub mount: Sym,
    /// Auth mount type.
    pub mount_type: Sym,
    /// Where it came from.
    pub address: Sym,
}
