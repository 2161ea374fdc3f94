//! `data/credential_names.csv`: what several audit devices write for one credential.

use std::io::{self, Write};

use super::cell::Table;
use super::{Report, ReportFormat, Written};

/// Writes `data/credential_names.csv`.
pub struct CredentialNames;

impl ReportFormat for CredentialNames {
    fn path(&self) -> &'static str {
        "data/credential_names.csv"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let mut table = Table::new(out, &["credential_id", "also_written_as"])?;
        for (id, handles) in report.handles {
            for handle in handles {
                table.text(id)?;
                table.text(handle)?;
                table.end()?;
            }
        }
        table.finish()
    }
}
