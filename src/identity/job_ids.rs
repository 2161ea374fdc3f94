//! Whether a job that no export holds can have run all the same.
//!
//! GitLab numbers the jobs of an instance one after the other. A job that was not yet numbered at a
//! moment did not run then; and where every number up to a moment is held, none ran but those. Else
//! a row may be missing, unless whoever fetched the list wrote down how long it was.

use std::collections::{BTreeMap, BTreeSet};

use super::directory::Directory;
use super::scope::Scope;
use crate::model::{FileId, Job, Timestamp};

/// The numbers of the exported jobs, and which lists are known to be whole.
pub(super) struct JobIds<'d> {
    directory: &'d Directory,
    /// By project, jobs by number with the latest creation of all jobs up to it.
    numbered: BTreeMap<u64, Vec<(u64, Timestamp)>>,
    /// All jobs by creation: when, and whether every number up to here is held.
    dense: Vec<(Timestamp, bool)>,
    /// The files that hold the jobs of a project.
    files: BTreeMap<u64, BTreeSet<FileId>>,
    skew: i64,
}

impl<'d> JobIds<'d> {
    pub(super) fn new(directory: &'d Directory, declared: &Scope<'_>) -> JobIds<'d> {
        let mut numbered: BTreeMap<u64, Vec<(u64, Timestamp)>> = BTreeMap::new();
        let mut files: BTreeMap<u64, BTreeSet<FileId>> = BTreeMap::new();
        let mut created: Vec<(Timestamp, u64)> = Vec::new();
        // Jobs lie by project and number.
        for job in &directory.jobs {
            let own = files.entry(job.project_id).or_default();
            own.insert(job.place.file);
            let Some(at) = since(job) else { continue };
            created.push((at, job.id));
            let list = numbered.entry(job.project_id).or_default();
            let latest = list.last().map_or(at, |(_, before)| at.max(*before));
            list.push((job.id, latest));
        }
        created.sort_unstable();
        let mut held: BTreeSet<u64> = BTreeSet::new();
        let mut dense = Vec::with_capacity(created.len());
        for (at, id) in created {
            held.insert(id);
            let ends = held.first().zip(held.last());
            let span = ends.map(|(first, last)| last - first);
            dense.push((at, span.is_some_and(|span| span < held.len() as u64)));
        }
        JobIds {
            directory,
            numbered,
            dense,
            files,
            skew: declared.skew_micros(),
        }
    }

    /// Whether a job of this number cannot have run at `at`: a lower number was given later.
    pub(super) fn is_ahead(&self, project: Option<u64>, id: u64, at: Timestamp) -> bool {
        let latest = |list: &Vec<(u64, Timestamp)>| {
            let below = list.partition_point(|(known, _)| *known < id);
            let (_, latest) = list.get(below.checked_sub(1)?)?;
            Some(*latest)
        };
        let latest = match project {
            Some(project) => self.numbered.get(&project).and_then(latest),
            None => self.numbered.values().filter_map(latest).max(),
        };
        latest.is_some_and(|latest| latest > at.plus_micros(self.skew))
    }

    /// Whether no job is missing of those that were made up to `at`: each number is held, those
    /// between the last job before and the first one after it too, which may have been given by then.
    pub(super) fn is_dense(&self, at: Timestamp) -> bool {
        let until = at.plus_micros(self.skew);
        let made = self.dense.partition_point(|(known, _)| *known <= until);
        let last = made.checked_sub(1).and_then(|last| self.dense.get(last));
        let next = self.dense.get(made);
        last.is_some_and(|(_, dense)| *dense) && next.is_none_or(|(_, dense)| *dense)
    }

    /// Whether the list of a project's jobs, or of every project's, was counted by its server.
    pub(super) fn is_counted(&self, project: Option<u64>) -> bool {
        let counted = |files: &BTreeSet<FileId>| files.is_subset(&self.directory.counted);
        match project {
            Some(project) => self.files.get(&project).is_some_and(counted),
            None => !self.files.is_empty() && self.files.values().all(counted),
        }
    }
}

/// When a job was made, as far as its export says.
fn since(job: &Job) -> Option<Timestamp> {
    job.created_at.or(job.started_at)
}
