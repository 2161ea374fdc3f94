//! Logs that are known by name but have no source yet: skipped, and said so.

use std::borrow::Cow;

use serde_json::Value;

use crate::model::{About, Format, Holds, Record, Sample, Sink, Source, Verdict};

/// The formats known by name only.
pub const FORMATS: &[&dyn Format] = &[
    &Foreign {
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
    },
    &Foreign {
        about: About::json(
            &Source {
                name: "kuma",
                holds: Holds::Records,
            },
            "Kuma resource",
        ),
        reason: "Kuma resource: not read yet",
        recognises: |value| {
            let group = value
                .get("apiVersion")
                .and_then(Value::as_str)
                .unwrap_or("");
            let kind = value.get("type").and_then(Value::as_str).unwrap_or("");
            let named = value.get("name").is_some() || value.get("mesh").is_some();
            let mesh = |text: &str| {
                [
                    "Mesh",
                    "Dataplane",
                    "Traffic",
                    "Zone",
                    "HostnameGenerator",
                    "Workload",
                ]
                .iter()
                .any(|prefix| text.starts_with(prefix))
                    || matches!(
                        text,
                        "Secret"
                            | "GlobalSecret"
                            | "CircuitBreaker"
                            | "ExternalService"
                            | "FaultInjection"
                            | "HealthCheck"
                            | "ProxyTemplate"
                            | "RateLimit"
                            | "Retry"
                            | "Timeout"
                            | "VirtualOutbound"
                            | "ServiceInsight"
                    )
            };
            group.starts_with("kuma.io/") || (named && mesh(kind))
        },
    },
];

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
