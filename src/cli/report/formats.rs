//! Where a report goes: the directory of the pack, and formats beside it.

use std::io;
use std::path::{Path, PathBuf};

use crate::assess::Assessment;
use crate::cli::Failure;
use crate::cli::output::{Target, files, named_controls, target};
use crate::estate::Estate;
use crate::report::lint::{LintReport, Said, Shown, find};

/// What `-o` names.
#[derive(Clone, Debug)]
pub(in crate::cli) enum Output {
    /// The directory of the pack.
    Pack(PathBuf),
    /// `FORMAT=FILE`.
    Format(Target),
}

/// `DIR` or `FORMAT=FILE`.
pub(super) fn output(text: &str) -> Result<Output, String> {
    let format = text.split_once('=').and_then(|(name, _)| find(name));
    match format {
        Some(_) => target(text).map(Output::Format),
        None => Ok(Output::Pack(PathBuf::from(text))),
    }
}

/// The directory of the pack, and the formats beside it.
pub(super) fn outputs(all: &[Output]) -> Result<(PathBuf, Vec<Target>), Failure> {
    let (mut packs, mut targets) = (Vec::new(), Vec::new());
    for output in all {
        match output {
            Output::Pack(path) => packs.push(path.clone()),
            Output::Format(target) => targets.push(target.clone()),
        }
    }
    if packs.len() > 1 {
        let help = "name one directory, and FORMAT=FILE for what is written beside it";
        return Err(Failure::usage("-o names more than one directory", help));
    }
    let pack = packs.pop().unwrap_or_else(|| PathBuf::from("evidence"));
    Ok((pack, targets))
}

/// Writes the formats that were asked for.
pub(super) fn write(
    targets: &[Target],
    estate: &Estate,
    assessment: &Assessment,
) -> Result<(), Failure> {
    let findings: Vec<Shown<'_>> = assessment
        .findings
        .iter()
        .map(|finding| Shown {
            finding,
            snippet: None,
            remediation: assessment
                .runs
                .iter()
                .find(|run| run.rule_id == finding.rule_id)
                .map_or("", |run| run.remediation.as_str()),
            known: false,
            lead: finding.first_evidence(),
        })
        .collect();
    let names: Vec<String> = estate.files.iter().map(|file| file.name.clone()).collect();
    let report = LintReport {
        command: "report",
        version: env!("CARGO_PKG_VERSION"),
        as_of: estate.as_of,
        period: Some(estate.period),
        findings: &findings,
        rules: &assessment.runs,
        controls: &named_controls(&assessment.frameworks),
        broken: &[],
        files: &names,
        notes: &assessment.notes,
        added: &[],
        fail_on: None,
        colour: false,
        said: Said::default(),
    };
    files(targets, &report)
}

/// Whether the folder of every file is there: said before hours of reading.
pub(super) fn can_be_written(targets: &[Target]) -> Result<(), Failure> {
    for target in targets {
        let folder = match target.file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            let error = io::Error::from(io::ErrorKind::NotFound);
            let what = format!("cannot write `{}`: {error}", target.file.display());
            return Err(Failure::usage(
                what,
                "name a file in a directory that is there",
            ));
        }
    }
    Ok(())
}
