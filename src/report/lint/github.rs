//! `github`: workflow commands of GitHub Actions, which a job's log turns into annotations.
//!
//! Open findings only. A command ends at its line, and a property at a comma or colon: what the
//! files say is escaped as the runner's own toolkit does
//! (`@actions/core`, `command.ts`: `escapeData`, `escapeProperty`).

use std::io::{self, Write};

use super::{LintFormat, LintReport};
use crate::model::Severity;
use crate::report::visible::visible;

pub(super) struct Github;

impl LintFormat for Github {
    fn name(&self) -> &'static str {
        "github"
    }

    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        for fault in report.broken {
            let place = (fault.file, fault.line, fault.column);
            let text = format!("{}; {}", fault.reason, fault.help);
            command(out, "error", place, "cannot be parsed", &text)?;
        }
        for added in report.added {
            let place = (added.file, added.line, 0);
            command(out, "warning", place, "waiver added", &added.said())?;
        }
        for shown in report.findings.iter().filter(|shown| shown.is_open()) {
            let found = shown.finding;
            let level = match found.severity {
                Severity::Crit | Severity::High => "error",
                Severity::Med => "warning",
                Severity::Low | Severity::Info => "notice",
            };
            let (file, line) = shown.place();
            let column = shown.snippet.map_or(0, |snippet| snippet.column);
            let title = format!("{} {}: {}", found.severity, found.rule_id, found.title);
            let text = format!("{}\n{}", found.message, shown.remediation);
            command(out, level, (file, line, column), &title, &text)?;
        }
        Ok(())
    }
}

fn command(
    out: &mut dyn Write,
    level: &str,
    (file, line, column): (&str, u64, u32),
    title: &str,
    text: &str,
) -> io::Result<()> {
    let column = match column {
        0 => String::new(),
        column => format!(",col={column}"),
    };
    writeln!(
        out,
        "::{level} file={},line={}{column},title={}::{}",
        property(file),
        line.max(1),
        property(title),
        content(text)
    )
}

/// Text behind the second `::`.
fn content(text: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| visible(line).replace('%', "%25"))
        .collect();
    lines.join("%0A").replace('\r', "%0D")
}

/// The value of a property.
fn property(text: &str) -> String {
    let text = visible(text).replace('%', "%25");
    text.replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_is_called_ends_no_command_and_no_property() {
        let mut out = Vec::new();
        let place = ("a,b:c\n::error::x%.hcl", 3, 0);
        command(&mut out, "error", place, "t::x", "one\ntwo::%0A").unwrap();
        let out = String::from_utf8(out).unwrap();
        assert_eq!(out.lines().count(), 1, "{out}");
        assert!(out.starts_with("::error file=a%2Cb%3Ac"), "{out}");
        assert!(out.ends_with("title=t%3A%3Ax::one%0Atwo::%250A\n"), "{out}");
    }
}
