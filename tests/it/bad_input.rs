//! What a user does wrong, and what piperoll then says: message and exit code of every case.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::product::{Pack, Ran, fixture, run_in};
use super::vault_log::{calm, folder, gzip, pair, put};

fn log() -> tempfile::TempDir {
    folder(&[("logs/audit.log", calm(4).as_bytes())])
}

/// The run ends with `code` and says each of `words` on standard error.
#[track_caller]
fn says(ran: &Ran, code: u8, words: &[&str]) {
    assert_eq!(ran.code, code, "{ran:?}");
    for word in words {
        assert!(ran.err.contains(word), "`{word}` is not in: {}", ran.err);
    }
    assert!(!ran.err.contains('\u{1b}'), "escape codes: {:?}", ran.err);
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
}

fn pack(folder: &Path) -> Pack {
    Pack::read(&folder.join("evidence"))
}

fn no_pack(folder: &Path) {
    let left: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().contains("evidence"))
        .collect();
    assert!(left.is_empty(), "{left:?} was left behind");
}

#[test]
fn a_missing_path_is_2() {
    let folder = log();
    let ran = run_in(folder.path(), &["report", "logs", "lgos"]);
    says(&ran, 2, &["`lgos`", "does not exist", "help:"]);
    no_pack(folder.path());
}

#[test]
fn a_glob_that_names_nothing_is_2() {
    let folder = log();
    let ran = run_in(folder.path(), &["report", "logs/*.json"]);
    says(&ran, 2, &["logs/*.json", "help:"]);
}

#[test]
fn an_empty_directory_is_3() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("logs")).unwrap();
    let ran = run_in(folder.path(), &["report", "logs"]);
    says(&ran, 3, &["no input", "logs", "help:"]);
    no_pack(folder.path());
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_is_3_and_the_rest_is_evidence() {
    let folder = log();
    let link = folder.path().join("logs/gone.log");
    std::os::unix::fs::symlink("/nowhere/audit.log", link).unwrap();
    let ran = run_in(folder.path(), &["report", "logs"]);
    says(&ran, 3, &["gone.log", "could not be read"]);
    let coverage = pack(folder.path()).rows("coverage");
    let names: Vec<&str> = coverage.iter().map(|row| row["file"].as_str()).collect();
    assert_eq!(names, ["audit.log", "gone.log"]);
    assert_eq!(coverage[0]["parsed"], "8");
    assert_eq!(coverage[1]["parsed"], "0");
    let page = String::from_utf8(pack(folder.path()).files["report.html"].clone()).unwrap();
    assert!(
        page.contains("could not be read"),
        "the page says nothing of it"
    );
}

#[test]
fn a_slip_in_the_configuration_is_2_with_a_suggestion() {
    let folder = log();
    put(
        folder.path(),
        "piperoll.toml",
        b"[vault]\nci_mount = [\"auth/gitlab/\"]\n",
    );
    let ran = run_in(folder.path(), &["report", "logs"]);
    says(&ran, 2, &["piperoll.toml", "ci_mount", "`ci_mounts`", "2"]);
    no_pack(folder.path());
}

#[test]
fn a_waiver_without_an_end_is_2() {
    let folder = log();
    let text =
        "[[waiver]]\nrule = \"VLT-EVT-001\"\nfingerprint = \"x\"\nreason = \"r\"\nowner = \"o\"\n";
    put(folder.path(), "piperoll.toml", text.as_bytes());
    let ran = run_in(folder.path(), &["report", "logs"]);
    says(&ran, 2, &["expires"]);
}

#[test]
fn a_configuration_that_is_not_there_is_2() {
    let folder = log();
    let ran = run_in(folder.path(), &["report", "logs", "-c", "other.toml"]);
    says(&ran, 2, &["other.toml", "help:"]);
}

