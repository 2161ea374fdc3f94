//! `piperoll query`: SQL over the tables.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use super::load::ReadArgs;
use super::{DONE, Failure};
use crate::model::list;
use crate::report::{CsvTable, escaped, visible};
use crate::table::engine::{Bounds, ResultSet, Value};

/// Reads logs and exports and answers one SQL query over the tables (`piperoll tables`).
#[derive(Args, Debug)]
pub(super) struct QueryArgs {
    /// The query
    sql: String,
    #[command(flatten)]
    read: ReadArgs,
    /// The most rows that an answer may have
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    max_rows: u32,
    /// The most memory that the query may take beside the tables, e.g. 512MiB, 8GiB
    #[arg(long, value_name = "SIZE", default_value = "2GiB", value_parser = size)]
    max_memory: u64,
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

/// A number of bytes: `512MiB`, `8GiB`, `1000000`.
fn size(text: &str) -> Result<u64, String> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let shift = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kib" => 10,
        "m" | "mib" => 20,
        "g" | "gib" => 30,
        _ => 64,
    };
    let bytes = number.parse::<u64>().ok();
    bytes
        .and_then(|number| number.checked_mul(1u64.checked_shl(shift)?))
        .ok_or_else(|| format!("`{text}` is no size, e.g. 512MiB or 8GiB"))
}

/// Runs the command.
pub(super) fn run(
    args: &QueryArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let loaded = args.read.load(err)?;
    let estate = args.read.read(&loaded, None, err)?;
    let bounds = Bounds {
        rows: Some(args.max_rows),
        bytes: Some(args.max_memory),
    };
    let result = estate.store.query_within(&args.sql, bounds)?;
    match args.format {
        Format::Text => text(&result, out)?,
        Format::Csv => csv(&result, out)?,
        Format::Ndjson => {
            for row in &result.rows {
                escaped::to_writer(out, &object(&result, row))?;
                out.write_all(b"\n")?;
            }
        }
        Format::Json => {
            out.write_all(b"[")?;
            for (number, row) in result.rows.iter().enumerate() {
                out.write_all(if number > 0 { b"," } else { b"" })?;
                escaped::to_writer(out, &object(&result, row))?;
            }
            out.write_all(b"]\n")?;
        }
    }
    Ok(DONE)
}

fn text(result: &ResultSet, out: &mut dyn Write) -> io::Result<()> {
    let mut table = comfy_table::Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_header(result.columns.iter().map(|name| visible(name).into_owned()));
    for row in &result.rows {
        table.add_row(row.iter().map(|value| visible(&cell(value)).into_owned()));
    }
    writeln!(out, "{table}")
}

fn csv(result: &ResultSet, out: &mut dyn Write) -> io::Result<()> {
    let header: Vec<_> = result.columns.iter().map(|name| visible(name)).collect();
    let header: Vec<&str> = header.iter().map(|name| &**name).collect();
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
