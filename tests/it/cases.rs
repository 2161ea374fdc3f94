//! Small estates under `fixtures/cases/<name>/`: `input/`, `piperoll.toml`, and the pack they
//! give, file by file, in `expected/`.
//!
//! `BLESS=1 cargo test --test it cases` writes `expected/` anew; read the difference before
//! committing it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::product::{fixture, tree, try_report};

/// Files that name the version or digest everything else, and those that tests of their own hold:
/// they would make every case change with every rule.
const NOT_COMPARED: [&str; 19] = [
    "SHA256SUMS",
    "data/access_matrix.csv",
    "data/changes.csv",
    "data/control_map.csv",
    "data/control_matrix.csv",
    "data/exception_rates.csv",
    "data/exceptions.csv",
    "data/grants.csv",
    "data/leavers.csv",
    "data/metrics.csv",
    "data/population_counts.csv",
    "data/privileged_access.csv",
    "data/rule_texts.ndjson",
    "data/service_accounts.csv",
    "data/user_access_review.csv",
    "manifest.json",
    "report.html",
    "run.json",
    "statement.intoto.json",
];

/// The case of which manifest and control matrix are held too, digests aside: the page has a
/// snapshot of its own beside the code that makes it.
const HELD_WHOLE: (&str, [&str; 2]) =
    ("vault-gitlab", ["data/control_matrix.csv", "manifest.json"]);

/// A text without its digests and the sizes of what holds the rules' texts, which every change of a rule's
/// wording changes.
fn undigested(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let digest = regex::Regex::new("[0-9a-f]{64}|[0-9a-f]{16}").unwrap();
    let size =
        regex::Regex::new(r#"((?:rule_texts\.ndjson|report\.html)",\s+"bytes": )\d+"#).unwrap();
    let text = digest.replace_all(&text, "<digest>");
    size.replace_all(&text, "${1}0").into_owned().into_bytes()
}

fn cases() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(fixture("cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// How the reasons of rules that were not assessed begin.
const INNER: &str = "            ";

/// The pack's files, with the exit code and what was said.
fn outcome(case: &Path) -> BTreeMap<String, Vec<u8>> {
    let (ran, pack) = try_report(&[case.join("input")], &case.join("piperoll.toml"), &[]);
    let mut files = pack.map(|pack| pack.files).unwrap_or_default();
    let whole = case.ends_with(HELD_WHOLE.0);
    let held = |name: &str| whole && HELD_WHOLE.1.contains(&name);
    files.retain(|name, _| held(name) || !NOT_COMPARED.contains(&name.as_str()));
    for (_, bytes) in files.iter_mut().filter(|(name, _)| held(name)) {
        *bytes = undigested(bytes);
    }
    // A rule that a case gives nothing to is no part of it: a new one would change every case.
    if let Some(rules) = files.get_mut("data/rules.csv") {
        let text = String::from_utf8(std::mem::take(rules)).unwrap();
        let part = |line: &&str| !line.contains(",not-assessed,");
        *rules = text
            .split_inclusive('\n')
            .filter(part)
            .collect::<String>()
            .into_bytes();
    }
    let spoken = |line: &&str| {
        let inner = line.strip_prefix(INNER);
        let reason = inner.is_some_and(|rest| !rest.starts_with(' '));
        !line.starts_with("rules ") && !line.contains("not assessed: ") && !reason
    };
    // The first and the last line name the directory of this very run.
    let page = |line: &&str| !line.starts_with("report  ");
    let out: Vec<&str> = ran
        .out
        .lines()
        .skip(1)
        .filter(spoken)
        .filter(page)
        .collect();
    let said = format!("exit {}\n{}\n{}", ran.code, out.join("\n"), ran.err);
    files.insert("said.txt".to_owned(), said.into_bytes());
    files
}

fn bless(expected: &Path, files: &BTreeMap<String, Vec<u8>>) {
    if expected.exists() {
        fs::remove_dir_all(expected).unwrap();
    }
    for (name, bytes) in files {
        super::vault_log::put(expected, name, bytes);
    }
}

#[test]
fn every_case_gives_what_is_expected() {
    let cases = cases();
    assert!(cases.len() >= 4, "{cases:?}");
    let mut wrong = Vec::new();
    for case in cases {
        let (expected, files) = (case.join("expected"), outcome(&case));
        if std::env::var_os("BLESS").is_some() {
            assert!(
                std::env::var_os("CI").is_none(),
                "a run that checks a change blesses nothing"
            );
            bless(&expected, &files);
            continue;
        }
        let wanted = tree(&expected);
        let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        if names(&files) != names(&wanted) {
            wrong.push(format!("{}: {:?}", case.display(), names(&files)));
            continue;
        }
        for (name, bytes) in files {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let (got, wanted) = (text(&bytes), text(&wanted[&name]));
            if got != wanted {
                let first = got.lines().zip(wanted.lines()).find(|(a, b)| a != b);
                wrong.push(format!("{}/{name}: {first:?}", case.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The envelopes that shippers put around a record change nothing of what it says.
#[test]
fn wrapped_records_say_what_bare_ones_say() {
    let case = fixture("cases/wrappers");
    let (ran, pack) = try_report(&[case.join("input")], &case.join("piperoll.toml"), &[]);
    let pack = pack.unwrap();
    let coverage = pack.rows("coverage");
    let unread: Vec<String> = coverage
        .iter()
        .filter(|row| row["skipped"] != "0" || row["rejected"] != "0")
        .map(|row| format!("{} {}", row["source"], row["file"]))
        .collect();
    assert!(unread.is_empty(), "{unread:?} {}", ran.err);
    // Each file holds one login and one read, under ids and hashes of its own.
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in pack.rows("identity_chains") {
        let file = row["evidence_file"].clone();
        let said = ["origin_id", "role", "operation", "object", "outcome"].map(|c| row[c].clone());
        seen.entry(file).or_default().push(said.join(" "));
    }
    let bare = seen["vault/bare.log"].clone();
    assert_eq!(bare.len(), 2);
    for file in ["vault/cri.log", "vault/docker.log"] {
        assert_eq!(seen[file], bare, "{file}");
    }
}
