//! AWS CloudTrail: files of a trail in S3, `lookup-events`, EventBridge, rows of Athena and Lake,
//! JSON lines. Digest files and Insights tell no call.

mod caller;
mod change;
mod normalise;
mod target;
#[cfg(test)]
mod tests;
mod wire;

use serde_json::Value;
use sonic_rs::LazyValue;

use crate::model::{About, Format, Framing, Holds, Record, Sample, Sink, Source, Verdict};
use wire::{Outer, Wire};

/// The formats of this system's log.
pub const FORMATS: &[&dyn Format] = &[&CloudTrail, &Digests];

/// What its files are records of. A region may be asleep, `lookup-events` runs backwards, and the
/// files of a trail hold what was delivered together.
const SOURCE: Source = Source {
    name: "cloudtrail",
    holds: Holds::Log {
        ordered: false,
        continuous: false,
    },
};

/// What a trail says of its own files. Nothing is missing where one was not read.
const DIGESTS: Source = Source {
    name: "cloudtrail-digest",
    holds: Holds::Records,
};

/// The format of CloudTrail.
struct CloudTrail;

/// The format of its digest files.
struct Digests;

impl Format for Digests {
    fn about(&self) -> &About {
        const ABOUT: About = About::json(&DIGESTS, "CloudTrail digest");
        &ABOUT
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        sample.value.is_some_and(is_digest)
    }

    fn read(&self, record: &Record<'_>, _: &mut dyn Sink) -> Verdict {
        match serde_json::from_slice::<Value>(record.bytes) {
            Ok(value) if is_digest(&value) => {
                Verdict::Skipped("CloudTrail digest: says which files there are, no call".into())
            }
            Ok(_) => Verdict::Foreign,
            Err(_) => Verdict::Rejected("invalid JSON".into()),
        }
    }
}

fn is_digest(value: &Value) -> bool {
    value.get("digestStartTime").is_some() && value.get("digestS3Bucket").is_some()
}

/// What only its records have together, in both spellings.
const MARKS: [[&str; 2]; 3] = [
    ["eventSource", "eventsource"],
    ["eventName", "eventname"],
    ["awsRegion", "awsregion"],
];

fn is_record(value: &Value) -> bool {
    MARKS
        .iter()
        .all(|names| names.iter().any(|name| value.get(name).is_some()))
}

/// Whether an element of the list `Records` or `Events` is of this log.
fn is_listed(value: &Value) -> bool {
    is_record(value) || value.get("CloudTrailEvent").is_some_and(Value::is_string)
}

/// Whether a file that lists nothing is one of a trail, or an answer without events: its path says
/// so, as nothing else can.
fn lists_nothing(sample: &Sample<'_>, value: &Value) -> bool {
    let empty = |name: &str| {
        value
            .get(name)
            .and_then(Value::as_array)
            .is_some_and(Vec::is_empty)
    };
    let path = sample.path.to_ascii_lowercase();
    let below = path.split('/').any(|folder| folder == "cloudtrail");
    below && (empty("Records") || empty("Events"))
}

impl Format for CloudTrail {
    fn about(&self) -> &About {
        const ABOUT: About = About {
            source: &SOURCE,
            title: "AWS CloudTrail log",
            framing: Framing::Json,
        };
        &ABOUT
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        sample.value.is_some_and(|value| {
            let listed = ["/Records/0", "/Events/0"];
            let mut listed = listed.iter().filter_map(|at| value.pointer(at));
            is_listed(value)
                || value.get("detail").is_some_and(is_record)
                || listed.any(is_listed)
                || lists_nothing(sample, value)
        })
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let Ok(outer) = sonic_rs::from_slice::<Outer<'_>>(record.bytes) else {
            return match serde_json::from_slice::<Value>(record.bytes) {
                Ok(value) if is_listed(&value) => {
                    Verdict::Rejected("a member has a type that CloudTrail never logs".into())
                }
                Ok(_) => Verdict::Foreign,
                Err(_) => Verdict::Rejected("invalid JSON".into()),
            };
        };
        if outer.is_record() {
            return one(record.bytes, record, sink);
        }
        if let Some(text) = &outer.cloud_trail_event {
            return one(text.as_bytes(), record, sink);
        }
        if let Some(detail) = outer.detail.as_ref().map(LazyValue::as_raw_str)
            && sonic_rs::from_str::<Outer<'_>>(detail).is_ok_and(|inner| inner.is_record())
        {
            return one(detail.as_bytes(), record, sink);
        }
        let listed = outer.records.as_ref().or(outer.events.as_ref());
        listed.map_or(Verdict::Foreign, |listed| self.each(listed, record, sink))
    }
}

impl CloudTrail {
    /// Reads a list that was not cut into its records, as one that a queue hands on. One damaged
    /// record loses no other, and is counted.
    fn each(&self, listed: &[LazyValue<'_>], record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        if listed.is_empty() {
            return Verdict::Skipped("a list without records".into());
        }
        let mut whole = Verdict::Foreign;
        for element in listed {
            let inner = Record {
                bytes: element.as_raw_str().as_bytes(),
                ..*record
            };
            let verdict = self.read(&inner, sink);
            let worse = matches!(verdict, Verdict::Rejected(_)) || whole == Verdict::Foreign;
            let better = verdict == Verdict::Parsed && !matches!(whole, Verdict::Rejected(_));
            if worse || better {
                whole = verdict;
            }
        }
        whole
    }
}

fn one(bytes: &[u8], record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
    let Ok(wire) = sonic_rs::from_slice::<Wire<'_>>(bytes) else {
        return Verdict::Rejected("a member has a type that CloudTrail never logs".into());
    };
    if wire.event_category.as_str() == "Insight" {
        return Verdict::Skipped("CloudTrail Insights: no record of a call".into());
    }
    match normalise::push(record.place, &wire, sink) {
        Ok(()) => Verdict::Parsed,
        Err(reason) => Verdict::Rejected(reason.into()),
    }
}
