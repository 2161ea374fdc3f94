//! `piperoll query`: SQL over the tables.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::load::{ReadArgs, say_unreadable};
use super::{DONE, Failure, INPUT};
use crate::disk;
use crate::model::list;
use crate::report::{CsvTable, escaped, visible};
use crate::table::engine::{Bounds, ResultSet, Value};

/// What `--help` ends with.
const EXAMPLES: &str = "Examples:
  piperoll query 'SELECT kind, count(*) FROM event GROUP BY kind' logs/
  piperoll query 'SELECT at, principal, object FROM event WHERE status = 403 ORDER BY at' logs/ --limit 20
  piperoll query -f joined.sql logs/ --format csv -o joined.csv

One SELECT of standard SQL, with or without WITH, over the tables of `piperoll tables`: joins, GROUP BY,
window functions, CASE, LIKE, regexp_like; no subqueries that look at the row outside of them.";

/// Reads logs and exports and answers one SQL query over the tables (`piperoll tables`).
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct QueryArgs {
    /// The query, e.g. "SELECT kind, count(*) FROM event GROUP BY kind"; with -f the first INPUT
    #[arg(value_name = "SQL", required_unless_present = "file")]
    sql: Option<String>,
    #[command(flatten)]
    read: ReadArgs,
    /// Read the query from a file
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Write the answer to a file, which must not exist
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show the first rows only; how many there are is said
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
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
    let (sql, read) = asked(args)?;
    if let Some(path) = args.output.as_deref().filter(|path| path.exists()) {
        let what = format!("`{}` exists", path.display());
        // Said before hours of reading, not after.
        return Err(Failure::usage(what, "name a file that does not exist yet"));
    }
    let loaded = read.load(err)?;
    let estate = read.read(&loaded, args.output.as_deref(), err)?;
    let bounds = Bounds {
        rows: Some(args.max_rows),
        bytes: Some(args.max_memory),
    };
    let mut result = estate.store.query_within(&sql, bounds)?;
    if let Some(limit) = args.limit.filter(|limit| *limit < result.rows.len()) {
        let all = result.rows.len();
        writeln!(
            err,
            "note: the first {limit} of {all} rows are shown (--limit)"
        )?;
        result.rows.truncate(limit);
    }
    match &args.output {
        Some(path) => write(args.format, &result, &mut created(path)?)?,
        None => write(args.format, &result, out)?,
    }
    say_unreadable(&estate, err)?;
    Ok(if estate.unreadable.is_empty() {
        DONE
    } else {
        INPUT
    })
}

/// The query and what it is asked of: with `-f` the first argument is an input.
fn asked(args: &QueryArgs) -> Result<(String, ReadArgs), Failure> {
    let mut read = args.read.clone();
    let Some(file) = &args.file else {
        return Ok((args.sql.clone().unwrap_or_default(), read));
    };
    let text = disk::text(file).map_err(|error| {
        let what = format!("cannot read the query `{}`: {error}", file.display());
        Failure::usage(what, "name a file that holds one SELECT with -f")
    })?;
    read.inputs.splice(0..0, args.sql.clone());
    Ok((text, read))
}

/// A new file.
fn created(path: &Path) -> Result<fs::File, Failure> {
    let file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path);
    file.map_err(|error| {
        let what = format!("cannot write `{}`: {error}", path.display());
        Failure::usage(
            what,
            "name a file that does not exist yet, in a directory that does",
        )
    })
}

fn write(format: Format, result: &ResultSet, out: &mut dyn Write) -> Result<(), Failure> {
    match format {
        Format::Text => text(result, out)?,
        Format::Csv => csv(result, out)?,
        Format::Ndjson => {
            for row in &result.rows {
                escaped::to_writer(out, &object(result, row))?;
                out.write_all(b"\n")?;
            }
        }
        Format::Json => {
            out.write_all(b"[")?;
            for (number, row) in result.rows.iter().enumerate() {
                out.write_all(if number > 0 { b"," } else { b"" })?;
                escaped::to_writer(out, &object(result, row))?;
            }
            out.write_all(b"]\n")?;
        }
    }
    Ok(())
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
