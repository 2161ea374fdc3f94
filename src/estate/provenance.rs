//! How the inputs were collected, by `[[source]]` and `collection.ndjson`, and what of it does not
//! tie with what was read.

mod paged;

use std::collections::BTreeSet;

use globset::{GlobBuilder, GlobMatcher};

use super::formats;
use crate::config::{Export, Settings};
use crate::identity::Directory;
use crate::model::{Collection, FileCoverage, FileId, Hole, Period, Timestamp, secret};
use crate::source::InputFile;
use crate::table::row::{Batch, collection};

/// One declaration with the inputs that it is about.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// What is declared.
    pub export: Export,
    /// The inputs that its path names.
    pub files: BTreeSet<FileId>,
}

/// How the inputs were collected.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// What is declared, in the order of the configuration and then of the receipts.
    pub declared: Vec<Declaration>,
}

impl Provenance {
    /// What the configuration and the receipts declare about `files`.
    pub(super) fn new(settings: &Settings, directory: &Directory, files: &[InputFile]) -> Self {
        let receipts = receipts(directory, files);
        let all = settings.exports.iter().cloned().chain(receipts);
        let declared = all.map(|export| {
            let matcher = matcher(&export.path);
            let named = |file: &&InputFile| {
                let typed = file
                    .path
                    .as_deref()
                    .map(|path| path.to_string_lossy().replace('\\', "/"));
                matcher.as_ref().is_some_and(|matcher| {
                    matcher.is_match(&file.name)
                        || typed
                            .is_some_and(|typed| matcher.is_match(typed.trim_start_matches("./")))
                })
            };
            let files = files.iter().filter(named).map(|file| file.id).collect();
            Declaration { export, files }
        });
        Provenance {
            declared: declared.collect(),
        }
    }

    /// Whether the log in some files never pauses: what any declaration of them says, `true` before
    /// `false`; `false` only where all of them are declared so.
    pub(super) fn continuous(&self, files: &BTreeSet<FileId>) -> Option<bool> {
        let about = |wanted: bool| {
            let stated = self.declared.iter();
            let stated = stated.filter(move |it| it.export.continuous == Some(wanted));
            stated.flat_map(|it| &it.files).collect::<BTreeSet<_>>()
        };
        if files.iter().any(|file| about(true).contains(file)) {
            return Some(true);
        }
        let pauses = about(false);
        let all = !files.is_empty() && files.iter().all(|file| pauses.contains(file));
        all.then_some(false)
    }

    /// The files that anything declared is about.
    pub(super) fn files(&self) -> BTreeSet<FileId> {
        let files = self.declared.iter().flat_map(|one| &one.files);
        files.copied().collect()
    }

    /// The files that hold as many records as their declaration, or the server of their list, said.
    pub(super) fn counted(&self, coverage: &[FileCoverage]) -> BTreeSet<FileId> {
        let tied = self
            .declared
            .iter()
            .filter(|one| one.export.expect_records.is_some() && one.untied(coverage).is_none());
        let mut files: BTreeSet<FileId> = tied.flat_map(|one| &one.files).copied().collect();
        files.extend(paged::counted(&self.declared, coverage));
        files
    }

    /// What is declared, beside what was read of it, as a pack states it.
    #[must_use]
    pub fn collections(&self, coverage: &[FileCoverage]) -> Vec<Collection> {
        let text = |value: &Option<String>| secret::redact(value.as_deref().unwrap_or_default());
        let declared = self.declared.iter();
        declared
            .map(|one| Collection {
                path: secret::redact(&one.export.path),
                system: text(&one.export.system),
                instance: text(&one.export.instance),
                environment: text(&one.export.environment),
                command: text(&one.export.command),
                at: one.export.collected_at,
                by: text(&one.export.collected_by),
                expected: one.export.expect_records,
                files: one.files.len() as u64,
                records: one.records(coverage),
            })
            .collect()
    }

