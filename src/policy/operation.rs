//! What a request wants to do, and which capability that takes.

use std::fmt;
use std::str::FromStr;

use super::capability::Capability;
use super::dialect::Dialect;

/// The operation of a request, by its name in the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// `create`.
    Create,
    /// `read`.
    Read,
    /// `update`.
    Update,
    /// `delete`.
    Delete,
    /// `list`.
    List,
    /// `patch`.
    Patch,
    /// `scan` (OpenBao).
    Scan,
    /// `recover` (HashiCorp Vault).
    Recover,
    /// `revoke`.
    Revoke,
    /// `renew`.
    Renew,
    /// `rollback`.
    Rollback,
    /// `help`: always allowed.
    Help,
    /// `resolve-role`: decided by no policy.
    ResolveRole,
    /// `alias-lookahead`: decided by no policy.
    AliasLookahead,
    /// `header`: decided by no policy.
    Header,
}

impl Operation {
    /// All operations, those first that have a capability of their own.
    pub const ALL: [Operation; 15] = [
        Operation::Create,
        Operation::Read,
        Operation::Update,
        Operation::Delete,
        Operation::List,
        Operation::Patch,
        Operation::Scan,
        Operation::Recover,
        Operation::Revoke,
        Operation::Renew,
        Operation::Rollback,
        Operation::Help,
        Operation::ResolveRole,
        Operation::AliasLookahead,
        Operation::Header,
    ];

    /// The operations that have a capability of their own, in the order of their capabilities.
    pub const GRANTABLE: &[Operation] = Operation::ALL.split_at(8).0;

    /// The name in the audit log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Operation::Create => "create",
            Operation::Read => "read",
            Operation::Update => "update",
            Operation::Delete => "delete",
            Operation::List => "list",
            Operation::Patch => "patch",
            Operation::Scan => "scan",
            Operation::Recover => "recover",
            Operation::Revoke => "revoke",
            Operation::Renew => "renew",
            Operation::Rollback => "rollback",
            Operation::Help => "help",
            Operation::ResolveRole => "resolve-role",
            Operation::AliasLookahead => "alias-lookahead",
            Operation::Header => "header",
        }
    }

    /// The capability that the operation takes; `None` where no policy can grant it.
    #[must_use]
    pub fn capability(self, dialect: Dialect) -> Option<Capability> {
        let capability = match self {
            Operation::Create => Capability::Create,
            Operation::Read => Capability::Read,
            Operation::Update | Operation::Revoke | Operation::Renew | Operation::Rollback => {
                Capability::Update
            }
            Operation::Delete => Capability::Delete,
            Operation::List => Capability::List,
            Operation::Patch => Capability::Patch,
            Operation::Scan => Capability::Scan,
            Operation::Recover => Capability::Recover,
            Operation::Help
            | Operation::ResolveRole
            | Operation::AliasLookahead
            | Operation::Header => return None,
        };
        dialect.knows(capability).then_some(capability)
    }

    /// Says whether the path is tried without its trailing slash too.
    #[must_use]
    pub fn lists(self) -> bool {
        matches!(self, Operation::List | Operation::Scan)
    }

    /// Says whether parameters are held against the stanza.
    #[must_use]
    pub fn checks_parameters(self) -> bool {
        matches!(
            self,
            Operation::Read
                | Operation::Update
                | Operation::Create
                | Operation::Patch
                | Operation::Recover
        )
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Operation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|operation| operation.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no operation"))
    }
}
