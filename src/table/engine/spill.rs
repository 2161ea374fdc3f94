//! Batches on their way to files: encoded and compressed beside the thread that makes the next.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use polars::prelude::{DataFrame, PolarsError};

use super::part_file::PartFile;
use super::{EngineError, frame, parquet};
use crate::table::row::Batch;

/// How many batches may be on their way while the caller fills the next.
const UNDER_WAY: usize = 1;

type Writing = JoinHandle<Result<(), EngineError>>;

/// The files being written, oldest first.
#[derive(Default)]
pub(super) struct Spilling(Mutex<VecDeque<Writing>>);

impl Spilling {
    /// Adds a batch to a file, its last one if `last`; waits while too many are under way.
    pub(super) fn batch(
        &self,
        file: Arc<PartFile>,
        batch: Batch,
        last: bool,
    ) -> Result<(), EngineError> {
        self.start(move || {
            let name = batch.schema().name;
            let table = |error: PolarsError| EngineError::table(name, &error);
            let columns = frame::from_batch(&batch).map_err(table)?;
            drop(batch);
            file.add(&columns)?;
            if last { file.end() } else { Ok(()) }
        })
    }

    /// Writes columns to a new file; waits while too many are under way.
    pub(super) fn frame(&self, path: PathBuf, mut columns: DataFrame) -> Result<(), EngineError> {
        self.start(move || parquet::spill(&path, &mut columns))
    }

    /// Waits until everything is written; the first failure is the answer.
    pub(super) fn settle(&self) -> Result<(), EngineError> {
        self.wait(0)
    }

    /// Runs `write` on a thread of its own; waits while too many are under way.
    pub(super) fn start(
        &self,
        write: impl FnOnce() -> Result<(), EngineError> + Send + 'static,
    ) -> Result<(), EngineError> {
        self.wait(UNDER_WAY - 1)?;
        let writing = thread::spawn(write);
        self.under_way().push_back(writing);
        Ok(())
    }

    /// Waits for the oldest until no more than `left` are under way.
    fn wait(&self, left: usize) -> Result<(), EngineError> {
        let mut under_way = self.under_way();
        while under_way.len() > left {
            if let Some(oldest) = under_way.pop_front() {
                join(oldest)?;
            }
        }
        Ok(())
    }

    fn under_way(&self) -> std::sync::MutexGuard<'_, VecDeque<Writing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Spilling {
    /// The directory that the files lie in is removed next; nobody may still be writing there.
    fn drop(&mut self) {
        for writing in self.under_way().drain(..) {
            let _ = writing.join();
        }
    }
}

/// What a thread of this room came to.
pub(super) fn join<T>(thread: JoinHandle<Result<T, EngineError>>) -> Result<T, EngineError> {
    thread
        .join()
        .unwrap_or_else(|_| Err(EngineError::table("part", &"the thread ended in a panic")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_written_is_the_error_of_a_later_call() {
        let spilling = Spilling::default();
        let nowhere = PathBuf::from("/nonexistent/part.parquet");
        spilling.frame(nowhere, DataFrame::empty()).unwrap();
        let error = spilling.settle().unwrap_err();
        assert!(error.to_string().contains("part.parquet"), "{error}");
        assert!(spilling.settle().is_ok(), "a failure is told once");
    }
}
