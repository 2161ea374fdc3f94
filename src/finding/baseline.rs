//! Findings known from an earlier run, by fingerprint.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::disk;
use crate::model::{Failing, FailureKind};

/// A baseline that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "the baseline `{file}` {reason}\n  help: write one with `piperoll lint --output json=FILE`"
)]
pub struct BaselineError {
    file: String,
    reason: String,
}

impl Failing for BaselineError {
    fn kind(&self) -> FailureKind {
        FailureKind::Usage
    }
}

/// The fingerprints of an earlier run's JSON or NDJSON. Waived findings are known too.
///
/// # Errors
///
/// A file that cannot be read, or holds something else.
pub fn read(path: &Path) -> Result<BTreeSet<String>, BaselineError> {
    let fault = |reason: String| BaselineError {
        file: path.display().to_string(),
        reason,
    };
    let text = disk::text(path).map_err(|error| fault(format!("cannot be read: {error}")))?;
    parse(&text).map_err(fault)
}

/// The fingerprints of the text of such a file.
///
/// # Errors
///
/// What is wrong with the text.
pub fn parse(text: &str) -> Result<BTreeSet<String>, String> {
    let mut known = BTreeSet::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let value = value.map_err(|error| format!("is not JSON: {error}"))?;
        let findings = match value.get("findings") {
            Some(findings) => findings
                .as_array()
                .ok_or("has `findings` that are no list")?,
            None => std::slice::from_ref(&value),
        };
        for finding in findings {
            let id = finding.get("finding_id").and_then(Value::as_str);
            known.insert(id.ok_or("holds an object without `finding_id`")?.to_owned());
        }
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_and_lines_are_read_and_other_json_is_refused() {
        let ids = |text: &str| parse(text).unwrap().into_iter().collect::<Vec<_>>();
        assert_eq!(
            ids(r#"{"findings":[{"finding_id":"b"},{"finding_id":"a"}]}"#),
            ["a", "b"]
        );
        assert_eq!(
            ids("{\"finding_id\":\"a\"}\n{\"finding_id\":\"c\"}\n"),
            ["a", "c"]
        );
        assert_eq!(ids(""), [""; 0]);
        assert!(parse(r#"{"x":1}"#).is_err() && parse("{").is_err());
    }
}
