//! `junit`: one test case per finding, per rule that passed, per broken file; a rule that could not
//! look is a skipped one.
//!
//! GitLab takes the class name for the suite and drops equal cases, so a case is named by subject
//! and object. The times are the moment the lint speaks from: no wall clock.

use std::io::{self, Write};

use super::{LintFormat, LintReport};
use crate::model::RuleOutcome;
use crate::report::visible::visible;

pub(super) struct Junit;

impl LintFormat for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        let quiet = report
            .rules
            .iter()
            .filter(|run| run.outcome != RuleOutcome::Finding);
        let tests = report.findings.len() + report.broken.len() + quiet.clone().count();
        let failures = report
            .findings
            .iter()
            .filter(|shown| shown.is_open())
            .count();
        let errors = report.broken.len();
        let skipped = quiet
            .clone()
            .filter(|run| matches!(run.outcome, RuleOutcome::NotAssessed(_)))
            .count();
        let at = report.as_of.to_string();
        let at = at.get(..19).unwrap_or(&at);
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(out, "<testsuites>")?;
        writeln!(
            out,
            "<testsuite package=\"piperoll\" id=\"0\" name=\"piperoll lint\" timestamp=\"{at}\" \
             hostname=\"localhost\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"0\">"
        )?;
        writeln!(out, "<properties/>")?;
        for fault in report.broken {
            let name = format!("{}:{} {}", fault.file, fault.line, fault.reason);
            case(
                out,
                "unreadable",
                &name,
                Some(("error", "unreadable", fault.reason, fault.help)),
            )?;
        }
        for shown in report.findings {
            let found = shown.finding;
            let name = format!("{} {}", found.subject, found.object);
            let (file, line) = shown.place();
            let text = format!("{file}:{line}\n{}\n{}", found.message, shown.remediation);
            let failure = (
                "failure",
                found.severity.as_str(),
                found.title.as_str(),
                text.as_str(),
            );
            case(
                out,
                &found.rule_id,
                &name,
                shown.is_open().then_some(failure),
            )?;
        }
        for run in quiet {
            match &run.outcome {
                RuleOutcome::NotAssessed(reason) => {
                    let (class, name) = (escape(&run.rule_id), escape(&run.title));
                    writeln!(
                        out,
                        "<testcase classname=\"{class}\" name=\"{name}\" time=\"0\">\
                         <skipped message=\"not assessed: {}\"/></testcase>",
                        escape(reason)
                    )?;
                }
                _ => {
                    let name = match &run.partly {
                        Some(missing) => format!("{} (assessed in part: {missing})", run.title),
                        None => run.title.clone(),
                    };
                    case(out, &run.rule_id, &name, None)?;
                }
            }
        }
        writeln!(
            out,
            "<system-out/><system-err/>\n</testsuite>\n</testsuites>"
        )
    }
}

fn case(
    out: &mut dyn Write,
    class: &str,
    name: &str,
    failure: Option<(&str, &str, &str, &str)>,
) -> io::Result<()> {
    let (class, name) = (escape(class), escape(name));
    write!(
        out,
        "<testcase classname=\"{class}\" name=\"{name}\" time=\"0\""
    )?;
    match failure {
        None => writeln!(out, "/>"),
        Some((element, kind, message, text)) => {
            let (kind, message) = (escape(kind), escape(message));
            let lines: Vec<String> = text.lines().map(escape).collect();
            writeln!(
                out,
                "><{element} type=\"{kind}\" message=\"{message}\">{}</{element}></testcase>",
                lines.join("\n")
            )
        }
    }
}

/// Text as XML: hidden characters, which XML 1.0 cannot hold, as visible tokens.
fn escape(text: &str) -> String {
    visible(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace(['\u{FFFE}', '\u{FFFF}'], "\u{FFFD}")
}
