//! How much an answer may take: rows, and memory beyond what was in use before.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::EngineError;

/// How often the memory of a running query is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// The most that a query may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Rows of the answer; unbounded where none.
    pub rows: Option<u32>,
    /// Bytes of memory beside what the tables take; unbounded where none.
    pub bytes: Option<u64>,
}

impl Bounds {
    /// Waits for the answer; an error as soon as the process holds too much more than before.
    ///
    /// The thread that runs the query cannot be stopped: it ends with the process.
    pub(super) fn wait<T>(&self, answer: &Receiver<T>) -> Result<Option<T>, EngineError> {
        let before = held();
        let (Some(bytes), Some(before)) = (self.bytes, before) else {
            return Ok(answer.recv().ok());
        };
        loop {
            match answer.recv_timeout(LOOK) {
                Ok(answer) => return Ok(Some(answer)),
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if held().is_some_and(|now| now.saturating_sub(before) > bytes) {
                return Err(EngineError::Memory { bytes });
            }
        }
    }
}

/// The physical memory of this process, where the system tells.
fn held() -> Option<u64> {
    memory_stats::memory_stats().map(|stats| stats.physical_mem as u64)
}
