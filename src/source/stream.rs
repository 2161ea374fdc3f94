//! Inputs that can be read once: standard input and the pipes that a shell hands over.

use std::io;
use std::path::Path;

use super::InputFile;
use crate::{disk, scratch};

/// The files with a path at which each can be read again: what comes from a pipe is copied to
/// `folder`.
///
/// # Errors
///
/// A pipe cannot be read, or its copy not written.
pub fn keep_streams(files: &[InputFile], folder: &Path) -> io::Result<Vec<InputFile>> {
    let mut kept = files.to_vec();
    for file in kept.iter_mut().filter(|file| file.refused.is_none()) {
        let copy = folder.join(file.id.0.to_string());
        match &file.path {
            None => {
                io::copy(&mut io::stdin().lock(), &mut scratch::create(&copy)?)?;
            }
            Some(path) if is_stream(path) => {
                io::copy(&mut disk::open_file(path)?, &mut scratch::create(&copy)?)?;
            }
            Some(_) => continue,
        }
        file.path = Some(copy);
    }
    Ok(kept)
}

/// Whether any of the files comes from a pipe, which can be read once.
#[must_use]
pub fn has_streams(files: &[InputFile]) -> bool {
    let is_stream = |file: &InputFile| file.path.as_deref().is_none_or(is_stream);
    files.iter().any(is_stream)
}

/// A pipe that the caller's shell handed over.
fn is_stream(path: &Path) -> bool {
    let handed = path.starts_with("/dev/fd") || path == Path::new("/dev/stdin");
    handed
        && path
            .metadata()
            .is_ok_and(|found| !found.is_file() && !found.is_dir())
}
