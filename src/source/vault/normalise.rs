//! From a Vault audit record to an [`Event`].
//!
//! | field of the event | from |
//! |---|---|
//! | `id`, `key` | `request.id` |
//! | `part` | `type` |
//! | `caller`, `policies`, `metadata`, `entity_id`, `display_name` | `auth`; the token's hash and accessor also from `request` |
//! | `issued` | `response.auth`, `response.wrap_info`, `response.secret`; of a wrapped login also `auth` |
//! | `mount` | `request.mount_point` without the namespace; of `sys/mfa/validate` the method's, by the display name |
//! | `outcome` | `error`, `auth.policy_results.allowed`, `response.data.error`; unknown for a login whose answer has neither a token nor a reason |
//! | `target_account` | `response.data.access_key` of AWS where it is logged in clear |
//! | `role` | `metadata.role` (JWT, GCP) or `metadata.role_name` (AppRole); `request.data.role` if in clear |

use std::borrow::Cow;

use super::wire::{Auth, Entry, Request, Response, WrapInfo};
use super::{error, login, taken_out};
use crate::model::{
    Digest, Event, EventKind, Handles, Issued, Outcome, Part, Place, Shared, Sink, System, Text,
    Timestamp, Verdict, id, kv,
};
use crate::source::borrowed::Str;

/// What `forwarded_from` says of a request that a control group held back, once it is let through:
/// the same request again, under the id of the first time.
const DEFERRED: &str = "unwrap-deferred";

/// Reads one record.
pub(super) fn entry(mut entry: Entry<'_>, place: Place, sink: &mut dyn Sink) -> Verdict {
    taken_out::clear(&mut entry);
    let part = match part(&entry) {
        Ok(part) => part,
        Err(verdict) => return verdict,
    };
    let Some(mut request) = entry.request else {
        return Verdict::Foreign;
    };
    let at = match asked_at(entry.time.as_str(), &request) {
        Ok(at) => at,
        Err(reason) => return Verdict::Rejected(Cow::Borrowed(reason)),
    };
    let auth = entry.auth.unwrap_or_default();
    let deferred = [&request.forwarded_from, &entry.forwarded_from]
        .iter()
        .any(|from| from.as_str() == DEFERRED);
    let (id, shared) = keys(&request, &auth, place, deferred);
    let mut event = Event::new(System::Vault, EventKind::Request, id, place, at);
    event.shared = shared;
    event.part = part;
    event.error = entry
        .error
        .take()
        .map(error::normalise)
        .filter(|text| !text.is_empty());
    asked(&mut event, &mut request);
    let wraps = request.wrap_ttl.0.is_some_and(|seconds| seconds > 0);
    let named = request.data.version;
    let allowed = called(&mut event, &mut request, auth);
    let said = entry
        .response
        .as_ref()
        .and_then(|response| response.data.version);
    event.secret_version = version(&event, request.path.as_str(), named, said);
    let answered = match entry.response {
        Some(response) => answer(&mut event, response, request.path.as_str(), wraps),
        None if event.kind == EventKind::Login && event.part == Part::Response => Answer::Missing,
        None => Answer::Given,
    };
    end(&mut event, request.path.as_str(), allowed, answered);
    if event.role.is_none()
        && event.kind == EventKind::Login
        && !is_hashed(request.data.role.as_str())
    {
        event.role = request.data.role.take();
    }
    event.object = Text::Owned(id::vault_path(
        event.namespace.as_deref(),
        request.path.as_str(),
    ));
    event.path = request.path.0;
    event.principal = event
        .entity_id
        .as_deref()
        .map(|entity| Text::Owned(id::vault_entity(entity)));
    sink.event(&event);
    Verdict::Parsed
}

/// Which part of an operation an entry is, or why it is none.
fn part(entry: &Entry<'_>) -> Result<Part, Verdict> {
    match entry.kind.as_str() {
        "request" => Ok(Part::Request),
        "response" => Ok(Part::Response),
        kind if kind.starts_with("kmip-") => Err(Verdict::Skipped(Cow::Borrowed(
            "Vault KMIP record: not used",
        ))),
        // No server writes one: passed over, it would hide a request.
        kind if !kind.is_empty() && entry.request.is_some() => Err(Verdict::Rejected(
            Cow::Borrowed("Vault record of an unknown type"),
        )),
        _ => Err(Verdict::Foreign),
    }
}

