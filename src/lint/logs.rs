//! `lint --logs`: what real use says of the linted policies.
//!
//! Logs are read with the ingest of `report`. Jobs, projects, services and entities that lie
//! beside them serve the joins; policies among them are not linted.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use super::LintRequest;
use super::broken::Broken;
use super::gather::named;
use crate::estate::Devices;
use crate::estate::formats;
use crate::identity::Scope;
use crate::model::{Exports, FileId, Hole};
use crate::posture::Posture;
use crate::source::{self, Ended, InputFile, Output, ingest};
use crate::table::row::Harvest;
use crate::usage::{Recorder, Usage};

/// What the logs said.
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
    let (mut unreadable, mut notes) = (Vec::new(), InputFile::links_told(&files));
    let (mut damaged, mut closed_files): (Vec<String>, Vec<String>) = Default::default();
    let mut rejected: Option<(FileId, u64, u64, String)> = None;
    let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let name = |file: FileId| names.get(file.0 as usize).map_or("", String::as_str);
    ingest(
        &files,
        &formats(),
        threads,
        Harvest::default,
        |output| match output {
            Output::Block { file, tally, kept } => {
                let count = tally.rejected.len() as u64 + tally.rejected_more;
                if let Some(damage) = tally.rejected.into_iter().next() {
                    match &mut rejected {
                        Some(known) => known.1 += count,
                        None => {
                            let reason = damage.reason.into_owned();
                            rejected = Some((file, count, damage.place.line, reason));
                        }
                    }
                }
                let device = devices.number(name(file), &kept.halves);
                recorder.block(device, kept);
            }
            Output::End(Ended {
                file,
                torn,
                unreadable: closed,
                ..
            }) => {
                if let Some((file, count, line, reason)) = rejected.take() {
                    damaged.push(format!(
                        "{}:{line}: {count} record(s) of the log could not be read: {reason}",
                        name(file)
                    ));
                }
                if let Some((reason, line, _)) = torn {
                    damaged.push(format!(
                        "{}:{line}: the log ends there: {reason}",
                        name(file)
                    ));
                }
                if let Some(reason) = closed {
                    closed_files.push(format!("{} could not be read: {reason}", name(file)));
                    unreadable.push(Broken {
                        file: name(file).to_owned(),
                        line: 1,
                        column: 0,
                        reason,
                        help: "mend the file, or leave it out of --logs".to_owned(),
                        excerpt: None,
                    });
                }
            }
        },
    );
    let words = damaged.iter().chain(&closed_files);
    let holes = words.map(|words| Hole::somewhere("vault", words.clone()));
    let holes: Vec<Hole> = holes.collect();
    notes.extend(damaged);
    // A file that is linted and lies among the logs was read twice; its things are stated once.
    let both: BTreeSet<PathBuf> = files.iter().filter_map(whole).collect();
    let again: BTreeSet<FileId> = linted
        .iter()
        .filter(|file| whole(file).is_some_and(|path| both.contains(&path)))
        .map(|file| file.id)
        .collect();
    let services = kept.services.iter();
    let attributes = kept.attributes.iter();
    recorder.exports(
        services
            .filter(|service| !again.contains(&service.place.file))
            .cloned()
            .collect(),
        attributes
            .filter(|attribute| !again.contains(&attribute.place.file))
            .cloned()
            .collect(),
    );
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
        unreadable,
        notes,
        holes,
    })
}

/// The path of a file from the root, links resolved.
fn whole(file: &InputFile) -> Option<PathBuf> {
    std::fs::canonicalize(file.path.as_deref()?).ok()
}
