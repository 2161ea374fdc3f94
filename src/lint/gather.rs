//! Reads the files of a lint: what configuration states, and what could not be read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::LintRequest;
use super::above::above;
use crate::estate::formats;
use crate::identity::name_projects;
use crate::model::{Event, Export, Exports, FileId, Sink, fill_predefined, secret};
use crate::posture::{Stated, StatedPolicy};
use crate::rule::Facts;
use crate::snapshot::terraform;
use crate::source::{
    self, Ended, InputFile, Output, Tally, absolute, expand, ingest, tell_apart, threads,
};

/// Directories of tools, with copies of what others publish. Whoever opens a merge request chooses
/// the names of folders: one that may hold anything (`target`, `node_modules`) is read.
const PASSED_OVER: [&str; 3] = [".git", ".terraform", ".terragrunt-cache"];
/// Which of them git takes no file from: nobody can commit one.
const OF_GIT: &str = ".git";
/// How the names of files end that configuration is written in.
const CONFIGURATION: [&str; 5] = [".hcl", ".json", ".tf", ".yaml", ".yml"];

/// Why nothing was read of a file that holds nothing.
pub(super) const EMPTY: &str = "empty";

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// What files state, without the policies.
    pub(super) kept: Exports,
    pub(super) policies: Vec<StatedPolicy>,
    /// Sources of which something was read.
    pub(super) sources: BTreeSet<String>,
    /// Files of which something was read, by path.
    pub(super) read: Vec<String>,
    /// Records that are damaged: file, line, reason.
    pub(super) rejected: Vec<(FileId, u64, String)>,
    /// Files that could not be opened or read to their end.
    pub(super) unreadable: Vec<(FileId, u64, String)>,
    /// Files of which nothing was read, and why.
    pub(super) passed: Vec<(FileId, String)>,
    /// Source of each file's format, by file.
    pub(super) formats: Vec<Option<&'static str>>,
}

/// A sink that keeps configuration only; logs pass.
#[derive(Debug, Default)]
struct Snapshots(Exports);

