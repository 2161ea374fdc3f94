//! One Parquet file: spilled batches, parts of an export.

use std::path::Path;

use polars::polars_utils::compression::ZstdLevel;
use polars::prelude::*;

use super::EngineError;
use crate::disk;
use crate::scratch;

/// Writes a frame as one file. Times are microseconds in UTC: Spark refuses nanoseconds.
///
/// The lowest level of compression: most files are read back once within the minute.
pub(super) fn write(path: &Path, frame: &mut DataFrame) -> Result<(), EngineError> {
    let file = scratch::create(path).map_err(|error| EngineError::file(path, &error))?;
    let level = ZstdLevel::try_new(1).map_err(|error| EngineError::file(path, &error))?;
    ParquetWriter::new(file)
        .with_compression(ParquetCompression::Zstd(Some(level)))
        .finish(frame)
        .map_err(|error| EngineError::file(path, &error))?;
    Ok(())
}

/// Reads one file: all of its columns, or those that are named.
pub(super) fn read(path: &Path, columns: Option<Vec<String>>) -> Result<DataFrame, EngineError> {
    let file = disk::open_file(path).map_err(|error| EngineError::file(path, &error))?;
    ParquetReader::new(file)
        .with_columns(columns)
        .finish()
        .map_err(|error| EngineError::file(path, &error))
}
