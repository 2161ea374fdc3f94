//! Sessions of the identity-aware proxy hoop.dev: who ran something through which connection.
//!
//! `GET /api/sessions` (pages `{data, total, has_next_page}`), one session, lists and lines of them.
//! Fields: `hoophq/hoop`, `gateway/api/openapi/types.go`. What was run and what came back (`script`,
//! `event_stream`) is not read: it holds whatever people type.

mod normalise;
mod review;
#[cfg(test)]
mod tests;
mod wire;

use serde_json::Value;

use crate::model::{About, Attribute, Format, Holds, Record, Sample, Sink, Source, Verdict};
use wire::{Outer, Session};

/// The formats of this system.
pub const FORMATS: &[&dyn Format] = &[&Sessions];

/// What its files are records of. A page has the newest first, and nobody need open a session.
const SOURCE: Source = Source {
    name: "hoop",
    holds: Holds::Log {
        ordered: false,
        continuous: false,
    },
};

/// The format of sessions.
struct Sessions;

/// What only sessions have together.
const MARKS: [&str; 5] = ["id", "connection", "verb", "status", "start_date"];

fn is_session(value: &Value) -> bool {
    MARKS.iter().all(|mark| value.get(mark).is_some())
}

impl Format for Sessions {
    fn about(&self) -> &About {
        const ABOUT: About = About::json(&SOURCE, "hoop.dev sessions");
        &ABOUT
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        sample.value.is_some_and(|value| {
            is_session(value) || value.pointer("/data/0").is_some_and(is_session)
        })
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let Ok(outer) = serde_json::from_slice::<Outer<'_>>(record.bytes) else {
            return match serde_json::from_slice::<serde::de::IgnoredAny>(record.bytes) {
                Ok(_) => Verdict::Foreign,
                Err(_) => Verdict::Rejected("invalid JSON".into()),
            };
        };
        if outer.is_session() {
            return one(record.bytes, record, sink);
        }
        let Some(data) = &outer.data else {
            return Verdict::Foreign;
        };
        if !data.iter().any(|session| is_marked(session.get())) {
            return Verdict::Foreign;
        }
        page(&outer, record, sink);
        // One damaged session loses no other, and is counted.
        let mut verdict = Verdict::Parsed;
        for session in data {
            let read = one(session.get().as_bytes(), record, sink);
            if read != Verdict::Parsed {
                verdict = read;
            }
        }
        verdict
    }
}

/// Says of a page how many sessions it holds and how many there are, and whether another one
/// follows: kind `hoop-page`, object `hoop:page/<file>`, attributes `sessions` and `total`, and
/// `last` = `true` or `false`.
fn page(outer: &Outer<'_>, record: &Record<'_>, sink: &mut dyn Sink) {
    let sessions = outer.data.as_ref().map(|data| data.len().to_string());
    let said = [
        ("last", outer.has_next_page.map(|more| (!more).to_string())),
        ("sessions", sessions),
        ("total", outer.total.map(|total| total.to_string())),
    ];
    for (name, value) in said {
        if let Some(value) = value {
            sink.attribute(Attribute {
                kind: "hoop-page",
                object: format!("hoop:page/{}", record.path),
                name: name.to_owned(),
                value,
                valid_from: None,
                place: record.place,
            });
        }
    }
}

fn is_marked(session: &str) -> bool {
    serde_json::from_str::<Outer<'_>>(session).is_ok_and(|outer| outer.is_session())
}

fn one(bytes: &[u8], record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
    let Ok(wire) = serde_json::from_slice::<Session<'_>>(bytes) else {
        return Verdict::Rejected("a member has a type that the proxy never writes".into());
    };
    match normalise::event(record.place, &wire) {
        Ok(event) => {
            sink.event(&event);
            Verdict::Parsed
        }
        Err(reason) => Verdict::Rejected(reason.into()),
    }
}
