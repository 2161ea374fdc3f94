//! A record of CloudTrail as an event.
//!
//! | event field | from |
//! |---|---|
//! | id, at | `eventID`, `eventTime` |
//! | operation, service | `eventName`, `eventSource` |
//! | principal, role | `userIdentity` (`caller`) |
//! | object, path | what the call is about (`target`), and its name |
//! | outcome | allowed without `errorCode`; `ConsoleLogin` by its response; denials and expired keys denied, the rest failed |
//! | error | `errorCode`; its message may quote what was sent |
//! | display_name | name of the session; of an exchange, `AssumeRole` or `GetFederationToken` the one it begins |
//! | entity_id | ARN of the caller |
//! | key_name | access key id in use |
//! | target_account | access key id that the answer hands out |
//! | project | `recipientAccountId` |
//! | token_issued_at | when the session in use began |
//! | metadata | `type`, `region`, `read_only`, `event_type`, `invoked_by` (and `on_behalf=true`), `mfa`, `source_identity`, `vpc_endpoint`; `trail`, `bucket`, `iam`, `grants` (`change`); of an exchange `subject`, `audience`, `provider`, `expires`, `tag.<key>` |

use super::caller::{Caller, host};
use super::wire::{Members, Wire};
use super::{change, target};
use crate::model::{Event, EventKind, Outcome, Place, Sink, System, Text, Timestamp};
use crate::source::borrowed::Str;

/// Pushes the event of a record, or says why there is none.
pub(super) fn push(place: Place, wire: &Wire<'_>, sink: &mut dyn Sink) -> Result<(), &'static str> {
    let id = said(&wire.event_id).ok_or("CloudTrail record without an eventID")?;
    let at = said(&wire.event_time)
        .and_then(time)
        .ok_or("CloudTrail record without a readable time")?;
    let operation = said(&wire.event_name).ok_or("CloudTrail record without an eventName")?;
    let service = said(&wire.event_source).ok_or("CloudTrail record without an eventSource")?;
    let (request, response) = (wire.request()?, wire.response()?);
    let mut caller = Caller::of(&wire.identity()?);
    let account = said(&wire.recipient_account_id).map(str::to_owned);
    let account = account.or_else(|| caller.account.clone());
    let (object, path) = target::of(wire, account.as_deref().unwrap_or("unknown"), &request)?;
    let (system, kind) = (System::Aws, EventKind::CloudTrail);
    let mut event = Event::new(system, kind, Text::Borrowed(id), place, at);
    event.operation = Text::Borrowed(operation);
    event.service = Some(Text::Borrowed(service));
    event.outcome = outcome(operation, wire, &response);
    if event.outcome != Outcome::Allowed {
        event.error = said(&wire.error_code).map(Text::Borrowed);
    }
    let metadata = metadata(wire, operation, &caller, &request, &response);
    event.metadata = metadata
        .into_iter()
        .map(|(name, value)| (Text::Owned(name), Text::Owned(value)))
        .collect();
    event.object = Text::Owned(object);
    event.path = Text::Owned(path);
    event.target_account = handed_out(operation, &response).map(Text::Owned);
    let begun = request.text(&["roleSessionName"]);
    let federated = || {
        request
            .text(&["name"])
            .filter(|_| operation == "GetFederationToken")
    };
    let begun = begun.or_else(federated);
    event.display_name = begun
        .or_else(|| caller.session_name.take())
        .map(Text::Owned);
    event.principal = caller.principal.map(Text::Owned);
    event.role = caller.role.map(Text::Owned);
    event.entity_id = caller.arn.map(Text::Owned);
    event.key_name = caller.key.map(Text::Owned);
    event.token_issued_at = caller.created_at.as_deref().and_then(time);
    event.project = account.map(Text::Owned);
    event.remote_address = said(&wire.source_ip_address).map(Text::Borrowed);
    event.user_agent = said(&wire.user_agent).map(Text::Borrowed);
    sink.event(&event);
    Ok(())
}

/// A text that says something: rows of a table write `null` and `-` for nothing.
fn said<'s>(text: &'s Str<'_>) -> Option<&'s str> {
    text.get().filter(|text| !matches!(*text, "null" | "-"))
}

/// A time, also without `T` and zone, which is UTC.
fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{}Z", text.replacen(' ', "T", 1))))
}

