//! A whole log to copy: a proxy that writes one JSON object a line. Built with the tests alone, so
//! that what `docs/architecture.md` works through is never out of date; no run reads it.

mod normalise;
#[cfg(test)]
mod tests;
mod wire;

use serde_json::Value;

use crate::model::{About, Format, Holds, Record, Sample, Sink, Source, Verdict};
use wire::{Outer, Wire};

/// What its files are records of: its name in the coverage table and in rules, and what can be asked
/// of its times.
const SOURCE: Source = Source {
    name: "example",
    holds: Holds::Log {
        ordered: true,
        continuous: false,
    },
};

/// The format of the proxy's log.
struct Lines;

/// What only its lines have together.
const MARKS: [&str; 4] = ["id", "connection", "verb", "client"];

impl Format for Lines {
    fn about(&self) -> &About {
        const ABOUT: About = About::json(&SOURCE, "example proxy log");
        &ABOUT
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let has = |value: &Value| MARKS.iter().all(|mark| value.get(mark).is_some());
        sample.value.is_some_and(has)
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        match serde_json::from_slice::<Outer<'_>>(record.bytes) {
            Ok(outer) if outer.is_line() => {}
            _ => return Verdict::Foreign,
        }
        // `Str` takes every value: what is left to refuse is a member that stands twice.
        let Ok(wire) = serde_json::from_slice::<Wire<'_>>(record.bytes) else {
            return Verdict::Rejected("a member of the proxy's line stands twice".into());
        };
        if wire.verb.get() == Some("ping") {
            return Verdict::Skipped("a sign of life".into());
        }
        match normalise::event(&wire, record.place) {
            Ok(event) => {
                sink.event(&event);
                Verdict::Parsed
            }
            Err(why) => Verdict::Rejected(why.into()),
        }
    }
}
