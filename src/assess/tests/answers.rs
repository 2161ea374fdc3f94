//! Answers of another engine are taken whole and to the questions as they are asked, or not at all.

use std::fs;
use std::path::Path;

use crate::assess::{Answers, Question};
use crate::model::{Digest, Timestamp};
use crate::table::engine::Value;

const SQL: &str = "SELECT a FROM event";

fn asked() -> Vec<Question> {
    vec![Question {
        id: "X-001".to_owned(),
        sql: SQL.to_owned(),
    }]
}

fn write(folder: &Path, rows: u64, lines: &str) {
    let contents = serde_json::json!({
        "schema": "piperoll/answers/1",
        "made_of_sha256": Digest::of("these tables").to_string(),
        "engine": "a test",
        "questions": [{
            "id": "X-001",
            "sql_sha256": Digest::of(SQL).to_string(),
            "columns": ["at", "confidence", "object"],
            "rows": rows,
        }],
    });
    fs::write(folder.join("answers.json"), contents.to_string()).unwrap();
    fs::create_dir_all(folder.join("X-001")).unwrap();
    fs::write(folder.join("X-001/_SUCCESS"), "").unwrap();
    fs::write(folder.join("X-001/.part-0.crc"), "no JSON").unwrap();
    fs::write(folder.join("X-001/part-0"), lines).unwrap();
}

#[test]
fn rows_come_back_typed_and_sorted() {
    let folder = tempfile::tempdir().unwrap();
    let lines = "{\"at\":7,\"confidence\":0.8,\"object\":\"b\"}\n{\"at\":-1}\n";
    write(folder.path(), 2, lines);
    let answers = Answers::read(folder.path(), Digest::of("these tables"), &asked()).unwrap();
    let rows = &answers.of(SQL).unwrap().rows;
    assert_eq!(
        rows[0],
        [Value::Time(Timestamp(-1)), Value::Null, Value::Null]
    );
    let text = Value::Text("b".to_owned());
    assert_eq!(rows[1], [Value::Time(Timestamp(7)), Value::Real(0.8), text]);
    assert!(answers.of("SELECT b FROM event").is_none());
}

#[test]
fn what_is_short_or_of_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let read = |made_of: &str, questions: &[Question]| {
        let answers = Answers::read(folder.path(), Digest::of(made_of), questions);
        answers.err().map(|error| error.to_string())
    };
    let refused = |told: Option<String>, words: &str| {
        let told = told.unwrap_or_default();
        assert!(told.contains(words), "{words}: {told}");
    };
    refused(read("these tables", &asked()), "answers.json");
    write(folder.path(), 1, "{\"object\":\"b\"}\n");
    assert_eq!(read("these tables", &asked()), None);
    refused(read("those tables", &asked()), "other tables");
    let mut other = asked();
    other[0].sql = "SELECT a FROM event WHERE b".to_owned();
    refused(read("these tables", &other), "no answer to `X-001`");
    for (rows, lines, words) in [
        (2, "{\"object\":\"b\"}\n", "1 row(s)"),
        (0, "{\"object\":\"b\"}\n", "1 row(s)"),
        (1, "{\"object\":\"b\"\n", "part-0"),
        (1, "{\"objekt\":\"b\"}\n", "no column"),
        (1, "{\"at\":\"2026\"}\n", "`at` is no value"),
        (1, "{\"object\":{}}\n", "`object` is no value"),
    ] {
        write(folder.path(), rows, lines);
        refused(read("these tables", &asked()), words);
    }
}
