//! Batches to columns and back.

use polars::chunked_array::builder::ListStringChunkedBuilder;
use polars::prelude::*;

use crate::table::row::{Batch, Kind, Schema as TableSchema, Sym, Symbols, Values};

/// The engine's type of a column.
fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::String,
        Kind::Texts => DataType::List(Box::new(DataType::String)),
        Kind::Int => DataType::Int64,
        Kind::Time => DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)),
        Kind::Real => DataType::Float64,
    }
}

/// The engine's schema of a table.
pub(super) fn schema(table: &TableSchema) -> Schema {
    table
        .columns
        .iter()
        .map(|column| Field::new(column.name.into(), data_type(column.kind)))
        .collect()
}

/// A frame without rows.
pub(super) fn empty(table: &TableSchema) -> DataFrame {
    DataFrame::empty_with_schema(&schema(table))
}

/// The columns of a batch. Texts are gathered from the batch's dictionary: each row copies a
/// 16-byte view, and nothing is hashed again.
pub(super) fn from_batch(batch: &Batch) -> PolarsResult<DataFrame> {
    let symbols = batch.symbols();
    let dictionary: StringChunked = std::iter::once(None)
        .chain((1..=symbols.len()).map(|sym| u32::try_from(sym).ok().map(|sym| symbols.get(sym))))
        .collect();
    let mut columns = Vec::with_capacity(batch.columns.len());
    for (column, values) in batch.schema().columns.iter().zip(&batch.columns) {
        let name = PlSmallStr::from_static(column.name);
        let series = match values {
            Values::Text(syms) => {
                let indices = IdxCa::from_slice(name.clone(), syms);
                dictionary.take(&indices)?.into_series().with_name(name)
            }
            Values::Texts { ends, items } => {
                let mut lists = ListStringChunkedBuilder::new(name, ends.len(), items.len());
                let mut start = 0;
                for &end in ends {
                    let run = items.get(start..end).unwrap_or(&[]);
                    lists.append_values_iter(run.iter().map(|&sym| symbols.get(sym)));
                    start = end;
                }
                lists.finish().into_series()
            }
            Values::Int(numbers) => match column.kind {
                Kind::Real => {
                    let reals = numbers.iter().map(|value| value.map(|v| v as f64 / 100.0));
                    Float64Chunked::from_iter_options(name, reals).into_series()
                }
                Kind::Time => Int64Chunked::from_iter_options(name, numbers.iter().copied())
                    .into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
                    .into_series(),
                _ => Int64Chunked::from_iter_options(name, numbers.iter().copied()).into_series(),
            },
            Values::Unread => polars_bail!(ComputeError: "column `{}` was not read", column.name),
        };
        columns.push(series.into_column());
    }
    DataFrame::new(batch.len(), columns)
}

/// The batch of a frame that has `columns` of `table`, in any order; the others stay unread.
pub(super) fn to_batch(
    table: &'static TableSchema,
    columns: &[usize],
    frame: &DataFrame,
) -> PolarsResult<Batch> {
    let mut batch = Batch::unread(table, frame.height());
    let wanted = table.columns.iter().zip(&mut batch.columns).enumerate();
    let symbols = &mut batch.symbols;
    for (_, (column, values)) in wanted.filter(|(position, _)| columns.contains(position)) {
        let series = frame
            .column(column.name)?
            .as_materialized_series()
            .rechunk();
        *values = match column.kind {
            Kind::Text => Values::Text(texts(series.str()?, symbols)),
            Kind::Texts => {
                let (mut ends, mut items) = (Vec::new(), Vec::new());
                for list in series.list()?.amortized_iter() {
                    if let Some(list) = list {
                        let texts = list.as_ref().str()?;
                        items.extend(texts.iter().flatten().map(|text| symbols.add(text)));
                    }
                    ends.push(items.len());
                }
                Values::Texts { ends, items }
            }
            Kind::Int => Values::Int(series.i64()?.iter().collect()),
            Kind::Time => Values::Int(series.datetime()?.physical().iter().collect()),
            Kind::Real => Values::Int(
                series
                    .f64()?
                    .iter()
                    .map(|value| value.map(|v| (v * 100.0).round() as i64))
                    .collect(),
            ),
        };
    }
    Ok(batch)
}

/// How many rows of a column tell whether its texts repeat.
const PROBE: usize = 1024;

/// The numbers of a column's texts. Where most of the first ones are new (ids, digests), the rest
/// is taken over as it comes: looking for each would cost more than the few that repeat.
fn texts(column: &StringChunked, symbols: &mut Symbols) -> Vec<Sym> {
    let before = symbols.len();
    let mut rows = column.iter();
    let mut syms: Vec<Sym> = Vec::with_capacity(column.len());
    syms.extend(
        rows.by_ref()
            .take(PROBE)
            .map(|text| symbols.add(text.unwrap_or(""))),
    );
    if symbols.len() - before > PROBE / 2 {
        syms.extend(rows.map(|text| symbols.push(text.unwrap_or(""))));
    } else {
        syms.extend(rows.map(|text| symbols.add(text.unwrap_or(""))));
    }
    syms
}
