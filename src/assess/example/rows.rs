//! The inputs of an example in SQL: rows of tables.
//!
//! A row names only the columns that matter. Left out, `in_period` is 1, `source_file` is
//! `example.log`, `source_line` counts the rows of the example, `source_byte` is 0 and
//! `source_sha256` is 64 zeros. Times are RFC 3339, reals are written as in SQL (`0.95`).

use std::collections::BTreeMap;

use crate::assess::{Answer, Engine, run};
use crate::check::Known;
use crate::config::Settings;
use crate::model::Timestamp;
use crate::posture::{Posture, Stated};
use crate::rule::{Example, Facts, Rule};
use crate::table::engine::Store;
use crate::table::row::{Batch, Kind, Schema, TABLES};

/// Runs a rule in SQL over the rows of an example.
pub(super) fn answer(rule: &Rule, example: &Example) -> Result<Answer, String> {
    let (store, facts) = (filled(Store::new(), example)?, facts(rule, example));
    let settings = Settings::default();
    let input = Posture::new(Stated {
        settings: &settings,
        facts: &facts,
        attributes: &[],
        policies: &[],
        services: &[],
        grants: &[],
        texts: &[],
        files: &[],
        as_of: Timestamp(0),
    });
    let engine = Engine {
        store: &store,
        answers: None,
        unanswered: None,
    };
    run(rule, engine, &input, &Known::default()).map_err(|error| error.to_string())
}

/// What counts as supplied: everything the rule requires, unless the example says otherwise.
fn facts(rule: &Rule, example: &Example) -> Facts {
    let requires = &rule.requires;
    let all_sources = || {
        requires
            .sources
            .iter()
            .chain(&requires.any_source)
            .chain(&requires.either)
    };
    Facts {
        sources: match &example.sources {
            Some(sources) => sources.iter().cloned().collect(),
            None => all_sources().cloned().collect(),
        },
        settings: match &example.settings {
            Some(settings) => settings.iter().cloned().collect(),
            None => requires.settings.iter().cloned().collect(),
        },
        thresholds: BTreeMap::new(),
        unmatched: BTreeMap::new(),
        hidden_addresses: example.hidden_addresses.clone(),
    }
}

fn filled(mut store: Store, example: &Example) -> Result<Store, String> {
    let mut line = 0;
    for (name, rows) in &example.rows {
        let table = TABLES.into_iter().find(|table| table.name == name);
        let table = table.ok_or_else(|| format!("`{name}` is no table"))?;
        let mut batch = Batch::new(table);
        for row in rows {
            line += 1;
            fill(&mut batch, table, row, line)?;
        }
        store.append(batch).map_err(|error| error.to_string())?;
    }
    Ok(store)
}

fn fill(batch: &mut Batch, table: &Schema, row: &toml::Table, line: i64) -> Result<(), String> {
    let mut cells = batch.row();
    for (name, text) in [("source_file", "example.log"), ("source_sha256", ZEROS)] {
        if let Some(column) = table.position(name) {
            cells.text(column, text);
        }
    }
    for (name, number) in [("in_period", 1), ("source_line", line), ("source_byte", 0)] {
        if let Some(column) = table.position(name) {
            cells.int(column, number);
        }
    }
    for (name, value) in row {
        let wrong = || format!("`{}.{name}` cannot be {value}", table.name);
        let column = table.position(name);
        let column = column.ok_or_else(|| format!("`{}` has no column `{name}`", table.name))?;
        let kind = table.columns.get(column).map(|column| column.kind);
        match (kind, value) {
            (Some(Kind::Text), toml::Value::String(text)) => {
                cells.text(column, text);
            }
            (Some(Kind::Texts), toml::Value::Array(items)) => {
                for item in items {
                    cells.item(column, item.as_str().ok_or_else(wrong)?);
                }
            }
            (Some(Kind::Int), toml::Value::Integer(number)) => {
                cells.int(column, *number);
            }
            (Some(Kind::Real), toml::Value::Float(number)) => {
                cells.int(column, (number * 100.0).round() as i64);
            }
            (Some(Kind::Time), toml::Value::Datetime(time)) => {
                let time = Timestamp::parse(&time.to_string()).ok_or_else(wrong)?;
                cells.int(column, time.0);
            }
            _ => return Err(wrong()),
        }
    }
    Ok(())
}

const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{embedded, fill_sql};

    /// Of a large table only what a query can match is read: no more and no fewer rows for that.
    #[test]
    fn every_rule_answers_alike_over_tables_in_memory_and_in_files() {
        for rule in embedded().unwrap() {
            let queries = rule.population.iter().chain(&rule.sql);
            let queries: Vec<&String> = queries.filter(|sql| sql.contains("JOIN")).collect();
            for example in rule.examples.iter().filter(|_| !queries.is_empty()) {
                let facts = facts(&rule, example);
                let memory = filled(Store::new(), example).unwrap();
                let files = filled(Store::holding(0), example).unwrap();
                for sql in &queries {
                    let sql = fill_sql(&rule, sql, &facts);
                    let [mut one, mut other] =
                        [&memory, &files].map(|store| store.query(&sql).unwrap());
                    one.sort();
                    other.sort();
                    assert_eq!(one, other, "{} {}", rule.id, example.name);
                }
            }
        }
    }
}
