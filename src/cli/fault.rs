//! A fault of piperoll itself: said in words of ours and answered with 70, never with a trace that
//! quotes what was read.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::panic::{self, AssertUnwindSafe};

use super::{INTERNAL, logs};

/// Runs a command line as the process does; a panic is exit code 70.
pub fn guarded(run: impl FnOnce() -> u8) -> u8 {
    panic::set_hook(Box::new(|fault| {
        let place = fault.location().map_or_else(
            || "an unknown place".to_owned(),
            |at| format!("{}:{}", at.file(), at.line()),
        );
        // The message of a panic may quote what was read: the place is enough to find it.
        let backtrace = std::backtrace::Backtrace::capture();
        let shown = match backtrace.status() {
            std::backtrace::BacktraceStatus::Captured => format!("\n{backtrace}"),
            _ => String::new(),
        };
        let said = format!(
            "error: piperoll failed at {place}\n  help: please report this place with the version and the command (SECURITY.md); RUST_BACKTRACE=1 shows more{shown}\n"
        );
        let mut err = io::stderr();
        // Standard error is all that is left, and if it is gone, so is the listener.
        let _ = if logs::are_json(&words()) {
            logs::JsonLines::new(&mut err).write_all(said.as_bytes())
        } else {
            err.write_all(said.as_bytes())
        };
    }));
    panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        let words = words();
        if logs::are_json(&words) {
            let _ = logs::JsonLines::new(&mut io::stderr()).end(&words, INTERNAL, None);
        }
        INTERNAL
    })
}

fn words() -> Vec<OsString> {
    std::env::args_os().collect()
}
