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
