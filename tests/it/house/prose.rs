//! What the pages for people say of the tree is so: paths that they name exist, and every room has
//! its line.

use std::collections::BTreeSet;
use std::fs;

use regex::Regex;

use super::{accept, files, root};

/// The pages, relative to the root.
fn pages() -> Vec<(String, String)> {
    let fixed = ["README.md", "CONTRIBUTING.md"].map(|name| root().join(name));
    let docs = files("docs").into_iter();
    let markdown = docs.filter(|path| path.extension().is_some_and(|end| end == "md"));
    let read = |path: std::path::PathBuf| {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        (name, fs::read_to_string(path).unwrap())
    };
    fixed.into_iter().chain(markdown).map(read).collect()
}

#[test]
fn every_path_that_a_page_names_exists() {
    let path = Regex::new(
        r"`((?:src|rules|reports|tests|fixtures|benches|docs|deploy|fuzz)/[A-Za-z0-9_./-]+)`",
    )
    .unwrap();
    let (mut seen, mut faults) = (0, Vec::new());
    for (page, text) in pages() {
        for hit in path.captures_iter(&text) {
            // The worked example of a new source is of a proxy that nobody has.
            if hit[1].starts_with("src/source/proxy/") {
                continue;
            }
            seen += 1;
            if !root().join(&hit[1]).exists() {
                faults.push(format!("{page}: `{}` is not there", &hit[1]));
            }
        }
    }
    assert!(seen > 20, "only {seen} paths were looked at");
    accept("every path that a page names exists", &faults);
}

#[test]
fn every_room_has_its_line_in_the_picture_of_the_house() {
    let text = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let (_, table) = text.split_once("| Room | One sentence |").unwrap();
    let (table, _) = table.split_once("Invariants").unwrap();
    let named: BTreeSet<&str> = Regex::new(r"`([a-z]+)/")
        .unwrap()
        .captures_iter(table)
        .map(|hit| hit.get(1).unwrap().as_str())
        .collect();
    let rooms = fs::read_dir(root().join("src")).unwrap();
    let rooms: Vec<String> = rooms
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let there: BTreeSet<&str> = rooms.iter().map(String::as_str).collect();
    assert_eq!(named, there);
}

/// What `[text](target)` names in a page, outside of code.
fn links(text: &str) -> Vec<String> {
    let fence = Regex::new(r"(?s)```.*?```|`[^`\n]*`").unwrap();
    let text = fence.replace_all(text, "");
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let found = link.captures_iter(&text);
    found.map(|hit| hit[1].to_owned()).collect()
}

/// The anchors of a page's headings, as GitLab and mdBook make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let heads = text.lines().filter_map(|line| line.strip_prefix('#'));
    heads
        .map(|head| {
            let head = head.trim_start_matches('#').trim().to_lowercase();
            let kept = head
                .chars()
                .filter(|c| c.is_alphanumeric() || "-_ ".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let more = ["deploy/README.md", "fixtures/README.md", "SECURITY.md"];
    let more = more.map(|name| {
        (
            name.to_owned(),
            fs::read_to_string(root().join(name)).unwrap(),
        )
    });
    let (mut seen, mut faults) = (0, Vec::new());
    for (page, text) in pages().into_iter().chain(more) {
        for link in links(&text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            seen += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let here = root().join(&page);
            let there = match file {
                "" => here,
                file => here.parent().unwrap().join(file),
            };
            let stands = there.exists()
                && (anchor.is_empty()
                    || anchors(&fs::read_to_string(&there).unwrap()).contains(anchor));
            if !stands {
                faults.push(format!("{page}: ({link}) leads nowhere"));
            }
        }
    }
    assert!(seen > 200, "only {seen} links were looked at");
    accept("every link of a page leads somewhere", &faults);
}

#[test]
fn the_book_has_every_page_once() {
    let summary = fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let mut chapters: Vec<String> = links(&summary);
    chapters.sort();
    let mut there: Vec<String> = pages()
        .into_iter()
        .filter_map(|(page, _)| page.strip_prefix("docs/").map(str::to_owned))
        .filter(|page| page != "SUMMARY.md")
        .collect();
    there.sort();
    assert_eq!(chapters, there);
}
