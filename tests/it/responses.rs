//! Answers to exceptions that come back: `data/exceptions.csv`, filled in, in the next pack.

use std::collections::BTreeMap;
use std::fs;

use super::product::{Pack, run_in};
use super::reviews::report;

/// The worksheet of a pack, with the cells of `answers` in the rows of their number.
fn answered(pack: &Pack, answers: &[(usize, &[(&str, &str)])]) -> String {
    let text = &pack.files["data/exceptions.csv"];
    let mut reader = csv::Reader::from_reader(text.as_slice());
    let header = reader.headers().unwrap().clone();
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(&header).unwrap();
    for (number, row) in reader.records().enumerate() {
        let mut row: Vec<String> = row.unwrap().iter().map(str::to_owned).collect();
        let own = answers.iter().filter(|(at, _)| *at == number);
        for (name, cell) in own.flat_map(|(_, cells)| *cells) {
            row[header.iter().position(|found| found == *name).unwrap()] = (*cell).to_owned();
        }
        out.write_record(&row).unwrap();
    }
    String::from_utf8(out.into_inner().unwrap()).unwrap()
}

const MENDED: &[(&str, &str)] = &[
    ("disposition", "remediated"),
    ("owner", "platform team"),
    ("response", "the grant was taken away and the role narrowed"),
    ("ticket", "SEC-9"),
    ("cause", "granted by hand in an incident"),
    ("effect", "one person could read production for four hours"),
    ("reviewed_by", "ada"),
    ("reviewed_at", "2026-10-02"),
];

const ACCEPTED: &[(&str, &str)] = &[
    ("disposition", "accepted-risk"),
    ("cause", "an old pipeline"),
    ("reviewed_by", "ben"),
    ("reviewed_at", "2026-10-03T09:00:00Z"),
];

#[test]
fn what_was_answered_to_an_exception_comes_back_in_the_next_pack_and_on_its_page() {
    let dir = tempfile::tempdir().unwrap();
    let first = report(dir.path(), &["-o", "first"]);
    assert!(first.code == 0, "{}", first.err);
    let pack = Pack::read(&dir.path().join("first"));
    let before = pack.rows("exceptions");
    let sheet = answered(&pack, &[(0, MENDED), (1, ACCEPTED)]);
    fs::write(dir.path().join("exceptions.csv"), &sheet).unwrap();
    let id = &before[2]["exception_id"];
    let gone = answered(&pack, &[(2, MENDED)]).replace(id, &"0".repeat(id.len()));
    fs::write(dir.path().join("old.csv"), gone).unwrap();
    let sheets = ["--reviews", "exceptions.csv", "--reviews", "old.csv"];
    let second = report(dir.path(), &[&sheets, ["-o", "second"].as_slice()].concat());
    assert!(second.code == 0, "{}", second.err);
    let pack = Pack::read(&dir.path().join("second"));
    let rows = pack.rows("exceptions");
    let find = |of: &BTreeMap<String, String>| {
        let mut own = rows.iter();
        own.find(|row| row["exception_id"] == of["exception_id"])
            .unwrap()
    };
    for (name, cell) in MENDED {
        assert_eq!(find(&before[0])[*name], *cell, "{name}");
    }
    // A risk is accepted by a waiver, with an owner and an end, and by nothing else.
    let accepted = find(&before[1]);
    assert_eq!(accepted["disposition"], "open");
    assert_eq!(accepted["cause"], "an old pipeline");
    assert_eq!(accepted["reviewed_by"], "ben");
    assert_eq!(find(&before[2])["reviewed_by"], "");
    let page = String::from_utf8_lossy(&pack.files["report.html"]).into_owned();
    for said in [
        "granted by hand in an incident",
        "one person could read production for four hours",
        "remediated",
        "1 answered exception is not in this pack",
        "1 exception is said to be accepted and no waiver accepts it",
        "reviews.exceptions.csv",
    ] {
        assert!(page.contains(said), "{said}");
    }
    // What was answered erases nothing: the finding is as open as before, and so is its control.
    assert_eq!(rows.len(), before.len());
    let first = Pack::read(&dir.path().join("first"));
    assert_eq!(
        pack.files["data/findings.csv"],
        first.files["data/findings.csv"]
    );
    assert_eq!(
        pack.files["data/control_matrix.csv"],
        first.files["data/control_matrix.csv"]
    );
    let again = run_in(dir.path(), &["rerun", "second"]);
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
}

#[test]
fn an_untouched_worksheet_answers_nothing() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(report(dir.path(), &["-o", "first"]).code, 0);
    let sheet = dir.path().join("first/data/exceptions.csv");
    fs::copy(&sheet, dir.path().join("exceptions.csv")).unwrap();
    let second = report(dir.path(), &["--reviews", "exceptions.csv", "-o", "second"]);
    assert_eq!(second.code, 0, "{}", second.err);
    let again = fs::read(dir.path().join("second/data/exceptions.csv")).unwrap();
    assert_eq!(again, fs::read(&sheet).unwrap());
}

#[test]
fn an_answer_that_cannot_be_meant_is_refused_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    for (sheet, said) in [
        ("exception_id,severity\r\na,crit\r\n", "disposition, owner"),
        ("exception_id,disposition\r\na,fixed\r\n", ":2: `fixed`"),
        ("exception_id,disposition\r\na,remediated\r\n", ":2: "),
        (
            "exception_id,cause,reviewed_at\r\na,x,soon\r\n",
            ":2: `soon`",
        ),
        ("exception_id,cause\r\n,x\r\n", ":2: "),
        ("exception_id,cause\r\na,x\r\na,y\r\n", ":3: "),
    ] {
        fs::write(dir.path().join("sheet.csv"), sheet).unwrap();
        let ran = report(dir.path(), &["--reviews", "sheet.csv", "-o", "pack"]);
        assert_eq!(ran.code, 2, "{sheet}: {}", ran.err);
        assert!(
            ran.err.contains(&format!("sheet.csv{said}")) || ran.err.contains(said),
            "{sheet}: {}",
            ran.err
        );
        assert!(ran.err.contains("help:"), "{}", ran.err);
        assert!(!dir.path().join("pack").exists());
    }
}