    /// What of the declared is not there.
    pub(super) fn holes(&self, coverage: &[FileCoverage], period: Period) -> Vec<Hole> {
        let mut holes = Vec::new();
        for one in &self.declared {
            let Export {
                path, declared_at, ..
            } = &one.export;
            if one.files.is_empty() && one.export.required == Some(true) {
                let words =
                    format!("`{path}` is required and no input has that path ({declared_at})");
                holes.extend(
                    one.of(coverage)
                        .into_iter()
                        .map(|of| Hole::somewhere(of, words.clone())),
                );
            }
            if let Some((expected, read)) = one.untied(coverage) {
                let words = format!(
                    "`{path}` holds {read} record(s), {expected} were expected ({declared_at})"
                );
                holes.extend(
                    one.of(coverage)
                        .into_iter()
                        .map(|of| Hole::somewhere(of, words.clone())),
                );
            }
            holes.extend(one.early(self, coverage, period));
        }
        holes.extend(paged::holes(&self.declared, coverage));
        holes
    }

    /// Declarations of nothing that was read, in words.
    #[must_use]
    pub fn unmatched(&self) -> Vec<String> {
        let empty = self
            .declared
            .iter()
            .filter(|one| one.files.is_empty() && one.export.required != Some(true));
        empty
            .map(|one| {
                format!(
                    "`source` names `{}`, which no input has for a path ({})",
                    one.export.path, one.export.declared_at
                )
            })
            .collect()
    }

    /// Rows of the table `collection`.
    pub(super) fn rows(&self, coverage: &[FileCoverage]) -> Batch {
        let mut batch = Batch::new(&collection::SCHEMA);
        for one in &self.declared {
            let export = &one.export;
            let whole = |value: u64| i64::try_from(value).ok();
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            let first = one.covered(coverage).next();
            let (file, line) = export
                .declared_at
                .rsplit_once(':')
                .unwrap_or((&export.declared_at, "1"));
            let mut row = batch.row();
            row.text(collection::PATH, &export.path)
                .text(collection::SYSTEM, &text(&export.system))
                .text(collection::INSTANCE, &text(&export.instance))
                .text(collection::ENVIRONMENT, &text(&export.environment))
                .text(collection::COMMAND, &text(&export.command))
                .int(collection::COLLECTED_AT, export.collected_at.map(|at| at.0))
                .text(collection::COLLECTED_BY, &text(&export.collected_by))
                .int(
                    collection::EXPECT_RECORDS,
                    export.expect_records.and_then(whole),
                )
                .int(collection::RECORDS, whole(one.records(coverage)))
                .int(collection::FILES, whole(one.files.len() as u64))
                .text(
                    collection::CONTRADICTION,
                    &one.contradiction(coverage).unwrap_or_default(),
                );
            match first {
                Some(first) => row
                    .text(collection::SOURCE_FILE, &first.path)
                    .int(collection::SOURCE_LINE, 1)
                    .text(collection::SOURCE_SHA256, &first.sha256.to_string()),
                None => row
                    .text(
                        collection::SOURCE_FILE,
                        file.rsplit(['/', '\\']).next().unwrap_or(file),
                    )
                    .int(collection::SOURCE_LINE, line.parse::<i64>().unwrap_or(1)),
            }
            .int(collection::SOURCE_BYTE, 0);
        }
        batch
    }
}

impl Declaration {
    /// The accounts of its files.
    fn covered<'c>(
        &'c self,
        coverage: &'c [FileCoverage],
    ) -> impl Iterator<Item = &'c FileCoverage> {
        coverage
            .iter()
            .filter(|file| self.files.contains(&file.file))
    }

    /// The records in its files.
    fn records(&self, coverage: &[FileCoverage]) -> u64 {
        self.covered(coverage).map(records).sum()
    }

    /// How many records were expected and how many there are, where the two differ.
    fn untied(&self, coverage: &[FileCoverage]) -> Option<(u64, u64)> {
        let expected = self.export.expect_records?;
        let read = self.records(coverage);
        (expected != read).then_some((expected, read))
    }

    /// The sources that it is about: what its files were read as, else what it says itself.
    fn of(&self, coverage: &[FileCoverage]) -> BTreeSet<String> {
        let read: BTreeSet<String> = self
            .covered(coverage)
            .map(|file| file.source.clone())
            .filter(|source| source != "unrecognised")
            .collect();
        if !read.is_empty() {
            return read;
        }
        let said = self
            .export
            .system
            .iter()
            .flat_map(|system| sources_of(system));
        let said: BTreeSet<String> = said.map(str::to_owned).collect();
        if !said.is_empty() {
            return said;
        }
        let guessed = super::guess::guesses(&self.export.path).into_iter();
        guessed.map(str::to_owned).collect()
    }

    /// A log that was collected before the period was over, and that nothing collected later holds.
    fn early(&self, all: &Provenance, coverage: &[FileCoverage], period: Period) -> Vec<Hole> {
        let Some(at) = self.export.collected_at.filter(|at| *at < period.to) else {
            return Vec::new();
        };
        let later = |source: &str| {
            all.declared.iter().any(|other| {
                other.export.collected_at.is_some_and(|other| other > at)
                    && other.covered(coverage).any(|file| file.source == source)
            })
        };
        let logs = self.covered(coverage).filter(|file| file.is_log);
        let logs: BTreeSet<&str> = logs.map(|file| file.source.as_str()).collect();
        let missing = logs.into_iter().filter(|source| !later(source));
        let span = Period {
            from: at.max(period.from),
            to: period.to,
        };
        missing
            .map(|source| {
                let words = format!(
                    "`{}` was collected at {at}, before the period ends ({})",
                    self.export.path, self.export.declared_at
                );
                Hole::spanning(source, span, words)
            })
            .collect()
    }

    /// What the declaration says and the files do not, in words.
    fn contradiction(&self, coverage: &[FileCoverage]) -> Option<String> {
        let system = self.export.system.as_deref()?;
        let of_system = |source: &str| source == system || sources_of(system).contains(&source);
        let mut known = self
            .covered(coverage)
            .filter(|file| file.source != "unrecognised");
        let other = known.find(|file| !of_system(&file.source))?;
        Some(format!("declared as {system}, read as {}", other.source))
    }
}

