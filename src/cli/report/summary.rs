//! What `report` says at its end: what was found and where to look, what was not assessed and what
//! would unlock it, what was read, and the page.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::value::RawValue;

use super::next_step;
use crate::assess::{Assessment, missing, reach};
use crate::estate::Estate;
use crate::model::{Finding, RuleOutcome, Severity};
use crate::report::{escaped, visible};

/// Findings shown by name.
const SHOWN: usize = 5;

/// The whole of it, as `--format json` writes it on one line.
#[derive(Serialize)]
pub(super) struct Summary<'a> {
    schema: &'static str,
    pack: String,
    page: String,
    period: Option<Bounds>,
    /// Logs that begin after the period does or end before it, in words.
    reach: Vec<String>,
    interim: Option<&'a str>,
    /// By severity, worst first.
    findings: Vec<Count>,
    /// The worst open ones.
    worst: Vec<Worst<'a>>,
    settings: &'a [String],
    #[serde(skip)]
    first_settings: &'a [String],
    /// What the inputs should hold and do not, by what lacks it.
    missing: Vec<String>,
    missing_more: usize,
    rules: Rules<'a>,
    logins: Logins,
    coverage: Coverage,
}

#[derive(Serialize)]
struct Bounds {
    from: String,
    to: String,
}

#[derive(Serialize)]
struct Count {
    severity: &'static str,
    count: u64,
    waived: u64,
}

#[derive(Serialize)]
struct Worst<'a> {
    id: &'a str,
    rule: &'a str,
    severity: &'static str,
    title: &'a str,
    subject: &'a str,
    object: &'a str,
    count: u64,
    /// Open findings of the rule, of high or above, that are not shown.
    more: usize,
    evidence: Option<String>,
}

#[derive(Serialize)]
struct Rules<'a> {
    assessed: usize,
    all: usize,
    in_part: usize,
    not_assessed: Vec<NotAssessed<'a>>,
}

/// Rules that were not assessed and wait for the same step.
#[derive(Serialize)]
struct NotAssessed<'a> {
    next_step: Option<&'static str>,
    /// Rules by reason.
    reasons: BTreeMap<&'a str, Vec<&'a str>>,
}

/// What logins could be traced to.
#[derive(Serialize, Default)]
struct Logins {
    all: u64,
    established: u64,
    ambiguous: u64,
    unjoined: u64,
    /// Whether the log that they stand in is missing something: there may have been others.
    in_part: bool,
}

#[derive(Serialize)]
struct Coverage {
    files: usize,
    units: u64,
    rejected: u64,
    /// Files of which nothing was read, by what they are.
    passed_over: BTreeMap<String, u64>,
}

