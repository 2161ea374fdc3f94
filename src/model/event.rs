//! One audited operation, borrowed from the bytes it was read from.

use std::borrow::Cow;

use super::{EventKind, Outcome, Place, System, Timestamp};

/// Text that borrows from the record unless it had to be unescaped.
pub type Text<'a> = Cow<'a, str>;

/// Which part of an operation a record holds. Parts with the same key become one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The record is the whole operation.
    Whole,
    /// The Vault `request` record; its `response` follows.
    Request,
    /// The Vault `response` record, which repeats the request.
    Response,
    /// The first entry of a long-running Google operation: caller and request.
    First,
    /// The last entry of a long-running Google operation: its status.
    Last,
    /// Piece `index` (from 0) of `total` of a Google log entry that was split for its size.
    Split {
        /// Position of the piece, from 0.
        index: u16,
        /// Number of pieces.
        total: u16,
    },
}

/// What the records of one operation have in common: its parts, and its copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shared<'a> {
    /// The natural id.
    Id,
    /// The natural id of a Vault request that a control group let through later: the same request
    /// again, under the id of the first time.
    Deferred,
    /// Google's id of a long-running operation, unique for its producer.
    Operation {
        /// Who runs it.
        producer: Text<'a>,
        /// Its id.
        id: Text<'a>,
    },
    /// The id of an entry that was split for its size.
    Split(Text<'a>),
    /// Connection and path of a Vault operation that is logged without id (`help`): its two
    /// records are neighbours, and equal ones are other operations.
    Nameless {
        /// Operation.
        operation: Text<'a>,
        /// Path.
        path: Text<'a>,
        /// Hash of the caller's token.
        token: Text<'a>,
        /// Address of the caller.
        address: Text<'a>,
    },
}

/// A token or secret handle as logged in one record: hashed with a per-device salt, or in clear.
#[derive(Clone, Debug, Default)]
pub struct Handles<'a> {
    /// Accessor of the token (`auth.accessor`, `response.auth.accessor`).
    pub accessor: Option<Text<'a>>,
    /// The token itself, always hashed (`auth.client_token`). Clear tokens never get here.
    pub token: Option<Text<'a>>,
}

/// The credential that a response hands out: a token, a wrapped token, or a lease.
#[derive(Clone, Debug, Default)]
pub struct Issued<'a> {
    /// The new token's handles (`response.auth`, or `wrap_info.wrapped_accessor`).
    pub handles: Handles<'a>,
    /// The accessor of the wrapping token (`response.wrap_info.accessor`).
    pub wrapping_accessor: Option<Text<'a>>,
    /// The wrapping token, hashed (`response.wrap_info.token`).
    pub wrapping_token: Option<Text<'a>>,
    /// Where the wrapping token was made (`response.wrap_info.creation_path`).
    pub wrapping_path: Option<Text<'a>>,
    /// `response.auth.entity_id`.
    pub entity_id: Option<Text<'a>>,
    /// `response.auth.display_name`.
    pub display_name: Option<Text<'a>>,
    /// `response.auth.policies`.
    pub policies: Vec<Text<'a>>,
    /// `response.auth.metadata`, values as text, in key order.
    pub metadata: Vec<(Text<'a>, Text<'a>)>,
    /// `response.auth.token_type`, e.g. `service` or `batch`.
    pub token_type: Option<Text<'a>>,
    /// Lifetime in seconds: the token's `token_ttl`, the wrapping `ttl` or the lease's.
    pub ttl_seconds: Option<i64>,
    /// The lease (`response.secret.lease_id`), never hashed.
    pub lease_id: Option<Text<'a>>,
}

/// One change that a Google `SetIamPolicy` made, from `policyDelta` or `auditConfigDeltas`.
#[derive(Clone, Debug)]
pub struct PolicyDelta<'a> {
    /// `ADD` or `REMOVE`.
    pub action: Text<'a>,
    /// The role of a binding; the log type (`DATA_READ`, ...) of an audit configuration.
    pub role: Text<'a>,
    /// The member of a binding; the exempted member, if any, of an audit configuration.
    pub member: Text<'a>,
    /// The condition's expression, empty without one.
    pub condition: Text<'a>,
    /// Set for `auditConfigDeltas`: the service whose audit configuration changed.
    pub audit_service: Option<Text<'a>>,
}

