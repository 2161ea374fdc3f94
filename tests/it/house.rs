//! The rules of the house that a compiler does not know: which room may import which, how large a
//! file may be, what is registered where, and what no tracked file may say.

mod circle;
mod feature;
mod function;
mod layer;
mod prose;
mod registration;
#[cfg(feature = "tables")]
mod rule_page;
mod size;
mod supply;
mod wording;

use std::fs;
use std::path::{Path, PathBuf};

/// The folders that hold Rust, relative to the root.
const CODE: [&str; 5] = ["src", "tests", "fixtures/generator", "benches", "examples"];

/// One Rust file of the project.
struct Source {
    /// Path relative to the root, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// The lines with their numbers from 1, without those that are comments from their first mark.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..)
            .zip(self.text.lines())
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` (relative to the root), sorted; none if there is no such folder.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Every Rust file below `folders`.
fn sources(folders: &[&str]) -> Vec<Source> {
    folders
        .iter()
        .flat_map(|folder| files(folder))
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| Source {
            path: path
                .strip_prefix(root())
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/"),
            text: fs::read_to_string(&path).unwrap(),
        })
        .collect()
}

/// Fails with every fault, one a line.
fn accept(rule: &str, faults: &[String]) {
    assert!(
        faults.is_empty(),
        "{rule}: {} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
}
