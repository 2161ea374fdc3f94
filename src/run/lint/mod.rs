//! `lint`: configuration read, checked and judged, without tables.

mod broken;
mod example;
mod gather;
mod judge;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::config::Settings;
use crate::model::{Finding, RuleRun, Severity, Timestamp};
use crate::rule::{Configuration, Excerpt, Facts, Rule, Stated};
use crate::source::{self, InputFile};

pub use broken::Broken;
pub use example::prove;

/// What a lint is asked to read.
#[derive(Clone, Copy, Debug)]
pub struct LintRequest<'r> {
    /// PATH arguments.
    pub paths: &'r [String],
    /// Paths that are never input.
    pub except: &'r [PathBuf],
    /// Where the command runs: files below it are named from here.
    pub here: &'r Path,
    /// Configuration.
    pub settings: &'r Settings,
    /// Name of the configuration file in messages.
    pub config_file: &'r str,
    /// The rules; those in SQL are left out.
    pub rules: &'r [Rule],
    /// The only clock.
    pub as_of: Timestamp,
}

/// What a lint found.
#[derive(Debug)]
pub struct Linted {
    /// Findings, worst first.
    pub findings: Vec<Finding>,
    /// What to show of the source, by finding id.
    pub excerpts: BTreeMap<String, Excerpt>,
    /// How every rule with a check ran, by id.
    pub runs: Vec<RuleRun>,
    /// Files that could not be parsed, by path and line.
    pub broken: Vec<Broken>,
    /// What was left out, in words.
    pub notes: Vec<String>,
    /// Files that were read, by path.
    pub files: Vec<String>,
}

impl Linted {
    /// The worst severity of an open finding.
    #[must_use]
    pub fn worst_open(&self) -> Option<Severity> {
        let open = self
            .findings
            .iter()
            .filter(|found| found.status.as_str() == "open");
        open.map(|found| found.severity).max()
    }
}

/// Reads the paths and runs every rule that has a check.
///
/// # Errors
///
/// A path that is missing or cannot be listed, or nothing to read.
pub fn lint(request: &LintRequest<'_>) -> Result<Linted, source::Error> {
    let files: Vec<InputFile> = gather::files(request)?;
    let gathered = gather::gather(&files);
    let facts = Facts::new(gathered.sources.clone(), request.settings);
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let kept = &gathered.kept;
    let mut input = Configuration::new(Stated {
        settings: request.settings,
        facts: &facts,
        attributes: &kept.attributes,
        policies: &kept.policies,
        services: &kept.services,
        grants: &kept.grants,
        texts: &kept.texts,
        files: &names,
        as_of: request.as_of,
    });
    let (broken, mut notes) = broken::collect(&gathered, &input, &files);
    let mut linted = judge::judge(&mut input, request.rules);
    linted.broken = broken;
    notes.extend(request.settings.warnings.iter().map(ToString::to_string));
    linted.notes = notes;
    linted.files = gathered.read;
    Ok(linted)
}