/// When a request was made that says what it asks for.
fn asked_at(time: &str, request: &Request<'_>) -> Result<Timestamp, &'static str> {
    if request.path.get().is_none() || request.operation.get().is_none() {
        return Err("Vault record that does not say what was asked");
    }
    self::time(time)
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    if text.is_empty() {
        return Err("no time");
    }
    Timestamp::parse(text).ok_or("the time is not RFC 3339")
}

/// Takes over what the request says of itself; its path comes last.
fn asked<'a>(event: &mut Event<'a>, request: &mut Request<'a>) {
    let namespace = request.namespace.take();
    event.namespace = namespace.and_then(|namespace| trimmed(namespace.path));
    event.mount = mount(&request.mount_point, &request.path, event);
    event.service = std::mem::take(&mut request.mount_type).take();
    event.request_lease_id = lease(&request.data.lease_id, request.path.as_str());
    event.request_keys = std::mem::take(&mut request.data.keys);
    event.user_agent = std::mem::take(&mut request.headers.user_agent).take();
    event.remote_address = std::mem::take(&mut request.remote_address).take();
    event.operation = std::mem::take(&mut request.operation).0;
    event.kind = kind(request.path.as_str());
}

/// Takes over who asked; gives what the server says of its policies.
fn called<'a>(event: &mut Event<'a>, request: &mut Request<'a>, auth: Auth<'a>) -> Option<bool> {
    let login = event.kind == EventKind::Login;
    // On the answer to a login the server has put the new token into the request; nobody called
    // with it yet.
    let (token, accessor) = if login {
        (Str::default(), Str::default())
    } else {
        (
            std::mem::take(&mut request.client_token),
            std::mem::take(&mut request.client_token_accessor),
        )
    };
    let allowed = caller(event, auth, token, accessor);
    // Whoever logs in with a token in hand (`VAULT_TOKEN` is set) is asked for none: the request names
    // it, the answer names the new one.
    if login && event.part == Part::Request {
        event.caller = Handles::default();
    }
    allowed
}

/// Says how the operation ended, and that an answer was cut.
fn end(event: &mut Event<'_>, path: &str, allowed: Option<bool>, answered: Answer) {
    event.outcome = outcome(event, path, allowed, answered);
    if event.outcome == Outcome::Unknown && answered == Answer::Missing {
        event.error = Some(Text::Borrowed(login::CUT));
    }
}

/// How the operation ended. `allowed` is what the server says of its policies.
fn outcome(event: &Event<'_>, path: &str, allowed: Option<bool>, answered: Answer) -> Outcome {
    match &event.error {
        // A wrong second factor is a failed login, whatever the words.
        Some(_) if path == login::VALIDATE => Outcome::Failed,
        Some(text) if error::is_denial(text) => Outcome::Denied,
        _ if allowed == Some(false) => Outcome::Denied,
        Some(_) => Outcome::Failed,
        None if answered == Answer::Refused => Outcome::Failed,
        None if matches!(answered, Answer::Pending | Answer::Missing) => Outcome::Unknown,
        None if event.part == Part::Response => Outcome::Allowed,
        None => Outcome::Unknown,
    }
}

/// The version of a KV version 2 secret: what the answer to a write or read says, what a
/// destruction names. Other engines have versions of their own.
fn version(event: &Event<'_>, path: &str, named: Option<i64>, said: Option<i64>) -> Option<i64> {
    let kv = matches!(event.service.as_deref(), None | Some("kv" | "generic"));
    let mount = event.mount.as_deref().filter(|_| kv)?;
    match kv::split(mount, path)?.0 {
        kv::Endpoint::Data => said,
        kv::Endpoint::Delete | kv::Endpoint::Destroy => named,
        _ => None,
    }
}

/// The natural id and what pairs. `help` has no id: its two records share connection and path.
/// A request that is let through later has the id of its first time, and is another operation.
fn keys<'a>(
    request: &Request<'a>,
    auth: &Auth<'a>,
    place: Place,
    deferred: bool,
) -> (Text<'a>, Shared<'a>) {
    if let Some(id) = request.id.get() {
        let id: Text<'a> = match &request.id.0 {
            Cow::Borrowed(text) => Cow::Borrowed(*text),
            Cow::Owned(_) => Cow::Owned(id.to_owned()),
        };
        let shared = if deferred {
            Shared::Deferred
        } else {
            Shared::Id
        };
        return (id, shared);
    }
    let digest: String = place.sha256.to_string().chars().take(16).collect();
    let token = match request.client_token.get() {
        Some(_) => request.client_token.0.clone(),
        None => auth.client_token.0.clone(),
    };
    let shared = Shared::Nameless {
        operation: request.operation.0.clone(),
        path: request.path.0.clone(),
        token,
        address: request.remote_address.0.clone(),
    };
    (Text::Owned(format!("{}{digest}", id::NAMELESS)), shared)
}

