//! The pack of what another engine answered: the one that `report` writes, or none.
//!
//! Spark itself is asked by `deploy/spark/test.sh`; here the embedded engine answers in its place.

use std::fs;

use super::product::{Pack, fixture, piperoll};

#[test]
fn a_pack_of_answers_is_the_pack_of_the_report_and_takes_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let configuration = fixture("estate/piperoll.toml").display().to_string();
    let log = fixture("estate/vault/file/audit.log").display().to_string();
    let (store, tables) = (path("store"), path("tables"));
    let answers = format!("{tables}/answers");
    let ran = |words: &[&str]| {
        let ran = piperoll(&[words, &["--store", &store]].concat());
        (ran.code, ran.err)
    };
    let done = |words: &[&str]| {
        let (code, err) = ran(&[words, &["-c", &configuration]].concat());
        assert_eq!(code, 0, "{words:?}: {err}");
    };
    done(&["ingest", &log]);
    done(&["report", "-o", &path("wanted")]);
    done(&["tables", "-o", &tables, "--answered"]);
    done(&["pack", "--answers", &answers, "-o", &path("pack")]);
    let pack = |name: &str| Pack::read(&folder.path().join(name));
    let (wanted, found) = (pack("wanted"), pack("pack"));
    assert!(wanted.rows("finding_evidence").len() > 2);
    assert!(wanted.reproducible() == found.reproducible());

    // One finding's rows are gone: the answer is refused, never taken for fewer findings.
    let rule = &wanted.rows("findings");
    let rule = rule.iter().find(|row| {
        let rows = fs::read_dir(format!("{answers}/{}", row["rule_id"]));
        rows.is_ok()
    });
    let rule = &rule.expect("a rule in SQL found something")["rule_id"];
    fs::write(format!("{answers}/{rule}/part-00000.json"), "").unwrap();
    let short = ["pack", "--answers", &answers, "-o", &path("short")];
    let (code, err) = ran(&[&short[..], &["-c", &configuration]].concat());
    assert!(code == 3 && err.contains(rule.as_str()), "{code}: {err}");
    assert!(!folder.path().join("short").exists());

    // Another configuration makes other tables.
    let (code, err) = ran(&short);
    assert!(code == 2 && err.contains("other tables"), "{code}: {err}");
}
