//! Reviews of access that come back: a worksheet of a pack, filled in, in the next one.

use std::fs;
use std::path::Path;

use super::product::{Pack, Ran, fixture, run_in};

/// A small estate with findings: who changed what in one project.
pub(super) fn report(directory: &Path, more: &[&str]) -> Ran {
    let estate = fixture("estate");
    let projects = estate.join("gcp/projects");
    let users = estate.join("gitlab/users.json");
    let log = estate.join("vault/file/audit.log.1.gz");
    let paths = [&projects, &users, &log].map(|path| path.to_str().unwrap());
    let words = [&["report"], paths.as_slice()].concat();
    run_in(directory, &[&words, more].concat())
}

/// The worksheet with the cells of a reviewer behind the first row of `name`; the row's id.
fn decided(pack: &Pack, name: &str, cells: [&str; 5]) -> (String, String) {
    let text = &pack.files[&format!("data/{name}.csv")];
    let mut reader = csv::Reader::from_reader(text.as_slice());
    let header = reader.headers().unwrap().clone();
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(&header).unwrap();
    let mut id = String::new();
    for (number, row) in reader.records().enumerate() {
        let row = row.unwrap();
        let mut row: Vec<String> = row.iter().map(str::to_owned).collect();
        if number == 0 {
            id = row[header.iter().position(|name| name == "row_id").unwrap()].clone();
            for (name, cell) in ["reviewer", "decision", "decided_at", "ticket", "rationale"]
                .into_iter()
                .zip(cells)
            {
                row[header.iter().position(|found| found == name).unwrap()] = cell.to_owned();
            }
        }
        out.write_record(&row).unwrap();
    }
    (String::from_utf8(out.into_inner().unwrap()).unwrap(), id)
}

const CELLS: [&str; 5] = ["ada", "revoke", "2026-10-02", "SEC-9", "left the team"];

#[test]
fn a_filled_in_worksheet_comes_back_in_the_next_pack_and_on_its_page() {
    let dir = tempfile::tempdir().unwrap();
    let first = report(dir.path(), &["-o", "first"]);
    assert!(first.code == 0, "{}", first.err);
    let pack = Pack::read(&dir.path().join("first"));
    let (sheet, id) = decided(&pack, "service_accounts", CELLS);
    let stranger = sheet.replace(&id, "00000000000000000000000000000000");
    fs::write(dir.path().join("sheet.csv"), format!("\u{FEFF}{sheet}")).unwrap();
    fs::write(dir.path().join("old.csv"), stranger).unwrap();
    let words = [
        "--reviews",
        "sheet.csv",
        "--reviews",
        "old.csv",
        "-o",
        "second",
    ];
    let second = report(dir.path(), &words);
    assert!(second.code == 0, "{}", second.err);
    let pack = Pack::read(&dir.path().join("second"));
    let rows = pack.rows("service_accounts");
    let row = rows.iter().find(|row| row["row_id"] == id).unwrap();
    assert_eq!(row["reviewer"], "ada");
    assert_eq!(row["decision"], "revoke");
    assert_eq!(row["rationale"], "left the team");
    let other = rows.iter().find(|row| row["row_id"] != id).unwrap();
    assert_eq!(other["decision"], "");
    let page = String::from_utf8_lossy(&pack.files["report.html"]);
    assert!(
        page.contains(&format!("1 of {}", rows.len())),
        "the page counts them"
    );
    assert!(
        page.contains("1 reviewed row"),
        "the one of another pack is said"
    );
    assert!(
        page.contains("reviews.sheet.csv"),
        "its digest is among the settings"
    );
    let again = run_in(dir.path(), &["rerun", "second"]);
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
}

#[test]
fn a_worksheet_that_cannot_be_meant_is_refused_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    for (sheet, said) in [
        ("account,decision\r\nx,keep\r\n", "row_id"),
        ("row_id,account\r\na,x\r\n", "reviewer, decision"),
        (
            "row_id,decision,decided_at\r\na,keep,soon\r\n",
            "sheet.csv:2: `soon`",
        ),
        ("row_id,decision\r\n,keep\r\n", "sheet.csv:2: "),
        ("row_id,decision\r\na,keep\r\na,revoke\r\n", "sheet.csv:3: "),
        ("row_id,decision\r\na,keep,more\r\n", "sheet.csv:"),
    ] {
        fs::write(dir.path().join("sheet.csv"), sheet).unwrap();
        let ran = report(dir.path(), &["--reviews", "sheet.csv", "-o", "pack"]);
        assert_eq!(ran.code, 2, "{sheet}: {}", ran.err);
        assert!(
            ran.err.contains(said) && ran.err.contains("help:"),
            "{}",
            ran.err
        );
        assert!(!dir.path().join("pack").exists());
    }
}
