//! `data/identity_edges.csv`: every identity edge, with the key it rests on.

use std::io::{self, Write};

use super::cell::Table;
use super::{Report, ReportFormat, Written};

/// Writes `data/identity_edges.csv`.
pub struct IdentityEdges;

const HEADER: &[&str] = &[
    "edge",
    "left_id",
    "right_id",
    "key",
    "confidence",
    "band",
    "alternatives",
    "left_evidence",
    "right_evidence",
    "left_byte",
    "right_byte",
];

impl ReportFormat for IdentityEdges {
    fn path(&self) -> &'static str {
        "data/identity_edges.csv"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let mut table = Table::new(out, HEADER)?;
        report.edges.each(&mut |edge| {
            table.text(edge.edge)?;
            table.text(edge.left_id)?;
            table.text(edge.right_id)?;
            table.text(edge.key)?;
            table.confidence(Some(edge.confidence))?;
            table.list(edge.alternatives)?;
            table.text(edge.left_evidence)?;
            table.text(edge.right_evidence)?;
            table.number(edge.left_byte)?;
            table.number(edge.right_byte)?;
            table.end()
        })?;
        table.finish()
    }
}
