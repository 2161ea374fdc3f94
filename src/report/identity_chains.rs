//! `data/identity_chains.csv`: one row per event of the period, with what is known of its origin.

use std::io::{self, Write};

use super::cell::Table;
use super::{Report, ReportFormat, Written};

/// Writes `data/identity_chains.csv`.
pub struct IdentityChains;

const HEADER: &[&str] = &[
    "time",
    "origin_kind",
    "origin_id",
    "person_id",
    "login_id",
    "credential_id",
    "role",
    "policies",
    "operation",
    "object",
    "owner",
    "outcome",
    "confidence",
    "band",
    "evidence_file",
    "evidence_line",
    "evidence_byte",
];

impl ReportFormat for IdentityChains {
    fn path(&self) -> &'static str {
        "data/identity_chains.csv"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let mut table = Table::new(out, HEADER)?;
        report.chains.each(&mut |chain| {
            table.time(Some(chain.time))?;
            table.text(chain.origin_kind)?;
            table.text(chain.origin_id)?;
            table.text(chain.person_id)?;
            table.text(chain.login_id)?;
            table.text(chain.credential_id)?;
            table.text(chain.role)?;
            table.list(chain.policies)?;
            table.text(chain.operation)?;
            table.text(chain.object)?;
            table.text(chain.owner)?;
            table.text(chain.outcome)?;
            table.confidence(chain.confidence)?;
            table.text(chain.evidence_file)?;
            table.number(chain.evidence_line)?;
            table.number(chain.evidence_byte)?;
            table.end()
        })?;
        table.finish()
    }
}
