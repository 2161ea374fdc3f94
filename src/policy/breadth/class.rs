//! What a path and a capability weigh.

use super::input::{BreadthInput, MountKind};
use crate::policy::capability::Capability;

/// Paths of the `default` policy and of a token's own upkeep, which everybody holds.
const EVERYBODY: [&str; 12] = [
    "cubbyhole/",
    "auth/token/lookup-self",
    "auth/token/renew-self",
    "auth/token/revoke-self",
    "identity/oidc/provider/",
    "sys/capabilities-self",
    "sys/internal/ui/",
    "sys/leases/renew",
    "sys/leases/lookup",
    "sys/renew",
    "sys/tools/",
    "sys/wrapping/",
];

/// What a capability weighs.
pub(super) fn capability_weight(capability: Capability) -> u64 {
    match capability {
        Capability::Deny => 0,
        Capability::List | Capability::Scan | Capability::Subscribe => 1,
        Capability::Read | Capability::Create => 3,
        Capability::Update | Capability::Patch | Capability::Delete | Capability::Recover => 4,
        Capability::Sudo => 8,
    }
}

/// What a path weighs for a capability.
pub(super) fn class_weight(path: &str, capability: Capability, input: &BreadthInput) -> u64 {
    let everybody = |own: &&str| match own.strip_suffix('/') {
        Some(_) => path.starts_with(*own),
        None => path == *own,
    };
    if EVERYBODY.iter().any(everybody) {
        return 0;
    }
    if path.starts_with("sys/") {
        return 10;
    }
    if path.starts_with("auth/") || path.starts_with("identity/") {
        let looks = matches!(
            capability,
            Capability::Read | Capability::List | Capability::Scan
        );
        return if looks { 1 } else { 10 };
    }
    let mount = input.mount(path);
    let below = mount.map_or_else(
        || path.split_once('/').map_or("", |(_, below)| below),
        |mount| path.get(mount.path.len()..).unwrap_or_default(),
    );
    let endpoint = below.split('/').next().unwrap_or_default();
    match (mount.map(|mount| mount.kind), endpoint) {
        (Some(MountKind::Dynamic | MountKind::Pki | MountKind::Ssh), _) => 5,
        (Some(MountKind::Transit) | None, "decrypt" | "sign" | "export") => 5,
        (Some(MountKind::Transit) | None, "encrypt" | "verify" | "hmac" | "rewrap") => 2,
        (None, "creds" | "sts" | "issue" | "sign-verbatim" | "token" | "key") => 5,
        (Some(MountKind::Kv2) | None, "metadata" | "detailed-metadata" | "subkeys" | "config") => 1,
        _ => 3,
    }
}
