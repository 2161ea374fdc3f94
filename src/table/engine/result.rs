//! What a query answers: column names and plain values.

use std::cmp::Ordering;

use polars::prelude::{AnyValue, DataFrame, PolarsResult, TimeUnit};

use crate::model::{Timestamp, list};

/// One value of a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// Text.
    Text(String),
    /// A whole number, or a truth value as 0 or 1.
    Int(i64),
    /// A floating-point number.
    Real(f64),
    /// A time.
    Time(Timestamp),
    /// A list of texts.
    Texts(Vec<String>),
}

impl Value {
    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The time, if it is one.
    #[must_use]
    pub fn as_time(&self) -> Option<Timestamp> {
        match self {
            Value::Time(time) => Some(*time),
            _ => None,
        }
    }

    /// The number, whole or not.
    #[must_use]
    pub fn as_real(&self) -> Option<f64> {
        match self {
            Value::Real(value) => Some(*value),
            // Exact for every count a table can hold.
            Value::Int(value) => Some(*value as f64),
            _ => None,
        }
    }

    /// The value as text, `None` for NULL; items of a list are parted as in a CSV file.
    #[must_use]
    pub fn to_text(&self) -> Option<String> {
        Some(match self {
            Value::Null => return None,
            Value::Text(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            Value::Real(number) => number.to_string(),
            Value::Time(at) => at.to_string(),
            Value::Texts(items) => list::joined(items.iter().map(String::as_str)),
        })
    }

    fn rank(&self) -> u8 {
        match self {
            Value::Null => 5,
            Value::Int(_) => 0,
            Value::Real(_) => 1,
            Value::Time(_) => 2,
            Value::Text(_) => 3,
            Value::Texts(_) => 4,
        }
    }

    /// A total order: by kind, then by value, NULL last.
    #[must_use]
    pub fn compare(&self, other: &Value) -> Ordering {
        match (self, other) {
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            (Value::Int(a), Value::Int(b)) => a.cmp(b),
            (Value::Real(a), Value::Real(b)) => a.total_cmp(b),
            (Value::Time(a), Value::Time(b)) => a.cmp(b),
            (Value::Texts(a), Value::Texts(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn from_any(value: &AnyValue<'_>) -> Value {
        let micros = |time: i64, unit: TimeUnit| match unit {
            TimeUnit::Nanoseconds => time.div_euclid(1_000),
            TimeUnit::Microseconds => time,
            TimeUnit::Milliseconds => time.saturating_mul(1_000),
        };
        match value {
            AnyValue::Null => Value::Null,
            AnyValue::Boolean(truth) => Value::Int(i64::from(*truth)),
            AnyValue::String(text) => Value::Text((*text).to_owned()),
            AnyValue::StringOwned(text) => Value::Text(text.to_string()),
            AnyValue::Float64(number) => Value::Real(*number),
            AnyValue::Float32(number) => Value::Real(f64::from(*number)),
            AnyValue::Datetime(time, unit, _) => Value::Time(Timestamp(micros(*time, *unit))),
            AnyValue::DatetimeOwned(time, unit, _) => Value::Time(Timestamp(micros(*time, *unit))),
            AnyValue::List(items) => Value::Texts(
                items
                    .iter()
                    .filter_map(|item| match Value::from_any(&item) {
                        Value::Text(text) => Some(text),
                        Value::Int(number) => Some(number.to_string()),
                        _ => None,
                    })
                    .collect(),
            ),
            other => other
                .extract::<i64>()
                .map_or_else(|| Value::Text(other.to_string()), Value::Int),
        }
    }
}

/// The rows a query answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResultSet {
    /// Column names in order.
    pub columns: Vec<String>,
    /// Rows; each has a value per column.
    pub rows: Vec<Vec<Value>>,
}

impl ResultSet {
    /// The position of a column.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// Sorts the rows by their values, first column first, NULL last.
    pub fn sort(&mut self) {
        self.rows.sort_by(|a, b| {
            a.iter()
                .zip(b)
                .map(|(a, b)| a.compare(b))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        });
    }

    pub(super) fn from_frame(frame: &DataFrame) -> PolarsResult<ResultSet> {
        let columns: Vec<String> = frame
            .get_column_names()
            .iter()
            .map(|name| name.to_string())
            .collect();
        let mut rows = vec![Vec::with_capacity(columns.len()); frame.height()];
        for column in frame.columns() {
            let series = column.as_materialized_series().rechunk();
            for (row, value) in rows.iter_mut().zip(series.iter()) {
                row.push(Value::from_any(&value));
            }
        }
        Ok(ResultSet { columns, rows })
    }
}
