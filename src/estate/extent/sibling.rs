//! What was exported of one project and not of another beside it.
//!
//! Exports of projects lie in folders of one name each below `projects/`. A list that most of them
//! have was asked of all: where a project has none of something, the answer is an empty list, and a
//! file.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Attribute, FileCoverage, Hole, listed, unpacked};

/// The folder that holds one folder for each project.
const PROJECTS: &str = "projects/";

/// One list of a project: the folder above all projects, the project, and the file's name without the
/// number of a page.
fn list_of(path: &str) -> Option<(&str, &str, String)> {
    let (before, below) = path.rsplit_once(PROJECTS)?;
    let is_folder = before.is_empty() || before.ends_with('/');
    let (project, name) = below.split_once('/').filter(|_| is_folder)?;
    // What lies deeper is of one job or one merge request.
    let stem = unpacked(name).strip_suffix(".json");
    let stem = stem.filter(|_| !name.contains('/'))?;
    let page = stem.trim_end_matches(|one: char| one.is_ascii_digit() || one == '-');
    Some((before, project, page.trim_end_matches("-page").to_owned()))
}

/// A hole for each kind of thing that was exported of most projects and not of all.
pub(in crate::estate) fn holes(
    coverage: &[FileCoverage],
    attributes: &[Attribute],
    files: &[String],
) -> Vec<Hole> {
    let mut kinds: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for attribute in attributes {
        let file = files.get(attribute.place.file.0 as usize);
        if let Some(file) = file.filter(|file| file.contains(PROJECTS)) {
            kinds.entry(file).or_default().insert(attribute.kind);
        }
    }
    let mut projects: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut lists: BTreeMap<(&str, String), List<'_>> = BTreeMap::new();
    for file in coverage {
        let Some((above, project, name)) = list_of(&file.path) else {
            continue;
        };
        projects.entry(above).or_default().insert(project);
        let list = lists.entry((above, name)).or_default();
        list.projects.insert(project);
        match kinds.get(file.path.as_str()) {
            Some(own) => list.kinds.extend(own),
            None if file.parsed > 0 => drop(list.kinds.insert(&file.source)),
            None => {}
        }
    }
    let mut holes = Vec::new();
    for ((above, name), list) in lists {
        let Some(all) = projects.get(above) else {
            continue;
        };
        let without: BTreeSet<&str> = all.difference(&list.projects).copied().collect();
        // Two projects say nothing of what is usual.
        if without.is_empty() || list.projects.len() <= without.len() {
            continue;
        }
        let words = format!(
            "{name} of {} project(s) below {above}{PROJECTS} is there, and not of {}",
            list.projects.len(),
            listed(&without)
        );
        holes.extend(
            list.kinds
                .iter()
                .map(|of| Hole::somewhere(*of, words.clone())),
        );
    }
    holes
}

/// The projects that have a list, and what it holds.
#[derive(Debug, Default)]
struct List<'l> {
    projects: BTreeSet<&'l str>,
    kinds: BTreeSet<&'l str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(paths: &[&str]) -> Vec<(String, String)> {
        let coverage = paths
            .iter()
            .map(|path| FileCoverage::of_rows(path, "gitlab-jobs", 1));
        let coverage: Vec<FileCoverage> = coverage.collect();
        let holes = holes(&coverage, &[], &[]).into_iter();
        holes.map(|hole| (hole.of, hole.words)).collect()
    }

    #[test]
    fn a_list_that_most_projects_have_is_missing_of_the_others() {
        let jobs = [
            "git/projects/7/jobs-1.json",
            "git/projects/8/jobs.json",
            "git/projects/9/pipelines.json",
        ];
        let whole = [&jobs[..], &["git/projects/9/jobs-page2.json"]].concat();
        assert_eq!(said(&whole), [], "pages are of one list");
        let packed = [&jobs[..], &["git/projects/9/jobs.json.gz"]].concat();
        assert_eq!(said(&packed), [], "and compressed");
        let [(of, words)] = &said(&jobs)[..] else {
            panic!("{:?}", said(&jobs));
        };
        assert_eq!(of, "gitlab-jobs");
        assert!(
            words.ends_with("git/projects/ is there, and not of 9"),
            "{words}"
        );
    }

    #[test]
    fn what_one_of_two_has_and_what_lies_deeper_is_no_list_of_all() {
        let two = ["projects/a/iam-policy.json", "projects/b/secrets.json"];
        assert_eq!(said(&two), []);
        let deeper = [
            "projects/7/jobs/1/x.json",
            "projects/8/jobs/2/x.json",
            "projects/9/y.json",
        ];
        assert_eq!(said(&deeper), []);
        assert_eq!(said(&["myprojects/7/x.json", "myprojects/8/x.json"]), []);
    }
}