/// The records in a file; a blank line is none.
fn records(file: &FileCoverage) -> u64 {
    let blank = file.skip_reasons.iter().filter(|(why, _)| why == "blank");
    file.lines
        .saturating_sub(blank.map(|(_, count)| count).sum())
}

/// The sources of a system, and a source by its own name.
fn sources_of(system: &str) -> Vec<&'static str> {
    let system = system.to_lowercase();
    let system = match system.as_str() {
        "google" | "google cloud" | "google-cloud" => "gcp",
        "aws" => "aws",
        other => other,
    };
    let of = |source: &&'static str| {
        *source == system
            || source
                .strip_prefix(system)
                .is_some_and(|rest| rest.starts_with('-'))
            || (system == "aws" && source.starts_with("cloudtrail"))
    };
    let all = formats().into_iter();
    let all: BTreeSet<&str> = all.map(|format| format.about().source.name).collect();
    all.into_iter().filter(of).collect()
}

/// The inputs that a path names: a glob in which `*` stays inside a folder, or a folder.
fn matcher(path: &str) -> Option<GlobMatcher> {
    let path = path.trim_start_matches("./");
    let path = match path.strip_suffix('/') {
        Some(folder) => format!("{folder}/**"),
        None => path.to_owned(),
    };
    let glob = GlobBuilder::new(&path).literal_separator(true).build();
    glob.ok().map(|glob| glob.compile_matcher())
}

/// What the receipts among the inputs declare.
fn receipts(directory: &Directory, files: &[InputFile]) -> Vec<Export> {
    let mut all: Vec<(String, Export)> = Vec::new();
    for attribute in directory.of_kind("collection") {
        if all
            .last()
            .is_none_or(|(object, _)| *object != attribute.object)
        {
            let file = files.get(attribute.place.file.0 as usize);
            let file = file.map_or("collection.ndjson", |file| file.name.as_str());
            let export = Export {
                declared_at: format!("{file}:{}", attribute.place.line),
                ..Export::default()
            };
            all.push((attribute.object.clone(), export));
        }
        let Some((_, export)) = all.last_mut() else {
            continue;
        };
        let value = attribute.value.clone();
        match attribute.name.as_str() {
            "path" => export.path = value,
            "system" => export.system = Some(value),
            "instance" => export.instance = Some(value),
            "environment" => export.environment = Some(value),
            "command" => export.command = Some(value),
            "collected_at" => export.collected_at = Timestamp::parse_date_or_time(&value),
            "collected_by" => export.collected_by = Some(value),
            "expect_records" => export.expect_records = value.parse().ok(),
            "continuous" => export.continuous = value.parse().ok(),
            "x_total" => export.total = value.parse().ok(),
            "followed" => export.followed = value.parse().ok(),
            "required" => export.required = value.parse().ok(),
            _ => {}
        }
    }
    all.into_iter().map(|(_, export)| export).collect()
}
