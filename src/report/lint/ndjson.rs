//! `ndjson`: one finding a line, as in `json`.

use std::io::{self, Write};

use super::{LintFormat, LintReport, json};

pub(super) struct Ndjson;

impl LintFormat for Ndjson {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        for shown in report.findings {
            serde_json::to_writer(&mut *out, &json::finding(shown)).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}
