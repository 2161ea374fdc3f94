//! `piperoll query`: SQL over the tables.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use super::load::ReadArgs;
use super::{DONE, USAGE};
use crate::model::list;
use crate::report::{CsvTable, visible};
use crate::table::engine::{ResultSet, Value};

/// Reads logs and exports and answers one SQL query over the tables (`piperoll tables`).
#[derive(Args, Debug)]
pub(super) struct QueryArgs {
    /// The query
    sql: String,
    #[command(flatten)]
    read: ReadArgs,
    /// How rows are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A table for people
    Text,
    /// Comma-separated values, guarded against spreadsheets
    Csv,
    /// One JSON object a line
    Ndjson,
    /// One JSON array
    Json,
}

/// Runs the command.
pub(super) fn run(args: &QueryArgs, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<u8> {
    let estate = args
        .read
        .load(err)
        .and_then(|loaded| args.read.read(&loaded, None, err));
    let estate = match estate {
        Ok(estate) => estate,
        Err(code) => return Ok(code),
    };
    let result = match estate.store.query(&args.sql) {
        Ok(result) => result,
        Err(error) => {
            writeln!(err, "error: {error}")?;
            return Ok(USAGE);
        }
    };
    match args.format {
        Format::Text => text(&result, out)?,
        Format::Csv => csv(&result, out)?,
        Format::Ndjson => {
            for row in &result.rows {
                writeln!(out, "{}", object(&result, row))?;
            }
        }
        Format::Json => {
            let rows: Vec<serde_json::Value> =
                result.rows.iter().map(|row| object(&result, row)).collect();
            writeln!(out, "{}", serde_json::Value::Array(rows))?;
        }
    }
    Ok(DONE)
}

fn text(result: &ResultSet, out: &mut dyn Write) -> io::Result<()> {
    let mut table = comfy_table::Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_header(&result.columns);
    for row in &result.rows {
        table.add_row(row.iter().map(|value| visible(&cell(value)).into_owned()));
    }
    writeln!(out, "{table}")
}

fn csv(result: &ResultSet, out: &mut dyn Write) -> io::Result<()> {
    let header: Vec<&str> = result.columns.iter().map(String::as_str).collect();
    let mut table = CsvTable::new(out, &header)?;
    for row in &result.rows {
        for value in row {
            match value {
                Value::Time(at) => table.time(Some(*at))?,
                Value::Int(number) => table.raw(&number.to_string())?,
                Value::Real(number) => table.raw(&number.to_string())?,
                Value::Texts(items) => table.list(items)?,
                Value::Text(text) => table.text(text)?,
                Value::Null => table.text("")?,
            }
        }
        table.end()?;
    }
    table.finish().map(|_| ())
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Time(at) => at.to_string(),
        Value::Texts(items) => list::joined(items.iter().map(String::as_str)),
    }
}

fn object(result: &ResultSet, row: &[Value]) -> serde_json::Value {
    let pairs = result.columns.iter().zip(row).map(|(name, value)| {
        let value = match value {
            Value::Null => serde_json::Value::Null,
            Value::Int(number) => (*number).into(),
            Value::Real(number) => (*number).into(),
            Value::Texts(items) => items.clone().into(),
            other => cell(other).into(),
        };
        (name.clone(), value)
    });
    serde_json::Value::Object(pairs.collect())
}