/// What the path says; a response may correct it.
fn kind(path: &str) -> EventKind {
    if login::is_login(path) {
        return EventKind::Login;
    }
    match path.strip_prefix("auth/token/") {
        Some("renew" | "renew-self" | "renew-accessor") => EventKind::Renewal,
        Some(rest) if is_or_below(rest, "create") || rest == "create-orphan" => {
            EventKind::TokenCreate
        }
        Some(_) => EventKind::Request,
        None => EventKind::Request,
    }
}

fn is_or_below(path: &str, base: &str) -> bool {
    path.strip_prefix(base)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The caller's part. Returns what the policy check said.
fn caller<'a>(
    event: &mut Event<'a>,
    auth: Auth<'a>,
    token: Str<'a>,
    accessor: Str<'a>,
) -> Option<bool> {
    event.caller = Handles {
        accessor: auth.accessor.take().or_else(|| accessor.take()),
        token: auth
            .client_token
            .take()
            .or_else(|| token.take())
            .map(hashed),
    };
    event.display_name = auth.display_name.take();
    event.entity_id = auth.entity_id.take();
    event.policies = held(auth.policies.0, auth.token_policies.0);
    event.metadata = auth.metadata.0;
    event.role = role(&event.metadata);
    event.token_ttl_seconds = auth.token_ttl.0;
    event.token_issued_at = Timestamp::parse(auth.token_issue_time.as_str());
    let results = auth.policy_results?;
    let granting = results.granting_policies.unwrap_or_default();
    event.granting_policies = granting
        .into_iter()
        .filter_map(|policy| policy.name.take())
        .collect();
    results.allowed
}

/// What an answer amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// What was asked for.
    Given,
    /// A refusal.
    Refused,
    /// Nothing yet: a second factor is due.
    Pending,
    /// Neither a token nor a reason, one of which every login is answered with.
    Missing,
}

/// The response's part.
fn answer<'a>(event: &mut Event<'a>, response: Response<'a>, path: &str, wraps: bool) -> Answer {
    if event.mount.is_none() {
        event.mount = within(&response.mount_point, path, event.namespace.as_deref());
    }
    if event.service.is_none() {
        event.service = response.mount_type.take();
    }
    let mut issued = Issued::default();
    let mut issues = false;
    let mut pending = false;
    if let Some(auth) = response.auth {
        let login = event.kind == EventKind::Login;
        pending = login && response.wrap_info.is_none() && login::is_pending(&auth);
        if !pending {
            issues = true;
            token(event, &mut issued, auth, path);
        }
    }
    if let Some(wrap) = response.wrap_info {
        wrapped(event, &mut issued, wrap, issues);
        issues = true;
        // Nobody asked for a wrapped answer: a control group holds it back until it is approved.
        let held_back = !wraps
            && !response.data.present
            && matches!(event.kind, EventKind::Request)
            && !path.starts_with("sys/wrapping/");
        if held_back && event.error.is_none() {
            event.error = Some(Text::Borrowed("held back until a control group approves"));
        }
    }
    let hands_out_token = issues;
    if let Some(lease) = response.secret.and_then(|secret| secret.lease_id.take()) {
        issues = true;
        issued.lease_id = Some(lease);
    }
    event.target_account = response.data.access_key.map(|key| Text::Owned(key.into()));
    if let Some(ttl) = response.data.cloud_token_ttl.filter(|_| !issues) {
        issues = true;
        issued.ttl_seconds = Some(ttl);
    }
    if path == login::VALIDATE {
        // The system mount only checks the factor: the login is one of the method's.
        event.mount =
            login::mount_of_validated(&issued, event.namespace.as_deref()).map(Text::Owned);
        event.service = None;
    }
    event.issued = issues.then_some(issued);
    if response.data.error {
        Answer::Refused
    } else if pending {
        Answer::Pending
    } else if event.kind == EventKind::Login && !hands_out_token {
        Answer::Missing
    } else {
        Answer::Given
    }
}

/// The wrapping in `response.wrap_info`; `at_once` says that the token stands in the answer too.
fn wrapped<'a>(event: &Event<'a>, issued: &mut Issued<'a>, wrap: WrapInfo<'a>, at_once: bool) {
    issued.wrapping_accessor = wrap.accessor.take();
    issued.wrapping_token = wrap.token.take().map(hashed);
    issued.wrapping_path = wrap.creation_path.take();
    if issued.handles.accessor.is_none() {
        issued.handles.accessor = wrap.wrapped_accessor.take();
    }
    if event.kind == EventKind::Login && !at_once {
        login::take_wrapped(issued, event);
    }
    issued.ttl_seconds = issued.ttl_seconds.or(wrap.ttl.0);
}

