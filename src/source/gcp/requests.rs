//! The format of Cloud Run request logs (`run.googleapis.com/requests`).

use crate::model::{Format, Framing, Record, Sample, Sink, Verdict};

use super::record::{self, Reads};

/// Requests served by Cloud Run.
#[derive(Clone, Copy, Debug)]
pub struct RunRequests;

impl Format for RunRequests {
    fn source(&self) -> &'static str {
        "gcp-requests"
    }

    fn title(&self) -> &'static str {
        "Cloud Run request log"
    }

    fn framing(&self) -> Framing {
        Framing::Json
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
