//! Lists of GitLab's API that end with a full page: the next page may not have been fetched.

use std::collections::{BTreeMap, BTreeSet};

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

/// One file of a list, by the number in its name: 0 where it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Page<'p> {
    number: u64,
    path: &'p str,
    rows: u64,
}

/// A hole for every list whose last page is full, or that lacks a page before it.
pub(super) fn holes(coverage: &[FileCoverage]) -> Vec<Hole> {
    let mut lists: BTreeMap<(&str, &str), Vec<Page<'_>>> = BTreeMap::new();
    for file in coverage {
        let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let list = LISTS.iter().find(|(start, _)| name.starts_with(start));
        if let Some((start, of)) = list {
            lists.entry((folder, of)).or_default().push(Page {
                number: number(name, start),
                path: &file.path,
                rows: file.lines,
            });
        }
    }
    let mut holes: Vec<Hole> = coverage.iter().filter_map(renamed).collect();
    for ((_, of), mut pages) in lists {
        pages.sort_unstable();
        if is_one_list(&pages) {
            holes.extend(missing(of, &pages));
            holes.extend(full(of, &pages));
        } else {
            let alone = pages
                .iter()
                .filter_map(|page| full(of, std::slice::from_ref(page)));
            holes.extend(alone);
        }
    }
    holes
}

/// The hole of a full list that bears another name, and that its content tells.
fn renamed(file: &FileCoverage) -> Option<Hole> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let mut lists = LISTS.into_iter();
    let (_, of) = lists.find(|(_, of)| *of == file.source)?;
    if LISTS.iter().any(|(start, _)| name.starts_with(start)) {
        return None;
    }
    let page = Page {
        number: 0,
        path: &file.path,
        rows: file.lines,
    };
    full(of, &[page])
}

/// The number of a page in the name of its file: `jobs-page2.json` is 2, `jobs.json` 0.
fn number(name: &str, list: &str) -> u64 {
    let rest = name.strip_prefix(list).unwrap_or(name);
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

/// Whether the numbers in the names of some files are of pages, not dates or ids: they say so, or
/// begin with the first and each page but the last is as long as the others.
fn is_one_list(pages: &[Page<'_>]) -> bool {
    let name = |page: &Page<'_>| page.path.rsplit('/').next().unwrap_or("").contains("page");
    let Some((last, before)) = pages.split_last() else {
        return false;
    };
    if pages.iter().any(name) {
        return true;
    }
    let first = pages.iter().find(|page| page.number > 0);
    let Some(longest) = before.first().map(|page| page.rows) else {
        return false;
    };
    let of_one_size = before.iter().all(|page| page.rows == longest) && last.rows <= longest;
    first.is_some_and(|page| page.number <= 2) && of_one_size
}

/// The hole of a list that ends with a full page.
fn full(of: &str, pages: &[Page<'_>]) -> Option<Hole> {
    let (last, before) = pages.split_last()?;
    let Page { path, rows, .. } = *last;
    // The pages before say how long a page is.
    let stated = before.iter().map(|page| page.rows).max();
    let mut sizes = PAGES.into_iter().chain(stated);
    let full = rows > 0 && (rows % 100 == 0 || sizes.any(|size| size == rows));
    let words = format!("{path} ends with a full page of {rows} rows: the next one may be missing");
    full.then(|| Hole::somewhere(of, words))
}

/// The hole of the pages between others, or before all others, that are not there.
fn missing(of: &str, pages: &[Page<'_>]) -> Option<Hole> {
    let numbers: BTreeSet<u64> = pages.iter().map(|page| page.number).collect();
    let last = pages.last()?;
    // The first page may bear no number, or 0.
    let unnumbered = numbers.contains(&0) && !numbers.contains(&1);
    let start = if unnumbered { 2 } else { 1 };
    let held = numbers.range(start..last.number.max(start)).count() as u64;
    let gone = last.number.saturating_sub(start).saturating_sub(held);
    // A name may bear any number: only the pages that are there are walked.
    let from = (start..last.number).find(|page| !numbers.contains(page))?;
    let to = (from..last.number)
        .rev()
        .find(|page| !numbers.contains(page))?;
    let which = match from == to {
        true => format!("page {from} is missing"),
        false => format!("{gone} pages from {from} to {to} are missing"),
    };
    let path = last.path;
    Some(Hole::somewhere(
        of,
        format!("{path} is a later page: {which}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(files: &[(&str, u64)]) -> Vec<String> {
        let file = |(path, rows): &(&str, u64)| FileCoverage::of_rows(path, "gitlab-jobs", *rows);
        let coverage: Vec<FileCoverage> = files.iter().map(file).collect();
        holes(&coverage)
            .into_iter()
            .map(|hole| hole.words)
            .collect()
    }

    #[test]
    fn a_page_that_is_missing_before_another_is_a_hole() {
        let middle = said(&[("p/jobs-page1.json", 100), ("p/jobs-page3.json", 7)]);
        assert_eq!(
            middle,
            ["p/jobs-page3.json is a later page: page 2 is missing"]
        );
        let first = said(&[("p/jobs_2.json", 100), ("p/jobs_3.json", 7)]);
        assert_eq!(first, ["p/jobs_3.json is a later page: page 1 is missing"]);
        let many = said(&[
            ("p/jobs.json", 100),
            ("p/jobs.2.json", 100),
            ("p/jobs.5.json", 7),
        ]);
        assert_eq!(
            many,
            ["p/jobs.5.json is a later page: 2 pages from 3 to 4 are missing"]
        );
    }

    #[test]
    fn every_missing_page_is_counted_whatever_number_a_name_bears() {
        let last = u64::MAX - 1;
        let path = format!("p/jobs-page{last}.json");
        let all = said(&[("p/jobs-page1.json", 100), (&path, 7)]);
        let words = format!(
            "{path} is a later page: {} pages from 2 to {} are missing",
            last - 2,
            last - 1
        );
        assert_eq!(all, [words]);
    }

    #[test]
    fn a_last_page_as_long_as_those_before_it_may_not_be_the_last() {
        let full = said(&[("p/jobs-1.json", 30), ("p/jobs-2.json", 30)]);
        assert_eq!(full.len(), 1, "{full:?}");
        assert!(
            full[0].contains("ends with a full page of 30 rows"),
            "{full:?}"
        );
    }

    #[test]
    fn a_full_list_under_another_name_may_not_be_all() {
        assert_eq!(said(&[("projects_103_jobs.json", 20)]).len(), 1);
        assert_eq!(said(&[("projects_103_jobs.json", 21)]), [""; 0]);
    }

    #[test]
    fn whole_lists_and_dated_files_have_no_hole() {
        for files in [
            &[("p/jobs-page1.json", 100), ("p/jobs-page2.json", 7)][..],
            &[("p/jobs.json", 100), ("p/jobs-2.json", 7)],
            &[("p/jobs-20260901.json", 9), ("p/jobs-20260903.json", 7)],
            &[("p/jobs-0.json", 9), ("p/jobs-1.json", 7)],
            &[("p/jobs-117.json", 9), ("p/jobs-119.json", 7)],
        ] {
            assert_eq!(said(files), [""; 0], "{files:?}");
        }
    }
}