fn outcome(operation: &str, wire: &Wire<'_>, response: &Members) -> Outcome {
    const DENIED: [&str; 6] = [
        "AccessDenied",
        "UnauthorizedOperation",
        "NotAuthorized",
        "ExpiredToken",
        "InvalidClientTokenId",
        "UnrecognizedClient",
    ];
    if let Some(code) = said(&wire.error_code) {
        return match DENIED.iter().any(|denied| code.contains(denied)) {
            true => Outcome::Denied,
            false => Outcome::Failed,
        };
    }
    match response.text(&["ConsoleLogin"]).as_deref() {
        _ if operation != "ConsoleLogin" => Outcome::Allowed,
        Some("Success") => Outcome::Allowed,
        Some("Failure") => Outcome::Denied,
        _ => Outcome::Unknown,
    }
}

/// Calls whose answer hands out a key (AWS STS, IAM, Cognito, SSO and IAM Roles Anywhere).
const HANDING_OUT: [&str; 9] = [
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "AssumeRoot",
    "CreateAccessKey",
    "CreateSession",
    "GetCredentialsForIdentity",
    "GetFederationToken",
    "GetSessionToken",
];

/// The key that an answer hands out. A copy of a record under another operation hands out none: it
/// would stand where the session began.
fn handed_out(operation: &str, response: &Members) -> Option<String> {
    HANDING_OUT.contains(&operation).then_some(())?;
    let key = response.text(&["credentials", "accessKeyId"]);
    key.or_else(|| response.text(&["accessKey", "accessKeyId"]))
}

/// What rules join and ask by, in key order.
fn metadata(
    wire: &Wire<'_>,
    operation: &str,
    caller: &Caller,
    request: &Members,
    response: &Members,
) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut say = |name: &str, value: Option<&str>| {
        pairs.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    };
    say("type", caller.kind.as_deref());
    say("invoked_by", caller.invoked_by.as_deref());
    say("on_behalf", caller.invoked_by.as_ref().map(|_| "true"));
    say("mfa", caller.mfa.as_deref());
    say("region", said(&wire.aws_region));
    say("read_only", said(&wire.read_only));
    say("event_type", said(&wire.event_type));
    say("vpc_endpoint", said(&wire.vpc_endpoint_id));
    let asked = request.text(&["sourceIdentity"]);
    say(
        "source_identity",
        asked.as_deref().or(caller.source_identity.as_deref()),
    );
    match wire.event_source.as_str() {
        "cloudtrail.amazonaws.com" => {
            say("trail", change::of_trail(operation, request));
            say("bucket", request.text(&["s3BucketName"]).as_deref());
        }
        "iam.amazonaws.com" => {
            let changed = change::of_power(operation, caller.principal.as_deref(), request);
            say("iam", changed);
            say("grants", changed.and_then(|_| change::grants(request)));
        }
        "sts.amazonaws.com" => {
            say(
                "subject",
                response.text(&["subjectFromWebIdentityToken"]).as_deref(),
            );
            say("audience", response.text(&["audience"]).as_deref());
            let provider = response.text(&["provider"]);
            let provider = provider.as_deref().map(host).or(caller.provider.as_deref());
            say("provider", provider);
            let expires = response.text(&["credentials", "expiration"]);
            let expires = expires.as_deref().and_then(expiration);
            say("expires", expires.map(|at| at.to_string()).as_deref());
            for (key, value) in request.pairs(&["principalTags"]) {
                say(&format!("tag.{key}"), Some(&value));
            }
        }
        _ => {}
    }
    pairs.sort();
    pairs
}

/// `Jul 9, 2024, 4:41:37 PM`, in older records without the second comma; in UTC.
fn expiration(text: &str) -> Option<Timestamp> {
    if let Some(at) = time(text) {
        return Some(at);
    }
    // Newer Java writes a narrow no-break space before AM and PM.
    let plain = text.replace(['\u{202f}', '\u{a0}'], " ");
    let plain = plain.replace(',', "");
    let read = chrono::NaiveDateTime::parse_from_str(plain.trim(), "%b %d %Y %I:%M:%S %p").ok()?;
    Some(Timestamp(read.and_utc().timestamp_micros()))
}
