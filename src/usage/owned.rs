//! Which owners of patterns the paths of a log name.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use hashbrown::HashSet;

use crate::config::Owners;
use crate::model::{id, kv};
use crate::posture::vault::logical_by_shape;

/// Watches paths for the names that stand at placeholders of `[[owner]]`.
///
/// Resident: eight bytes for each distinct path, and one path for each owner.
#[derive(Debug)]
pub(super) struct OwnedPaths<'a> {
    owners: Option<&'a Owners>,
    met: HashSet<u64>,
    /// Paths, as deep as their pattern goes.
    pub(super) found: BTreeSet<String>,
}

impl<'a> OwnedPaths<'a> {
    pub(super) fn new(owners: &'a Owners) -> OwnedPaths<'a> {
        OwnedPaths {
            owners: owners.patterns().next().is_some().then_some(owners),
            met: HashSet::new(),
            found: BTreeSet::new(),
        }
    }

    /// Takes the path of a request that the server let through.
    pub(super) fn see(&mut self, namespace: &str, mount: &str, path: &str) {
        let Some(owners) = self.owners else {
            return;
        };
        let own = ["auth/", "sys/", "identity/", "cubbyhole/"];
        if own.iter().any(|prefix| path.starts_with(prefix)) {
            return;
        }
        let mut hasher = DefaultHasher::new();
        (namespace, path).hash(&mut hasher);
        if !self.met.insert(hasher.finish()) {
            return;
        }
        // Not every record names its mount.
        let logical = match mount {
            "" => {
                let parts: Vec<&str> = path.split('/').collect();
                logical_by_shape(&parts).unwrap_or_else(|| path.to_owned())
            }
            mount => kv::logical(mount, path),
        };
        let logical = id::in_namespace(Some(namespace), &logical);
        if let Some(depth) = owners.depth(&logical) {
            let parts: Vec<&str> = logical.trim_matches('/').split('/').take(depth).collect();
            self.found.insert(parts.join("/"));
        }
    }
}
