//! Says aloud which test did not run and why: on the terminal, past the capture of the test runner,
//! and in a file for the closing lines of `.ci/run`.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// Says that `test` did not run.
pub(crate) fn skipped(test: &str, why: &str) {
    // The handle, unlike the macros, is not captured.
    let _ = writeln!(io::stderr(), "skipped: {test} ({why})");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skipped");
    let file = folder.join(test.replace("::", "."));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(file, why));
    assert!(written.is_ok(), "{test} was skipped ({why}): {written:?}");
}
