//! Rows go in and come back unchanged, from memory and from disk.

use std::collections::BTreeSet;

use super::*;
use crate::table::row::{Batch, Cell, TABLES, coverage, event};

fn events(from: i64, to: i64) -> Batch {
    let mut batch = Batch::new(&event::SCHEMA);
    for n in from..to {
        let id = format!("vault:request/{n}");
        let mut row = batch.row();
        row.text(event::EVENT_ID, &id)
            .int(event::AT, n * 1_000_000)
            .int(event::IN_PERIOD, 1)
            .text(event::SOURCE_FILE, "audit.log")
            .int(event::SOURCE_LINE, n)
            .int(event::SOURCE_BYTE, n * 100);
        if n % 2 == 0 {
            row.item(event::POLICIES, "root").item(event::POLICIES, "a");
        }
    }
    batch
}

fn cells(batch: &Batch) -> Vec<Vec<Cell<'_>>> {
    (0..batch.len())
        .map(|row| {
            (0..batch.schema().columns.len())
                .map(|column| batch.cell(row, column))
                .collect()
        })
        .collect()
}

#[test]
fn batches_come_back_in_order_from_memory_and_disk() {
    let mut store = Store::holding(3);
    for start in [1, 4, 9] {
        store.append(events(start, start + 3)).unwrap();
    }
    assert_eq!(store.rows("event"), 9);
    let back: Vec<Batch> = store
        .scan(&event::SCHEMA)
        .collect::<Result<_, _>>()
        .unwrap();
    let back: Vec<_> = back.iter().flat_map(cells).collect();
    let written = [1, 4, 9].map(|start| events(start, start + 3));
    assert_eq!(back, written.iter().flat_map(cells).collect::<Vec<_>>());
}

#[test]
fn batches_lie_several_to_a_file_and_more_come_after_they_were_read() {
    let mut store = Store::holding(1);
    let starts = [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21];
    let mut written = Vec::new();
    for (number, start) in starts.into_iter().enumerate() {
        store.append(events(start, start + 2)).unwrap();
        written.push(events(start, start + 2));
        // Once in the middle of a file, and once when one is just full.
        if number == 2 || number == 6 || number == 10 {
            let back: Vec<Batch> = store
                .scan(&event::SCHEMA)
                .collect::<Result<_, _>>()
                .unwrap();
            assert!(back.len() < written.len());
            let back: Vec<_> = back.iter().flat_map(cells).collect();
            assert_eq!(back, written.iter().flat_map(cells).collect::<Vec<_>>());
            let counted = store.query("SELECT count(*) FROM event").unwrap();
            let rows = i64::try_from(written.len() * 2).unwrap();
            assert_eq!(counted.rows, [[Value::Int(rows)]]);
        }
    }
}

#[test]
fn a_scan_of_some_columns_reads_them_as_the_whole_scan_does() {
    let columns = [event::POLICIES, event::EVENT_ID, event::AT, event::AT];
    for in_memory in [3, 100] {
        let mut store = Store::holding(in_memory);
        for start in [1, 4, 9] {
            store.append(events(start, start + 3)).unwrap();
        }
        let whole = store.scan(&event::SCHEMA);
        let part = store.scan_columns(&event::SCHEMA, &columns);
        let mut rows = 0;
        for (whole, part) in whole.zip(part) {
            let (whole, part) = (whole.unwrap(), part.unwrap());
            assert_eq!(part.len(), whole.len());
            for row in 0..part.len() {
                for column in columns {
                    assert_eq!(part.cell(row, column), whole.cell(row, column));
                }
            }
            rows += part.len();
        }
        assert_eq!(rows, 9);
    }
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "was not asked for")]
fn a_column_that_was_not_asked_for_is_not_taken_for_null() {
    let mut store = Store::new();
    store.append(events(0, 1)).unwrap();
    let batch = store.scan_columns(&event::SCHEMA, &[event::AT]).next();
    let _ = batch.unwrap().unwrap().text(0, event::EVENT_ID);
}

#[test]
fn every_table_can_be_queried_while_empty() {
    let store = Store::new();
    for table in TABLES {
        let sql = format!("SELECT count(*) AS n FROM \"{}\"", table.name);
        assert_eq!(store.query(&sql).unwrap().rows, [[Value::Int(0)]], "{sql}");
        let bare = format!("SELECT * FROM {}", table.name);
        let columns = store.query(&bare).unwrap().columns;
        assert_eq!(columns.len(), table.columns.len(), "{bare}");
    }
}

#[test]
fn a_query_sees_memory_and_disk_alike() {
    let mut store = Store::new();
    store.append(events(0, 10)).unwrap();
    store.append(events(10, 30)).unwrap();
    let result = store
        .query("SELECT event_id, at FROM event WHERE array_contains(policies, 'root')")
        .unwrap();
    assert_eq!(result.rows.len(), 15);
    let total = store
        .query("SELECT sum(source_line) AS s FROM event")
        .unwrap();
    assert_eq!(total.rows, [[Value::Int(435)]]);
}

