//! `ndjson`: one finding a line, as in `json`.

use std::io::{self, Write};

use super::{LintFormat, LintReport, json};
use crate::report::escaped;

pub(super) struct Ndjson;

impl LintFormat for Ndjson {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        for shown in report.findings {
            escaped::to_writer(out, &json::finding(shown))?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}
