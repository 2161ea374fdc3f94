//! Lists of GitLab's API that end with a full page: the next page may not have been fetched.

use std::collections::BTreeMap;

use crate::model::{FileCoverage, Hole};

/// The lists that come in pages, by the start of their file's name, and what they are lists of.
const LISTS: [(&str, &str); 6] = [
    ("jobs", "gitlab-jobs"),
    ("pipelines", "gitlab-pipelines"),
    ("merge_requests", "gitlab-merge-request"),
    ("audit_events", "gitlab-audit"),
    ("users", "gitlab-user"),
    ("projects", "gitlab-project"),
];
/// Sizes of a page that clients ask for, the server's own among them.
const PAGES: [u64; 3] = [20, 50, 100];

/// The pages of one list by their number: path and rows.
type Pages<'p> = BTreeMap<u64, (&'p str, u64)>;

/// A hole for every list whose last page is full.
pub(super) fn holes(coverage: &[FileCoverage]) -> Vec<Hole> {
    // By folder and list: the pages by their number, with their rows.
    let mut lists: BTreeMap<(&str, &str), Pages<'_>> = BTreeMap::new();
    for file in coverage {
        let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let list = LISTS.iter().find(|(start, _)| name.starts_with(start));
        if let Some((_, of)) = list {
            let digits: String = name.chars().filter(char::is_ascii_digit).collect();
            let pages = lists.entry((folder, of)).or_default();
            pages.insert(digits.parse().unwrap_or(0), (&file.path, file.lines));
        }
    }
    let mut holes = Vec::new();
    for ((_, of), pages) in lists {
        let Some((path, rows)) = pages.values().next_back().copied() else {
            continue;
        };
        let full = |size: &u64| rows > 0 && (rows == *size || rows % 100 == 0);
        if PAGES.iter().any(full) {
            holes.push(Hole::somewhere(
                of,
                format!("{path} ends with a full page of {rows} rows: the next one may be missing"),
            ));
        }
    }
    holes
}
