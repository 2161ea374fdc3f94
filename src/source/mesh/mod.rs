//! Access logs of the service mesh Kuma: who called whom, as its proxies (Envoy) saw it.
//!
//! Read are the two formats that Kuma brings (`access_log_configurer.go`: one for requests, one for
//! connections), line by line, also behind the header that a tool writes before a line; lines
//! of JSON whose keys name what Kuma's commands tell; and lines in the formats that access-log
//! policies among the inputs write out. A proxy writes caller and called service as
//! its control plane told it: they are no proof of identity, and a call may be logged by both ends.

mod call;
mod command;
mod header;
mod json;
mod layout;
mod normalise;
#[cfg(test)]
mod tests;
mod written;

use crate::model::{About, Format, Framing, Holds, Record, Sample, Sink, Source, Verdict};
use call::Call;
use header::{bare, behind};
use layout::Layouts;
pub use written::written;

/// The formats of this system.
pub const FORMATS: &[&dyn Format] = &[&Lines, &Objects];

/// What its files are records of. Proxies write when a call ends, and a mesh may be asleep.
const SOURCE: Source = Source {
    name: "mesh",
    holds: Holds::Log {
        ordered: false,
        continuous: false,
    },
};

/// Lines looked at to tell an access log: a container may say something before it.
const TRIED: usize = 64;

/// What access logs of lines are, in whoever's format.
const LINES: About = About {
    source: &SOURCE,
    title: "Kuma access log",
    framing: Framing::Rows,
};

/// Access logs in Kuma's own formats.
struct Lines;

impl Format for Lines {
    fn about(&self) -> &About {
        &LINES
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let Some(layouts) = Layouts::of_kuma() else {
            return false;
        };
        tried(sample).any(|line| behind(line, |line| layouts.call(line)).is_some())
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let Ok(text) = std::str::from_utf8(record.bytes) else {
            return Verdict::Rejected("invalid UTF-8".into());
        };
        let Some(layouts) = Layouts::of_kuma() else {
            return Verdict::Foreign;
        };
        match behind(text, |line| layouts.call(line)) {
            Some(call) => push(&call, record, sink),
            None if layouts.begins(bare(text)) => Verdict::Rejected(NO_FORMAT.into()),
            None if is_piece(text) => Verdict::Rejected(PIECE.into()),
            None => Verdict::Foreign,
        }
    }
}

/// Why a line is damage.
const NO_FORMAT: &str =
    "a line of an access log in none of Kuma's own formats, nor of a policy's among the inputs";

/// Why a line without its beginning is damage.
const PIECE: &str = "a piece of a line of an access log";

/// Quotes from which a text is more than a message of a program: Kuma's requests have twenty.
const QUOTES: usize = 8;

/// Whether a line that begins as none of an access log ends as one: the rest of it is missing, or stands
/// in a form that nobody reads. What Envoy says of itself and what a program says in JSON is their own.
fn is_piece(line: &str) -> bool {
    let line = bare(line);
    if line.starts_with('[') {
        return false;
    }
    let quotes = line.bytes().filter(|&byte| byte == b'"').count();
    let request = quotes >= QUOTES && !line.contains('{');
    request || (line.contains("ms, sent ") && line.contains(" bytes, received: "))
}

/// The first lines of a file.
fn tried<'s>(sample: &Sample<'s>) -> impl Iterator<Item = &'s str> {
    let lines = sample.head.split(|&byte| byte == b'\n').take(TRIED);
    lines.filter_map(|line| std::str::from_utf8(line).ok())
}

/// Access logs in JSON.
struct Objects;

impl Format for Objects {
    fn about(&self) -> &About {
        const ABOUT: About = About::json(&SOURCE, "Kuma access log in JSON");
        &ABOUT
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let members = sample.value.and_then(serde_json::Value::as_object);
        members.is_some_and(json::is_call)
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(record.bytes) else {
            return Verdict::Rejected("invalid JSON".into());
        };
        match value.as_object().filter(|members| json::is_call(members)) {
            Some(members) => push(&json::call(members), record, sink),
            None => Verdict::Foreign,
        }
    }
}

fn push(call: &Call<'_>, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
    match normalise::event(record.place, call) {
        Ok(event) => {
            sink.event(&event);
            Verdict::Parsed
        }
        Err(reason) => Verdict::Rejected(reason.into()),
    }
}
