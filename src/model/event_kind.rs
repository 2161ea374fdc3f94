//! The kinds of operations that logs tell.

use serde::{Deserialize, Serialize};

/// What kind of operation an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// A Vault authentication that asks for a new token.
    Login,
    /// A Vault token renewal: an answer with `auth` and the same token, which is no login.
    Renewal,
    /// A Vault token created by another token.
    TokenCreate,
    /// Any other Vault request.
    Request,
    /// Google Cloud Admin Activity.
    AdminActivity,
    /// Google Cloud Data Access.
    DataAccess,
    /// Google Cloud System Event.
    SystemEvent,
    /// Google Cloud Policy Denied.
    PolicyDenied,
    /// A request served by Cloud Run.
    HttpRequest,
    /// A GitLab audit event.
    GitlabAudit,
    /// An event of the Okta System Log.
    Okta,
    /// A record of AWS CloudTrail.
    CloudTrail,
    /// A session of the identity-aware proxy.
    ProxySession,
    /// A call between services of a mesh.
    MeshCall,
}

impl EventKind {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            EventKind::Login => "login",
            EventKind::Renewal => "renewal",
            EventKind::TokenCreate => "token-create",
            EventKind::Request => "request",
            EventKind::AdminActivity => "admin-activity",
            EventKind::DataAccess => "data-access",
            EventKind::SystemEvent => "system-event",
            EventKind::PolicyDenied => "policy-denied",
            EventKind::HttpRequest => "http-request",
            EventKind::GitlabAudit => "gitlab-audit",
            EventKind::Okta => "okta",
            EventKind::CloudTrail => "cloudtrail",
            EventKind::ProxySession => "proxy-session",
            EventKind::MeshCall => "mesh-call",
        }
    }
}
