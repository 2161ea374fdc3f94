//! The answer to a query as a Parquet file.

use std::path::Path;

use polars::prelude::*;

use super::result::{ResultSet, Value};
use super::{EngineError, parquet};

impl ResultSet {
    /// Writes the rows to a new Parquet file: whole numbers, floating-point numbers, times in
    /// microseconds of UTC, lists of texts, and texts. A column of several kinds is one of texts, an
    /// empty one too.
    ///
    /// # Errors
    ///
    /// The file cannot be written, or two columns have one name.
    pub fn write_parquet(&self, path: &Path) -> Result<(), EngineError> {
        let fault = |error: PolarsError| EngineError::file(path, &error);
        let columns = (self.columns.iter().enumerate())
            .map(|(at, name)| {
                let cells: Vec<&Value> = self.rows.iter().filter_map(|row| row.get(at)).collect();
                column(name, &cells)
            })
            .collect::<PolarsResult<Vec<Column>>>()
            .map_err(fault)?;
        let mut frame = DataFrame::new(self.rows.len(), columns).map_err(fault)?;
        parquet::write(path, &mut frame)
    }
}

fn column(name: &str, cells: &[&Value]) -> PolarsResult<Column> {
    let name = PlSmallStr::from_str(name);
    let all = |is: fn(&Value) -> bool| {
        cells.iter().any(|cell| is(cell))
            && cells
                .iter()
                .all(|cell| is(cell) || matches!(cell, Value::Null))
    };
    let series = if all(|cell| matches!(cell, Value::Int(_))) {
        let numbers = cells.iter().map(|cell| cell.as_int());
        Series::new(name, numbers.collect::<Vec<Option<i64>>>())
    } else if all(|cell| matches!(cell, Value::Int(_) | Value::Real(_))) {
        let numbers = cells.iter().map(|cell| cell.as_real());
        Series::new(name, numbers.collect::<Vec<Option<f64>>>())
    } else if all(|cell| matches!(cell, Value::Time(_))) {
        let times = cells.iter().map(|cell| cell.as_time().map(|time| time.0));
        Series::new(name, times.collect::<Vec<Option<i64>>>()).cast(&DataType::Datetime(
            TimeUnit::Microseconds,
            Some(TimeZone::UTC),
        ))?
    } else if all(|cell| matches!(cell, Value::Texts(_))) {
        let lists = cells.iter().map(|cell| match cell {
            Value::Texts(items) => Some(Series::new(PlSmallStr::EMPTY, items.as_slice())),
            _ => None,
        });
        Series::new(name, lists.collect::<Vec<Option<Series>>>())
    } else {
        let texts = cells.iter().map(|cell| cell.to_text());
        Series::new(name, texts.collect::<Vec<Option<String>>>())
    };
    Ok(series.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    #[test]
    fn numbers_times_and_lists_stay_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        let columns = ["text", "int", "real", "at", "list", "mixed", "none"];
        let texts = |items: &[&str]| Value::Texts(items.iter().map(|i| (*i).to_owned()).collect());
        let answer = ResultSet {
            columns: columns.map(str::to_owned).to_vec(),
            rows: vec![
                vec![
                    Value::Text("=1+1\n".to_owned()),
                    Value::Int(i64::MIN),
                    Value::Int(2),
                    Value::Time(Timestamp(1_700_000_000_000_001)),
                    texts(&["a;b", ""]),
                    Value::Int(7),
                    Value::Null,
                ],
                vec![
                    Value::Null,
                    Value::Int(1),
                    Value::Real(0.5),
                    Value::Null,
                    texts(&[]),
                    Value::Text("seven".to_owned()),
                    Value::Null,
                ],
            ],
        };
        answer.write_parquet(&path).unwrap();
        let back = parquet::read(&path).unwrap();
        let kinds: Vec<String> = back.dtypes().iter().map(ToString::to_string).collect();
        let expected = [
            "str",
            "i64",
            "f64",
            "datetime[μs, UTC]",
            "list[str]",
            "str",
            "str",
        ];
        assert_eq!(kinds, expected);
        let mut rows = answer.rows.clone();
        rows[0][2] = Value::Real(2.0);
        rows[0][5] = Value::Text("7".to_owned());
        assert_eq!(ResultSet::from_frame(&back).unwrap().rows, rows);
        let twice = ResultSet {
            columns: vec!["a".to_owned(), "a".to_owned()],
            rows: Vec::new(),
        };
        assert!(
            twice
                .write_parquet(&folder.path().join("b.parquet"))
                .is_err()
        );
    }
}
