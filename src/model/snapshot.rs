//! Facts that a configuration export states: attributes, services, policies, grants, exposures.

use serde::{Deserialize, Serialize};

use super::word::{Word, known};
use super::{Place, Timestamp, list};

/// One attribute of one configured thing, as a snapshot states it.
///
/// Lists become one attribute per element, maps one per key with the key after a dot
/// (`bound_claims.project_id`). Which kinds and attribute names exist stands in the module of the
/// snapshot that emits them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Attribute {
    /// Kind of thing: `vault-role`, `vault-auth-mount`, `vault-secret-mount`, `vault-audit-device`,
    /// `vault-entity`, `gitlab-project`, `gitlab-user`, `protected-branch`, `run-service`, ...
    #[serde(deserialize_with = "known")]
    pub kind: Word,
    /// The thing's id, a URI.
    pub object: String,
    /// Attribute name.
    pub name: String,
    /// Value as text; secrets are redacted before they get here.
    pub value: String,
    /// When the snapshot was taken, where the export says so.
    pub valid_from: Option<Timestamp>,
    /// Where it was read.
    pub place: Place,
}

impl Attribute {
    /// Whether its value, or its thing, is the id of an access key of AWS: that opens nothing without
    /// the key itself, CloudTrail names it, and joins rest on it.
    #[must_use]
    pub fn names_aws_key(&self) -> bool {
        let is_id = |text: &str| {
            text.len() <= 32
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        let of_root = self.kind == "vault-aws-root" && self.name == "access_key";
        let of_key = self.kind == "aws-access-key";
        let named = self.object.strip_prefix("aws:key/");
        (of_root && is_id(&self.value)) || (of_key && named.is_some_and(is_id))
    }
}

/// One Cloud Run revision (or service, where no revision is named).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// `run:service/<project>/<region>/<name>`.
    pub id: String,
    /// Project id or number as exported.
    pub project: String,
    /// Region.
    pub region: String,
    /// Service name.
    pub name: String,
    /// Revision name, empty when not exported.
    pub revision: String,
    /// Service account e-mail; empty means the default compute account.
    pub service_account: String,
    /// Container images, in order.
    pub images: Vec<String>,
    /// `all`, `internal`, ...; empty when not exported.
    pub ingress: String,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
    /// Who deployed it last, as exported.
    pub deployed_by: String,
    /// Labels, in key order.
    pub labels: Vec<(String, String)>,
    /// Where it was read.
    pub place: Place,
}

impl Service {
    /// Whether it runs as the default compute account.
    #[must_use]
    pub fn has_default_account(&self) -> bool {
        let account = self.service_account.as_str();
        account.is_empty() || account.ends_with("-compute@developer.gserviceaccount.com")
    }

    /// What blue and green of one service have in common: the labels that people gave them.
    /// Without any, a service is a family of its own.
    #[must_use]
    pub fn family(&self) -> String {
        let versions = ["commit-sha", "revision", "color", "colour"];
        let own: Vec<String> = self
            .labels
            .iter()
            .filter(|(key, _)| !key.contains(".googleapis.com/") && !key.starts_with("goog-"))
            .filter(|(key, _)| !versions.contains(&key.as_str()))
            .map(|(key, value)| list::entry(key, value))
            .collect();
        if own.is_empty() {
            self.id.clone()
        } else {
            list::joined(own.iter().map(String::as_str))
        }
    }
}

/// The text of one Vault policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyText {
    /// The namespace it lives in, empty for root.
    pub namespace: String,
    /// Policy name; it may hold slashes.
    pub name: String,
    /// HCL or JSON text, as stored.
    pub text: String,
    /// Where it was read.
    pub place: Place,
    /// Line of the file on which the text begins, where the file holds it as it is; none where it
    /// stands escaped in another document.
    pub first_line: Option<u64>,
}

/// The text of a configuration file that checks read as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceText {
    /// What it is written in.
    pub language: Language,
    /// The text. It may hold secrets: it never reaches an output but redacted.
    pub text: String,
    /// Where it was read.
    pub place: Place,
}

/// What a configuration file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    /// `.gitlab-ci.yml`.
    GitlabCi,
    /// Terraform or OpenTofu.
    Terraform,
}

/// One access that a policy grants: (holder, resource pattern, capability).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Grant {
    /// Who holds it: `vault:policy/<name>`, `gcp:sa/<email>`, `gcp:principal/<subject>`.
    pub holder: String,
    /// What it reaches: a Vault path pattern or a Google resource name.
    pub resource: String,
    /// A Vault capability or a Google role.
    pub capability: String,
    /// The condition under which it holds, empty without one.
    pub condition: String,
    /// `vault` or `gcp`.
    #[serde(deserialize_with = "known")]
    pub language: Word,
    /// Where it was read.
    pub place: Place,
}

/// What looks like a secret in a job trace. Only the redacted form is ever kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Exposure {
    /// `gitlab:job/<project>/<job>`.
    pub job: String,
    /// Name of the pattern that matched, e.g. `vault-service-token`.
    pub pattern: String,
    /// The secret with all but a few characters replaced.
    pub redacted: String,
    /// When the line was printed, where the trace says so.
    pub at: Option<Timestamp>,
    /// Trace section it stands in.
    pub section: String,
    /// Where it was read.
    pub place: Place,
}
