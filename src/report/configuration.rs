//! `configuration.toml`: the configuration the run was made with, byte for byte.

use std::io::{self, Write};

use super::{Report, ReportFormat, Written};

/// Writes `configuration.toml`.
pub struct Configuration;

impl ReportFormat for Configuration {
    fn path(&self) -> &'static str {
        "configuration.toml"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        out.write_all(report.configuration.as_bytes())?;
        Ok(Written::default())
    }
}
