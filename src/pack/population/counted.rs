//! Records counted by what they say, each group with its first record as evidence.

use std::collections::{BTreeMap, BTreeSet};

use super::table::{Row, text_of, with_evidence};
use crate::model::Timestamp;
use crate::table::engine::{EngineError, Store, Value};
use crate::table::row::{Batch, Column, Kind, Schema};

/// When the first records of the groups happened.
static MOMENT: Schema = Schema {
    name: "moment",
    about: "One moment at which the first record of a group happened.",
    columns: &[Column {
        name: "at",
        kind: Kind::Time,
        about: "The moment.",
    }],
};

/// Records by three things that they say: how many there are, when the first and the last happened,
/// and the first as evidence.
///
/// `records` selects the three things, `at` and the place of each record. It is asked twice, for the
/// groups and for what happened at the first moment of any of them: a query that names it twice
/// would hold every record of the estate at once.
pub(super) fn counted(
    store: &Store,
    records: &str,
    [a, b, c]: [&str; 3],
) -> Result<Vec<Row>, EngineError> {
    let groups = store.query(&format!(
        "WITH record AS ({records}) \
         SELECT {a}, {b}, {c}, count(*) AS n, min(at) AS first_at, max(at) AS last_at \
         FROM record GROUP BY {a}, {b}, {c}"
    ))?;
    let groups: Vec<&[Value]> = groups.rows.iter().map(Vec::as_slice).collect();
    let first = groups.iter().filter_map(|group| group.get(4)?.as_time());
    // Joined, not listed: there are as many moments as groups.
    let early = store.query_joining(
        &format!(
            "WITH record AS ({records}) \
             SELECT r.{a}, r.{b}, r.{c}, r.at, r.source_file, r.source_line, r.source_byte \
             FROM record r JOIN moment m ON m.at = r.at"
        ),
        &[moments(first)],
    )?;
    let mut firsts: BTreeMap<Vec<String>, Row> = BTreeMap::new();
    for row in with_evidence(&early)? {
        match firsts.get_mut(&row.cells) {
            Some(known) if known.evidence <= row.evidence => {}
            Some(known) => *known = row,
            None => {
                firsts.insert(row.cells.clone(), row);
            }
        }
    }
    Ok(groups
        .into_iter()
        .filter_map(|group| with_first(group, &firsts))
        .collect())
}

/// Moments as rows, each once.
fn moments(all: impl Iterator<Item = Timestamp>) -> Batch {
    let mut batch = Batch::new(&MOMENT);
    for at in all.collect::<BTreeSet<Timestamp>>() {
        batch.row().int(0, at.0);
    }
    batch
}

/// A group with its first record; none for one of which something is not known.
fn with_first(group: &[Value], firsts: &BTreeMap<Vec<String>, Row>) -> Option<Row> {
    let [a, b, c, n, first, last] = group else {
        return None;
    };
    let named = [a, b, c, first];
    if named.into_iter().any(|value| *value == Value::Null) {
        return None;
    }
    let found = firsts.get(&named.map(text_of).to_vec())?;
    Some(Row {
        cells: [a, b, c, n, first, last].map(text_of).to_vec(),
        evidence: found.evidence.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::row::{Batch, event};

    fn store(rows: &[(&str, &str, i64, &str, i64)]) -> Store {
        // Nothing stays in memory: the groups are counted over files.
        let mut store = Store::holding(0);
        let mut batch = Batch::new(&event::SCHEMA);
        for (number, (system, kind, at, file, line)) in rows.iter().enumerate() {
            let mut row = batch.row();
            row.text(event::EVENT_ID, &number.to_string())
                .text(event::SYSTEM, system)
                .text(event::KIND, kind)
                .int(event::AT, *at)
                .int(event::IN_PERIOD, 1)
                .text(event::SOURCE_FILE, file)
                .int(event::SOURCE_LINE, *line)
                .int(event::SOURCE_BYTE, 10 * *line);
        }
        store.append(batch).unwrap();
        store
    }

    const RECORDS: &str = "SELECT e.system AS system, e.kind AS log, e.project AS instance, e.at AS at, \
         e.source_file AS source_file, e.source_line AS source_line, e.source_byte AS source_byte FROM event e";

    #[test]
    fn a_group_has_its_first_record_and_of_several_at_once_the_first_by_place() {
        let second = 1_000_000;
        let store = store(&[
            ("gcp", "data", 3 * second + 5, "b.log", 1),
            ("gcp", "data", 2 * second, "b.log", 2),
            ("gcp", "data", 2 * second, "a.log", 9),
            ("gcp", "data", 2 * second, "a.log", 7),
            // At the first moment of the other group, and not the first of its own.
            ("aws", "data", 2 * second, "c.log", 1),
            ("aws", "data", second, "c.log", 2),
        ]);
        let sql = RECORDS.replace("e.project", "'one'");
        let mut found: Vec<(Vec<String>, String)> =
            counted(&store, &sql, ["system", "log", "instance"])
                .unwrap()
                .into_iter()
                .map(|row| (row.cells, row.evidence.pointer()))
                .collect();
        found.sort();
        let at = |micros| Timestamp(micros).to_string();
        let cells = |cells: [&str; 4], first, last| {
            let own = cells.map(str::to_owned).into_iter();
            own.chain([at(first), at(last)]).collect::<Vec<_>>()
        };
        assert_eq!(
            found,
            [
                (
                    cells(["aws", "data", "one", "2"], second, 2 * second),
                    "c.log:2".to_owned()
                ),
                (
                    cells(["gcp", "data", "one", "4"], 2 * second, 3 * second + 5),
                    "a.log:7".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn a_group_of_which_something_is_not_known_is_none() {
        let store = store(&[("gcp", "data", 1, "a.log", 1)]);
        assert!(
            counted(&store, RECORDS, ["system", "log", "instance"])
                .unwrap()
                .is_empty()
        );
        let nothing = format!("{RECORDS} WHERE e.in_period = 0");
        assert!(
            counted(&store, &nothing, ["system", "log", "instance"])
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn groups_are_as_many_as_there_are() {
        let files: Vec<String> = (0..1_200)
            .map(|number| format!("{number:04}.log"))
            .collect();
        let named = files.iter().zip(1..);
        let records: Vec<(&str, &str, i64, &str, i64)> = named
            .map(|(file, at)| (file.as_str(), "data", at, file.as_str(), 1))
            .collect();
        let sql = RECORDS.replace("e.project", "'one'");
        let found = counted(&store(&records), &sql, ["system", "log", "instance"]).unwrap();
        assert_eq!(found.len(), files.len());
        for row in found {
            assert_eq!(Some(&row.evidence.file), row.cells.first());
        }
    }
}
