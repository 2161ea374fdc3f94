//! Where the formats of a lint go.

use std::io::{self, Write};
use std::path::PathBuf;

use super::Failure;
use crate::finding::Framework;
use crate::report::lint::{FORMATS, LintReport, NamedControl, find};

/// A format and the file it is written to.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) format: String,
    pub(super) file: PathBuf,
}

/// A format's name.
pub(super) fn format(text: &str) -> Result<String, String> {
    let known = find(text).map(|format| format.name().to_owned());
    known.ok_or_else(|| {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name()).collect();
        format!(
            "`{text}` is no format of a lint; one of {}",
            names.join(", ")
        )
    })
}

/// `FORMAT=FILE`.
pub(super) fn target(text: &str) -> Result<Target, String> {
    let (name, file) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` is no FORMAT=FILE, e.g. sarif=lint.sarif"))?;
    if file.is_empty() {
        return Err(format!("`{text}` names no file"));
    }
    Ok(Target {
        format: format(name)?,
        file: PathBuf::from(file),
    })
}

/// Writes one format.
pub(super) fn write(name: &str, report: &LintReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    match find(name) {
        Some(format) => format.write(report, out),
        None => Ok(()),
    }
}

/// Writes every file that was asked for.
pub(super) fn files(targets: &[Target], report: &LintReport<'_>) -> Result<(), Failure> {
    for target in targets {
        let mut text = Vec::new();
        let plain = LintReport {
            colour: false,
            ..*report
        };
        write(&target.format, &plain, &mut text)?;
        // A CI job writes the same report again and again: an earlier one is replaced.
        std::fs::write(&target.file, text).map_err(|error| {
            let help = "name a file in a directory that is there";
            Failure::unwritten(&target.file, &error, help)
        })?;
    }
    Ok(())
}

/// The controls of frameworks, as a catalogue lists them.
pub(super) fn named_controls(frameworks: &[Framework]) -> Vec<NamedControl> {
    let all = frameworks.iter().flat_map(|framework| {
        let title = format!("{} ({})", framework.title, framework.edition);
        framework.controls.iter().map(move |control| NamedControl {
            framework: framework.id.clone(),
            framework_title: title.clone(),
            id: control.id.clone(),
            title: control.title.clone(),
        })
    });
    all.collect()
}
