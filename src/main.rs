//! The `piperoll` binary.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

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
