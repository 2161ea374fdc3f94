//! What is known about the estate besides the policies; everything may be empty.

use std::collections::BTreeSet;

use crate::model::kv;
use crate::policy::operation::Operation;

/// The surroundings of a policy set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BreadthInput {
    /// The mounts.
    pub mounts: Vec<Mount>,
    /// Who owns which logical paths.
    pub owners: Vec<Owner>,
    /// The owners that the holders of the set map to.
    pub holder_owners: BTreeSet<String>,
    /// Requests of the holders.
    pub observed: Vec<Observed>,
    /// Further API paths that are known to be there.
    pub listed: Vec<String>,
    /// Independent sessions (logins) in the window.
    pub sessions: u64,
    /// Length of the window in days.
    pub window_days: u32,
    /// The longest time between two runs of a schedule, in days.
    pub longest_schedule_days: u32,
}

/// A mount.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mount {
    /// The path, ending in `/`; auth mounts begin with `auth/`.
    pub path: String,
    /// What is mounted.
    pub kind: MountKind,
}

/// What is mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MountKind {
    /// KV version 1.
    Kv1,
    /// KV version 2.
    Kv2,
    /// An engine that makes credentials: database, aws, gcp, azure and the like.
    Dynamic,
    /// The PKI engine.
    Pki,
    /// The transit engine.
    Transit,
    /// The SSH engine.
    Ssh,
    /// An auth method.
    Auth,
    /// Anything else.
    Other,
}

/// The owner of a region of logical paths.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// The logical path, without `data/` or `metadata/`.
    pub prefix: String,
    /// The owner.
    pub name: String,
    /// Says whether the region is meant for everybody.
    pub shared: bool,
}

/// A request that was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Observed {
    /// The API path.
    pub path: String,
    /// The operation.
    pub operation: Operation,
    /// Says whether it was allowed.
    pub allowed: bool,
}

impl BreadthInput {
    /// The mount that an API path lies in, the longest one.
    #[must_use]
    pub fn mount(&self, path: &str) -> Option<&Mount> {
        let holding = self
            .mounts
            .iter()
            .filter(|mount| path.starts_with(&mount.path));
        holding.max_by_key(|mount| mount.path.len())
    }

    /// The owner of an API path: the longest prefix of its logical path.
    #[must_use]
    pub fn owner(&self, path: &str) -> Option<&Owner> {
        let logical = match self.mount(path) {
            Some(Mount {
                path: mount,
                kind: MountKind::Kv2,
            }) => kv::logical(mount, path),
            _ => path.to_owned(),
        };
        let holding = self
            .owners
            .iter()
            .filter(|owner| logical.starts_with(&owner.prefix));
        holding.max_by_key(|owner| owner.prefix.len())
    }
}
