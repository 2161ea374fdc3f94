//! What a reference of git holds of the files that are linted: which waivers a change adds.
//!
//! The repository is written by whoever opens the merge request. Git is asked by plumbing that reads
//! objects and nothing else: no shell, no hook, no filter, no text conversion, no fetch of what is
//! missing, and no name of the repository where git could take it for an option.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::model::{Failing, FailureKind};

/// Why the files of a reference cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    /// Git is not there or does not start.
    #[error(
        "git cannot be run: {0}\n  help: --git-base asks git; install it, or leave the option out"
    )]
    NoGit(io::Error),
    /// There is no such commit.
    #[error(
        "`{reference}` names no commit here: {said}\n  help: fetch the target branch first (in GitLab CI: GIT_DEPTH: 0, and --git-base \"$CI_MERGE_REQUEST_DIFF_BASE_SHA\")"
    )]
    NoCommit {
        /// The reference as given.
        reference: String,
        /// What git said.
        said: String,
    },
}

impl Failing for BaseError {
    fn kind(&self) -> FailureKind {
        match self {
            BaseError::NoGit(_) => FailureKind::Input,
            BaseError::NoCommit { .. } => FailureKind::Usage,
        }
    }
}

/// One commit to compare with.
#[derive(Clone, Debug)]
pub struct Base {
    here: PathBuf,
    /// Object name of the commit: nothing that git could take for an option.
    commit: String,
}

impl Base {
    /// Looks `reference` up in the repository that `here` lies in.
    ///
    /// # Errors
    ///
    /// Fails when git is not there or knows no such commit.
    pub fn find(reference: &str, here: &Path) -> Result<Base, BaseError> {
        let wanted = format!("{reference}^{{commit}}");
        let words = ["rev-parse", "--verify", "--end-of-options", &wanted];
        let output = git(here, words).map_err(BaseError::NoGit)?;
        let commit = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let object = commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !(output.status.success() && object) {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(BaseError::NoCommit {
                reference: reference.to_owned(),
                said: said.lines().next().unwrap_or("unknown").to_owned(),
            });
        }
        Ok(Base {
            here: here.to_owned(),
            commit,
        })
    }

    /// The text of a file, named from where the command runs; none where the commit has no such
    /// file or it is no text. What cannot be read has no waiver: all of today's are added.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        if name.is_empty() || Path::new(name).is_absolute() {
            return None;
        }
        let object = format!("{}:./{name}", self.commit);
        let output = git(&self.here, ["cat-file", "blob", &object]).ok()?;
        output.status.success().then_some(())?;
        String::from_utf8(output.stdout).ok()
    }
}

fn git<S: AsRef<OsStr>>(here: &Path, words: impl IntoIterator<Item = S>) -> io::Result<Output> {
    Command::new("git")
        .current_dir(here)
        .args(["--no-pager", "--literal-pathspecs", "--no-replace-objects"])
        .args(["-c", "core.fsmonitor=false"])
        .args(["-c", "core.hooksPath=/dev/null"])
        .args(["-c", "protocol.allow=never"])
        .args(words)
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
}
