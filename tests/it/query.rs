//! `piperoll query` and `trace --list` as they are typed: files, limits, periods, the examples of
//! their help.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::product::{Ran, run_in};
use super::vault_log::{calm, folder};

/// The words of a line of a shell that quotes with `'` alone.
fn words(line: &str) -> Vec<&str> {
    let parts = line.split('\'').enumerate();
    parts
        .flat_map(|(at, part)| match at % 2 {
            0 => part.split_whitespace().collect(),
            _ => vec![part],
        })
        .collect()
}

/// Runs a command over the estate.
fn over_the_estate(words: &[&str]) -> Ran {
    let mut words = words.to_vec();
    words.extend(["fixtures/estate", "-c", "fixtures/estate/piperoll.toml"]);
    run_in(Path::new(env!("CARGO_MANIFEST_DIR")), &words)
}

#[test]
fn a_query_comes_from_a_file_goes_to_a_file_and_shows_its_first_rows() {
    let folder = folder(&[
        ("vault/file/audit.log", calm(5).as_bytes()),
        ("all.sql", b"SELECT event_id FROM event ORDER BY at"),
    ]);
    let run = |words: &[&str]| run_in(folder.path(), words);
    let said = run(&[
        "query", "-f", "all.sql", "vault", "--format", "csv", "-o", "all.csv",
    ]);
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{}", said.err);
    let written = fs::read_to_string(folder.path().join("all.csv")).unwrap();
    assert_eq!(written.lines().count(), 1 + 5, "{written}");
    let again = run(&["query", "-f", "all.sql", "vault", "-o", "all.csv"]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("exists"), "{}", again.err);
    let kept = fs::read_to_string(folder.path().join("all.csv")).unwrap();
    assert_eq!(kept, written);
    let few = run(&[
        "query", "-f", "all.sql", "vault", "--format", "csv", "--limit", "2",
    ]);
    assert_eq!(few.out.lines().count(), 1 + 2, "{}", few.out);
    assert!(few.err.contains("first 2 of 5 rows"), "{}", few.err);
    let missing = run(&["query", "-f", "none.sql", "vault"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("none.sql"), "{}", missing.err);
}

#[test]
fn an_answer_is_a_block_of_lines_a_row_or_a_parquet_file() {
    let folder = folder(&[("vault/file/audit.log", calm(3).as_bytes())]);
    let run = |words: &[&str]| run_in(folder.path(), words);
    let sql = "SELECT event_id AS id, at, policies, CAST(NULL AS bigint) AS nothing, 1 AS one, 0.5 AS half FROM event ORDER BY at";
    let rows = run(&["query", sql, "vault", "--format", "vertical"]);
    assert_eq!(rows.code, 0, "{}", rows.err);
    let lines: Vec<&str> = rows.out.lines().collect();
    assert_eq!(lines.len(), 3 * (1 + 6), "{}", rows.out);
    assert_eq!(
        (lines[0], lines[4], lines[5], lines[7]),
        ("row 1", "  nothing", "  one       1", "row 2")
    );
    let on_screen = run(&["query", sql, "vault", "--format", "parquet"]);
    assert_eq!(on_screen.code, 2);
    assert!(on_screen.err.contains("-o FILE"), "{}", on_screen.err);
    let file = ["--format", "parquet", "-o", "a.parquet"];
    let written = run(&[&["query", sql, "vault"], &file[..]].concat());
    assert_eq!(
        (written.code, written.out.as_str()),
        (0, ""),
        "{}",
        written.err
    );
    let bytes = fs::read(folder.path().join("a.parquet")).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    let again = run(&[&["query", sql, "vault"], &file[..]].concat());
    assert_eq!(again.code, 2, "{}", again.err);
}

#[test]
fn what_the_rules_say_is_asked_beside_the_tables() {
    let sql = "SELECT f.rule_id AS rule_id, f.occurrences AS n, e.operation AS operation, r.outcome AS outcome \
               FROM findings f JOIN rules r ON r.rule_id = f.rule_id \
               JOIN event e ON e.source_file = f.source_file AND e.source_byte = f.source_byte \
               WHERE f.rule_id = 'VLT-EVT-001' AND f.severity = 'crit' AND f.status = 'open'";
    let ran = over_the_estate(&["query", sql, "--format", "csv"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let rows: Vec<&str> = ran.out.lines().skip(1).collect();
    assert!(!rows.is_empty(), "{}", ran.out);
    assert!(
        rows.iter().all(|row| row.ends_with(",finding")),
        "{}",
        ran.out
    );
    let columns = run_in(Path::new("."), &["tables", "findings"]);
    assert!(columns.out.starts_with("findings: "), "{}", columns.out);
    // A rule does not read what rules say.
    let listed = run_in(Path::new("."), &["tables"]);
    assert!(!listed.out.contains("\nfindings: "), "{}", listed.out);
}

#[test]
fn a_count_is_called_what_was_asked() {
    let folder = folder(&[("vault/file/audit.log", calm(3).as_bytes())]);
    let header = |sql: &str| {
        let ran = run_in(folder.path(), &["query", sql, "vault", "--format", "csv"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(
        header("SELECT kind, count(*) FROM event GROUP BY kind"),
        "kind,count(*)"
    );
    assert_eq!(header("SELECT COUNT(*) FROM event"), "count(*)");
    assert_eq!(header("SELECT count(*) AS len FROM event"), "len");
    assert_eq!(
        header("SELECT n.len FROM (SELECT count(*) AS len FROM event) n"),
        "len"
    );
}

#[test]
fn a_period_goes_by_its_name() {
    let folder = folder(&[("vault/file/audit.log", calm(4).as_bytes())]);
    let inside = |words: &[&str]| {
        let sql = "SELECT count(*) AS n FROM event WHERE in_period = 1";
        let mut all = vec!["query", sql, "vault", "--format", "csv"];
        all.extend(words);
        let ran = run_in(folder.path(), &all);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out.lines().nth(1).unwrap_or_default().to_owned()
    };
    for (period, count) in [
        (&["--period", "2026-09"][..], "4"),
        (&["--period", "2026-Q3"], "4"),
        (&["--period", "2026"], "4"),
        (&["--period", "2026-08"], "0"),
        (&["--period", "last-month", "--as-of", "2026-10-05"], "4"),
        (&["--period", "last-month", "--as-of", "2026-09-05"], "0"),
        (&["--period", "last-quarter", "--as-of", "2026-10-05"], "4"),
    ] {
        assert_eq!(inside(period), count, "{period:?}");
    }
    let both = [
        "query",
        "SELECT 1",
        "vault",
        "--period",
        "2026",
        "--from",
        "2026-01-01",
    ];
    assert_eq!(run_in(folder.path(), &both).code, 2);
}

#[test]
fn what_can_be_followed_is_listed_and_each_can_be() {
    for (kind, like) in [
        ("job", "gitlab:job/101/88089"),
        ("token", "vault:accessor/"),
        ("secret", "vault:path/secret/data/ci/orders/prod/db"),
        ("person", "gitlab:user/ada"),
        ("service", "run:service/"),
    ] {
        let ran = over_the_estate(&[
            "trace", "--list", kind, "--format", "json", "--limit", "5000",
        ]);
        assert_eq!(ran.code, 0, "{kind}: {}", ran.err);
        let listed: Value = serde_json::from_str(&ran.out).unwrap();
        let listed = listed.as_array().unwrap();
        let ids: Vec<&str> = listed.iter().filter_map(|one| one["id"].as_str()).collect();
        assert!(ids.iter().any(|id| id.starts_with(like)), "{kind}: {ids:?}");
        let first: Vec<&str> = listed
            .iter()
            .filter_map(|one| one["first"].as_str())
            .collect();
        assert!(!first.is_empty() && first.is_sorted(), "{kind}: {first:?}");
        let followed = over_the_estate(&["trace", kind, ids[0], "--format", "json"]);
        assert_eq!(followed.code, 0, "{kind} {}: {}", ids[0], followed.err);
    }
    let few = over_the_estate(&["trace", "--list", "job", "--limit", "3"]);
    assert_eq!(few.out.lines().count(), 1 + 3, "{}", few.out);
    assert!(few.err.contains("first 3 of"), "{}", few.err);
    assert_eq!(
        over_the_estate(&["trace", "--list", "job", "--format", "html"]).code,
        2
    );
}

#[test]
fn the_examples_of_the_help_run() {
    let estate = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/estate");
    let folder = folder(&[(
        "joined.sql",
        b"SELECT e.event_id FROM event e JOIN chain c ON c.event_id = e.event_id",
    )]);
    let mut run = 0;
    for command in ["query", "trace"] {
        let help = run_in(folder.path(), &[command, "--help"]).out;
        for example in help
            .lines()
            .filter_map(|line| line.trim().strip_prefix("piperoll "))
            // A terminal; `tests/it/conversation.rs` has one.
            .filter(|line| !line.starts_with("query -i"))
        {
            let words: Vec<&str> = words(example)
                .into_iter()
                .map(|word| match word {
                    "logs/" => estate.to_str().unwrap(),
                    word => word,
                })
                .collect();
            let ran = run_in(folder.path(), &words);
            let named = words.contains(&"secret/app/db") && ran.code == 2;
            assert!(ran.code == 0 || named, "{example}: {}", ran.err);
            run += 1;
        }
    }
    assert!(run >= 6, "{run}");
}

#[test]
fn what_an_answer_lacks_is_said_beside_it() {
    let log = calm(5);
    let cut = log.get(..log.len() - 40).unwrap();
    let folder = folder(&[
        ("cut/audit.log", cut.as_bytes()),
        ("lost/audit.log", log.as_bytes()),
        ("lost/other.log.gz", b"\x1f\x8b\x08\x00bad"),
        ("strange/notes.txt", b"nothing of use\n"),
    ]);
    let ask = |input: &str, format: &str| {
        let sql = "SELECT count(*) AS n FROM event";
        run_in(folder.path(), &["query", sql, input, "--format", format])
    };
    let said = ask("cut", "csv");
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, "n\r\n5\r\n"),
        "{}",
        said.err
    );
    assert!(
        said.err.contains(
            "warning: `audit.log`: 1 of 10 units could not be read; the first, on line 10:"
        ),
        "{}",
        said.err
    );
    let said = ask("lost", "csv");
    assert!(
        said.code == 3 && said.err.contains("`other.log.gz`: 1 of 1"),
        "{}",
        said.err
    );
    let said = ask("strange", "csv");
    assert!(
        said.code == 3 && said.err.contains("recognised"),
        "{}",
        said.err
    );
    let traced = run_in(folder.path(), &["trace", "--list", "token", "lost"]);
    assert!(
        traced.code == 3 && traced.err.contains("`other.log.gz`"),
        "{}",
        traced.err
    );
}
