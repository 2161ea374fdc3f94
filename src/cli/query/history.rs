//! The lines that were typed on a terminal, kept for the next time.

use std::env;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::disk;
use crate::report::visible;
use crate::scratch;

/// Lines that are kept.
const KEPT: usize = 1000;

/// What was typed, the oldest first.
#[derive(Debug, Default)]
pub(super) struct History {
    lines: Vec<String>,
    /// Where it is kept, if it is.
    file: Option<PathBuf>,
}

impl History {
    /// What is kept for this account; what cannot be read is none.
    pub(super) fn open() -> History {
        History::kept_in(place(|name| env::var_os(name)))
    }

    fn kept_in(file: Option<PathBuf>) -> History {
        let text = file.as_deref().and_then(|file| disk::text(file).ok());
        let text = text.unwrap_or_default();
        // The file is not ours alone to write: what acts on a terminal is no line.
        let lines = text.lines().filter(|line| visible(line) == *line);
        let mut lines: Vec<String> = lines.map(str::to_owned).collect();
        lines.drain(..lines.len().saturating_sub(KEPT));
        History { lines, file }
    }

    /// The lines.
    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Adds a line, unless it is the last one again.
    pub(super) fn add(&mut self, line: &str) {
        if !line.trim().is_empty() && self.lines.last().is_none_or(|last| last != line) {
            self.lines.push(line.to_owned());
        }
    }

    /// Writes the lines to their file, for this account alone.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be written.
    pub(super) fn keep(&self) -> io::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        if let Some(folder) = file.parent() {
            scratch::create_directories(folder)?;
        }
        let from = self.lines.len().saturating_sub(KEPT);
        let mut text = self.lines.get(from..).unwrap_or_default().join("\n");
        text.push('\n');
        written(file)?.write_all(text.as_bytes())
    }
}

/// An open file that only this account reads, emptied.
fn written(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    scratch::open(path, &mut options)
}

/// `$PIPEROLL_HISTORY`, of which an empty one keeps nothing; else below `$XDG_STATE_HOME`, else
/// below `~/.local/state`.
fn place(set: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(named) = set("PIPEROLL_HISTORY") {
        return Some(PathBuf::from(named)).filter(|path| !path.as_os_str().is_empty());
    }
    let absolute = |name: &str| {
        set(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let state = absolute("XDG_STATE_HOME");
    let state = state.or_else(|| Some(absolute("HOME")?.join(".local/state")));
    Some(state?.join("piperoll/history"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_without_what_acts_on_a_terminal() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state/history");
        let mut first = History::kept_in(Some(file.clone()));
        for line in ["SELECT 1;", "SELECT 1;", " ", ".quit"] {
            first.add(line);
        }
        first.keep().unwrap();
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        let kept = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{kept}\u{1b}[2J\n")).unwrap();
        let again = History::kept_in(Some(file));
        assert_eq!(again.lines(), ["SELECT 1;", ".quit"]);
    }

    #[test]
    fn the_newest_lines_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("history");
        let mut history = History::kept_in(Some(file.clone()));
        for number in 0..=KEPT {
            history.add(&number.to_string());
        }
        history.keep().unwrap();
        let again = History::kept_in(Some(file));
        assert_eq!(
            (again.lines().len(), again.lines()[0].as_str()),
            (KEPT, "1")
        );
    }

    #[test]
    fn an_empty_name_keeps_nothing() {
        let with = |pairs: &'static [(&str, &str)]| {
            place(|name| {
                let pair = pairs.iter().find(|(key, _)| *key == name);
                pair.map(|(_, value)| OsString::from(value))
            })
        };
        assert_eq!(with(&[("PIPEROLL_HISTORY", ""), ("HOME", "/h")]), None);
        let state = with(&[("HOME", "/h")]);
        assert_eq!(
            state,
            Some(PathBuf::from("/h/.local/state/piperoll/history"))
        );
        let state = with(&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")]);
        assert_eq!(state, Some(PathBuf::from("/s/piperoll/history")));
        assert_eq!(with(&[]), None);
    }
}
