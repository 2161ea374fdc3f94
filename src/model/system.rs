//! The systems whose records are read: how each is called, how its operations are named, and which
//! logs it keeps.

use super::{EventKind, id};

use serde::{Deserialize, Serialize};

/// The system that wrote a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// HashiCorp Vault or OpenBao.
    Vault,
    /// GitLab.
    Gitlab,
    /// Google Cloud.
    Gcp,
    /// Okta.
    Okta,
    /// Amazon Web Services.
    Aws,
    /// The identity-aware proxy hoop.dev.
    Hoop,
    /// The service mesh Kuma.
    Mesh,
}

impl System {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            System::Vault => "vault",
            System::Gitlab => "gitlab",
            System::Gcp => "gcp",
            System::Okta => "okta",
            System::Aws => "aws",
            System::Hoop => "hoop",
            System::Mesh => "mesh",
        }
    }

    /// How an operation of the system is named by its natural id.
    #[must_use]
    pub fn event_id(self, natural: &str) -> String {
        match self {
            System::Vault => id::vault_request(natural),
            System::Gcp => id::gcp_event(natural),
            System::Gitlab => format!("gitlab:audit/{natural}"),
            System::Okta => format!("okta:event/{natural}"),
            System::Aws => format!("aws:event/{natural}"),
            System::Hoop => format!("hoop:session/{natural}"),
            System::Mesh => format!("mesh:call/{natural}"),
        }
    }

    /// What rules call the log that an operation of that kind stands in: its source, with the log
    /// where a source has several.
    #[must_use]
    pub fn log(self, kind: EventKind) -> &'static str {
        match (self, kind) {
            (System::Vault, _) => "vault",
            (System::Gitlab, _) => "gitlab-audit",
            (System::Okta, _) => "okta",
            (System::Aws, _) => "cloudtrail",
            (System::Hoop, _) => "hoop",
            (System::Mesh, _) => "mesh",
            (System::Gcp, EventKind::DataAccess) => "gcp-audit/data-access",
            (System::Gcp, EventKind::SystemEvent) => "gcp-audit/system-event",
            (System::Gcp, EventKind::PolicyDenied) => "gcp-audit/policy-denied",
            (System::Gcp, EventKind::HttpRequest) => "gcp-requests",
            (System::Gcp, _) => "gcp-audit/admin-activity",
        }
    }
}
