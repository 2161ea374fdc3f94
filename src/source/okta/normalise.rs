//! An event of the Okta System Log as ours.
//!
//! | event field | from |
//! |---|---|
//! | id | `uuid` |
//! | at | `published`, also without `T` and zone, which is UTC |
//! | operation | `eventType` |
//! | principal | `okta:user/<login>` of an actor that is a user, else `okta:actor/<id>`; logins in lower case |
//! | object | the first target that is a user, else a group, an application, whatever comes first; without one, `okta:org` |
//! | path | display name of that target |
//! | outcome | `SUCCESS`, `ALLOW` allowed; `DENY` denied; `FAILURE` denied for sign-ons, else failed; the rest unknown |
//! | error | `outcome.reason` where it did not succeed |
//! | service | display name of the first target that is an application |
//! | entity_id | `actor.id` of a user |
//! | target_account | `id` of that target where it is a user |
//! | network, device | `securityContext.asNumber`, `debugData.dtHash` |
//! | key_name | `transaction.detail.requestApiTokenId` |
//! | metadata | per target `target_id`, `target_user` (login in lower case), `target_group`, `target_app`; `session`, `root_session`, `credential`, `factor`, `proxy`, `country`, `device`, `threat`, `transaction` |

use super::wire::{DebugData, Party, Wire};
use crate::model::{Event, EventKind, Outcome, Place, System, Text, Timestamp};
use crate::source::borrowed::Str;

/// The event of a record, or why there is none.
pub(super) fn event<'w>(place: Place, wire: &'w Wire<'_>) -> Result<Event<'w>, &'static str> {
    let id = said(&wire.uuid).ok_or("Okta event without a uuid")?;
    let at = said(&wire.published)
        .and_then(time)
        .ok_or("Okta event without a readable time")?;
    let operation = said(&wire.event_type).ok_or("Okta event without a type")?;
    let mut event = Event::new(System::Okta, EventKind::Okta, Text::Borrowed(id), place, at);
    event.operation = Text::Borrowed(operation);
    event.outcome = outcome(operation, wire);
    if event.outcome != Outcome::Allowed {
        let reason = wire
            .outcome
            .as_ref()
            .and_then(|outcome| said(&outcome.reason));
        event.error = reason.map(Text::Borrowed);
    }
    all_are_of_a_type(wire)?;
    if let Some(actor) = &wire.actor {
        event.principal = named(actor, "actor").map(Text::Owned);
        event.entity_id = number_of(actor);
        event.display_name = said(&actor.alternate_id)
            .or_else(|| said(&actor.display_name))
            .map(Text::Borrowed);
    }
    let targets = wire.target.as_deref().unwrap_or_default();
    let target = foremost(targets);
    let object = target.and_then(|target| named(target, "target"));
    event.object = Text::Owned(object.unwrap_or_else(|| "okta:org".to_owned()));
    let path = target.and_then(|target| said(&target.display_name));
    event.path = Text::Borrowed(path.unwrap_or_default());
    event.target_account = target.and_then(number_of);
    let application = of_kind(targets, "AppInstance");
    event.service = application
        .and_then(|application| said(&application.display_name))
        .map(Text::Borrowed);
    if let Some(client) = &wire.client {
        event.remote_address = said(&client.ip_address).map(Text::Borrowed);
        let agent = client.user_agent.as_ref();
        event.user_agent = agent
            .and_then(|agent| said(&agent.raw_user_agent))
            .map(Text::Borrowed);
    }
    event.network = wire
        .security_context
        .as_ref()
        .and_then(|security| said(&security.as_number))
        .map(Text::Borrowed);
    event.device = debug_data(wire)
        .and_then(|data| said(&data.dt_hash))
        .map(Text::Borrowed);
    event.key_name = wire
        .transaction
        .as_ref()
        .and_then(|transaction| transaction.detail.as_ref())
        .and_then(|detail| said(&detail.request_api_token_id))
        .map(Text::Borrowed);
    event.metadata = metadata(wire);
    Ok(event)
}

/// The target that an event is about: whom it concerns before what.
fn foremost<'t, 'w>(targets: &'t [Party<'w>]) -> Option<&'t Party<'w>> {
    of_kind(targets, "User")
        .or_else(|| of_kind(targets, "UserGroup"))
        .or_else(|| of_kind(targets, "AppInstance"))
        .or_else(|| targets.first())
}

fn of_kind<'t, 'w>(targets: &'t [Party<'w>], kind: &str) -> Option<&'t Party<'w>> {
    targets.iter().find(|target| target.kind.as_str() == kind)
}

