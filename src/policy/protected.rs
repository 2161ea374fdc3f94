//! Root-protected paths: those that take `sudo` besides the operation's capability.

use super::dialect::Dialect;

/// Paths below `sys/` that both servers protect (`PathsSpecial.Root` of their system backends);
/// a trailing `*` stands for anything.
const COMMON_SYS: [&str; 18] = [
    "auth/*",
    "remount",
    "audit",
    "audit/*",
    "raw",
    "raw/*",
    "rotate",
    "config/cors",
    "config/auditing/*",
    "config/ui/headers/*",
    "plugins/catalog/*",
    "revoke-prefix/*",
    "revoke-force/*",
    "leases/revoke-prefix/*",
    "leases/revoke-force/*",
    "leases/lookup/*",
    "leases",
    "internal/inspect/*",
];
/// Further ones of HashiCorp Vault.
const VAULT_SYS: [&str; 10] = [
    "replication/primary/secondary-token",
    "replication/performance/primary/secondary-token",
    "replication/dr/primary/secondary-token",
    "replication/reindex",
    "replication/dr/reindex",
    "replication/performance/reindex",
    "plugins/runtimes/catalog/*",
    "storage/raft/snapshot-auto/config/*",
    "seal",
    "step-down",
];
/// Further ones of OpenBao.
const OPENBAO_SYS: [&str; 2] = ["rotate/keyring", "rotate/root"];
/// Paths of the token store, below `auth/token/`.
const TOKEN_STORE: [&str; 2] = ["revoke-orphan/*", "accessors*"];

/// Says whether `path` (relative to its namespace) takes `sudo`.
///
/// Mounts may protect paths of their own (`<pki mount>/root`); which mounts those are is not in a
/// policy, so [`AclContext::protected`](super::AclContext::protected) takes them.
#[must_use]
pub fn root_protected(path: &str, dialect: Dialect) -> bool {
    let own: &[&str] = match dialect {
        Dialect::Vault => &VAULT_SYS,
        Dialect::OpenBao => &OPENBAO_SYS,
    };
    if let Some(below) = path.strip_prefix("sys/") {
        COMMON_SYS
            .iter()
            .chain(own)
            .any(|pattern| covers(pattern, below))
    } else if let Some(below) = path.strip_prefix("auth/token/") {
        TOKEN_STORE.iter().any(|pattern| covers(pattern, below))
    } else {
        false
    }
}

/// Where `sudo` lets a token be made that carries any policy, though they do not take it
/// (`handleCreateCommon` of the token store: only without it must the policies be among one's own).
const MAKES_TOKENS: [&str; 2] = ["auth/token/create", "auth/token/create-orphan"];

/// Says whether `sudo` on `path` makes tokens of any policy, in its namespace or in one below.
#[must_use]
pub fn makes_any_token(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let of_namespace = |own: &&str| {
        let below = path.strip_suffix(*own);
        below.is_some_and(|below| below.is_empty() || below.ends_with('/'))
    };
    MAKES_TOKENS.iter().any(of_namespace)
}

/// Paths of an engine for certificates that take `sudo`, below its mount.
const OF_PKI: [&str; 2] = ["root", "root/sign-self-issued"];

/// Says whether a path below the mount of an engine for certificates takes `sudo`.
#[must_use]
pub fn root_protected_of_pki(below: &str) -> bool {
    OF_PKI.contains(&below)
}

/// Says whether a special path, with `*` at most at its end, stands for `path`.
pub(super) fn covers(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(stem) => path.starts_with(stem),
        None => path == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_covers_children_and_an_exact_path_only_itself() {
        assert!(root_protected("sys/auth/gitlab", Dialect::Vault));
        assert!(root_protected("sys/auth/gitlab/tune", Dialect::Vault));
        assert!(!root_protected("sys/auth", Dialect::Vault));
        assert!(root_protected("sys/audit", Dialect::OpenBao));
        assert!(!root_protected("sys/rotate/config", Dialect::Vault));
        assert!(root_protected("auth/token/accessors/", Dialect::Vault));
        assert!(!root_protected("secret/sys/audit", Dialect::Vault));
    }

    #[test]
    fn tokens_of_any_policy_are_made_without_a_role() {
        assert!(makes_any_token("auth/token/create"));
        assert!(makes_any_token("auth/token/create-orphan"));
        assert!(makes_any_token("team/a/auth/token/create"));
        assert!(!makes_any_token("xauth/token/create"));
        assert!(!makes_any_token("auth/token/create/ci"));
        assert!(!makes_any_token("auth/token/renew-self"));
    }

    #[test]
    fn each_server_has_paths_of_its_own() {
        assert!(root_protected("sys/seal", Dialect::Vault));
        assert!(!root_protected("sys/seal", Dialect::OpenBao));
        assert!(root_protected("sys/rotate/root", Dialect::OpenBao));
        assert!(!root_protected("sys/rotate/root", Dialect::Vault));
    }
}
