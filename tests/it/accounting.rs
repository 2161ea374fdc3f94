//! Every unit of every input is parsed, skipped or rejected, and never lost in between.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::judge;
use super::product::{
    Pack, Row, estate, fixture, piperoll, report, rows, samples, tree, try_report,
};

fn number(row: &Row, column: &str) -> u64 {
    row[column].parse().unwrap()
}

/// What does not add up in a pack whose inputs are `files`.
fn faults(pack: &Pack, files: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut listed: BTreeMap<String, u64> = BTreeMap::new();
    let mut rejected: BTreeMap<String, u64> = BTreeMap::new();
    for row in pack.rows("rejected_lines") {
        *rejected.entry(row["file"].clone()).or_default() += 1;
    }
    for row in pack.rows("coverage") {
        *listed.entry(row["file"].clone()).or_default() += 1;
        let [lines, parsed, skipped, bad] =
            ["lines", "parsed", "skipped", "rejected"].map(|column| number(&row, column));
        if lines != parsed + skipped + bad {
            faults.push(format!("does not add up: {row:?}"));
        }
        let shown = rejected.get(&row["file"]).copied().unwrap_or_default();
        if bad != shown {
            faults.push(format!("{}: {bad} rejected, {shown} listed", row["file"]));
        }
        if number(&row, "duplicates") > parsed {
            faults.push(format!("more duplicates than records: {row:?}"));
        }
        if number(&row, "in_period") + number(&row, "outside_period") > parsed {
            faults.push(format!("more events than records: {row:?}"));
        }
    }
    for (file, count) in &listed {
        if *count != 1 || !files.contains(file) {
            faults.push(format!("{file} has {count} row(s) of coverage"));
        }
    }
    for file in files.iter().filter(|file| !listed.contains_key(*file)) {
        faults.push(format!("{file} has no row of coverage"));
    }
    faults
}

fn inputs(root: &Path) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = tree(root).into_keys().collect();
    names.remove("piperoll.toml");
    names
}

