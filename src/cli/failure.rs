//! Why a command ends early, and the exit code of every end.

use std::io::{self, Write};
use std::path::Path;

use crate::model::{Failing, FailureKind};

/// Exit code: done.
pub(crate) const DONE: u8 = 0;
/// Exit code: findings at or above `--fail-on`.
pub(crate) const FINDINGS: u8 = 1;
/// Exit code: usage, configuration, missing path, existing output.
pub(crate) const USAGE: u8 = 2;
/// Exit code: no or unreadable input, no event in the period, coverage too low, a full disk.
pub(crate) const INPUT: u8 = 3;
/// Exit code: a pack is not what was written.
pub(crate) const MISMATCH: u8 = 4;
/// Exit code: a fault of piperoll itself.
pub(crate) const INTERNAL: u8 = 70;

/// Why a command ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What is wrong, with a line `help:` where something helps.
    Said(FailureKind, String),
    /// What is wrong was said already.
    Reported(FailureKind),
    /// The answer could not be written.
    Io(io::Error),
}

impl Failure {
    /// A mistake of whoever asked, with what to do about it.
    pub(crate) fn usage(message: impl std::fmt::Display, help: &str) -> Failure {
        Failure::Said(FailureKind::Usage, format!("{message}\n  help: {help}"))
    }

    /// A file that could not be written: a full disk is no mistake of whoever asked, and `help` says
    /// what to do about the others.
    pub(crate) fn unwritten(file: &Path, error: &io::Error, help: &str) -> Failure {
        let what = format!("cannot write `{}`: {error}", file.display());
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                let help = "make room on this disk, or name a file on another one";
                Failure::Said(FailureKind::Input, format!("{what}\n  help: {help}"))
            }
            _ => Failure::usage(what, help),
        }
    }

    /// Says what is still unsaid, and answers the exit code.
    pub(crate) fn end(self, err: &mut dyn Write) -> u8 {
        // Standard error is all that is left; if it is gone, so is the listener.
        let kind = match self {
            Failure::Said(kind, message) => {
                let _ = writeln!(err, "error: {message}");
                kind
            }
            Failure::Reported(kind) => kind,
            // Whoever reads has seen enough.
            Failure::Io(error) if error.kind() == io::ErrorKind::BrokenPipe => return DONE,
            Failure::Io(error) => {
                let help = "name a file on a disk with room, or a reader that stays";
                let _ = writeln!(
                    err,
                    "error: cannot write standard output: {error}\n  help: {help}"
                );
                FailureKind::Input
            }
        };
        match kind {
            FailureKind::Usage => USAGE,
            FailureKind::Input => INPUT,
            FailureKind::Mismatch => MISMATCH,
            FailureKind::Internal => INTERNAL,
        }
    }
}

/// The exit code of an answer, written to its end.
pub(crate) fn ended(answer: Result<u8, Failure>, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let written = answer.and_then(|code| Ok(out.flush().map(|()| code)?));
    written.unwrap_or_else(|failure| failure.end(err))
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Io(error)
    }
}

impl<E: Failing> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::Said(error.kind(), error.to_string())
    }
}
