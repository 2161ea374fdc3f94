//! A fault of piperoll itself: said in words of ours and answered with 70, never with a trace that
//! quotes what was read.

use std::io::{self, Write as _};
use std::panic::{self, AssertUnwindSafe};

use super::INTERNAL;

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
        // Standard error is all that is left, and if it is gone, so is the listener.
        let _ = writeln!(
            io::stderr(),
            "error: piperoll failed at {place}\n  help: please report this place with the version and the command (SECURITY.md); RUST_BACKTRACE=1 shows more{shown}"
        );
    }));
    panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or(INTERNAL)
}
