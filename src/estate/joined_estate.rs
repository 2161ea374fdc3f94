//! An estate with the joins that its tables are made of, which a trace walks.
//!
//! They take most of the memory that grows with the logs: whoever asks the tables alone lets them go.

use hashbrown::HashMap;

use super::Estate;
use crate::identity::Identity;
use crate::table::row::Sym;

/// An estate in tables, and who did what as long as that is asked for.
pub struct JoinedEstate {
    /// The tables and what they are of.
    pub tabled: Estate,
    /// The joins.
    pub identity: Identity,
    /// Names of credentials by handle.
    pub names: HashMap<Sym, String>,
}
