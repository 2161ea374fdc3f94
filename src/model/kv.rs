//! The path algebra of the Vault KV version 2 engine (`vault-policy.md` section 7).
//!
//! Owners and people write logical paths (`secret/app/db`); the API, policies and the audit log
//! carry an infix behind the mount (`secret/data/app/db`).

/// The endpoints of a KV version 2 mount, the segment right behind the mount path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// `config`: settings of the mount; has no logical path.
    Config,
    /// `data`: the current and earlier versions' values.
    Data,
    /// `delete`: soft delete of versions.
    Delete,
    /// `destroy`: irreversible removal of versions.
    Destroy,
    /// `detailed-metadata` (OpenBao): listing with metadata.
    DetailedMetadata,
    /// `metadata`: names, versions, listing, removal of all versions.
    Metadata,
    /// `subkeys`: structure without values.
    Subkeys,
    /// `undelete`: undo of a soft delete.
    Undelete,
}

impl Endpoint {
    /// All endpoints, by name.
    pub const ALL: [Endpoint; 8] = [
        Endpoint::Config,
        Endpoint::Data,
        Endpoint::Delete,
        Endpoint::Destroy,
        Endpoint::DetailedMetadata,
        Endpoint::Metadata,
        Endpoint::Subkeys,
        Endpoint::Undelete,
    ];

    /// The path segment.
    #[must_use]
    pub fn segment(self) -> &'static str {
        match self {
            Endpoint::Config => "config",
            Endpoint::Data => "data",
            Endpoint::Delete => "delete",
            Endpoint::Destroy => "destroy",
            Endpoint::DetailedMetadata => "detailed-metadata",
            Endpoint::Metadata => "metadata",
            Endpoint::Subkeys => "subkeys",
            Endpoint::Undelete => "undelete",
        }
    }
}

/// Splits an API path below `mount` into its endpoint and the logical rest.
///
/// `None` when the path is not below the mount or names no endpoint.
#[must_use]
pub fn split<'p>(mount: &str, path: &'p str) -> Option<(Endpoint, &'p str)> {
    let below = path.strip_prefix(mount)?;
    let (first, rest) = below.split_once('/').unwrap_or((below, ""));
    let endpoint = Endpoint::ALL
        .into_iter()
        .find(|endpoint| endpoint.segment() == first)?;
    Some((endpoint, rest))
}

/// The logical path of an API path: `secret/data/app/db` below `secret/` is `secret/app/db`.
///
/// A path without an endpoint (KV version 1) is its own logical path.
#[must_use]
pub fn logical(mount: &str, path: &str) -> String {
    match split(mount, path) {
        Some((_, rest)) => format!("{mount}{rest}"),
        None => path.to_owned(),
    }
}

/// The API path of a logical path at `endpoint`.
///
/// `None` when the logical path is not below the mount.
#[must_use]
pub fn api_path(mount: &str, endpoint: Endpoint, logical: &str) -> Option<String> {
    let rest = logical.strip_prefix(mount)?;
    Some(format!("{mount}{}/{rest}", endpoint.segment()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_and_metadata_of_one_secret_share_a_logical_path() {
        assert_eq!(logical("secret/", "secret/data/app/db"), "secret/app/db");
        assert_eq!(
            logical("secret/", "secret/metadata/app/db"),
            "secret/app/db"
        );
    }

    #[test]
    fn a_version_1_path_is_its_own_logical_path() {
        assert_eq!(logical("kv/", "kv/app/data/db"), "kv/app/data/db");
    }

    #[test]
    fn the_api_path_and_the_logical_path_are_inverse() {
        for endpoint in Endpoint::ALL {
            let api = api_path("team/kv/", endpoint, "team/kv/a/b").unwrap_or_default();
            assert_eq!(logical("team/kv/", &api), "team/kv/a/b");
            assert_eq!(split("team/kv/", &api), Some((endpoint, "a/b")));
        }
    }

    #[test]
    fn a_path_outside_the_mount_has_no_endpoint() {
        assert_eq!(split("secret/", "other/data/x"), None);
        assert_eq!(api_path("secret/", Endpoint::Data, "other/x"), None);
    }
}
