//! `data/rule_texts.ndjson`: every rule as it was run, whole, so that its logic can be read and run
//! again.

use std::io::{self, Write};

use serde_json::json;

use super::{Report, ReportFormat, Written, escaped};

/// Writes `data/rule_texts.ndjson`.
pub struct RuleTexts;

impl ReportFormat for RuleTexts {
    fn path(&self) -> &'static str {
        "data/rule_texts.ndjson"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        for (rule, sha256, text) in report.rule_texts {
            let line = json!({ "rule_id": rule, "sha256": sha256, "text": text });
            escaped::to_writer(out, &line)?;
            out.write_all(b"\n")?;
        }
        Ok(Written {
            rows: Some(report.rule_texts.len() as u64),
            guarded: 0,
        })
    }
}
