//! The audit log of HashiCorp Vault and OpenBao: `wire` as logged, `normalise` to ours.

mod error;
mod login;
mod normalise;
mod taken_out;
#[cfg(test)]
mod tests;
mod wire;

use std::borrow::Cow;

use crate::model::{About, Format, Framing, Holds, Record, Sample, Sink, Source, Verdict};
use wire::Entry;

/// The formats of this system.
pub const FORMATS: &[&dyn Format] = &[&AuditLog];

/// What its files are records of.
const SOURCE: Source = Source {
    name: "vault",
    holds: Holds::Log {
        ordered: true,
        continuous: true,
    },
};

/// The audit log that the file, socket, syslog and HTTP devices write.
struct AuditLog;

impl Format for AuditLog {
    fn about(&self) -> &About {
        &About {
            source: &SOURCE,
            title: "Vault audit log",
            framing: Framing::Json,
        }
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let Some(value) = sample.value else {
            return false;
        };
        let kind = value
            .get("type")
            .and_then(|kind| kind.as_str())
            .unwrap_or("");
        // Programs log requests too, but by method and URL.
        let operation = value
            .pointer("/request/operation")
            .is_some_and(|operation| operation.is_string());
        is_record_type(kind) && (operation || kind.starts_with("kmip-"))
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        match sonic_rs::from_slice::<Entry<'_>>(record.bytes) {
            Ok(entry) => normalise::entry(entry, record.place, sink),
            // sonic-rs stops at the first thing that does not fit; tell damage from another shape.
            Err(_) => match serde_json::from_slice::<serde_json::Value>(record.bytes) {
                Ok(value) => {
                    let sample = Sample {
                        path: record.path,
                        value: Some(&value),
                        head: &[],
                    };
                    if self.recognises(&sample) {
                        Verdict::Rejected(Cow::Borrowed("a field has a type that Vault never logs"))
                    } else {
                        Verdict::Foreign
                    }
                }
                Err(_) => Verdict::Rejected(Cow::Borrowed("invalid JSON")),
            },
        }
    }
}

fn is_record_type(kind: &str) -> bool {
    matches!(kind, "request" | "response") || kind.starts_with("kmip-")
}