impl<'a> Summary<'a> {
    /// Of an estate, as it was assessed and packed.
    pub(super) fn new(
        estate: &'a Estate,
        assessment: &'a Assessment,
        directory: &Path,
    ) -> Summary<'a> {
        let period = estate.period.is_known().then(|| Bounds {
            from: estate.period.from.to_string(),
            to: estate.period.to.to_string(),
        });
        let mut logins = Logins {
            in_part: estate.holes.iter().any(|hole| hole.of == "vault"),
            ..Logins::default()
        };
        for role in &estate.readiness {
            logins.all += role.logins;
            logins.established += role.established;
            logins.ambiguous += role.ambiguous;
            logins.unjoined += role.unjoined;
        }
        let (missing, missing_more) = missing::of(&estate.holes);
        Summary {
            schema: "piperoll/summary/1",
            pack: directory.display().to_string(),
            page: directory.join("report.html").display().to_string(),
            period,
            reach: reach::of(estate),
            interim: assessment.interim.as_deref(),
            findings: counts(&assessment.findings),
            worst: worst(&assessment.findings),
            settings: &assessment.unmatched,
            first_settings: &assessment.first_unmatched,
            missing,
            missing_more,
            rules: rules(assessment),
            logins,
            coverage: coverage(estate),
        }
    }

    /// As one line of JSON.
    pub(super) fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        escaped::to_writer(&mut *out, self)?;
        writeln!(out)
    }

    /// As one document, to stand in another.
    pub(super) fn raw(&self) -> io::Result<Box<RawValue>> {
        let mut text = Vec::new();
        escaped::to_writer(&mut text, self)?;
        serde_json::from_slice(&text).map_err(io::Error::from)
    }

    /// For people.
    pub(super) fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.pack)?;
        let interim = if self.interim.is_some() {
            " INTERIM"
        } else {
            ""
        };
        match &self.period {
            Some(period) => writeln!(out, "period    {} to {}{interim}", period.from, period.to)?,
            None => writeln!(out, "period    could not be derived{interim}")?,
        }
        for log in &self.reach {
            writeln!(out, "          {}", visible(log))?;
        }
        self.findings(out)?;
        for setting in self.first_settings {
            writeln!(out, "settings  {}", visible(setting))?;
        }
        for hole in &self.missing {
            writeln!(out, "missing   {}", visible(hole))?;
        }
        if self.missing_more > 0 {
            let more = self.missing_more;
            writeln!(
                out,
                "missing   and something of {more} more kinds; data/rules.csv says what each rule lacks"
            )?;
        }
        self.rules(out)?;
        self.logins(out)?;
        let coverage = &self.coverage;
        let (files, units) = (coverage.files, coverage.units);
        let rejected = coverage.rejected;
        writeln!(
            out,
            "coverage  {files} files, {units} units, {rejected} rejected"
        )?;
        for (what, files) in &coverage.passed_over {
            writeln!(
                out,
                "          not read: {files} file(s), {}",
                visible(what)
            )?;
        }
        writeln!(out, "report    {}", self.page)
    }

    fn findings(&self, out: &mut dyn Write) -> io::Result<()> {
        let words = self.findings.iter().map(|count| match count.waived {
            0 => format!("{} {}", count.count, count.severity),
            waived => format!("{} {} ({waived} waived)", count.count, count.severity),
        });
        writeln!(out, "findings  {}", words.collect::<Vec<_>>().join(", "))?;
        for found in &self.worst {
            let times = match found.count {
                0 | 1 => String::new(),
                count => format!(", {count} times"),
            };
            let subject = visible(found.subject);
            // What is about one thing names it once.
            let object = match found.object == found.subject {
                true => String::new(),
                false => format!(" -> {}", visible(found.object)),
            };
            let at = found.evidence.as_deref().unwrap_or_default();
            let more = match found.more {
                0 => String::new(),
                more => format!(", and {more} more of this rule"),
            };
            writeln!(
                out,
                "          {:<4}  {}  {}: {subject}{object}{times}\n{:26}{}{more}",
                found.severity,
                found.rule,
                visible(found.title),
                "",
                visible(at)
            )?;
        }
        Ok(())
    }

    fn rules(&self, out: &mut dyn Write) -> io::Result<()> {
        let rules = &self.rules;
        let part = match rules.in_part {
            0 => String::new(),
            count => format!(", {count} of them in part (data/rules.csv says why)"),
        };
        writeln!(
            out,
            "rules     {} of {} assessed{part}",
            rules.assessed, rules.all
        )?;
        for step in &rules.not_assessed {
            let count: usize = step.reasons.values().map(Vec::len).sum();
            let next = step.next_step.map(|next| format!("; next: {next}"));
            let next = next.unwrap_or_default();
            writeln!(out, "          not assessed: {count} rule(s){next}")?;
            for (reason, rules) in &step.reasons {
                writeln!(out, "            {}: {}", visible(reason), rules.join(" "))?;
            }
        }
        Ok(())
    }

    fn logins(&self, out: &mut dyn Write) -> io::Result<()> {
        let logins = &self.logins;
        if logins.all == 0 {
            return Ok(());
        }
        let mut parts = vec![format!(
            "{} of {} traced to what made them",
            logins.established, logins.all
        )];
        if logins.ambiguous > 0 {
            parts.push(format!("{} to several candidates", logins.ambiguous));
        }
        if logins.unjoined > 0 {
            parts.push(format!("{} to nothing that was read", logins.unjoined));
        }
        let rest = match logins.in_part {
            true => "; the Vault audit log is there in part: there may have been others",
            false => "",
        };
        writeln!(out, "logins    {}{rest}", parts.join(", "))
    }
}