#[test]
fn the_estate_adds_up() {
    let faults = faults(estate(), &inputs(&fixture("estate")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_estate_is_counted_as_it_was_written() {
    let truth: serde_json::Value =
        serde_json::from_slice(&std::fs::read(fixture("truth/estate.json")).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for row in estate().rows("coverage") {
        let counts = &truth["files"][&row["file"]];
        // A trace is counted by its lines; every other file by what it holds.
        let wanted = counts["records"].as_u64().unwrap();
        if number(&row, "lines") != wanted {
            wrong.push(format!(
                "{}: {} units, wrote {wanted}",
                row["file"], row["lines"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let rejected: Vec<String> = estate()
        .rows("rejected_lines")
        .iter()
        .map(|row| format!("{}:{}", row["file"], row["line"]))
        .collect();
    assert_eq!(rejected, ["vault/socket/audit-2026-09-01.log.zst:1176"]);
}

/// Six lines stand in both files of the rotation, and all that `socket` says `file` has said.
#[test]
fn duplicates_of_the_estate_are_counted_once() {
    let duplicates: BTreeMap<String, u64> = estate()
        .rows("coverage")
        .iter()
        .filter(|row| row["source"] == "vault")
        .map(|row| (row["file"].clone(), number(row, "duplicates")))
        .collect();
    assert_eq!(duplicates["vault/file/audit.log"], 0);
    assert_eq!(duplicates["vault/file/audit.log.1.gz"], 6);
}

#[test]
fn files_written_by_others_add_up() {
    let Some(folder) = samples(".", "files_written_by_others_add_up") else {
        return;
    };
    let empty = tempfile::tempdir().unwrap();
    let configuration = empty.path().join("piperoll.toml");
    std::fs::write(&configuration, "").unwrap();
    let (ran, pack) = try_report(std::slice::from_ref(&folder), &configuration, &[]);
    assert_ne!(ran.code, 70, "{}", ran.err);
    let pack = pack.unwrap();
    let mut wanted: BTreeSet<String> = tree(&folder).into_keys().collect();
    assert!(wanted.len() > 100, "{} files", wanted.len());
    // Only the named configuration is left out; one that lies elsewhere is a file as any other.
    wanted.retain(|name| !name.is_empty());
    let faults = faults(&pack, &wanted);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(ran.err.matches("panicked").count(), 0, "{}", ran.err);
}

#[test]
fn each_file_written_by_others_adds_up_alone() {
    let Some(folder) = samples(".", "each_file_written_by_others_adds_up_alone") else {
        return;
    };
    let empty = tempfile::tempdir().unwrap();
    let configuration = empty.path().join("piperoll.toml");
    std::fs::write(&configuration, "").unwrap();
    let mut wrong = Vec::new();
    // The recording is one system in many files and judged as a whole elsewhere.
    let names = tree(&folder).into_keys();
    for name in names.filter(|name| !name.starts_with("openbao-live/")) {
        let path = folder.join(&name);
        let query = "SELECT file, SUM(lines) AS lines, SUM(parsed) AS parsed, \
                     SUM(skipped) AS skipped, SUM(rejected) AS rejected FROM coverage GROUP BY file";
        let words = ["query", query, "--format", "csv", "-c"];
        let mut words: Vec<String> = words.map(str::to_owned).to_vec();
        words.extend([
            configuration.display().to_string(),
            path.display().to_string(),
        ]);
        let ran = piperoll(&words);
        let counts = rows(ran.out.as_bytes());
        let adds_up = counts.len() == 1
            && number(&counts[0], "lines")
                == ["parsed", "skipped", "rejected"]
                    .iter()
                    .map(|column| number(&counts[0], column))
                    .sum::<u64>();
        // A file of which nothing was read is answered with its counts, and with a code that says so.
        let code = match counts.first() {
            Some(row)
                if number(row, "parsed") == 0 && std::fs::metadata(&path).unwrap().len() > 0 =>
            {
                3
            }
            _ => 0,
        };
        if !adds_up || ran.code != code {
            wrong.push(format!(
                "{name}: {} for {code}, {counts:?} {}",
                ran.code, ran.err
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn real_vault_lines_pair_up() {
    let Some(folder) = samples("vault-audit", "real_vault_lines_pair_up") else {
        return;
    };
    let empty = tempfile::tempdir().unwrap();
    let configuration = empty.path().join("piperoll.toml");
    std::fs::write(&configuration, "").unwrap();
    let ran = piperoll(&[
        "query",
        "SELECT parts, COUNT(*) AS n FROM event GROUP BY parts ORDER BY parts",
        "--format",
        "csv",
        "-c",
        &configuration.display().to_string(),
        &folder.display().to_string(),
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.out, "parts,n\r\npair,698\r\nresponse,1\r\n");
    let pack = report(&[folder], &configuration, &[]);
    let coverage = pack.rows("coverage");
    assert_eq!(coverage.len(), 1);
    let row = &coverage[0];
    assert_eq!(
        (number(row, "lines"), number(row, "parsed")),
        (1_397, 1_397)
    );
    assert_eq!(row["source"], "vault");
}

/// Evidence points at lines that exist, in files that were read.
#[test]
fn evidence_points_into_the_inputs() {
    let lines: BTreeMap<String, (u64, String)> = estate()
        .rows("coverage")
        .into_iter()
        .map(|row| {
            (
                row["file"].clone(),
                (number(&row, "bytes"), row["source"].clone()),
            )
        })
        .collect();
    for places in judge::evidence(estate()).values() {
        for place in places {
            let (file, line) = place.rsplit_once(':').unwrap();
            let known = lines.contains_key(file) || file == "piperoll.toml";
            assert!(known && line.parse::<u64>().unwrap() >= 1, "{place}");
        }
    }
}
