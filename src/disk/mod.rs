//! Opens what lies at a path: a file, or a pipe that the caller's shell handed over, and nothing else.
//!
//! A named pipe without a writer would wait for ever and a device never ends. Whoever writes a
//! folder of inputs, a branch under review or a pack can put one at any path, so every path that is
//! read is asked for its kind first, and what is read whole has a bound.

mod digest;

use std::fs::{self, File, FileType};
use std::io::{self, Read as _};
use std::path::Path;

pub use digest::digest_rest;

/// The longest text of settings, rules, queries and keys.
pub const LONGEST_TEXT: u64 = 64 << 20;

/// An open file, or a pipe that was handed over.
#[derive(Debug)]
pub struct Found {
    /// What it is read from.
    pub file: File,
    /// Whether it has a length and can be read again.
    pub is_file: bool,
}

/// Opens a file, or a pipe that was handed over by its number.
///
/// # Errors
///
/// There is nothing, it is of another kind, or it may not be read.
pub fn open(path: &Path) -> io::Result<Found> {
    let handed = path.starts_with("/dev/fd") || path == Path::new("/dev/stdin");
    // By its path first: opening a pipe waits for its writer.
    allowed(fs::metadata(path)?.file_type(), handed)?;
    let file = File::open(path)?;
    let kind = file.metadata()?.file_type();
    allowed(kind, handed)?;
    Ok(Found {
        file,
        is_file: kind.is_file(),
    })
}

/// The same, of what is a file only.
///
/// # Errors
///
/// As [`open`].
pub fn open_file(path: &Path) -> io::Result<File> {
    Ok(open(path)?.file)
}

/// The bytes at a path, if they are no more than `longest`.
///
/// # Errors
///
/// As [`open`], and where there are more.
pub fn bytes(path: &Path, longest: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_file(path)?
        .take(longest.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        let what = format!("is longer than {} MiB", longest >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
    }
    Ok(bytes)
}

/// The text at a path, up to [`LONGEST_TEXT`].
///
/// # Errors
///
/// As [`bytes`], and where it is not UTF-8.
pub fn text(path: &Path) -> io::Result<String> {
    String::from_utf8(bytes(path, LONGEST_TEXT)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "is not UTF-8"))
}

fn allowed(kind: FileType, handed: bool) -> io::Result<()> {
    let called = kind_of(kind);
    if kind.is_file() || (handed && called == PIPE) {
        return Ok(());
    }
    let error = if kind.is_dir() {
        io::ErrorKind::IsADirectory
    } else {
        io::ErrorKind::Unsupported
    };
    Err(io::Error::new(error, format!("is {called}, no file")))
}

const PIPE: &str = "a named pipe";

#[cfg(unix)]
fn kind_of(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        PIPE
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn kind_of(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "a directory"
    } else {
        "something else"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_refused_by_its_kind() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let link = folder.path().join("zero.log");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        let pipe = folder.path().join("pipe");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        for (path, kind) in [(&socket, "socket"), (&link, "device"), (&pipe, "pipe")] {
            let error = open(path).unwrap_err().to_string();
            assert!(error.contains(kind), "{error}");
        }
    }

    #[test]
    fn a_text_has_a_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long");
        fs::write(&path, "four").unwrap();
        assert_eq!(bytes(&path, 4).unwrap(), b"four");
        let error = bytes(&path, 3).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        // No bytes on the disk, but a length.
        let file = File::create(&path).unwrap();
        file.set_len(LONGEST_TEXT + 1).unwrap();
        let error = text(&path).unwrap_err().to_string();
        assert!(error.contains("64 MiB"), "{error}");
    }
}
