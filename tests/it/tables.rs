//! The tables as a user asks them.

use std::sync::OnceLock;

use piperoll::table::row::TABLES;

use super::product::{Ran, fixture, piperoll, rows, run_in};
use super::vault_log::{calm, folder};

fn ask(format: &str, sql: &str) -> Ran {
    static LOGS: OnceLock<tempfile::TempDir> = OnceLock::new();
    let logs =
        LOGS.get_or_init(|| folder(&[("a.log", calm(3).as_bytes()), ("piperoll.toml", b"")]));
    let configuration = logs.path().join("piperoll.toml").display().to_string();
    let input = logs.path().join("a.log").display().to_string();
    piperoll(&[
        "query",
        sql,
        &input,
        "-c",
        &configuration,
        "--format",
        format,
    ])
}

/// The evidence of a pair is its response, which says how the request ended.
#[test]
fn a_result_is_said_in_every_format() {
    let sql = "SELECT source_line, operation, at FROM event WHERE source_line < 5 ORDER BY at";
    let csv = ask("csv", sql);
    assert_eq!(csv.code, 0, "{csv:?}");
    assert_eq!(
        csv.out,
        "source_line,operation,at\r\n\
         2,read,2026-09-01T00:00:00.100000Z\r\n\
         4,read,2026-09-01T00:00:01.100000Z\r\n"
    );
    let json = ask("json", sql);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json[1]["source_line"], 4);
    assert_eq!(json[1]["at"], "2026-09-01T00:00:01.100000Z");
    let lines: Vec<serde_json::Value> = ask("ndjson", sql)
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(serde_json::Value::Array(lines), json);
    let text = ask("text", sql);
    assert!(text.out.contains("2026-09-01T00:00:01.100000Z"), "{text:?}");
    assert!(text.out.contains("operation") && !text.out.contains('\u{1b}'));
}

#[test]
fn nothing_is_null_and_not_an_empty_word() {
    let result = ask("json", "SELECT NULL AS nothing, COUNT(*) AS n FROM job");
    let rows: serde_json::Value = serde_json::from_str(&result.out).unwrap();
    assert_eq!(rows, serde_json::json!([{"nothing": null, "n": 0}]));
}

#[test]
fn a_query_that_cannot_be_answered_is_2() {
    for sql in ["SELECT nope FROM event", "SELECT * FROM events", "SELEKT 1"] {
        let ran = ask("csv", sql);
        assert_eq!(ran.code, 2, "{sql}: {ran:?}");
        assert!(ran.err.contains("piperoll tables"), "{}", ran.err);
        assert_eq!(ran.out, "");
    }
}

/// Polars' own SQL opens files and URLs, and answers DROP with a table that says so.
#[test]
fn a_query_reads_the_tables_and_nothing_else() {
    for sql in [
        "SELECT * FROM read_parquet('http://127.0.0.1:1/x.parquet')",
        "SELECT * FROM read_parquet('/etc/passwd')",
        "WITH a AS (SELECT * FROM scan_csv('x')) SELECT * FROM a",
        "DROP TABLE event",
        "CREATE TABLE mine AS SELECT * FROM event",
        "DELETE FROM event",
        "TRUNCATE TABLE event",
        "EXPLAIN SELECT * FROM event",
        "SHOW TABLES",
    ] {
        let ran = ask("csv", sql);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{sql}: {ran:?}");
        assert!(ran.err.contains("help: "), "{sql}: {}", ran.err);
    }
}