/// The token in `response.auth`: new, or the caller's own.
fn token<'a>(event: &mut Event<'a>, issued: &mut Issued<'a>, auth: Auth<'a>, path: &str) {
    let is_own = |mine: Option<&str>, theirs: Option<&str>| mine.is_some() && mine == theirs;
    let renews = path.starts_with("auth/token/")
        && (is_own(auth.client_token.get(), event.caller.token.as_deref())
            || is_own(auth.accessor.get(), event.caller.accessor.as_deref()));
    if renews {
        event.kind = EventKind::Renewal;
    } else if event.kind == EventKind::Request && path != login::UNWRAP {
        event.kind = EventKind::Login;
    }
    issued.handles = Handles {
        accessor: auth.accessor.take(),
        token: auth.client_token.take().map(hashed),
    };
    issued.display_name = auth.display_name.take();
    issued.entity_id = auth.entity_id.take();
    issued.policies = held(auth.policies.0, auth.token_policies.0);
    issued.metadata = auth.metadata.0;
    issued.token_type = auth.token_type.take();
    issued.ttl_seconds = auth.token_ttl.0;
    if event.kind == EventKind::Login {
        event.role = role(&issued.metadata);
    }
}

/// The policies of a token: all that it has, where the server says so, else its own.
fn held<'a>(all: Vec<Text<'a>>, own: Vec<Text<'a>>) -> Vec<Text<'a>> {
    if all.is_empty() { own } else { all }
}

/// `role` is reserved by JWT, GCP and others; AppRole calls it `role_name`.
fn role<'a>(metadata: &[(Text<'a>, Text<'a>)]) -> Option<Text<'a>> {
    let value = |name: &str| {
        let found = metadata
            .iter()
            .find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.clone())
    };
    value("role").or_else(|| value("role_name"))
}

/// The mount as logged, without the namespace; old records have none, so it is derived from the
/// path.
fn mount<'a>(logged: &Str<'a>, path: &Str<'a>, event: &Event<'a>) -> Option<Text<'a>> {
    let path = path.as_str();
    if let Some(mount) = within(logged, path, event.namespace.as_deref()) {
        return Some(mount);
    }
    let segments = if path.starts_with("auth/") { 2 } else { 1 };
    let end = path
        .match_indices('/')
        .nth(segments - 1)
        .map(|(at, _)| at + 1)?;
    path.get(..end).map(|mount| Text::Owned(mount.to_owned()))
}

/// A mount point below its namespace. Servers with namespaces put them before the mount point, not
/// before the path.
fn within<'a>(logged: &Str<'a>, path: &str, namespace: Option<&str>) -> Option<Text<'a>> {
    let whole = logged.get()?;
    let below = namespace
        .and_then(|namespace| whole.strip_prefix(namespace)?.strip_prefix('/'))
        .filter(|below| !below.is_empty() && path.starts_with(*below));
    match below {
        Some(below) => Some(Text::Owned(below.to_owned())),
        None => Some(logged.0.clone()),
    }
}

/// A lease named by a request: in its data, or behind `sys/leases/{renew,revoke,lookup}/`.
fn lease<'a>(data: &Str<'a>, path: &str) -> Option<Text<'a>> {
    if !data.as_str().is_empty() && !is_hashed(data.as_str()) {
        return Some(data.0.clone());
    }
    let below = path
        .strip_prefix("sys/leases/")
        .or_else(|| path.strip_prefix("sys/"))?;
    let (verb, lease) = below.split_once('/')?;
    let named = matches!(verb, "renew" | "revoke") && lease.contains('/');
    named.then(|| Text::Owned(lease.to_owned()))
}

fn trimmed(path: Str<'_>) -> Option<Text<'_>> {
    match path.0 {
        Cow::Borrowed(text) => Some(text.trim_matches('/'))
            .filter(|text| !text.is_empty())
            .map(Cow::Borrowed),
        Cow::Owned(text) => Some(text.trim_matches('/').to_owned())
            .filter(|text| !text.is_empty())
            .map(Cow::Owned),
    }
}

fn is_hashed(text: &str) -> bool {
    text.starts_with("hmac-")
}

/// A token's handle. A device with `log_raw` writes tokens in clear: those never go further.
fn hashed(token: Text<'_>) -> Text<'_> {
    if is_hashed(&token) {
        return token;
    }
    Text::Owned(format!("sha256:{}", Digest::of(token.as_bytes())))
}
