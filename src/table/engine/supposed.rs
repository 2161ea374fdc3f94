//! Rows as they would be had they ended otherwise, asked in place of the tables they are of.

use std::collections::BTreeSet;

use polars::prelude::*;

use super::store::Store;
use super::{Bounds, EngineError, ResultSet};
use crate::table::row::Schema as TableSchema;

/// Some rows of some tables with another text in one column. Who asks over them sees no other rows of
/// these tables.
#[derive(Debug)]
pub struct Supposed {
    frames: Vec<(&'static str, DataFrame)>,
    places: BTreeSet<(String, i64)>,
}

impl Supposed {
    /// Whether one of the rows is evidenced by this line of this file.
    #[must_use]
    pub fn is_at(&self, file: &str, line: u64) -> bool {
        let line = i64::try_from(line).ok();
        line.is_some_and(|line| self.places.contains(&(file.to_owned(), line)))
    }
}

impl Store {
    /// Supposes the text `instead` in a column of the rows of `table` that hold these texts, and of
    /// the rows of `others` that have the same `key`; none where no row of `table` does, or more than
    /// `most` do: they are held in memory.
    pub fn suppose(
        &self,
        table: &'static TableSchema,
        held: &[(&str, &str)],
        (others, key): (&[&'static TableSchema], &str),
        (column, instead): (&str, &str),
        most: u32,
    ) -> Result<Option<Supposed>, EngineError> {
        let fault = |error: PolarsError| EngineError::table(table.name, &error);
        let other = |rows: LazyFrame| rows.with_column(lit(instead).alias(column)).collect();
        let wanted = held.iter().map(|(name, text)| col(*name).eq(lit(*text)));
        let Some(wanted) = wanted.reduce(Expr::and) else {
            return Ok(None);
        };
        let wanted = self.lazy(table)?.filter(wanted);
        let rows = other(wanted.limit(most.saturating_add(1))).map_err(fault)?;
        if rows.height() == 0 || rows.height() > most as usize {
            return Ok(None);
        }
        let places = places(&rows).map_err(fault)?;
        let keys = rows.clone().lazy().select([col(key)]);
        let mut frames = vec![(table.name, rows)];
        for table in others {
            let own = self.lazy(table)?;
            let own = own.join(keys.clone(), [col(key)], [col(key)], JoinType::Inner.into());
            let own = other(own).map_err(|error| EngineError::table(table.name, &error))?;
            frames.push((table.name, own));
        }
        Ok(Some(Supposed { frames, places }))
    }

    /// Answers a query over all tables, with what is supposed in place of its own.
    pub fn query_supposing(
        &self,
        sql: &str,
        supposed: &Supposed,
    ) -> Result<ResultSet, EngineError> {
        let frames = supposed.frames.clone();
        self.query_with(sql, frames, Bounds::default(), Engine::InMemory)
    }
}

fn places(rows: &DataFrame) -> PolarsResult<BTreeSet<(String, i64)>> {
    let files = rows.column("source_file")?.str()?;
    let lines = rows.column("source_line")?.i64()?;
    let places = files.iter().zip(lines.iter());
    Ok(places
        .filter_map(|(file, line)| Some((file?.to_owned(), line?)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::row::{Batch, chain, event};

    fn store(holding: u64) -> Store {
        let mut store = Store::holding(holding);
        for (line, outcome) in [(1, "allowed"), (2, "unknown"), (3, "unknown")] {
            let mut events = Batch::new(&event::SCHEMA);
            let parts = if line == 3 { "response" } else { "request" };
            events
                .row()
                .text(event::EVENT_ID, &format!("vault:request/{line}"))
                .text(event::PARTS, parts)
                .text(event::OUTCOME, outcome)
                .text(event::SOURCE_FILE, "a.log")
                .int(event::SOURCE_LINE, Some(line));
            store.append(events).unwrap();
            let mut chains = Batch::new(&chain::SCHEMA);
            chains
                .row()
                .text(chain::EVENT_ID, &format!("vault:request/{line}"))
                .text(chain::OUTCOME, outcome);
            store.append(chains).unwrap();
        }
        store
    }

    #[test]
    fn what_is_supposed_stands_in_place_of_its_tables_in_memory_and_in_files() {
        for holding in [100, 0] {
            let store = store(holding);
            let held = [("parts", "request"), ("outcome", "unknown")];
            let others = (&[&chain::SCHEMA][..], "event_id");
            let instead = ("outcome", "allowed");
            let supposing = |held: &[(&str, &str)], most: u32| {
                let supposed = store.suppose(&event::SCHEMA, held, others, instead, most);
                supposed.unwrap()
            };
            let supposed = supposing(&held, 1).unwrap();
            let sql = "WITH c AS (SELECT event_id, outcome FROM chain) SELECT e.event_id AS id, e.outcome AS outcome, c.outcome AS told FROM event e JOIN c ON c.event_id = e.event_id WHERE e.outcome = 'allowed' ORDER BY e.event_id";
            let ids = |answer: ResultSet| -> Vec<String> {
                let texts = answer.rows.iter().map(|row| {
                    let texts = row.iter().map(|cell| cell.as_text().unwrap());
                    texts.collect::<Vec<_>>().join(" ")
                });
                texts.collect()
            };
            let answer = ids(store.query_supposing(sql, &supposed).unwrap());
            assert_eq!(answer, ["vault:request/2 allowed allowed"]);
            let answer = ids(store.query(sql).unwrap());
            assert_eq!(answer, ["vault:request/1 allowed allowed"]);
            assert!(supposed.is_at("a.log", 2) && !supposed.is_at("a.log", 1));
            assert!(supposing(&[("parts", "x")], 1).is_none());
            assert!(supposing(&held[1..], 1).is_none(), "two are more than one");
            assert!(supposing(&held[1..], 2).is_some());
        }
    }
}