#[test]
fn export_and_import_keep_every_cell() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::new();
    store.append(events(0, 5)).unwrap();
    store.append(events(5, 8)).unwrap();
    let mut hours = Batch::new(&coverage::SCHEMA);
    hours
        .row()
        .text(coverage::SOURCE, "vault")
        .int(coverage::HOUR, 0);
    store.append(hours).unwrap();
    store.export(dir.path()).unwrap();
    let mut again = Store::new();
    again.import(dir.path()).unwrap();
    for table in TABLES {
        assert_eq!(again.rows(table.name), store.rows(table.name));
        let read = |store: &Store| {
            let batches: Vec<Batch> = store.scan(table).collect::<Result<_, _>>().unwrap();
            batches
                .iter()
                .flat_map(|batch| cells(batch).into_iter().map(|row| format!("{row:?}")))
                .collect::<Vec<_>>()
        };
        assert_eq!(read(&again), read(&store));
    }
}

#[test]
fn a_foreign_parquet_file_is_refused_with_its_column() {
    let dir = tempfile::tempdir().unwrap();
    Store::new().export(dir.path()).unwrap();
    let (from, to) = (dir.path().join("job"), dir.path().join("event"));
    std::fs::copy(
        from.join("part-00000.parquet"),
        to.join("part-00000.parquet"),
    )
    .unwrap();
    let error = Store::new().import(dir.path()).unwrap_err().to_string();
    assert!(error.contains("`event_id`"), "{error}");
}

#[test]
fn an_unknown_column_names_the_query() {
    let error = Store::new().query("SELECT nope FROM event").unwrap_err();
    let text = error.to_string();
    assert!(text.contains("nope") && text.contains("help:"), "{text}");
}

#[test]
fn a_fault_of_a_query_over_tables_in_files_is_its_own() {
    let (mut memory, mut files) = (Store::new(), Store::holding(0));
    memory.append(events(1, 5)).unwrap();
    files.append(events(1, 5)).unwrap();
    let joined = "FROM event e JOIN event f ON f.event_id = e.event_id";
    for sql in [
        format!("SELECT e.nope {joined} WHERE e.kind = 'login'"),
        format!("SELECT e.at {joined} WHERE e.nope = 'login'"),
        format!("SELECT e.at {joined} WHERE e.kind = 7"),
        "SELECT e.at FROM event e JOIN event f ON f.nope = e.event_id".to_owned(),
        "SELECT e.at FROM event e JOIN event f ON f.at = e.event_id WHERE e.kind = 'a'".to_owned(),
    ] {
        let told = |store: &Store| store.query(&sql).map_err(|error| error.to_string());
        let [one, other] = [&memory, &files].map(told);
        assert!(one.is_err(), "{sql}: {one:?}");
        assert_eq!(one, other, "{sql}");
    }
    let sound = format!("SELECT f.at {joined} WHERE e.source_line = 2");
    let [one, other] = [&memory, &files].map(|store| store.query(&sound).unwrap());
    assert_eq!((one.rows.len(), &one), (1, &other));
}

#[test]
fn spots_find_their_records() {
    let mut store = Store::new();
    store.append(events(1, 5)).unwrap();
    let spot = |line, byte| Spot {
        file: "audit.log".to_owned(),
        line,
        byte,
    };
    let spots = BTreeSet::from([
        spot(2, None),
        spot(3, Some(300)),
        spot(3, Some(1)),
        spot(9, None),
    ]);
    let found = store.locate(&spots).unwrap();
    let bytes: Vec<u64> = found.values().map(|evidence| evidence.byte).collect();
    assert_eq!(bytes, [200, 300]);
}

#[test]
fn a_table_in_files_counts_as_one_in_memory() {
    let queries = [
        "SELECT count(*) AS n FROM event",
        "SELECT count(*) AS n FROM event WHERE in_period = 1 AND source_file = 'audit.log'",
        "SELECT count(distinct event_id) AS n FROM event",
        "SELECT max(at) AS n FROM event WHERE array_contains(policies, 'root')",
    ];
    let (mut memory, mut files) = (Store::new(), Store::holding(4));
    for start in [1, 4, 7, 10] {
        memory.append(events(start, start + 3)).unwrap();
        files.append(events(start, start + 3)).unwrap();
    }
    for sql in queries {
        let (one, other) = (memory.query(sql).unwrap(), files.query(sql).unwrap());
        assert_eq!(one.rows, other.rows, "{sql}");
    }
}

#[test]
fn what_a_query_names_and_asks_twice_answers_alike_and_its_faults_are_its_own() {
    let mut store = Store::holding(100);
    store.append(events(1, 41)).unwrap();
    let twice = |inner: &str| {
        format!(
            "WITH a AS (SELECT event_id AS id, source_line AS line FROM event WHERE {inner}), \
             b AS (SELECT max(line) AS last FROM a) \
             SELECT a.id AS id, a.line AS line, b.last AS last FROM a CROSS JOIN b \
             UNION ALL SELECT id, line, line AS last FROM a ORDER BY line, last"
        )
    };
    let found = store.query(&twice("source_line < 3")).unwrap();
    let lines: Vec<String> = found.rows.iter().map(|row| format!("{row:?}")).collect();
    let plain = "SELECT event_id AS id, source_line AS line, 2 AS last FROM event WHERE source_line < 3 \
                 UNION ALL SELECT event_id AS id, source_line AS line, source_line AS last FROM event WHERE source_line < 3 \
                 ORDER BY line, last";
    let expected = store.query(plain).unwrap();
    let expected: Vec<String> = expected.rows.iter().map(|row| format!("{row:?}")).collect();
    assert_eq!((lines.len(), lines), (4, expected));
    let told = store
        .query(&twice("colour = 'red'"))
        .unwrap_err()
        .to_string();
    assert!(told.contains("colour"), "{told}");
}
