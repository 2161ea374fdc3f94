//! The log of a check's example: operations as a Vault audit device would have logged them.

use std::borrow::Cow;

use crate::identity::Scope;
use crate::model::{
    Digest, Event, EventKind, FileId, Handles, Issued, Outcome, Place, System, Text, Timestamp,
};
use crate::posture::Posture;
use crate::rule::LoggedRequest;
use crate::table::row::Harvest;
use crate::table::row::half::Half;
use crate::usage::{Recorder, Usage};

/// What the log says of the policies in `input`.
pub(super) fn usage(
    requests: &[LoggedRequest],
    input: &Posture<'_>,
    as_of: Timestamp,
) -> Result<Option<Usage>, String> {
    let files = ["audit.log".to_owned()];
    let mut recorder = Recorder::new(input, &files, None);
    let mut harvest = Harvest::default();
    for (request, line) in requests.iter().zip(1..) {
        let event = event(request, line)?;
        harvest.halves.push(Half::new(&event, &mut harvest.symbols));
    }
    recorder.block(0, harvest);
    let scope = Scope {
        settings: input.settings,
        as_of,
    };
    Ok(recorder.finish(&scope))
}

fn event(request: &LoggedRequest, line: u64) -> Result<Event<'_>, String> {
    let at = Timestamp::parse(&request.at)
        .ok_or_else(|| format!("`{}` is no RFC 3339 time", request.at))?;
    let kind = if request.role.is_empty() {
        EventKind::Request
    } else {
        EventKind::Login
    };
    let place = Place {
        file: FileId(0),
        line,
        byte: 0,
        sha256: Digest([0; 32]),
    };
    let id = Cow::Owned(format!("request-{line}"));
    let mut event = Event::new(System::Vault, kind, id, place, at);
    event.operation = Cow::Borrowed(&request.operation);
    event.path = Cow::Borrowed(&request.path);
    event.outcome = if request.denied {
        Outcome::Denied
    } else {
        Outcome::Allowed
    };
    event.granting_policies = texts(&request.granting);
    event.entity_id = Some(Cow::Borrowed(request.entity.as_str())).filter(|id| !id.is_empty());
    let handles = Handles {
        accessor: Some(Cow::Owned(format!("accessor-{line}"))),
        token: None,
    };
    if kind == EventKind::Login {
        event.role = Some(Cow::Borrowed(&request.role));
        event.mount = request
            .path
            .strip_suffix("login")
            .map(|mount| Cow::Owned(mount.to_owned()));
        event.issued = Some(Issued {
            handles,
            policies: texts(&request.policies),
            ..Issued::default()
        });
    } else {
        event.policies = texts(&request.policies);
        event.caller = handles;
    }
    Ok(event)
}

fn texts(list: &[String]) -> Vec<Text<'_>> {
    list.iter()
        .map(|text| Cow::Borrowed(text.as_str()))
        .collect()
}
