//! Lists that came in pages, held against what their server said of the whole list: how many records
//! it has (`X-Total`), and whether another page follows (`Link`).

use std::collections::{BTreeMap, BTreeSet};

use super::Declaration;
use crate::model::{FileCoverage, FileId, Hole};

/// The pages of one list.
#[derive(Default)]
struct List<'d> {
    pages: Vec<&'d Declaration>,
    files: BTreeSet<FileId>,
}

/// The lists of whose length, or of whose pages, their server said something.
fn lists(declared: &[Declaration]) -> Vec<List<'_>> {
    let mut lists: BTreeMap<(&str, &str), List<'_>> = BTreeMap::new();
    let answered = |one: &&Declaration| one.export.total.or(one.export.followed.map(u64::from));
    for one in declared.iter().filter(|one| answered(one).is_some()) {
        let list = lists.entry(name(&one.export.path)).or_default();
        list.pages.push(one);
        list.files.extend(&one.files);
    }
    lists.into_values().collect()
}

/// The files of the lists that are as long as their server counted them.
pub(super) fn counted(declared: &[Declaration], coverage: &[FileCoverage]) -> BTreeSet<FileId> {
    let counted = |list: &List<'_>| {
        let mut pages = list.pages.iter();
        pages.any(|page| page.export.total.is_some()) && list.short(coverage).is_none()
    };
    let whole = lists(declared).into_iter().filter(counted);
    whole.flat_map(|list| list.files).collect()
}

/// A hole for every list of which a page is missing.
pub(super) fn holes(declared: &[Declaration], coverage: &[FileCoverage]) -> Vec<Hole> {
    let mut holes = Vec::new();
    for list in lists(declared) {
        let Some(last) = list.pages.last() else {
            continue;
        };
        let words = list.short(coverage).or_else(|| list.open());
        let Some(words) = words else { continue };
        let sources = last.of(coverage).into_iter();
        holes.extend(sources.map(|of| Hole::somewhere(of, words.clone())));
    }
    holes
}

impl List<'_> {
    /// That it holds fewer records than its server counted. A list that grew while its pages were
    /// fetched may hold more than the first of them said.
    fn short(&self, coverage: &[FileCoverage]) -> Option<String> {
        let totals = self.pages.iter();
        let largest = totals.max_by_key(|page| page.export.total)?;
        let total = largest.export.total?;
        let files = coverage.iter();
        let files = files.filter(|file| self.files.contains(&file.file));
        let read: u64 = files.map(super::records).sum();
        let at = &largest.export.declared_at;
        (read < total).then(|| {
            let path = &largest.export.path;
            format!("`{path}` is of a list of {total} record(s), of which {read} are there ({at})")
        })
    }

    /// That every page says that another one follows.
    fn open(&self) -> Option<String> {
        let said: Vec<bool> = self
            .pages
            .iter()
            .filter_map(|page| page.export.followed)
            .collect();
        let last = self.pages.last()?;
        (!said.is_empty() && said.iter().all(|followed| *followed)).then(|| {
            let (path, at) = (&last.export.path, &last.export.declared_at);
            format!("another page follows `{path}`, and no receipt is of the last one ({at})")
        })
    }
}

/// What the paths of the pages of one list share: the folder, and the letters that the name begins
/// with.
fn name(path: &str) -> (&str, &str) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let end = name
        .find(|c: char| !c.is_ascii_alphabetic() && c != '_')
        .unwrap_or(name.len());
    let list = name.get(..end).unwrap_or(name);
    (folder, list.trim_end_matches('_').trim_end_matches("page"))
}
