//! Small rooms: files that are read in one go, each of which says what it is.

use super::{CODE, accept, sources};

/// The most lines that a file may have.
const MOST: usize = 500;
/// The most lines that half of the files may have.
const MEDIAN: usize = 200;

#[test]
fn no_file_is_too_long_to_be_read_in_one_go() {
    let sources = sources(&CODE);
    let mut lengths: Vec<usize> = sources.iter().map(|s| s.text.lines().count()).collect();
    lengths.sort_unstable();
    let at = |share: usize| lengths[(lengths.len() - 1) * share / 100];
    println!(
        "{} files, {} lines: median {}, nine in ten below {}, longest {}",
        lengths.len(),
        lengths.iter().sum::<usize>(),
        at(50),
        at(90),
        at(100)
    );
    let faults: Vec<String> = sources
        .iter()
        .filter(|source| source.text.lines().count() > MOST)
        .map(|source| format!("{}: {} lines", source.path, source.text.lines().count()))
        .collect();
    accept("no file over 500 lines", &faults);
    assert!(at(50) <= MEDIAN, "the median file has {} lines", at(50));
}

#[test]
fn every_module_opens_by_saying_what_it_is() {
    let faults: Vec<String> = sources(&CODE)
        .into_iter()
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| source.path)
        .collect();
    accept("every module opens with `//!`", &faults);
}