/// A job log without times is evidence all the same: it has no period, and not one of 1970.
#[test]
fn a_job_log_without_times_is_read_without_a_period() {
    let trace =
        "Running with gitlab-runner 18.7.0\nusing glpat-d3rMu2B7EHNhJ9hM-mB5\nJob succeeded\n";
    let name = "gitlab/projects/7/jobs/12/trace.log";
    let folder = folder(&[(name, trace.as_bytes())]);
    let ran = run_in(folder.path(), &["report", "gitlab", "--no-host-info"]);
    says(&ran, 0, &["could not be derived", "--from"]);
    assert!(
        ran.out.contains("period    could not be derived"),
        "{ran:?}"
    );
    let pack = pack(folder.path());
    assert_eq!(pack.rows("findings")[0]["rule_id"], "GLB-001");
    // The rules' own examples may speak of any year.
    let said = pack.files.iter();
    for (name, bytes) in said.filter(|(name, _)| !name.ends_with("rule_texts.ndjson")) {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("1970-"), "{name}: {text}");
    }
    // A waiver that may have ended hides nothing.
    let id = &pack.rows("findings")[0]["finding_id"];
    let waiver = format!(
        "[[waiver]]\nrule = \"GLB-001\"\nfingerprint = \"{id}\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2020-01-01\n"
    );
    put(folder.path(), "piperoll.toml", waiver.as_bytes());
    let gate = ["report", "gitlab", "-o", "second", "--fail-on", "low"];
    says(&run_in(folder.path(), &gate), 1, &[]);
}

/// Its own times are of the period too, where nobody gives one: what it prints lies inside.
#[test]
fn a_job_log_with_times_is_of_the_period_that_is_derived() {
    let folder = log();
    let trace = "2027-03-07T11:00:01.100000Z 00O Running with gitlab-runner 18.7.0\n\
                 2027-03-07T11:00:02.100000Z 01O using glpat-d3rMu2B7EHNhJ9hM-mB5\n\
                 2027-03-07T11:00:03.100000Z 00O Job succeeded\n";
    let name = "logs/gitlab/projects/7/jobs/12/trace.log";
    put(folder.path(), name, trace.as_bytes());
    says(&run_in(folder.path(), &["report", "logs"]), 0, &[]);
    let rules = pack(folder.path()).rows("rules");
    let leak = rules
        .iter()
        .find(|row| row["rule_id"] == "GLB-001")
        .unwrap();
    assert_eq!(leak["outcome"], "finding", "{leak:?}");
}

#[test]
fn inputs_in_which_nothing_is_recognised_are_3_and_not_of_1970() {
    let folder = folder(&[("logs/notes.bin", b"\x00\x01\x02 nothing\n".as_slice())]);
    let ran = run_in(folder.path(), &["report", "logs"]);
    says(&ran, 3, &["nothing in the inputs was recognised", "help:"]);
    assert!(!ran.err.contains("1970"), "{ran:?}");
}

#[test]
fn a_period_without_an_event_is_3_and_the_pack_says_so() {
    let folder = log();
    let period = ["--from", "2025-01-01", "--to", "2025-02-01"];
    let ran = run_in(folder.path(), &[&["report", "logs"][..], &period].concat());
    says(&ran, 3, &["no event", "2025-01-01T00:00:00", "help:"]);
    let pack = pack(folder.path());
    let page = String::from_utf8(pack.files["report.html"].clone()).unwrap();
    assert!(
        page.contains("No event lies in the period"),
        "the page is silent"
    );
    assert!(pack.rows("findings").is_empty() && pack.rows("identity_chains").is_empty());
    assert_eq!(pack.rows("coverage")[0]["outside_period"], "8");
}

#[test]
fn a_reversed_period_is_2() {
    let folder = log();
    for to in ["2026-09-01", "2026-08-01"] {
        let period = ["report", "logs", "--from", "2026-09-01", "--to", to];
        says(&run_in(folder.path(), &period), 2, &["period", "help:"]);
        no_pack(folder.path());
    }
    let ran = run_in(folder.path(), &["report", "logs", "--from", "yesterday"]);
    says(&ran, 2, &["`yesterday`", "RFC 3339"]);
}

#[test]
fn evidence_is_never_overwritten() {
    let folder = log();
    put(folder.path(), "evidence/note.txt", b"mine");
    let ran = run_in(folder.path(), &["report", "logs"]);
    says(&ran, 2, &["evidence", "exists", "help:"]);
    let held = super::product::tree(&folder.path().join("evidence"));
    assert_eq!(
        held.into_iter().collect::<Vec<_>>(),
        [("note.txt".to_owned(), b"mine".to_vec())]
    );
}

#[test]
fn a_damaged_gzip_is_counted_and_what_came_before_is_kept() {
    let whole = gzip(calm(400).as_bytes());
    let folder = folder(&[
        ("logs/cut.log.gz", &whole[..whole.len() * 2 / 3]),
        ("logs/good.log", calm(2).as_bytes()),
    ]);
    let ran = run_in(folder.path(), &["report", "logs"]);
    assert!(ran.code == 0 || ran.code == 3, "{ran:?}");
    let pack = pack(folder.path());
    let rejected = pack.rows("rejected_lines");
    assert!(
        rejected.iter().all(|row| row["file"] == "cut.log.gz"),
        "{rejected:?}"
    );
    let stream = |reason: &str| reason.contains("unreadable stream");
    assert!(
        rejected.iter().any(|row| stream(&row["reason"])),
        "{rejected:?}"
    );
    let coverage = pack.rows("coverage");
    let row = &coverage[0];
    assert_eq!(row["file"], "cut.log.gz");
    assert_eq!(row["rejected"], rejected.len().to_string());
    let parsed: u64 = row["parsed"].parse().unwrap();
    assert!(0 < parsed && parsed < 800, "{row:?}");
}

