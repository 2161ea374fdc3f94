//! One Parquet file that takes several batches of a table before it is whole.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use polars::io::parquet::write::BatchedWriter;
use polars::prelude::DataFrame;

use super::{EngineError, parquet};

/// A file that is being filled: begun by the first batch, unreadable until it is ended.
pub(super) struct PartFile {
    path: PathBuf,
    state: Mutex<State>,
}

enum State {
    New,
    Open(Box<BatchedWriter<File>>),
    Ended,
}

impl PartFile {
    /// One to be made at `path`.
    pub(super) fn new(path: PathBuf) -> PartFile {
        let state = Mutex::new(State::New);
        PartFile { path, state }
    }

    /// Whether it takes no more.
    pub(super) fn is_ended(&self) -> bool {
        matches!(*self.state(), State::Ended)
    }

    /// Writes one more run of rows.
    pub(super) fn add(&self, rows: &DataFrame) -> Result<(), EngineError> {
        let mut state = self.state();
        if matches!(*state, State::New) {
            *state = State::Open(Box::new(parquet::begin(&self.path, rows.schema())?));
        }
        if let State::Open(writer) = &mut *state {
            let written = writer.write_batch(rows);
            return written.map_err(|error| EngineError::file(&self.path, &error));
        }
        Err(EngineError::file(&self.path, &"the file was ended before"))
    }

    /// Ends it, unless it was; nothing is added from then on.
    pub(super) fn end(&self) -> Result<(), EngineError> {
        match std::mem::replace(&mut *self.state(), State::Ended) {
            State::Open(writer) => {
                let ended = writer.finish();
                ended
                    .map(|_| ())
                    .map_err(|error| EngineError::file(&self.path, &error))
            }
            State::New | State::Ended => Ok(()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
