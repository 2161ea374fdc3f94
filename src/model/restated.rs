//! A configured thing that is stated twice and differently.

use std::collections::BTreeSet;

/// The exports that hold configured things, by how the names of their kinds begin.
const EXPORTS: [(&str, &str); 11] = [
    ("audit-config", "gcp-config"),
    ("aws-", "aws-config"),
    ("gcp-", "gcp-config"),
    ("gitlab-", "gitlab-config"),
    ("hoop-", "hoop-config"),
    ("iam-", "gcp-config"),
    ("kms-", "gcp-config"),
    ("mesh", "mesh-config"),
    ("protected-", "gitlab-config"),
    ("run-", "gcp-config"),
    ("vault-", "vault-config"),
];
/// Kinds of things by which logins, jobs and secrets are told whose they are, and how the attributes
/// begin that tell it; any where none is named.
const OF_IDENTITY: [(&str, &[&str]); 8] = [
    ("gitlab-project", &["path_with_namespace", "namespace"]),
    (
        "gitlab-user",
        &["id", "username", "email", "bot", "identities", "state"],
    ),
    ("run-service", &["service_account"]),
    ("vault-auth-mount", &[]),
    ("vault-entity", &[]),
    ("vault-group", &[]),
    ("vault-role", &[]),
    ("vault-secret-mount", &["options", "type"]),
];

/// Where a thing is stated: file, line and byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stands {
    /// Path of the file.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// Byte offset, from 0.
    pub byte: u64,
    /// Digest of the record.
    pub sha256: String,
}

/// Why two statements may differ though nobody wrote anything wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// They may be of two servers or two dates.
    Elsewhere,
    /// One says nothing that the other does not: it may have lost the rest.
    Lost,
}

impl Doubt {
    /// The reason, in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Doubt::Elsewhere => "perhaps of another server or date",
            Doubt::Lost => "perhaps cut short: one holds nothing that the other does not",
        }
    }
}

/// One configured thing of which two statements contradict each other: neither is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restated {
    /// Kind of thing: `vault-policy`, `gitlab-project`, ...
    pub kind: String,
    /// Its id.
    pub object: String,
    /// Where the two stand.
    pub stands: [Stands; 2],
    /// The attributes in which they differ.
    pub names: BTreeSet<String>,
    /// Why the two may differ though nobody wrote anything wrong; none where they contradict each other
    /// surely.
    pub doubt: Option<Doubt>,
    /// Ids of what rests on it.
    pub rests: BTreeSet<String>,
}

impl Restated {
    /// Whether what is looked at may rest on it: a kind of thing or the export that holds such.
    #[must_use]
    pub fn concerns(&self, looked_at: &str) -> bool {
        looked_at == self.kind || self.export() == Some(looked_at)
    }

    /// The export that holds such things.
    #[must_use]
    pub fn export(&self) -> Option<&'static str> {
        let mut exports = EXPORTS.into_iter();
        let known = exports.find(|(start, _)| self.kind.starts_with(start));
        known.map(|(_, export)| export)
    }

    /// Whether who somebody is, or whose a secret is, is told by what they differ in.
    #[must_use]
    pub fn is_of_identity(&self) -> bool {
        let names = OF_IDENTITY.into_iter().find(|(kind, _)| *kind == self.kind);
        names.is_some_and(|(_, names)| {
            let mut own = self.names.iter();
            names.is_empty() || own.any(|name| names.iter().any(|told| name.starts_with(told)))
        })
    }

    /// Whether an id is that of the thing or of what rests on it.
    #[must_use]
    pub fn is_of(&self, id: &str) -> bool {
        self.object == id || self.rests.contains(id)
    }

    /// What is wrong, in words.
    #[must_use]
    pub fn words(&self) -> String {
        let [first, second] = &self.stands;
        format!(
            "{} is stated twice and differently ({}:{}, {}:{})",
            self.object, first.file, first.line, second.file, second.line
        )
    }
}
