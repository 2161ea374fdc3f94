//! The `piperoll` binary.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

/// Texts are allocated by the threads that read and given back by the one that joins: glibc's arenas
/// keep what was given back so, and a report takes half as much memory again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut err = io::stderr();
    if let Err(error) = piperoll::scratch::on_signals() {
        let _ = writeln!(err, "warning: temporary files outlive a signal: {error}");
    }
    let code =
        piperoll::cli::guarded(|| piperoll::cli::run(std::env::args_os(), &mut out, &mut err));
    // A reader that has gone away is no fault of ours.
    let _ = out.flush();
    ExitCode::from(code)
}
