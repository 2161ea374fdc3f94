//! A Google audit entry as an event.
//!
//! | field of the event | field of the entry |
//! |---|---|
//! | `id` | `insertId`; without one `record-` and the record's digest |
//! | `key` | decoded `logName`, microseconds of `timestamp`, `insertId`; for a part of a long-running operation `operation.producer` and `operation.id`; for a piece of a split entry `split.uid` |
//! | `part` | `operation.first` and `last`; `split`. Both or neither of first and last is a whole |
//! | `at` | `timestamp`, else `receiveTimestamp` |
//! | `method`, `operation` | `methodName` and its last segment, as spelled |
//! | `service`, `path` | `serviceName`; `resourceName`, else the first resource that was checked |
//! | `object` | `gcp:resource/<service>/<resource name>` |
//! | `outcome`, `status`, `error` | `status.code` (0 when absent), `authorizationInfo[].granted`; `status.message` |
//! | `principal`, `display_name` | `principalEmail`, else `principalSubject` (in `display_name` without the kind of account before it); both absent for the redacted and anonymous. The principal of an STS ExchangeToken is `metadata.mapped_principal` |
//! | `delegation` | `serviceAccountDelegationInfo`, origin first |
//! | `key_name` | `serviceAccountKeyName` |
//! | `remote_address`, `user_agent` | `callerIp`, `callerSuppliedUserAgent` |
//! | `permissions`, `denied_permissions` | `authorizationInfo[].permission` with `granted` true, and all others |
//! | `deltas` | see [`super::delta`] |
//! | `target_account` | `gcp:sa/<email>`, see [`super::target`] |
//! | `project` | `resource.labels.project_id`, else the project of `logName` |
//! | `metadata` | see [`super::facts`] |

use crate::model::{
    Event, EventKind, Outcome, Part, Place, Shared, System, Text, Timestamp, id, is_silent, secret,
};
use crate::source::borrowed::Str;

use super::wire::{AuditLog, Entry, Operation, Split};
use super::{delta, facts, log_name, moment, outcome, principal, target};

/// The event of an audit entry; `nth` is its position in the record.
pub(super) fn event<'e>(
    entry: &'e Entry<'_>,
    kind: EventKind,
    place: Place,
    nth: usize,
) -> Result<Event<'e>, &'static str> {
    let audit = entry
        .proto_payload
        .as_ref()
        .ok_or("an audit log entry without protoPayload")?;
    let mut event = shell(entry, kind, place, nth)?;
    let method = audit.method_name.as_str();
    // The last entry of a long operation may leave out what the first says.
    let is_part = entry.operation.is_some();
    if !is_part && (is_silent(method) || is_silent(audit.service_name.as_str())) {
        return Err("an audit log entry that does not say what was done, or of which service");
    }
    // Of a secret in it no segment may stay.
    event.operation = match secret::redacted_typed(method) {
        Text::Borrowed(_) => Text::Borrowed(last_segment(method)),
        Text::Owned(clean) => Text::Owned(last_segment(&clean).to_owned()),
    };
    event.method = text(&audit.method_name);
    event.service = text(&audit.service_name);
    event.path = Text::Borrowed(resource_name(audit));
    event.object = Text::Owned(id::gcp_resource(audit.service_name.as_str(), &event.path));
    if audit.checks().any(|check| check.is_granted().is_none()) {
        return Err("a permission that is neither granted nor not");
    }
    permissions(&mut event, audit);
    ending(&mut event, audit);
    if let Some(authentication) = &audit.authentication_info {
        event.principal = principal::of(authentication).map(Text::Owned);
        event.display_name = principal::name(authentication).map(Text::Borrowed);
        event.delegation = principal::delegation(authentication)
            .into_iter()
            .map(Text::Owned)
            .collect();
        event.key_name = text(&authentication.service_account_key_name);
    }
    // Who exchanges a token is logged as its issuer calls it; what Google makes of that is the
    // caller of everything that follows.
    if let Some(mapped) = facts::mapped_principal(audit) {
        event.principal = Some(Text::Owned(id::gcp_member(&mapped)));
    }
    if let Some(request) = &audit.request_metadata {
        event.remote_address = text(&request.caller_ip);
        event.user_agent = text(&request.caller_supplied_user_agent);
    }
    event.target_account = target::of(audit, entry.resource_labels()).map(Text::Owned);
    event.deltas = delta::of(audit);
    event.metadata = facts::of(entry, audit);
    Ok(event)
}