fn counts(findings: &[Finding]) -> Vec<Count> {
    let of = |severity: Severity| {
        let same = findings
            .iter()
            .filter(move |found| found.severity == severity);
        Count {
            severity: severity.as_str(),
            waived: same
                .clone()
                .filter(|found| found.status.as_str() == "waived")
                .count() as u64,
            count: same.count() as u64,
        }
    };
    Severity::WORST_FIRST.into_iter().map(of).collect()
}

/// The worst open findings: all where they are few, else one of each rule with how many more there
/// are, for five of one rule say less.
fn worst(findings: &[Finding]) -> Vec<Worst<'_>> {
    let open: Vec<&Finding> = findings
        .iter()
        .filter(|found| found.status.as_str() == "open" && found.severity >= Severity::High)
        .collect();
    let mut of_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for found in &open {
        *of_rule.entry(&found.rule_id).or_default() += 1;
    }
    let few = open.len() <= SHOWN;
    let mut told = BTreeSet::new();
    open.into_iter()
        .filter(|found| few || told.insert(found.rule_id.as_str()))
        .take(SHOWN)
        .map(|found| {
            let same = of_rule.get(found.rule_id.as_str());
            let more = same.filter(|_| !few).map_or(0, |count| count - 1);
            Worst {
                id: &found.id,
                rule: &found.rule_id,
                severity: found.severity.as_str(),
                title: &found.title,
                subject: &found.subject,
                object: &found.object,
                count: found.count,
                more,
                evidence: found.first_evidence().map(|at| at.pointer()),
            }
        })
        .collect()
}

fn rules(assessment: &Assessment) -> Rules<'_> {
    let mut steps: BTreeMap<Option<&str>, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    let mut missing = 0;
    for run in &assessment.runs {
        if let RuleOutcome::NotAssessed(reason) = &run.outcome {
            let reasons = steps.entry(next_step::of(reason)).or_default();
            reasons.entry(reason).or_default().push(&run.rule_id);
            missing += 1;
        }
    }
    let not_assessed = steps.into_iter();
    let mut not_assessed: Vec<NotAssessed<'_>> = not_assessed
        .map(|(next_step, reasons)| NotAssessed { next_step, reasons })
        .collect();
    // What unlocks most comes first, and what nothing unlocks last.
    not_assessed.sort_by_key(|step| {
        let count: usize = step.reasons.values().map(Vec::len).sum();
        (step.next_step.is_none(), std::cmp::Reverse(count))
    });
    let runs = &assessment.runs;
    Rules {
        assessed: runs.len() - missing,
        all: runs.len(),
        in_part: runs.iter().filter(|run| run.partly.is_some()).count(),
        not_assessed,
    }
}

fn coverage(estate: &Estate) -> Coverage {
    let mut passed_over: BTreeMap<String, u64> = BTreeMap::new();
    for file in &estate.coverage {
        if file.parsed == 0 && file.rejected == 0 {
            let reasons = file
                .skip_reasons
                .iter()
                .filter(|(reason, _)| reason != "blank");
            let most = reasons.max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0)));
            let what = most.map_or("empty", |(reason, _)| reason.as_str());
            *passed_over.entry(what.to_owned()).or_default() += 1;
        }
    }
    Coverage {
        files: estate.coverage.len(),
        units: estate.coverage.iter().map(|file| file.lines).sum(),
        rejected: estate.coverage.iter().map(|file| file.rejected).sum(),
        passed_over,
    }
}
