//! A run that is killed while it writes leaves no pack, and the next run is not hindered by it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use piperoll::pack::{self, Provenance, RunRecord};
use piperoll::report::{FORMATS, Report, ReportFormat, Written};

use super::quarter::Quarter;
use super::{clock, write_pack};

/// Names the pack that the child process is to write.
const TARGET: &str = "PIPEROLL_TEST_STUCK_PACK";

/// A format that writes half a line and never returns.
struct Stuck;

impl ReportFormat for Stuck {
    fn path(&self) -> &'static str {
        "data/stuck.csv"
    }

    fn write(&self, _: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        // More than any buffer on the way holds, so that the file is seen to exist.
        out.write_all(&vec![b'x'; 1 << 20])?;
        loop {
            std::thread::sleep(Duration::from_secs(1));
        }
    }
}

/// Runs in the child process of the test below, and does nothing in any other.
#[test]
fn child_that_never_ends() {
    let Some(target) = std::env::var_os(TARGET) else {
        return;
    };
    let mut formats = FORMATS.to_vec();
    formats.push(&Stuck);
    let provenance = Provenance {
        configuration_sha256: "",
        configuration_file: "",
        rules: &[],
    };
    let run = RunRecord {
        binary_sha256: "",
        command_line: &[],
        directory: "",
        build: piperoll::pack::Build::default(),
        host: "",
        user: "",
        started_by: &std::collections::BTreeMap::new(),
        started: clock(),
        clock,
        inputs: &[],
        readable_by: piperoll::pack::Readers::Owner,
        timings: None,
    };
    let _ = pack::write(
        Path::new(&target),
        &formats,
        &Quarter::new().report(),
        &provenance,
        &run,
    );
}

#[test]
fn a_killed_run_leaves_no_pack_and_the_next_one_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("pack");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "report_page::killed::child_that_never_ends"])
        .env(TARGET, &target)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stuck = || {
        let mut entries = fs::read_dir(folder.path()).unwrap();
        entries.any(|entry| {
            let file = entry.unwrap().path().join("data/stuck.csv");
            fs::metadata(file).is_ok_and(|file| file.len() > 0)
        })
    };
    let start = Instant::now();
    while !stuck() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "the child wrote nothing"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        !target.exists(),
        "half a pack stands where a whole one should"
    );
    write_pack(&target);
    assert_eq!(pack::verify(&target).unwrap().mismatches, []);
}