#[test]
fn an_empty_file_is_listed_with_nothing_in_it() {
    let folder = folder(&[("logs/a.log", b""), ("logs/b.log", calm(1).as_bytes())]);
    let ran = run_in(folder.path(), &["report", "logs"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let row = &pack(folder.path()).rows("coverage")[0];
    assert_eq!(
        (row["file"].as_str(), row["lines"].as_str()),
        ("a.log", "0")
    );
}

#[test]
fn seventy_megabytes_on_one_line_are_one_record() {
    let [request, mut response] = pair(1, 1, "secret/data/people/ada");
    response["response"]["data"] = "x".repeat(70_000_000).into();
    let text = format!("{request}\n{response}\n");
    let folder = folder(&[("logs/audit.log", text.as_bytes())]);
    let ran = run_in(folder.path(), &["report", "logs"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let row = &pack(folder.path()).rows("coverage")[0];
    assert_eq!((row["lines"].as_str(), row["parsed"].as_str()), ("2", "2"));
}

#[test]
fn without_a_configuration_the_logs_say_what_they_can() {
    let folder = log();
    let ran = run_in(folder.path(), &["report", "logs"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("evidence\n"), "{}", ran.out);
    assert!(
        ran.out.contains("no GitLab jobs were supplied: ") && ran.out.contains(" JOI-001 "),
        "{}",
        ran.out
    );
    let rules = pack(folder.path()).rows("rules");
    for row in rules.iter().filter(|row| row["outcome"] == "not-assessed") {
        assert_ne!(row["reason"], "", "{row:?}");
    }
    assert!(rules.iter().any(|row| row["outcome"] == "pass"));
}

#[test]
fn standard_input_is_an_input() {
    let folder = tempfile::tempdir().unwrap();
    let output = super::product::binary(folder.path())
        .args(["report", "-"])
        .write_stdin(calm(2))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let row = &pack(folder.path()).rows("coverage")[0];
    assert_eq!(
        (row["file"].as_str(), row["parsed"].as_str()),
        ("stdin", "4")
    );
}

#[test]
fn a_reader_that_has_gone_is_no_fault() {
    let estate = fixture("estate").display().to_string();
    let query = ["query", "SELECT * FROM event", estate.as_str()];
    for arguments in [&["tables"][..], &["rules", "list"], &query, &["--help"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_piperoll"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        assert_eq!(
            child.wait().unwrap().code(),
            Some(0),
            "{arguments:?}: {said}"
        );
        assert!(!said.contains("error"), "{arguments:?}: {said}");
    }
}

#[test]
fn mistakes_on_the_command_line_are_2() {
    let folder = log();
    let cases: [(&[&str], &str); 6] = [
        (&["reprot", "logs"], "reprot"),
        (&[], "Usage"),
        (&["report", "logs", "--fail-on", "severe"], "severe"),
        (&["report", "logs", "--min-coverage", "1.5"], "1.5"),
        (&["report", "logs", "--colour"], "--colour"),
        (&["query", "SELECT nothing FROM nowhere", "logs"], "nowhere"),
    ];
    for (arguments, word) in cases {
        says(&run_in(folder.path(), arguments), 2, &[word]);
    }
    no_pack(folder.path());
}

#[test]
fn help_and_version_are_data() {
    let folder = tempfile::tempdir().unwrap();
    let help = run_in(folder.path(), &["--help"]);
    assert_eq!((help.code, help.err.as_str()), (0, ""));
    for command in ["report", "query", "policy", "rules", "tables", "verify"] {
        assert!(help.out.contains(command), "{}", help.out);
        let ran = run_in(folder.path(), &[command, "--help"]);
        assert!(ran.code == 0 && ran.out.contains("Usage"), "{ran:?}");
    }
    assert!(!help.out.contains('\u{1b}'));
    let version = run_in(folder.path(), &["--version"]);
    let wanted = format!("piperoll {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((version.code, version.out), (0, wanted));
}