impl Sink for Snapshots {
    fn event(&mut self, _: &Event<'_>) {}
    fn export(&mut self, export: Export) {
        if !matches!(
            export,
            Export::Job(_) | Export::Pipeline(_) | Export::Exposure(_)
        ) {
            self.0.add(export);
        }
    }
}

/// The files to read, named from where the command runs: CI systems look them up by that name.
pub(super) fn files(request: &LintRequest<'_>) -> Result<Vec<InputFile>, source::Error> {
    named(request.paths, request)
}

/// The same, with a note for each kind of folder that was passed over and holds configuration.
pub(super) fn files_and_notes(
    request: &LintRequest<'_>,
) -> Result<(Vec<InputFile>, Vec<String>), source::Error> {
    let (files, passed_over) = listed(request.paths, request)?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (folder, file) in &passed_over {
        let told = CONFIGURATION.iter().any(|end| file.name.ends_with(end));
        if told && *folder != OF_GIT {
            *counts.entry(folder).or_default() += 1;
        }
    }
    let notes = counts.into_iter().map(|(folder, count)| {
        format!("{count} file(s) below folders called `{folder}` were not read: they are a tool's copies, unless somebody committed them")
    });
    Ok((files, notes.collect()))
}

/// The files of some arguments, in order.
pub(super) fn named(
    paths: &[String],
    request: &LintRequest<'_>,
) -> Result<Vec<InputFile>, source::Error> {
    Ok(listed(paths, request)?.0)
}

/// The files of some arguments, in order, and those that were passed over with their folder's name.
type Listed = (Vec<InputFile>, Vec<(&'static str, InputFile)>);

fn listed(paths: &[String], request: &LintRequest<'_>) -> Result<Listed, source::Error> {
    let (mut files, mut passed_over) = (Vec::new(), Vec::new());
    for file in expand(paths, request.except, request.links)? {
        let mut folders = file.name.split('/');
        folders.next_back();
        let tool = folders.find_map(|folder| PASSED_OVER.into_iter().find(|name| *name == folder));
        match tool {
            Some(folder) => passed_over.push((folder, file)),
            None => files.push(file),
        }
    }
    for file in &mut files {
        let Some(path) = file.path.as_deref() else {
            continue;
        };
        if let Some(name) = below(request.here, path) {
            file.name = secret::redacted_typed(&name).into_owned();
        }
        let whole = absolute(&request.here.join(path));
        file.above = whole
            .ancestors()
            .nth(file.name.split('/').count())
            .and_then(above);
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    tell_apart(files.iter_mut().map(|file| &mut file.name));
    for (file, number) in files.iter_mut().zip(0u32..) {
        file.id = FileId(number);
    }
    if files.is_empty() {
        return Err(source::Error::Nothing(paths.join(", ")));
    }
    Ok((files, passed_over))
}

/// What each file is, by its name in the evidence: its path from where the command runs, in full
/// where it lies elsewhere. Other arguments beside it change nothing of that.
pub(super) fn identities(files: &[InputFile], here: &Path) -> BTreeMap<String, String> {
    let identity = |file: &InputFile| {
        let path = file.path.as_deref()?;
        let full = || {
            let mut clean = PathBuf::new();
            for part in here.join(path).components() {
                match part {
                    Component::ParentDir => {
                        clean.pop();
                    }
                    other => clean.push(other),
                }
            }
            clean.display().to_string()
        };
        Some(below(here, path).unwrap_or_else(full))
    };
    let named = files.iter();
    named
        .map(|file| {
            let identity = identity(file).unwrap_or_else(|| file.name.clone());
            (file.name.clone(), identity)
        })
        .collect()
}

/// `path` as seen from `here`, with `/`; `None` when it lies elsewhere.
fn below(here: &Path, path: &Path) -> Option<String> {
    let whole = here.join(path);
    let mut parts: Vec<String> = Vec::new();
    for part in whole.strip_prefix(here).ok()?.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            other => parts.push(other.as_os_str().to_string_lossy().into_owned()),
        }
    }
    Some(parts.join("/"))
}

/// What is read, and what of it nobody keeps.
#[derive(Default)]
struct Reading {
    gathered: Gathered,
    /// Files of which some record was read.
    parsed: BTreeSet<FileId>,
    /// Why records were skipped, as they came.
    skipped: Vec<(FileId, String)>,
}

/// Reads `files`.
pub(super) fn gather(files: &[InputFile], request: &LintRequest<'_>) -> Gathered {
    let mut reading = Reading::default();
    reading.gathered.formats = vec![None; files.len()];
    let take = |output| match output {
        Output::Block { file, tally, kept } => reading.block(file, tally, kept),
        Output::End(ended) => reading.end(ended),
    };
    ingest(files, &formats(), threads(), Snapshots::default, take);
    let mut gathered = reading.close(files);
    gathered.terraform(files);
    let kept = &mut gathered.kept;
    name_projects(&mut kept.services, &mut kept.attributes, &BTreeMap::new());
    fill_predefined(&mut kept.attributes);
    let policies = std::mem::take(&mut kept.policies);
    gathered.policies = StatedPolicy::parse(policies, request.settings, request.as_of);
    gathered
}

impl Reading {
    fn block(&mut self, file: FileId, tally: Tally, kept: Snapshots) {
        if tally.parsed > 0 {
            self.parsed.insert(file);
        }
        let gathered = &mut self.gathered;
        let sources = tally.sources.keys().map(|source| (*source).to_owned());
        gathered.sources.extend(sources);
        let rejected = tally.rejected.into_iter();
        let rejected = rejected.map(|damage| (file, damage.place.line, damage.reason.into_owned()));
        gathered.rejected.extend(rejected);
        let skipped = tally.skipped.into_keys();
        self.skipped
            .extend(skipped.map(|why| (file, why.into_owned())));
        gathered.kept.extend(kept.0);
    }

    fn end(&mut self, ended: Ended) {
        let (file, gathered) = (ended.file, &mut self.gathered);
        if let Some(slot) = gathered.formats.get_mut(file.0 as usize) {
            *slot = ended.source;
        }
        if let Some(reason) = ended.unreadable {
            gathered.unreadable.push((file, 1, reason));
        }
        if let Some((reason, line, _)) = ended.torn {
            gathered.unreadable.push((file, line, reason));
        }
    }

    /// What was read, and of which files nothing was.
    fn close(mut self, files: &[InputFile]) -> Gathered {
        self.skipped.retain(|(_, reason)| reason != "blank");
        let told: BTreeMap<FileId, String> = self.skipped.into_iter().rev().collect();
        let (parsed, mut gathered) = (self.parsed, self.gathered);
        let damaged = gathered.rejected.iter().chain(&gathered.unreadable);
        let failed: BTreeSet<FileId> = damaged.map(|(file, ..)| *file).collect();
        gathered.passed = files
            .iter()
            .filter(|file| !parsed.contains(&file.id) && !failed.contains(&file.id))
            .map(|file| {
                let reason = told.get(&file.id).cloned();
                (file.id, reason.unwrap_or_else(|| EMPTY.to_owned()))
            })
            .collect();
        let names = files.iter().filter(|file| parsed.contains(&file.id));
        gathered.read = names.map(|file| file.name.clone()).collect();
        gathered
    }
}

impl Gathered {
    /// Adds what Terraform will make of its files: it is judged like what is exported.
    fn terraform(&mut self, files: &[InputFile]) {
        let name = |file: FileId| files.get(file.0 as usize).map_or("", |f| f.name.as_str());
        let mut stated = Snapshots::default();
        terraform::resolve(&self.kept.texts, &self.kept.policies, name, &mut stated);
        let states = |kind: &str| stated.0.attributes.iter().any(|said| said.kind == kind);
        if !stated.0.grants.is_empty() || states("wif-provider") {
            self.sources.insert("gcp-config".to_owned());
        }
        if states("aws-role") {
            self.sources.insert("aws-config".to_owned());
        }
        self.kept.extend(stated.0);
    }

    /// What a posture borrows of it; `names` are those of the files.
    pub(super) fn stated<'c>(
        &'c self,
        request: &LintRequest<'c>,
        facts: &'c Facts,
        names: &'c [String],
    ) -> Stated<'c> {
        Stated {
            settings: request.settings,
            facts,
            attributes: &self.kept.attributes,
            policies: &self.policies,
            services: &self.kept.services,
            grants: &self.kept.grants,
            texts: &self.kept.texts,
            files: names,
            as_of: request.as_of,
        }
    }
}
