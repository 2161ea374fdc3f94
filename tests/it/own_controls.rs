//! Controls as the audited entity numbers them, beside those of the frameworks.

use std::fs;
use std::path::Path;

use super::product::{Pack, Ran, fixture, run_in};

fn report(directory: &Path, controls: &str) -> Ran {
    let case = fixture("cases/vault-gitlab");
    let configuration = fs::read_to_string(case.join("piperoll.toml")).unwrap();
    let configuration = format!("{configuration}\n{controls}");
    fs::write(directory.join("own.toml"), configuration).unwrap();
    let input = case.join("input").display().to_string();
    run_in(
        directory,
        &["report", &input, "-c", "own.toml", "-o", "pack"],
    )
}

#[test]
fn own_controls_stand_first_and_follow_from_the_frameworks() {
    let dir = tempfile::tempdir().unwrap();
    let ran = report(
        dir.path(),
        "[[control]]\nid = \"AC-07\"\ntitle = \"Access is reviewed\"\nfrom = [\"CC6.3\"]\n",
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let pack = Pack::read(&dir.path().join("pack"));
    let matrix = pack.rows("control_matrix");
    let own = &matrix[0];
    assert_eq!((&*own["framework"], &*own["control"]), ("own", "AC-07"));
    let of = |framework: &str, control: &str| {
        let mut rows = matrix.iter();
        let row = rows.find(|row| row["framework"] == framework && row["control"] == control);
        row.unwrap().clone()
    };
    let theirs = of("soc2-2017", "CC6.3");
    for column in [
        "state",
        "population",
        "findings",
        "rules_mapped",
        "severities",
    ] {
        assert_eq!(own[column], theirs[column], "{column}");
    }
    assert_ne!(own["rules_mapped"], "0");
    // Two ids of two catalogues: at least what each of them has.
    let nist = of("nist80053-r5", "AC-6");
    let count = |row: &super::product::Row| row["rules_mapped"].parse::<u64>().unwrap();
    assert!(count(&nist) >= count(&theirs), "{nist:?}");
    let map = pack.rows("control_map");
    assert!(
        map.iter()
            .any(|row| row["framework"] == "own" && row["strength"] == "primary")
    );
    let page = String::from_utf8_lossy(&pack.files["report.html"]);
    assert!(page.contains("<h3>Own controls</h3>") && page.contains("<b>AC-07</b>"));
}

#[test]
fn a_control_that_answers_to_nothing_known_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for (controls, said) in [
        (
            "[[control]]\nid = \"A\"\ntitle = \"t\"\nfrom = [\"AC-6\"]\n",
            "`AC-6`",
        ),
        (
            "[[control]]\nid = \"A\"\ntitle = \"t\"\nfrom = []\n",
            "answers to nothing",
        ),
        ("[[control]]\nid = \"A\"\ntitle = \"t\"\n", "has no `from`"),
    ] {
        let ran = report(dir.path(), controls);
        assert_eq!(ran.code, 2, "{controls}: {}", ran.err);
        assert!(
            ran.err.contains(said) && ran.err.contains("help:"),
            "{}",
            ran.err
        );
    }
}
