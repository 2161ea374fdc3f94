//! The Okta System Log: pages of its API, JSON lines, EventBridge and event hooks.

mod normalise;
#[cfg(test)]
mod tests;
mod wire;

use serde_json::Value;
use sonic_rs::LazyValue;

use crate::model::{About, Format, Holds, Record, Sample, Sink, Source, Verdict};
use wire::{Hook, Outer, Wire};

/// The formats of this system.
pub const FORMATS: &[&dyn Format] = &[&SystemLog];

/// What its files are records of. A page may run backwards (`sortOrder=DESCENDING`), and an
/// organisation may be asleep.
const SOURCE: Source = Source {
    name: "okta",
    holds: Holds::Log {
        ordered: false,
        continuous: false,
    },
};

/// The format of the Okta System Log.
struct SystemLog;

/// What only its events have together.
const MARKS: [&str; 3] = ["eventType", "actor", "published"];

fn is_event(value: &Value) -> bool {
    MARKS.iter().all(|mark| value.get(mark).is_some())
}

impl Format for SystemLog {
    fn about(&self) -> &About {
        const ABOUT: About = About::json(&SOURCE, "Okta System Log");
        &ABOUT
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        sample.value.is_some_and(|value| {
            let hooked = value.pointer("/data/events/0").is_some_and(is_event);
            is_event(value) || value.get("detail").is_some_and(is_event) || hooked
        })
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let Ok(outer) = sonic_rs::from_slice::<Outer<'_>>(record.bytes) else {
            return match serde_json::from_slice::<serde::de::IgnoredAny>(record.bytes) {
                Ok(_) => Verdict::Foreign,
                Err(_) => Verdict::Rejected("invalid JSON".into()),
            };
        };
        if outer.is_event() {
            return one(record.bytes, record, sink);
        }
        let inner = contents(&outer);
        if !inner.iter().any(|event| is_marked(event)) {
            return Verdict::Foreign;
        }
        // One damaged event loses no other, and is counted.
        let mut verdict = Verdict::Parsed;
        for event in inner {
            let read = one(event.as_bytes(), record, sink);
            if read != Verdict::Parsed {
                verdict = read;
            }
        }
        verdict
    }
}

/// The events that EventBridge's `detail` and a hook's `data.events` hold.
fn contents<'o>(outer: &'o Outer<'_>) -> Vec<&'o str> {
    let detail = outer.detail.as_ref().map(LazyValue::as_raw_str);
    let hook = outer.data.as_ref().map(LazyValue::as_raw_str);
    let hook = hook.and_then(|hook| serde_json::from_str::<Hook<'o>>(hook).ok());
    let events = hook.map(|hook| hook.events).unwrap_or_default();
    detail
        .into_iter()
        .chain(events.into_iter().map(serde_json::value::RawValue::get))
        .collect()
}

fn is_marked(event: &str) -> bool {
    sonic_rs::from_str::<Outer<'_>>(event).is_ok_and(|outer| outer.is_event())
}

fn one(bytes: &[u8], record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
    let Ok(wire) = sonic_rs::from_slice::<Wire<'_>>(bytes) else {
        return Verdict::Rejected("a member has a type that Okta never logs".into());
    };
    match normalise::event(record.place, &wire) {
        Ok(event) => {
            sink.event(&event);
            Verdict::Parsed
        }
        Err(reason) => Verdict::Rejected(reason.into()),
    }
}
