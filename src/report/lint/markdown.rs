//! `markdown`: a table for a merge request note.

use std::io::{self, Write};

use super::{LintFormat, LintReport, tally};
use crate::report::visible::visible;

pub(super) struct Markdown;

impl LintFormat for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        let open = report
            .findings
            .iter()
            .filter(|shown| shown.is_open())
            .count();
        let (_, passed, not_assessed) = tally(report.rules);
        writeln!(out, "### piperoll {}\n", report.command)?;
        writeln!(
            out,
            "{open} open of {} finding(s); {passed} rule(s) passed, {not_assessed} not assessed; {} file(s) read.\n",
            report.findings.len(),
            report.files.len()
        )?;
        for fault in report.broken {
            let place = format!("{}:{}", fault.file, fault.line);
            writeln!(
                out,
                "- **cannot be parsed** {}: {}",
                cell(&place),
                cell(fault.reason)
            )?;
        }
        if !report.broken.is_empty() {
            writeln!(out)?;
        }
        for added in report.added {
            let place = format!("{}:{}", added.file, added.line);
            let said = added.said();
            writeln!(out, "- **waiver added** {}: {}", cell(&place), cell(&said))?;
        }
        if !report.added.is_empty() {
            writeln!(out)?;
        }
        if report.findings.is_empty() {
            return Ok(());
        }
        writeln!(out, "| severity | rule | state | finding | where |")?;
        writeln!(out, "|---|---|---|---|---|")?;
        for shown in report.findings {
            let found = shown.finding;
            let (file, line) = shown.place();
            writeln!(
                out,
                "| {} | {} | {} | **{}** {} | {} |",
                found.severity,
                found.rule_id,
                shown.state(),
                cell(&found.title),
                cell(&found.message),
                cell(&format!("{file}:{line}")),
            )?;
        }
        Ok(())
    }
}

/// Text that stays text in a table cell: neither markup nor HTML nor a mention.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in visible(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' | '$' => {
                out.push('\\');
                out.push(character);
            }
            other => out.push(other),
        }
    }
    out
}