/// Refuses an event that names somebody who may be a user, an application or anything else.
fn all_are_of_a_type(wire: &Wire<'_>) -> Result<(), &'static str> {
    let mut parties = wire.actor.iter().chain(wire.target.iter().flatten());
    let open = parties.any(|party| {
        let named = said(&party.id).or_else(|| said(&party.alternate_id));
        named.is_some() && said(&party.kind).is_none()
    });
    if open {
        return Err("Okta event of an actor or target that does not say what it is");
    }
    Ok(())
}

/// Okta's number of a user: what a GitLab user's `extern_uid` is.
fn number_of<'w>(party: &'w Party<'_>) -> Option<Text<'w>> {
    let user = party.kind.as_str() == "User";
    said(&party.id).filter(|_| user).map(Text::Borrowed)
}

fn debug_data<'w, 'a>(wire: &'w Wire<'a>) -> Option<&'w DebugData<'a>> {
    wire.debug_context.as_ref()?.debug_data.as_ref()
}

/// A text that says something: tools write `null` and `unknown` for nothing.
fn said<'s>(text: &'s Str<'_>) -> Option<&'s str> {
    text.get()
        .filter(|text| !matches!(*text, "null" | "unknown" | "-"))
}

fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{}Z", text.replacen(' ', "T", 1))))
}

fn outcome(operation: &str, wire: &Wire<'_>) -> Outcome {
    let result = wire.outcome.as_ref().map(|outcome| outcome.result.as_str());
    let signs_on = ["user.session.", "user.authentication.", "user.mfa."]
        .iter()
        .any(|prefix| operation.starts_with(prefix));
    match result {
        Some("SUCCESS" | "ALLOW") => Outcome::Allowed,
        Some("DENY") => Outcome::Denied,
        Some("FAILURE") if signs_on => Outcome::Denied,
        Some("FAILURE") => Outcome::Failed,
        _ => Outcome::Unknown,
    }
}

/// The id of an actor or target.
fn named(party: &Party<'_>, otherwise: &str) -> Option<String> {
    let login = || said(&party.alternate_id).map(str::to_lowercase);
    let shown = || said(&party.display_name).map(str::to_owned);
    let number = || said(&party.id).map(str::to_owned);
    match party.kind.as_str() {
        "User" => login()
            .or_else(number)
            .map(|name| format!("okta:user/{name}")),
        "UserGroup" => shown()
            .or_else(number)
            .map(|name| format!("okta:group/{name}")),
        "AppInstance" => shown()
            .or_else(number)
            .map(|name| format!("okta:app/{name}")),
        _ => number()
            .or_else(shown)
            .map(|name| format!("okta:{otherwise}/{name}")),
    }
}

/// What rules join and ask by, in key order.
fn metadata<'w>(wire: &'w Wire<'_>) -> Vec<(Text<'w>, Text<'w>)> {
    let mut pairs: Vec<(Text<'w>, Text<'w>)> = Vec::new();
    let mut say = |name: &'static str, value: Option<&'w str>| {
        pairs.extend(value.map(|value| (Text::Borrowed(name), Text::Borrowed(value))));
    };
    if let Some(context) = &wire.authentication_context {
        say("session", said(&context.external_session_id));
        say("root_session", said(&context.root_session_id));
        say("credential", said(&context.credential_type));
    }
    if let Some(security) = &wire.security_context {
        say("proxy", said(&security.is_proxy));
    }
    if let Some(client) = &wire.client {
        let place = client.geographical_context.as_ref();
        say("country", place.and_then(|place| said(&place.country)));
        say("device", said(&client.device));
    }
    if let Some(data) = debug_data(wire) {
        say("factor", said(&data.factor));
        say("threat", said(&data.threat_suspected));
    }
    if let Some(transaction) = &wire.transaction {
        say("transaction", said(&transaction.id));
    }
    targets(wire, &mut pairs);
    pairs.sort_by(|left, right| left.0.cmp(&right.0));
    pairs
}

/// Every target, by its number and by its name.
fn targets<'w>(wire: &'w Wire<'_>, pairs: &mut Vec<(Text<'w>, Text<'w>)>) {
    for target in wire.target.iter().flatten() {
        let named = match target.kind.as_str() {
            "User" => said(&target.alternate_id).map(|login| ("target_user", login.to_lowercase())),
            "UserGroup" => said(&target.display_name).map(|name| ("target_group", name.to_owned())),
            "AppInstance" => said(&target.display_name).map(|name| ("target_app", name.to_owned())),
            _ => None,
        };
        let numbered = said(&target.id).map(|id| ("target_id", id.to_owned()));
        let said = named.into_iter().chain(numbered);
        pairs.extend(said.map(|(name, value)| (Text::Borrowed(name), Text::Owned(value))));
    }
}
