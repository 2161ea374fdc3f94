//! The atoms by which breadth is measured: one capability on one path.

use std::collections::BTreeSet;

use super::class::{capability_weight, class_weight};
use super::input::{BreadthInput, MountKind};
use crate::model::kv::{self, Endpoint};
use crate::policy::capability::Capability;
use crate::policy::dialect::Dialect;
use crate::policy::protected::root_protected;

/// A path segment that nothing is called: whatever grants it is open-ended.
const CANARY: &str = "piperoll-canary";

/// One capability on one path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Atom {
    /// The API path.
    pub path: String,
    /// The capability.
    pub capability: Capability,
    /// What it weighs.
    pub weight: u64,
}

/// All atoms, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Universe(Vec<Atom>);

impl Universe {
    /// The atoms of every known path, and of a canary in every region that could be granted whole.
    #[must_use]
    pub fn new(input: &BreadthInput, dialect: Dialect) -> Universe {
        let mut paths: BTreeSet<String> = control_plane().collect();
        paths.extend(input.observed.iter().map(|observed| observed.path.clone()));
        paths.extend(input.listed.iter().cloned());
        for mount in &input.mounts {
            let below = |below: &str| format!("{}{below}/{CANARY}", mount.path);
            match mount.kind {
                MountKind::Kv2 => paths.extend(kv2(&mount.path, &mount.path)),
                MountKind::Dynamic => paths.extend(["creds", "config", "roles"].map(below)),
                MountKind::Pki => paths.extend(["issue", "sign", "sign-verbatim"].map(below)),
                MountKind::Transit => {
                    paths.extend(["encrypt", "decrypt", "sign", "export"].map(below));
                }
                MountKind::Ssh => paths.extend(["sign", "creds"].map(below)),
                MountKind::Auth => paths.extend(["role", "config", "users"].map(below)),
                MountKind::Kv1 | MountKind::Other => {
                    paths.insert(format!("{}{CANARY}", mount.path));
                }
            }
        }
        for owner in &input.owners {
            match input.mount(&owner.prefix) {
                Some(mount) if mount.kind == MountKind::Kv2 => {
                    paths.extend(kv2(&mount.path, &owner.prefix));
                }
                _ => {
                    let prefix = owner.prefix.trim_end_matches('/');
                    paths.insert(format!("{prefix}/{CANARY}"));
                }
            }
        }
        let mut atoms = Vec::new();
        for path in paths {
            for capability in Capability::ALL {
                let protected = root_protected(&path, dialect);
                let counts = match capability {
                    Capability::Deny | Capability::Subscribe | Capability::Recover => false,
                    Capability::Scan => false,
                    Capability::Sudo => protected,
                    _ => true,
                };
                let weight = class_weight(&path, capability, input) * capability_weight(capability);
                if counts && weight > 0 {
                    atoms.push(Atom {
                        path: path.clone(),
                        capability,
                        weight,
                    });
                }
            }
        }
        atoms.sort();
        Universe(atoms)
    }

    /// The atoms, by path and capability.
    #[must_use]
    pub fn atoms(&self) -> &[Atom] {
        &self.0
    }
}

/// A canary at each endpoint of a KV version 2 mount, below a logical prefix.
fn kv2(mount: &str, logical: &str) -> impl Iterator<Item = String> {
    let logical = format!("{}/{CANARY}", logical.trim_end_matches('/'));
    [Endpoint::Data, Endpoint::Metadata, Endpoint::Destroy]
        .into_iter()
        .filter_map(move |endpoint| kv::api_path(mount, endpoint, &logical))
}

/// Canaries of the control plane, which every server has.
fn control_plane() -> impl Iterator<Item = String> {
    [
        "sys/policies/acl",
        "sys/policy",
        "sys/auth",
        "sys/mounts",
        "sys/audit",
        "sys/raw",
        "sys/leases/revoke-prefix",
        "sys/generate-root",
        "auth/token/create",
        "identity/entity/name",
        "identity/group/name",
        CANARY,
    ]
    .into_iter()
    .map(|region| format!("{region}/{CANARY}"))
}