/// One audited operation, or the part of it that one record holds.
///
/// `None` and empty mean that the record does not say. Times are UTC microseconds. Sources fill
/// what their format has; which field comes from which log field stands in the source's
/// `normalise` module.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// The system that logged it.
    pub system: System,
    /// What kind of operation it is.
    pub kind: EventKind,
    /// Which part of the operation this record holds.
    pub part: Part,
    /// The natural id: Vault `request.id`, Google `insertId`, GitLab audit event `id`.
    pub id: Text<'a>,
    /// What parts and copies of the operation have in common.
    pub shared: Shared<'a>,
    /// Where it was read.
    pub place: Place,
    /// When it happened.
    pub at: Timestamp,
    /// Vault operation, Google method (last segment), GitLab event name.
    pub operation: Text<'a>,
    /// The full Google method name.
    pub method: Option<Text<'a>>,
    /// Vault mount type, Google service name.
    pub service: Option<Text<'a>>,
    /// Vault namespace path without slashes at its ends; `None` for root.
    pub namespace: Option<Text<'a>>,
    /// Vault mount path, with its trailing slash (`auth/gitlab/`, `secret/`).
    pub mount: Option<Text<'a>>,
    /// Vault request path, Google resource name, GitLab target; as logged.
    pub path: Text<'a>,
    /// The object's id, a URI (`vault:path/...`, `gcp:resource/...`).
    pub object: Text<'a>,
    /// How it ended.
    pub outcome: Outcome,
    /// The error, normalised (Vault: without `N errors occurred` and bullets).
    pub error: Option<Text<'a>>,
    /// The caller's id, a URI, when the record names one.
    pub principal: Option<Text<'a>>,
    /// The caller's display name (Vault `auth.display_name`, Google principal e-mail, author).
    pub display_name: Option<Text<'a>>,
    /// Vault `auth.entity_id`.
    pub entity_id: Option<Text<'a>>,
    /// The caller's token.
    pub caller: Handles<'a>,
    /// The Vault role in use: `metadata.role` of the caller, or of the issued token on a login.
    pub role: Option<Text<'a>>,
    /// Policies of the token in use (`auth.policies`); on a login, of the issued one.
    pub policies: Vec<Text<'a>>,
    /// Names of the policies that let it through (`auth.policy_results.granting_policies`).
    pub granting_policies: Vec<Text<'a>>,
    /// Metadata of the caller's token, in key order.
    pub metadata: Vec<(Text<'a>, Text<'a>)>,
    /// Issue time of the caller's token (`auth.token_issue_time`).
    pub token_issued_at: Option<Timestamp>,
    /// When what it began was over: a session of the proxy.
    pub ends_at: Option<Timestamp>,
    /// Lifetime in seconds of the caller's token (`auth.token_ttl`).
    pub token_ttl_seconds: Option<i64>,
    /// Direct peer: Vault `remote_address`, Google `callerIp`, Cloud Run `remoteIp`.
    pub remote_address: Option<Text<'a>>,
    /// User agent, forgeable.
    pub user_agent: Option<Text<'a>>,
    /// Number of the network (AS) that the caller came from (Okta).
    pub network: Option<Text<'a>>,
    /// What tells the caller's device from others (Okta's device hash).
    pub device: Option<Text<'a>>,
    /// Top-level keys of the request's data (Vault logs names in clear, values hashed).
    pub request_keys: Vec<Text<'a>>,
    /// Lease that the request names in clear (`sys/leases/renew|revoke` paths or data).
    pub request_lease_id: Option<Text<'a>>,
    /// Version of a KV version 2 secret: the one written or read, the highest one destroyed.
    pub secret_version: Option<i64>,
    /// What the response hands out.
    pub issued: Option<Issued<'a>>,
    /// Google permissions checked and granted.
    pub permissions: Vec<Text<'a>>,
    /// Google permissions checked and not granted.
    pub denied_permissions: Vec<Text<'a>>,
    /// Google delegation chain as ids, origin first, ending before the principal.
    pub delegation: Vec<Text<'a>>,
    /// Google service account key in use (`serviceAccountKeyName`).
    pub key_name: Option<Text<'a>>,
    /// The account that was acted on: impersonated, keyed or deployed with.
    pub target_account: Option<Text<'a>>,
    /// What a Google policy change added and removed.
    pub deltas: Vec<PolicyDelta<'a>>,
    /// Google project id, GitLab project id as text.
    pub project: Option<Text<'a>>,
    /// HTTP status, Google status code; `None` when not logged.
    pub status: Option<i64>,
}

impl<'a> Event<'a> {
    /// The texts that a record may leave out.
    #[must_use]
    pub fn optional_texts(&self) -> [&Option<Text<'a>>; 19] {
        [
            &self.method,
            &self.service,
            &self.namespace,
            &self.mount,
            &self.error,
            &self.principal,
            &self.display_name,
            &self.entity_id,
            &self.caller.accessor,
            &self.caller.token,
            &self.role,
            &self.remote_address,
            &self.user_agent,
            &self.network,
            &self.device,
            &self.request_lease_id,
            &self.key_name,
            &self.target_account,
            &self.project,
        ]
    }

    /// An event that says only what it must; the source fills the rest.
    #[must_use]
    pub fn new(system: System, kind: EventKind, id: Text<'a>, place: Place, at: Timestamp) -> Self {
        Event {
            system,
            kind,
            part: Part::Whole,
            shared: Shared::Id,
            id,
            place,
            at,
            operation: Text::Borrowed(""),
            method: None,
            service: None,
            namespace: None,
            mount: None,
            path: Text::Borrowed(""),
            object: Text::Borrowed(""),
            outcome: Outcome::Unknown,
            error: None,
            principal: None,
            display_name: None,
            entity_id: None,
            caller: Handles::default(),
            role: None,
            policies: Vec::new(),
            granting_policies: Vec::new(),
            metadata: Vec::new(),
            token_issued_at: None,
            ends_at: None,
            token_ttl_seconds: None,
            remote_address: None,
            user_agent: None,
            network: None,
            device: None,
            request_keys: Vec::new(),
            request_lease_id: None,
            secret_version: None,
            issued: None,
            permissions: Vec::new(),
            denied_permissions: Vec::new(),
            delegation: Vec::new(),
            key_name: None,
            target_account: None,
            deltas: Vec::new(),
            project: None,
            status: None,
        }
    }
}
