//! The format of Cloud Run request logs (`run.googleapis.com/requests`).

use crate::model::{About, Format, Framing, Holds, Record, Sample, Sink, Source, Verdict};

use super::record::{self, Reads};

/// What its files are records of.
const SOURCE: Source = Source {
    name: "gcp-requests",
    holds: Holds::Log {
        ordered: true,
        continuous: false,
    },
};

/// Requests served by Cloud Run.
#[derive(Clone, Copy, Debug)]
pub struct RunRequests;

impl Format for RunRequests {
    fn about(&self) -> &About {
        &About {
            source: &SOURCE,
            title: "Cloud Run request log",
            framing: Framing::Json,
        }
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        sample
            .value
            .is_some_and(|value| record::recognises(value, Reads::Requests))
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        record::read(record, Reads::Requests, sink)
    }
}

#[cfg(test)]
#[path = "requests_tests.rs"]
mod tests;
