//! Everything read and joined, in tables: what rules and queries work on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::origins::Origins;
use super::provenance::Provenance;
use crate::identity::Readiness;
use crate::model::{
    Attribute, AuditDevice, Bridge, FileCoverage, Grant, Hole, Period, RejectedLine, Restated,
    Service, SourceText, Timestamp,
};
use crate::posture::StatedPolicy;
use crate::scratch::Scratch;
use crate::source::InputFile;
use crate::store::InputStore;
use crate::table::engine::Store;
use crate::usage::{Calls, Usage};

/// An estate in tables.
pub struct Estate {
    /// The tables.
    pub store: Store,
    /// What joins each login to what made it.
    pub origins: Origins,
    /// The other handles of credentials that several devices hash differently, by their id.
    pub handles: BTreeMap<String, Vec<String>>,
    /// The entities of Vault whose login was read, as ids.
    pub met: BTreeSet<String>,
    /// Shift, in microseconds, that puts Vault's clock on GitLab's.
    pub shift: i64,
    /// Why the addresses in Vault's log do not tell callers apart, in words.
    pub hidden_addresses: Option<String>,
    /// Attributes that exports state, sorted.
    pub attributes: Arc<[Attribute]>,
    /// Services by id and revision.
    pub services: Arc<[Service]>,
    /// Addresses that jobs name as their runners', and how often.
    pub runner_addresses: BTreeMap<String, u64>,
    /// Accounting of every file, by path.
    pub coverage: Vec<FileCoverage>,
    /// How the records of each source became events and jobs, by source.
    pub bridges: Vec<(String, Bridge)>,
    /// What each audit device of Vault has of the requests that any of them has, by folder.
    pub devices: Vec<AuditDevice>,
    /// Lines that could not be read.
    pub rejected: Vec<RejectedLine>,
    /// Files that could not be opened, with the reason.
    pub unreadable: Vec<(String, String)>,
    /// The input files, in order.
    pub files: Vec<InputFile>,
    /// The same with the paths at which they can be read again.
    pub stored: Vec<InputFile>,
    /// Holds what came from pipes, until the end.
    pub(super) streams: Option<Scratch>,
    /// The store that they were read from, if it was one.
    pub inputs: Option<InputStore>,
    /// The period.
    pub period: Period,
    /// Whether the period was derived from the logs.
    pub period_derived: bool,
    /// The moment the run speaks from.
    pub as_of: Timestamp,
    /// How well logins can be joined, by role.
    pub readiness: Vec<Readiness>,
    /// Vault policies, by name.
    pub policies: Vec<StatedPolicy>,
    /// Accesses that policies grant, sorted.
    pub grants: Vec<Grant>,
    /// Texts of configuration files.
    pub texts: Vec<SourceText>,
    /// What the Vault log says of the policies and roles; none without a record.
    pub usage: Option<Usage>,
    /// Who called whom in a mesh in the period; none without an access log of its proxies.
    pub calls: Option<Calls>,
    /// What the inputs should hold and do not, in order.
    pub holes: Vec<Hole>,
    /// Configured things that are stated twice and differently, by kind and id.
    pub restated: Vec<Restated>,
    /// Sources that fall silent too long before the period ends.
    pub ended: Vec<Hole>,
    /// How the inputs were collected.
    pub provenance: Provenance,
    /// The logs that were read: `vault`, `gcp-audit/data-access`, ...
    pub logs: BTreeSet<String>,
}
