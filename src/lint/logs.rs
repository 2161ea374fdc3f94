//! `lint --logs`: what real use says of the linted policies.
//!
//! Logs are read with the ingest of `report`. Jobs, projects, services and entities that lie
//! beside them serve the joins; policies among them are not linted.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::LintRequest;
use super::broken::Broken;
use super::gather::named;
use crate::estate::formats;
use crate::estate::{Before, Devices};
use crate::identity::Scope;
use crate::model::{Attribute, Exports, FileId, Hole, Service};
use crate::posture::Posture;
use crate::source::{self, Ended, InputFile, Output, Tally, ingest, threads};
use crate::table::row::Harvest;
use crate::usage::{Recorder, Usage};

/// What the logs said.
#[derive(Default)]
pub(super) struct Logs {
    /// What was seen; none without a Vault record.
    pub(super) usage: Option<Usage>,
    /// Names of the files.
    pub(super) names: Vec<String>,
    /// Files that could not be opened.
    pub(super) unreadable: Vec<Broken>,
    /// Lines that could not be read, in words.
    pub(super) notes: Vec<String>,
    /// The same as holes of the log.
    pub(super) holes: Vec<Hole>,
}

/// Reads the logs of a request; `kept` is what was linted, read from `linted`. Every distinct
/// request is kept where policies are to be sized.
pub(super) fn read(
    request: &LintRequest<'_>,
    input: &Posture<'_>,
    kept: &Exports,
    linted: &[InputFile],
    keep_requests: bool,
) -> Result<Logs, source::Error> {
    let files = named(request.logs, request)?;
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let mut recorder = Recorder::new(input, &names, request.window);
    if keep_requests {
        recorder = recorder.keeping_requests();
    }
    let mut devices = Devices::default();
    let mut damage = Damage::default();
    let name = |file: FileId| names.get(file.0 as usize).map_or("", String::as_str);
    let take = |output: Output<Harvest>| match output {
        Output::Block { file, tally, kept } => {
            damage.block(tally);
            let (pairing, ledger) = recorder.read();
            let before = Before { pairing, ledger };
            let device = devices.number(name(file), &kept.halves, &kept.symbols, before);
            recorder.block(device, kept);
        }
        Output::End(end) => damage.end(name(end.file), end),
    };
    ingest(&files, &formats(), threads(), Harvest::default, take);
    let holes = damage.holes();
    let mut notes = InputFile::links_told(&files);
    notes.extend(damage.cut);
    let (services, attributes) = beside(kept, &files, linted);
    recorder.exports(services, attributes);
    let scope = Scope {
        settings: request.settings,
        as_of: request.as_of,
    };
    let usage = recorder.finish(&scope);
    if let Some(usage) = &usage {
        notes.push(format!(
            "logs from {}: {} request(s) with a token were allowed, {} of them judged by the linted policies; {} login(s)",
            usage.window_in_words(),
            usage.allowed,
            usage.judged,
            usage.logins
        ));
    }
    Ok(Logs {
        usage,
        names,
        unreadable: damage.unreadable,
        notes,
        holes,
    })
}

/// What could not be read of the logs.
#[derive(Default)]
struct Damage {
    /// Rejected records of the file being read: how many, the line of the first, and why.
    rejected: Option<(u64, u64, String)>,
    /// Records and ends that are missing, in words.
    cut: Vec<String>,
    /// Files that could not be opened, in words.
    closed: Vec<String>,
    unreadable: Vec<Broken>,
}

impl Damage {
    fn block(&mut self, tally: Tally) {
        let count = tally.rejected.len() as u64 + tally.rejected_more;
        let Some(damage) = tally.rejected.into_iter().next() else {
            return;
        };
        let first = (0, damage.place.line, damage.reason.into_owned());
        self.rejected.get_or_insert(first).0 += count;
    }

    fn end(&mut self, name: &str, end: Ended) {
        if let Some((count, line, reason)) = self.rejected.take() {
            self.cut.push(format!(
                "{name}:{line}: {count} record(s) of the log could not be read: {reason}"
            ));
        }
        if let Some((reason, line, _)) = end.torn {
            self.cut
                .push(format!("{name}:{line}: the log ends there: {reason}"));
        }
        if let Some(reason) = end.unreadable {
            self.closed
                .push(format!("{name} could not be read: {reason}"));
            self.unreadable.push(Broken {
                file: name.to_owned(),
                line: 1,
                column: 0,
                reason,
                help: "mend the file, or leave it out of --logs".to_owned(),
                excerpt: None,
            });
        }
    }

    fn holes(&self) -> Vec<Hole> {
        let words = self.cut.iter().chain(&self.closed);
        words
            .map(|words| Hole::somewhere("vault", words.clone()))
            .collect()
    }
}

/// What is stated by linted files. One that lies among the logs too was read twice; its things are
/// stated once.
fn beside(
    kept: &Exports,
    files: &[InputFile],
    linted: &[InputFile],
) -> (Vec<Service>, Vec<Attribute>) {
    let both: BTreeSet<PathBuf> = files.iter().filter_map(whole).collect();
    let again: BTreeSet<FileId> = linted
        .iter()
        .filter(|file| whole(file).is_some_and(|path| both.contains(&path)))
        .map(|file| file.id)
        .collect();
    let services = kept.services.iter();
    let services = services.filter(|service| !again.contains(&service.place.file));
    let attributes = kept.attributes.iter();
    let attributes = attributes.filter(|attribute| !again.contains(&attribute.place.file));
    (services.cloned().collect(), attributes.cloned().collect())
}

/// The path of a file from the root, links resolved.
fn whole(file: &InputFile) -> Option<PathBuf> {
    std::fs::canonicalize(file.path.as_deref()?).ok()
}
