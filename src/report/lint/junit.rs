//! `junit`: one test case per finding, per rule that passed, per broken file; a rule that could not
//! look is a skipped one.
//!
//! The elements and attributes are those of `JUnit.xsd`, the strictest schema that readers of JUnit
//! hold a report against. GitLab takes the class name for the suite and drops equal cases, so a case
//! is named by subject and object. The times are the moment the lint speaks from: no wall clock.

use std::borrow::Cow;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::{Fault, LintFormat, LintReport, Shown};
use crate::model::{RuleOutcome, RuleRun};
use crate::report::visible::visible;

pub(super) struct Junit;

impl LintFormat for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut xml = Writer::new_with_indent(out, b' ', 2);
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let suites = xml.create_element("testsuites");
        suites.write_inner_content(|xml| suite(report, xml))?;
        writeln!(xml.get_mut())
    }
}

/// What became of a case, as its element says it.
enum Said<'a> {
    Nothing,
    Skipped(String),
    Fault {
        element: &'static str,
        kind: &'a str,
        message: &'a str,
        text: String,
    },
}

/// One test case.
struct Case<'a> {
    class: &'a str,
    name: String,
    said: Said<'a>,
}

type Xml<'w> = Writer<&'w mut dyn Write>;

fn suite(report: &LintReport<'_>, xml: &mut Xml<'_>) -> io::Result<()> {
    let quiet = report.rules.iter();
    let quiet = quiet.filter(|run| run.outcome != RuleOutcome::Finding);
    let broken = report.broken.iter().map(unreadable);
    let cases = broken
        .chain(report.findings.iter().map(found))
        .chain(quiet.map(looked));
    let cases: Vec<Case<'_>> = cases.collect();
    let count = |is: fn(&Said<'_>) -> bool| {
        let counted = cases.iter().filter(|case| is(&case.said));
        counted.count().to_string()
    };
    let failures = count(|said| matches!(said, Said::Fault { element, .. } if *element == FAILURE));
    let errors = count(|said| matches!(said, Said::Fault { element, .. } if *element == ERROR));
    let skipped = count(|said| matches!(said, Said::Skipped(_)));
    let (at, tests) = (report.as_of.to_string(), cases.len().to_string());
    let name = format!("piperoll {}", report.command);
    let suite = xml.create_element("testsuite").with_attributes([
        ("package", "piperoll"),
        ("id", "0"),
        ("name", &name),
        // To the second and without a zone.
        ("timestamp", at.get(..19).unwrap_or(&at)),
        ("hostname", "localhost"),
        ("tests", &tests),
        ("failures", &failures),
        ("errors", &errors),
        ("skipped", &skipped),
        ("time", "0"),
    ]);
    suite.write_inner_content(|xml| {
        xml.create_element("properties").write_empty()?;
        cases.iter().try_for_each(|case| element(case, xml))?;
        xml.create_element("system-out").write_empty()?;
        xml.create_element("system-err").write_empty()?;
        Ok(())
    })?;
    Ok(())
}

const FAILURE: &str = "failure";
const ERROR: &str = "error";

fn unreadable<'a>(fault: &Fault<'a>) -> Case<'a> {
    Case {
        class: "unreadable",
        name: format!("{}:{} {}", fault.file, fault.line, fault.reason),
        said: Said::Fault {
            element: ERROR,
            kind: "unreadable",
            message: fault.reason,
            text: fault.help.to_owned(),
        },
    }
}

fn found<'a>(shown: &'a Shown<'_>) -> Case<'a> {
    let found = shown.finding;
    let (file, line) = shown.place();
    let fault = || Said::Fault {
        element: FAILURE,
        kind: found.severity.as_str(),
        message: &found.title,
        text: format!("{file}:{line}\n{}\n{}", found.message, shown.remediation),
    };
    Case {
        class: &found.rule_id,
        name: format!("{} {}", found.subject, found.object),
        said: if shown.is_open() {
            fault()
        } else {
            Said::Nothing
        },
    }
}

/// A rule without a finding.
fn looked(run: &RuleRun) -> Case<'_> {
    let (name, said) = match (&run.outcome, &run.partly) {
        (RuleOutcome::NotAssessed(reason), _) => {
            let said = Said::Skipped(format!("not assessed: {reason}"));
            (run.title.clone(), said)
        }
        (_, Some(missing)) => {
            let name = format!("{} (assessed in part: {missing})", run.title);
            (name, Said::Nothing)
        }
        (_, None) => (run.title.clone(), Said::Nothing),
    };
    Case {
        class: &run.rule_id,
        name,
        said,
    }
}

fn element(case: &Case<'_>, xml: &mut Xml<'_>) -> io::Result<()> {
    let (class, name) = (shown(case.class), shown(&case.name));
    let element = xml.create_element("testcase").with_attributes([
        ("classname", class.as_ref()),
        ("name", name.as_ref()),
        ("time", "0"),
    ]);
    match &case.said {
        Said::Nothing => element.write_empty()?,
        Said::Skipped(reason) => element.write_inner_content(|xml| {
            let skipped = xml.create_element("skipped");
            let skipped = skipped.with_attribute(("message", shown(reason).as_ref()));
            skipped.write_empty().map(|_| ())
        })?,
        Said::Fault {
            element: kind_of_fault,
            kind,
            message,
            text,
        } => element.write_inner_content(|xml| {
            let lines: Vec<Cow<'_, str>> = text.lines().map(shown).collect();
            let fault = xml.create_element(*kind_of_fault);
            let fault = fault
                .with_attribute(("type", shown(kind).as_ref()))
                .with_attribute(("message", shown(message).as_ref()));
            let text = lines.join("\n");
            fault.write_text_content(BytesText::new(&text)).map(|_| ())
        })?,
    };
    Ok(())
}

/// Text that XML 1.0 can hold: hidden characters as visible tokens.
fn shown(text: &str) -> Cow<'_, str> {
    let text = visible(text);
    if text.contains(NO_CHARACTERS) {
        return text.replace(NO_CHARACTERS, "\u{FFFD}").into();
    }
    text
}

/// Code points that XML does not take for characters.
const NO_CHARACTERS: [char; 2] = ['\u{FFFE}', '\u{FFFF}'];
