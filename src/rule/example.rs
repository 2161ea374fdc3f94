//! Proves a rule by its own examples: tiny tables in, the promised answer out.
//!
//! A row names only the columns that matter. Left out, `in_period` is 1, `source_file` is
//! `example.log`, `source_line` counts the rows of the example, `source_byte` is 0 and
//! `source_sha256` is 64 zeros. Times are RFC 3339, reals are written as in SQL (`0.95`).

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Example, Expect, Facts, Rule, run};
use crate::model::{RuleOutcome, Timestamp};
use crate::table::engine::Store;
use crate::table::row::{Batch, Kind, Schema, TABLES};

/// Runs an example; `Err` says how the answer differs from the promise.
pub fn prove(rule: &Rule, example: &Example) -> Result<(), String> {
    let store = store(example)?;
    let answer = run(rule, &store, &facts(rule, example)).map_err(|error| error.to_string())?;
    let expected = match example.expect {
        Expect::Finding => "finding",
        Expect::Pass => "pass",
        Expect::NotAssessed => "not-assessed",
    };
    if answer.outcome.as_str() != expected {
        let why = match &answer.outcome {
            RuleOutcome::NotAssessed(reason) => format!(" ({reason})"),
            RuleOutcome::Finding => format!(" ({})", found(&answer)),
            RuleOutcome::Pass => String::new(),
        };
        let got = answer.outcome.as_str();
        return Err(format!("expected {expected}, got {got}{why}"));
    }
    if example.expect != Expect::NotAssessed && answer.population == 0 && rule.sql.is_some() {
        return Err("the population is 0 although something was assessed".to_owned());
    }
    let wanted: BTreeSet<String> = example
        .finds
        .iter()
        .map(|[subject, object]| format!("{subject} -> {object}"))
        .collect();
    if example.expect == Expect::Finding && wanted.is_empty() {
        return Err("a positive example names its findings under `finds`".to_owned());
    }
    let wanted: Vec<String> = wanted.into_iter().collect();
    if found(&answer) != wanted.join("; ") {
        let (got, wanted) = (found(&answer), wanted.join("; "));
        return Err(format!("expected the findings {wanted}, got {got}"));
    }
    if let Some(row) = answer
        .observations
        .iter()
        .find(|row| row.evidence.line == 0)
    {
        return Err(format!("evidence without a place: {row:?}"));
    }
    Ok(())
}

fn found(answer: &Answer) -> String {
    let pairs: BTreeSet<String> = answer
        .observations
        .iter()
        .map(|row| format!("{} -> {}", row.subject, row.object))
        .collect();
    pairs.into_iter().collect::<Vec<_>>().join("; ")
}

/// What counts as supplied: everything the rule requires, unless the example says otherwise.
fn facts(rule: &Rule, example: &Example) -> Facts {
    let requires = &rule.requires;
    let all_sources = || requires.sources.iter().chain(&requires.any_source);
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
    }
}

fn store(example: &Example) -> Result<Store, String> {
    let mut store = Store::new();
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