#[test]
fn what_a_query_gets_wrong_is_said_in_words_of_ours() {
    for (sql, said) in [
        ("SELECT pth FROM event", "did you mean `path`"),
        ("SELECT * FROM evnt", "did you mean `event`"),
        ("SELECT uper(path) FROM event", "did you mean `upper`"),
        (
            "SELECT path FROM event WHERE EXISTS (SELECT 1 FROM job)",
            "help: ",
        ),
        ("SELECT path FROM event ORDER BY", "not SQL"),
        ("SELECT path FROM event HAVING path = 'a'", "help: "),
        (
            "SELECT e.path FROM event e JOIN job j ON e.at BETWEEN j.started_at AND j.finished_at",
            "",
        ),
        ("SELECT path -> 'a' FROM event", "help: "),
        ("SELECT X'zz' FROM event", "help: "),
        ("SELECT path LIKE ANY ('a') FROM event", "help: "),
        ("SELECT CAST(path AS GEOMETRY) FROM event", "help: "),
        ("SELECT upper(path, 1, 2) FROM event", "help: "),
        ("SELECT path + 1 FROM event", "help: "),
    ] {
        let ran = ask("csv", sql);
        if ran.code == 0 {
            continue;
        }
        assert_eq!(ran.code, 2, "{sql}: {ran:?}");
        assert!(ran.err.contains(said), "{sql}: {}", ran.err);
        for mark in [
            "Ident", "Some(", "Expr", " {", "span", "value:", "polars", "panicked",
        ] {
            let message = ran.err.replace(sql, "");
            assert!(!message.contains(mark), "{sql}: {}", ran.err);
        }
    }
}

#[test]
fn an_answer_larger_than_it_may_be_is_refused_and_never_cut() {
    let logs = folder(&[("a.log", calm(3).as_bytes()), ("piperoll.toml", b"")]);
    let ran = |sql: &str, more: &[&str]| {
        let words = [&["query", sql, "a.log"], more].concat();
        run_in(logs.path(), &words)
    };
    let all = "SELECT source_line FROM event";
    assert_eq!(ran(all, &["--max-rows", "3"]).code, 0);
    let cut = ran(all, &["--max-rows", "2"]);
    assert_eq!((cut.code, cut.out.as_str()), (2, ""));
    assert!(cut.err.contains("--max-rows"), "{}", cut.err);
    // 3 ^ 16 rows: more than the memory of most machines, and none of it is needed to say so.
    let from: Vec<String> = (0..16).map(|n| format!("event e{n}")).collect();
    let sql = format!("SELECT count(*) FROM {}", from.join(" CROSS JOIN "));
    let large = ran(&sql, &["--max-memory", "300MiB"]);
    assert_eq!(large.code, 2, "{large:?}");
    assert!(large.err.contains("--max-memory"), "{}", large.err);
    assert_eq!(ran(all, &["--max-memory", "much"]).code, 2);
}

#[test]
fn every_documented_table_and_column_can_be_asked() {
    let printed = piperoll(&["tables"]);
    assert_eq!(printed.code, 0);
    for table in TABLES {
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let ran = ask(
            "csv",
            &format!("SELECT {} FROM {}", columns.join(", "), table.name),
        );
        assert_eq!(ran.code, 0, "{}: {}", table.name, ran.err);
        assert_eq!(ran.out.lines().next(), Some(columns.join(",").as_str()));
        let all = ask("csv", &format!("SELECT * FROM {} LIMIT 1", table.name));
        assert_eq!(all.out.lines().next(), Some(columns.join(",").as_str()));
        assert!(columns.contains(&"source_file") && columns.contains(&"source_line"));
        let one = piperoll(&["tables", table.name]);
        assert!(printed.out.contains(&one.out), "{}", table.name);
        for column in columns {
            assert!(one.out.contains(&format!("    {column} ")), "{column}");
        }
    }
    assert_eq!(piperoll(&["tables", "evnet"]).code, 2);
}

/// A rule or a reader may rely on each.
#[test]
fn every_table_of_the_estate_holds_something() {
    let (input, configuration) = (fixture("estate"), fixture("estate/piperoll.toml"));
    let counts: Vec<String> = TABLES
        .iter()
        .map(|table| format!("SELECT '{0}' AS name, COUNT(*) AS n FROM {0}", table.name))
        .collect();
    let ran = piperoll(&[
        "query",
        &counts.join(" UNION ALL "),
        &input.display().to_string(),
        "-c",
        &configuration.display().to_string(),
        "--format",
        "csv",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let counts = rows(ran.out.as_bytes());
    assert_eq!(counts.len(), TABLES.len());
    let empty: Vec<&str> = counts
        .iter()
        .filter(|row| row["n"] == "0")
        .map(|row| row["name"].as_str())
        .collect();
    // Nobody uses an id twice in the estate, and nobody wrote down how it was collected.
    assert_eq!(empty, ["collection", "conflict"]);
}
