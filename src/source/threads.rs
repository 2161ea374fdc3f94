//! How many threads a run uses.

use std::num::NonZeroUsize;
use std::thread;

/// As many threads as the process may run at once; one where the machine does not say.
#[must_use]
pub fn threads() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
