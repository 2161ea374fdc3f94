//! What `lint` has to say, and the formats it can be said in: one file per format.

mod codequality;
mod csv;
mod github;
mod gl_sast;
mod json;
mod junit;
mod markdown;
mod ndjson;
mod ocsf;
mod oscal;
mod oscal_catalog;
mod sarif;
mod text;
mod uri;

use std::io::{self, Write};

use crate::model::{Evidence, Finding, Period, RuleOutcome, RuleRun, Severity, Status, Timestamp};

/// Everything that a lint can show. Lists are already in their output order.
pub struct LintReport<'a> {
    /// The command that speaks: `lint` or `report`.
    pub command: &'static str,
    /// Version of piperoll.
    pub version: &'a str,
    /// The moment the lint speaks from.
    pub as_of: Timestamp,
    /// The period it is about, of a report.
    pub period: Option<Period>,
    /// Findings, worst first.
    pub findings: &'a [Shown<'a>],
    /// How every rule ran, by id.
    pub rules: &'a [RuleRun],
    /// The controls of every framework asked for, in the order of the control matrix.
    pub controls: &'a [NamedControl],
    /// What could not be parsed, by file and line.
    pub broken: &'a [Fault<'a>],
    /// Files that were read, by path.
    pub files: &'a [String],
    /// What was left out, in words.
    pub notes: &'a [String],
    /// Waivers that the change under review adds, by place.
    pub added: &'a [Added<'a>],
    /// From which severity an open finding fails the lint; none when nothing does.
    pub fail_on: Option<Severity>,
    /// Whether text is coloured.
    pub colour: bool,
    /// What text says besides findings.
    pub said: Said,
}

/// A control of a framework and what it is called here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedControl {
    /// Id of the framework, e.g. `soc2-2017`.
    pub framework: String,
    /// The framework's name and edition for people.
    pub framework_title: String,
    /// Id of the control in it, e.g. `CC6.1`.
    pub id: String,
    /// Our own title.
    pub title: String,
}

/// What text says besides findings; other formats say what they say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said {
    /// Findings alone: no summary and no notes.
    pub quiet: bool,
    /// Instead of each finding how many there are of each rule.
    pub statistics: bool,
    /// Every rule that was not assessed, or in part, with its reason.
    pub verbose: bool,
}

/// A finding and what to show beside it.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// The part of the source it is about.
    pub snippet: Option<Snippet<'a>>,
    /// What to do about it.
    pub remediation: &'a str,
    /// Whether the baseline has it too.
    pub known: bool,
    /// The piece of evidence to point at first: a line of the configuration where there is one,
    /// because a merge request shows that and no log.
    pub lead: Option<&'a Evidence>,
}

/// A waiver that the change under review adds.
#[derive(Clone, Copy)]
pub struct Added<'a> {
    /// The file.
    pub file: &'a str,
    /// Line, from 1.
    pub line: u64,
    /// The rule it accepts.
    pub rule: &'a str,
    /// Who accepts.
    pub owner: &'a str,
    /// Why.
    pub reason: &'a str,
    /// Until when.
    pub expires: Timestamp,
}

impl Added<'_> {
    /// What is said of it.
    fn said(&self) -> String {
        let Added {
            rule,
            owner,
            reason,
            expires,
            ..
        } = self;
        format!("this change adds a waiver of {rule} by {owner} until {expires}: {reason}")
    }
}

/// A part of one source line; the line is already redacted.
#[derive(Clone, Copy)]
pub struct Snippet<'a> {
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u32,
    /// Length in characters.
    pub length: u32,
    /// How many characters of the line stand before `text`: of a long line a part is shown.
    pub offset: u32,
    /// The line.
    pub text: &'a str,
}

/// A fault for which a file, or a record of it, could not be parsed.
#[derive(Clone, Copy)]
pub struct Fault<'a> {
    /// The file.
    pub file: &'a str,
    /// Line, from 1.
    pub line: u64,
    /// Column, from 1; 0 where only the line is known.
    pub column: u32,
    /// What is wrong.
    pub reason: &'a str,
    /// What to do.
    pub help: &'a str,
    /// The part of the source it is about.
    pub snippet: Option<Snippet<'a>>,
}

impl Shown<'_> {
    /// Whether it can fail the lint: neither waived nor in the baseline.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.finding.status == Status::Open && !self.known
    }

    /// `open`, `waived` or `known`.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match (&self.finding.status, self.known) {
            (Status::Waived(_), _) => "waived",
            (Status::Open, true) => "known",
            (Status::Open, false) => "open",
        }
    }

    /// The evidence beside the one it leads with.
    fn more(&self) -> impl Iterator<Item = &Evidence> {
        let lead = self.lead;
        self.finding
            .evidence
            .iter()
            .filter(move |at| lead.is_none_or(|lead| *at != lead))
    }

    /// File and line of the leading piece of evidence.
    fn place(&self) -> (&str, u64) {
        self.lead.map_or(("", 1), |evidence| {
            (evidence.file.as_str(), evidence.line.max(1))
        })
    }
}

/// How many rules found something, passed, and could not look.
fn tally(rules: &[RuleRun]) -> (usize, usize, usize) {
    let count =
        |wanted: fn(&RuleOutcome) -> bool| rules.iter().filter(|run| wanted(&run.outcome)).count();
    (
        count(|outcome| *outcome == RuleOutcome::Finding),
        count(|outcome| matches!(outcome, RuleOutcome::Pass | RuleOutcome::NoOccurrence)),
        count(|outcome| matches!(outcome, RuleOutcome::NotAssessed(_))),
    )
}

/// One output format of a lint.
pub trait LintFormat: Sync {
    /// The name on the command line.
    fn name(&self) -> &'static str;

    /// Writes the lint in this format.
    ///
    /// # Errors
    ///
    /// Fails when the writer fails.
    fn write(&self, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()>;
}

/// Every format, by name.
pub const FORMATS: &[&dyn LintFormat] = &[
    &codequality::CodeQuality,
    &csv::Csv,
    &github::Github,
    &gl_sast::GlSast,
    &json::Json,
    &junit::Junit,
    &markdown::Markdown,
    &ndjson::Ndjson,
    &ocsf::Ocsf,
    &oscal::Oscal,
    &oscal_catalog::OscalCatalog,
    &sarif::Sarif,
    &text::Text,
];

/// The format of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn LintFormat> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}
