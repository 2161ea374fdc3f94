//! The two servers that speak the language, and where they differ.

use std::fmt;
use std::str::FromStr;

use super::capability::Capability;

/// The server whose rules hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// HashiCorp Vault.
    #[default]
    Vault,
    /// OpenBao, the fork under the Linux Foundation.
    OpenBao,
}

/// Keys of a `path` stanza that both servers know.
const COMMON_KEYS: [&str; 10] = [
    "comment",
    "policy",
    "capabilities",
    "allowed_parameters",
    "denied_parameters",
    "required_parameters",
    "min_wrapping_ttl",
    "max_wrapping_ttl",
    "mfa_methods",
    // OpenBao since 2.7; before, it refuses the key.
    "control_group",
];
/// Keys of HashiCorp Vault alone (`vault/policy.go`).
const VAULT_KEYS: [&str; 1] = ["subscribe_event_types"];
/// Keys of OpenBao alone.
const OPENBAO_KEYS: [&str; 3] = [
    "pagination_limit",
    "expiration",
    "list_scan_response_keys_filter_path",
];

impl Dialect {
    /// The lower-case name on the command line and in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Dialect::Vault => "vault",
            Dialect::OpenBao => "openbao",
        }
    }

    /// The keys that a `path` stanza may hold.
    pub fn stanza_keys(self) -> impl Iterator<Item = &'static str> {
        let own: &[&str] = match self {
            Dialect::Vault => &VAULT_KEYS,
            Dialect::OpenBao => &OPENBAO_KEYS,
        };
        COMMON_KEYS.iter().chain(own).copied()
    }

    /// Says whether this server grants `capability` by that name.
    #[must_use]
    pub fn knows(self, capability: Capability) -> bool {
        match capability {
            Capability::Scan => self == Dialect::OpenBao,
            Capability::Subscribe | Capability::Recover => self == Dialect::Vault,
            _ => true,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Dialect {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "vault" => Ok(Dialect::Vault),
            "openbao" => Ok(Dialect::OpenBao),
            other => Err(format!("`{other}` is no dialect; one of vault, openbao")),
        }
    }
}
