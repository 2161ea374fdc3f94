//! What a reading command shows while it reads: a line that moves on a terminal, one log line at
//! the end elsewhere.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};

use crate::model::{Phase, Watch};
use crate::report::visible;

/// A spinner with files and bytes read, on standard error.
pub(super) struct Progress<'w> {
    bar: ProgressBar,
    files: u64,
    bytes: u64,
    /// Who else is told.
    watch: &'w mut dyn Watch,
}

impl<'w> Progress<'w> {
    /// Starts; hidden unless standard error is a terminal.
    pub(super) fn new(watch: &'w mut dyn Watch) -> Progress<'w> {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::new_spinner()
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} read {bytes} ({binary_bytes_per_sec}) {msg}")
        {
            bar.set_style(style);
        }
        Progress {
            bar,
            files: 0,
            bytes: 0,
            watch,
        }
    }

    /// Clears the line, or logs what was read.
    pub(super) fn finish(&self, err: &mut dyn Write) {
        self.bar.finish_and_clear();
        if self.bar.is_hidden() {
            let _ = writeln!(
                err,
                "read {} files, {} bytes as stored",
                self.files, self.bytes
            );
        }
    }
}

impl Watch for Progress<'_> {
    fn file(&mut self, name: &str, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
        self.bar.inc(bytes);
        self.bar
            .set_message(format!("{} files, {}", self.files, visible(name)));
        self.watch.file(name, bytes);
    }

    fn ended(&mut self, phase: Phase, records: u64) {
        self.watch.ended(phase, records);
    }
}
