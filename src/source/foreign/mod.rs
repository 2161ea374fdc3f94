//! Logs that are known by name but have no source yet: skipped, and said so.

use std::borrow::Cow;

use serde_json::Value;

use crate::model::{About, Format, Holds, Record, Sample, Sink, Source, Verdict};

/// The formats known by name only.
pub const FORMATS: &[&dyn Format] = &[&Foreign {
    about: About::json(
        &Source {
            name: "cloudtrail",
            holds: Holds::Records,
        },
        "AWS CloudTrail log",
    ),
    reason: "AWS CloudTrail: not read yet",
    recognises: |value| {
        let record = value
            .get("Records")
            .and_then(|records| records.get(0))
            .unwrap_or(value);
        record.get("eventSource").is_some() && record.get("awsRegion").is_some()
    },
}];

struct Foreign {
    about: About,
    reason: &'static str,
    recognises: fn(&Value) -> bool,
}

impl Format for Foreign {
    fn about(&self) -> &About {
        &self.about
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        sample.value.is_some_and(self.recognises)
    }

    fn read(&self, record: &Record<'_>, _: &mut dyn Sink) -> Verdict {
        match serde_json::from_slice::<Value>(record.bytes) {
            Ok(value) if (self.recognises)(&value) => Verdict::Skipped(Cow::Borrowed(self.reason)),
            Ok(_) => Verdict::Foreign,
            Err(_) => Verdict::Rejected(Cow::Borrowed("invalid JSON")),
        }
    }
}
