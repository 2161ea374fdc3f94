//! The format of Google Cloud audit logs: Admin Activity, Data Access, System Event and Policy
//! Denied, in every shape that an export gives them.

use crate::model::{About, Format, Framing, Holds, Record, Sample, Sink, Source, Verdict};

use super::record::{self, Reads};

/// What its files are records of.
const SOURCE: Source = Source {
    name: "gcp-audit",
    holds: Holds::Log {
        ordered: true,
        continuous: true,
    },
};

/// Google Cloud audit log entries; other Google logs in the same file are skipped by name.
#[derive(Clone, Copy, Debug)]
pub struct AuditLogs;

impl Format for AuditLogs {
    fn about(&self) -> &About {
        &About {
            source: &SOURCE,
            title: "Google Cloud audit log",
            framing: Framing::Json,
        }
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        sample
            .value
            .is_some_and(|value| record::recognises(value, Reads::Audit))
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        record::read(record, Reads::Audit, sink)
    }
}

#[cfg(test)]
#[path = "audit_tests.rs"]
pub(super) mod tests;

#[cfg(test)]
#[path = "methods_tests.rs"]
mod methods_tests;

#[cfg(test)]
#[path = "damage_tests.rs"]
mod damage_tests;
