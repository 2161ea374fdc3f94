//! Build script: every file below `rules/` is in the binary, so that a rule is one file and no list;
//! and a released binary knows its commit and target.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The folder of frameworks inside that of rules: its files are no rules.
const FRAMEWORKS: &str = "frameworks/";

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("rules");
    let mut paths = Vec::new();
    files(&root, "", &mut paths)?;
    paths.sort();
    let (frameworks, rules): (Vec<&String>, Vec<&String>) =
        paths.iter().partition(|path| path.starts_with(FRAMEWORKS));
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("rules.rs"), list(&rules)?)?;
    fs::write(out.join("frameworks.rs"), list(&frameworks)?)?;
    // Cargo looks at every file below a folder, and at the folder for what came and went.
    #[allow(clippy::print_stdout)]
    {
        println!("cargo::rerun-if-changed=rules");
        println!("cargo::rerun-if-env-changed=PIPEROLL_COMMIT");
        println!("cargo::rustc-env=PIPEROLL_TARGET={}", env::var("TARGET")?);
        if let Some(commit) = commit() {
            println!("cargo::rustc-env=PIPEROLL_COMMIT={commit}");
        }
    }
    Ok(())
}

/// The commit: as whoever packages says, else as git says. A build that is no release does not ask:
/// it would have to be made anew with every commit.
#[allow(clippy::print_stdout)]
fn commit() -> Option<String> {
    if let Ok(stated) = env::var("PIPEROLL_COMMIT") {
        return Some(stated);
    }
    if env::var("PROFILE").as_deref() != Ok("release") {
        return None;
    }
    let commit = git(&["rev-parse", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no"])?;
    for file in ["HEAD", "index"] {
        if let Some(path) = git(&["rev-parse", "--git-path", file]) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    // What was changed beside the commit is in the sources.
    println!("cargo::rerun-if-changed=src");
    let dirty = if changed.is_empty() { "" } else { "-dirty" };
    Some(commit + dirty)
}

/// What git answers; nothing where there is no git or no repository.
fn git(words: &[&str]) -> Option<String> {
    let asked = Command::new("git").args(words).output().ok()?;
    let answer = String::from_utf8(asked.stdout).ok()?;
    asked.status.success().then(|| answer.trim().to_owned())
}

/// The `.toml` files below `folder`, each by its path below the first folder, with `/`.
fn files(folder: &Path, below: &str, found: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| format!("no name in UTF-8: {}", path.display()))?;
        if path.is_dir() {
            files(&path, &format!("{below}{name}/"), found)?;
        } else if name.ends_with(".toml") {
            found.push(format!("{below}{name}"));
        }
    }
    Ok(())
}

/// The source of a list of paths and texts.
fn list(paths: &[&String]) -> Result<String, Box<dyn Error>> {
    let mut text = "&[\n".to_owned();
    for path in paths {
        writeln!(
            text,
            "({path:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?}))),",
            format!("/rules/{path}")
        )?;
    }
    text.push_str("]\n");
    Ok(text)
}
