//! Whose part it is that something could not be done.

/// Who has to act on a failure; the command line makes its exit code of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Whoever asked: usage, configuration, a missing path, an existing output.
    Usage,
    /// Whoever supplies the inputs or the disk: unreadable files, nothing to read, no room.
    Input,
    /// Whoever keeps a pack: it is not what was written.
    Mismatch,
    /// Nobody outside: a fault of piperoll itself.
    Internal,
}

/// An error that knows whose part it is.
pub trait Failing: std::error::Error {
    /// Whose part it is.
    fn kind(&self) -> FailureKind;
}
