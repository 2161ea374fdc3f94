//! What a reference of git holds of the files that are linted: which waivers a change adds.
//!
//! The repository is written by whoever opens the merge request. Git is asked by plumbing that reads
//! objects and nothing else: no shell, no hook, no filter, no text conversion, no fetch of what is
//! missing, and no name of the repository where git could take it for an option.

use std::ffi::OsStr;
use std::io::{self, Seek as _, Write as _};
use std::path::{Component, Path, PathBuf};
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
    /// A tag and a branch have the name.
    #[error(
        "`{0}` is the name of several references: whoever may push a tag would choose the base\n  help: name it in full (refs/remotes/origin/main) or by its commit"
    )]
    Ambiguous(String),
}

impl Failing for BaseError {
    fn kind(&self) -> FailureKind {
        match self {
            BaseError::NoGit(_) => FailureKind::Input,
            BaseError::NoCommit { .. } | BaseError::Ambiguous(_) => FailureKind::Usage,
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
        let said = String::from_utf8_lossy(&output.stderr);
        if !is_object(reference) && said.contains("is ambiguous") {
            return Err(BaseError::Ambiguous(reference.to_owned()));
        }
        if !(output.status.success() && is_object(&commit)) {
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

    /// The files of the commit below `paths`, named from where the command runs; links and what is
    /// larger than is kept in memory are left out.
    ///
    /// # Errors
    ///
    /// Git cannot be run.
    pub fn files(&self, paths: &[PathBuf]) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
        let words = ["ls-tree", "-r", "-z", "-l", self.commit.as_str(), "--"].map(OsStr::new);
        // No path is the directory of the command.
        let named = paths.iter().map(|path| match path.as_os_str().is_empty() {
            true => OsStr::new("."),
            false => path.as_os_str(),
        });
        let listed = git(&self.here, words.into_iter().chain(named))?;
        let entries = listed.stdout.split(|byte| *byte == 0).filter_map(entry);
        let (names, objects): (Vec<PathBuf>, Vec<String>) = entries.unzip();
        let contents = self.contents(&objects)?;
        Ok(names.into_iter().zip(contents).collect())
    }

    /// What objects hold, in their order; fewer where git stops.
    fn contents(&self, objects: &[String]) -> io::Result<Vec<Vec<u8>>> {
        let mut asked = tempfile::tempfile()?;
        for object in objects {
            writeln!(asked, "{object}")?;
        }
        asked.rewind()?;
        let mut git = command(&self.here);
        let answer = git.args(["cat-file", "--batch"]).stdin(asked).output()?;
        let mut rest = answer.stdout.as_slice();
        let mut contents = Vec::with_capacity(objects.len());
        while let Some((bytes, after)) = content(rest) {
            contents.push(bytes.to_vec());
            rest = after;
        }
        Ok(contents)
    }
}

/// Whether a text is the whole name of an object, which git takes for nothing else.
fn is_object(text: &str) -> bool {
    text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The largest file of the base that is looked at.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Name and object of a line of `ls-tree -l`: `100644 blob <object> <size>\t<name>`.
fn entry(line: &[u8]) -> Option<(PathBuf, String)> {
    let line = std::str::from_utf8(line).ok()?;
    let (about, name) = line.split_once('\t')?;
    let mut about = about.split_whitespace();
    let (mode, _, object) = (about.next()?, about.next()?, about.next()?);
    let size: u64 = about.next()?.parse().ok()?;
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    let path = PathBuf::from(name);
    let file = matches!(mode, "100644" | "100755") && size <= LARGEST;
    (file && path.components().all(plain)).then(|| (path, object.to_owned()))
}

/// The first object of an answer of `cat-file --batch`, and what follows it.
fn content(answer: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = answer.iter().position(|byte| *byte == b'\n')?;
    let (head, rest) = answer.split_at(end);
    let size = std::str::from_utf8(head).ok()?.rsplit(' ').next()?;
    let (bytes, after) = rest.get(1..)?.split_at_checked(size.parse().ok()?)?;
    Some((bytes, after.get(1..)?))
}

fn git<S: AsRef<OsStr>>(here: &Path, words: impl IntoIterator<Item = S>) -> io::Result<Output> {
    command(here).args(words).stdin(Stdio::null()).output()
}

fn command(here: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(here)
        .args(["--no-pager", "--literal-pathspecs", "--no-replace-objects"])
        .args(["-c", "core.fsmonitor=false"])
        .args(["-c", "core.warnAmbiguousRefs=true"])
        .args(["-c", "core.hooksPath=/dev/null"])
        .args(["-c", "protocol.allow=never"])
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C");
    git
}
