//! One Parquet file: spilled batches, parts of an export.

use std::fs::File;
use std::path::Path;

use polars::io::parquet::write::BatchedWriter;
use polars::polars_utils::compression::ZstdLevel;
use polars::prelude::*;

use super::EngineError;
use crate::disk;
use crate::scratch;

/// Writes a frame as a file that stays. Times are microseconds in UTC: Spark refuses nanoseconds.
pub(super) fn write(path: &Path, frame: &mut DataFrame) -> Result<(), EngineError> {
    let level = ZstdLevel::try_new(1).map_err(|error| EngineError::file(path, &error))?;
    let packed = ParquetCompression::Zstd(Some(level));
    write_as(path, frame, packed, StatisticsOptions::default())
}

/// Writes a frame as a file that this run reads back and removes: dictionaries keep it small, and
/// nobody but this run asks what it holds.
pub(super) fn spill(path: &Path, frame: &mut DataFrame) -> Result<(), EngineError> {
    let packed = ParquetCompression::Uncompressed;
    write_as(path, frame, packed, StatisticsOptions::empty())
}

/// Begins a file of the same kind, which takes its rows run by run.
pub(super) fn begin(path: &Path, schema: &Schema) -> Result<BatchedWriter<File>, EngineError> {
    let file = scratch::create(path).map_err(|error| EngineError::file(path, &error))?;
    ParquetWriter::new(file)
        .with_compression(ParquetCompression::Uncompressed)
        .with_statistics(StatisticsOptions::default())
        .batched(schema)
        .map_err(|error| EngineError::file(path, &error))
}

fn write_as(
    path: &Path,
    frame: &mut DataFrame,
    packed: ParquetCompression,
    statistics: StatisticsOptions,
) -> Result<(), EngineError> {
    let file = scratch::create(path).map_err(|error| EngineError::file(path, &error))?;
    ParquetWriter::new(file)
        .with_compression(packed)
        .with_statistics(statistics)
        .finish(frame)
        .map_err(|error| EngineError::file(path, &error))?;
    Ok(())
}

/// Reads one file whole.
pub(super) fn read(path: &Path) -> Result<DataFrame, EngineError> {
    let file = disk::open_file(path).map_err(|error| EngineError::file(path, &error))?;
    ParquetReader::new(file)
        .finish()
        .map_err(|error| EngineError::file(path, &error))
}

/// Reads the named columns of some rows of a file, from which on and so many at most, and how many
/// rows the file has in all.
pub(super) fn read_rows(
    path: &Path,
    columns: Vec<String>,
    rows: (usize, usize),
) -> Result<(DataFrame, usize), EngineError> {
    let failed = |error: PolarsError| EngineError::file(path, &error);
    let file = disk::open_file(path).map_err(|error| EngineError::file(path, &error))?;
    let mut reader = ParquetReader::new(file);
    let all = reader.num_rows().map_err(failed)?;
    let frame = reader
        .with_columns(Some(columns))
        .with_slice(Some(rows))
        .finish()
        .map_err(failed)?;
    Ok((frame, all))
}
