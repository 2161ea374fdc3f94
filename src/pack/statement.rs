//! `statement.intoto.json`: what was made of what, as an in-toto statement for whoever signs or
//! stores provenance (<https://in-toto.io/Statement/v1>, predicate of
//! <https://slsa.dev/provenance/v1>).
//!
//! It is not signed here: `cosign attest-blob` or any DSSE signer takes it as it is.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Provenance;
use crate::model::Digest;
use crate::report::Report;

/// Type of the build: the report, from inputs to pack.
const BUILD_TYPE: &str = "https://docs.rs/piperoll/report/v1";

/// The statement over the files written so far.
pub(super) fn statement(
    report: &Report<'_>,
    provenance: &Provenance<'_>,
    written: &BTreeMap<String, Digest>,
) -> Value {
    let subject: Vec<Value> = written
        .iter()
        .map(|(path, sha256)| artifact("name", path, &sha256.to_string()))
        .collect();
    let mut dependencies: Vec<Value> = report
        .coverage
        .iter()
        .map(|file| artifact("name", &file.path, &file.sha256.to_string()))
        .collect();
    dependencies.extend(report.previous.map(|difference| {
        let digest = &difference.old.sha256sums_sha256;
        artifact("name", "previous pack: SHA256SUMS", digest)
    }));
    let settings: BTreeMap<&str, &str> = report
        .settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subject,
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {
                    "from": report.period.from.stated(),
                    "to": report.period.to.stated(),
                    "as_of": report.as_of.stated(),
                    "configuration_sha256": provenance.configuration_sha256,
                    "settings": settings,
                },
                "internalParameters": { "ruleset_sha256": report.ruleset_sha256 },
                "resolvedDependencies": dependencies,
            },
            "runDetails": {
                "builder": {
                    "id": format!("https://docs.rs/piperoll/{}", report.version),
                    "version": { "piperoll": report.version },
                },
                "metadata": { "invocationId": report.report_id },
            },
        },
    })
}

fn artifact(key: &str, name: &str, sha256: &str) -> Value {
    json!({ key: name, "digest": { "sha256": sha256 } })
}
