//! One run at a time: a file that a run holds while it lasts.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::cli::Failure;
use crate::model::FailureKind;
use crate::scratch;

/// Holds the file of a lock until the returned one is dropped, or the process ends however it does.
///
/// The file stays: whoever removed it would let a second run hold another one of its name.
pub(super) fn held(path: &Path) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let shown = path.display();
    let file = scratch::open(path, &mut options).map_err(|error| {
        let what = format!("cannot open the lock `{shown}`: {error}");
        Failure::usage(
            what,
            "name a file in a directory that may be written, with --lock",
        )
    })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let help = "wait until it has ended; nothing was read or written";
            let what = format!("another run holds the lock `{shown}`\n  help: {help}");
            Err(Failure::Said(FailureKind::Input, what))
        }
        Err(TryLockError::Error(error)) => {
            let what = format!("cannot lock `{shown}`: {error}");
            Err(Failure::usage(
                what,
                "name a file on a file system that knows locks",
            ))
        }
    }
}