/// What every entry says whatever its payload: identity, time, part, project.
pub(super) fn shell<'e>(
    entry: &'e Entry<'_>,
    kind: EventKind,
    place: Place,
    nth: usize,
) -> Result<Event<'e>, &'static str> {
    let at = time(entry)?;
    let insert_id = text(&entry.insert_id)
        .unwrap_or_else(|| Text::Owned(format!("record-{}-{nth}", place.sha256)));
    let log = log_name::decode(entry.log_name.as_str());
    let (part, shared) = part(entry.operation.as_ref(), entry.split.as_ref());
    let mut event = Event::new(System::Gcp, kind, insert_id, place, at);
    event.shared = shared;
    event.part = part;
    event.project = entry
        .resource_labels()
        .and_then(|labels| text(&labels.project_id))
        .or_else(|| log_name::project(&log).map(|project| Text::Owned(project.to_owned())));
    Ok(event)
}

fn time(entry: &Entry<'_>) -> Result<Timestamp, &'static str> {
    let logged = entry
        .timestamp
        .get()
        .or_else(|| entry.receive_timestamp.get());
    let logged = logged.ok_or("a log entry without timestamp")?;
    moment::parse(logged).ok_or("the timestamp of a log entry is not a time")
}

/// Which part an entry is, and what it shares with the other parts.
fn part<'e>(
    operation: Option<&'e Operation<'_>>,
    split: Option<&'e Split<'_>>,
) -> (Part, Shared<'e>) {
    if let Some(split) = split
        && let Some(uid) = split.uid.get()
        && let Ok(total) = split.total_splits.as_str().parse::<u16>()
        && total > 1
        // The first piece has index 0, which proto3 JSON omits.
        && let Ok(index) = split.index.get().map_or(Ok(0), str::parse)
    {
        return (Part::Split { index, total }, Shared::Split(uid.into()));
    }
    let Some(operation) = operation else {
        return (Part::Whole, Shared::Id);
    };
    let part = match (operation.first.as_str(), operation.last.as_str()) {
        ("true", "true") => Part::Whole,
        ("true", _) => Part::First,
        (_, "true") => Part::Last,
        _ => Part::Whole,
    };
    match (part, operation.id.get()) {
        (Part::First | Part::Last, Some(id)) => {
            let producer = operation.producer.as_str().into();
            let id = id.into();
            (part, Shared::Operation { producer, id })
        }
        _ => (Part::Whole, Shared::Id),
    }
}

fn permissions(event: &mut Event<'_>, audit: &AuditLog<'_>) {
    for check in audit.checks() {
        let Some(permission) = check.permission.get() else {
            continue;
        };
        let list = if check.is_granted() == Some(true) {
            &mut event.permissions
        } else {
            &mut event.denied_permissions
        };
        // One permission is often checked on several resources.
        if !list.iter().any(|known| known == permission) {
            list.push(Text::Owned(permission.to_owned()));
        }
    }
}

fn ending<'e>(event: &mut Event<'e>, audit: &'e AuditLog<'_>) {
    let code = match &audit.status {
        None => Some(0),
        Some(status) if status.code.get().is_none() => Some(0),
        Some(status) => status
            .code
            .as_str()
            .parse::<f64>()
            .ok()
            .map(|code| code as i64),
    };
    event.status = code;
    event.error = audit
        .status
        .as_ref()
        .and_then(|status| text(&status.message));
    let not_granted = audit.checks().any(|check| check.is_granted() != Some(true));
    let dry_run = event.kind == EventKind::PolicyDenied && facts::is_dry_run(audit);
    event.outcome = match code {
        Some(code) => outcome::of(event.kind, code, not_granted, dry_run),
        // A code that is no number is no success.
        None => Outcome::Failed,
    };
}

fn resource_name<'e>(audit: &'e AuditLog<'_>) -> &'e str {
    audit
        .resource_name
        .get()
        .or_else(|| {
            let mut checks = audit.checks();
            checks.find_map(|check| check.resource.get())
        })
        .unwrap_or("")
}

/// `CreateServiceAccountKey` of `google.iam.admin.v1.CreateServiceAccountKey`.
fn last_segment(method: &str) -> &str {
    method.rsplit(['.', '/']).next().unwrap_or(method)
}

/// A wire string as the event's text, borrowed from the entry.
pub(super) fn text<'e>(wire: &'e Str<'_>) -> Option<Text<'e>> {
    wire.get().map(Text::Borrowed)
}
