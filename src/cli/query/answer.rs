//! How the answer to a query is written.

use std::io::{self, Write};

use clap::ValueEnum;

use crate::cli::{Failure, columns};
use crate::report::{CsvTable, escaped, visible};
use crate::table::engine::{ResultSet, Value};

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A table for people
    Text,
    /// A line for each column, for rows that are wider than the terminal
    Vertical,
    /// Comma-separated values, guarded against spreadsheets
    Csv,
    /// One JSON object a line
    Ndjson,
    /// One JSON array
    Json,
    /// A Parquet file, with -o: times are microseconds in UTC, lists stay lists
    Parquet,
}

impl Format {
    /// Whether people read it.
    pub(super) fn is_for_people(self) -> bool {
        matches!(self, Format::Text | Format::Vertical)
    }
}

/// Writes the rows of an answer as text; what is no text is written where it goes.
pub(super) fn write(
    format: Format,
    result: &ResultSet,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match format {
        Format::Text => text(result, out)?,
        Format::Vertical => vertical(result, out)?,
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
        Format::Parquet => return Err(no_text()),
    }
    Ok(())
}

/// The refusal to write Parquet among text.
pub(super) fn no_text() -> Failure {
    let help = "name the file that it goes to with -o FILE";
    Failure::usage("Parquet is no text", help)
}

fn text(result: &ResultSet, out: &mut dyn Write) -> io::Result<()> {
    let header: Vec<&str> = result.columns.iter().map(String::as_str).collect();
    let rows = || result.rows.iter().map(|row| row.iter().map(cell));
    columns::write(&header, rows, out)
}

/// A row is a block of lines, `column  value`; a value is one line, so that none forges another.
fn vertical(result: &ResultSet, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<_> = result.columns.iter().map(|name| visible(name)).collect();
    let width = names.iter().map(|name| name.chars().count()).max();
    let width = width.unwrap_or(0);
    for (number, row) in result.rows.iter().enumerate() {
        writeln!(out, "row {}", number + 1)?;
        for (name, value) in names.iter().zip(row) {
            let value = cell(value);
            let line = format!("  {name:width$}  {}", visible(&value));
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    Ok(())
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
    value.to_text().unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_line_of_its_row_whatever_is_in_it() {
        let result = ResultSet {
            columns: vec!["path".to_owned(), "n".to_owned()],
            rows: vec![
                vec![Value::Text("a\nrow 9\n  n  7".to_owned()), Value::Int(1)],
                vec![Value::Null, Value::Int(2)],
            ],
        };
        let mut out = Vec::new();
        vertical(&result, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines.len(), 6, "{out}");
        assert_eq!(
            (lines[0], lines[2], lines[4], lines[5]),
            ("row 1", "  n     1", "  path", "  n     2")
        );
    }
}
