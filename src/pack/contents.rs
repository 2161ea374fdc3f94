//! A pack read back: its manifest and tables, after it was proved to be what was written.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::manifest::{Manifest, Output};
use super::run_record::Sealed;
use super::verify::{LONGEST_RECORD, verify};
use super::{Error, MANIFEST, RUN_RECORD};
use crate::disk;
use crate::model::path_of_text;

/// A pack that is what was written.
#[derive(Debug)]
pub struct Contents {
    pub(super) directory: PathBuf,
    pub(super) manifest: Manifest,
    pub(super) sha256sums_sha256: String,
    /// Where each input lay when the pack was written, by the input's name.
    pub(super) inputs: BTreeMap<String, PathBuf>,
    /// The command line of the run, word by word.
    pub(super) command_line: Vec<String>,
    /// Where it ran.
    pub(super) ran_in: PathBuf,
}

/// A table of a pack, read row by row.
pub(super) struct Rows {
    pub(super) header: Vec<String>,
    path: PathBuf,
    reader: csv::Reader<File>,
}

impl Contents {
    /// Opens the pack in `directory`.
    ///
    /// # Errors
    ///
    /// There is none, it is not what was written, or it cannot be read.
    pub fn open(directory: &Path) -> Result<Contents, Error> {
        let verified = verify(directory)?;
        if let Some(first) = verified.mismatches.first() {
            return Err(Error::Changed {
                directory: directory.to_owned(),
                mismatches: verified.mismatches.len(),
                first: first.to_string(),
            });
        }
        let sealed: Sealed = json(directory, RUN_RECORD)?;
        let inputs = sealed.inputs.into_iter();
        Ok(Contents {
            directory: directory.to_owned(),
            manifest: json(directory, MANIFEST)?,
            sha256sums_sha256: verified.sha256sums_sha256,
            inputs: inputs
                .map(|found| (found.path, path_of_text(&found.absolute)))
                .collect(),
            command_line: sealed.command_line,
            ran_in: PathBuf::from(sealed.directory),
        })
    }

    /// The tables of the pack.
    pub(super) fn tables(&self) -> impl Iterator<Item = &Output> {
        let outputs = self.manifest.outputs.iter();
        outputs.filter(|output| output.rows.is_some() && output.path.ends_with(".csv"))
    }

    /// Reads the table at `path` in the pack.
    pub(super) fn rows(&self, path: &str) -> Result<Rows, Error> {
        let path = self.directory.join(path);
        let file = disk::open_file(&path).map_err(Error::at(&path))?;
        let mut reader = csv::Reader::from_reader(file);
        let header = reader.headers().map_err(|error| at(&path, error))?;
        Ok(Rows {
            header: header.iter().map(str::to_owned).collect(),
            path,
            reader,
        })
    }
}

impl Rows {
    /// The next row, or none.
    pub(super) fn next(&mut self, row: &mut csv::StringRecord) -> Result<bool, Error> {
        self.reader
            .read_record(row)
            .map_err(|error| at(&self.path, error))
    }

    /// Number of the column `name`.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }
}

fn json<T: serde::de::DeserializeOwned>(directory: &Path, name: &str) -> Result<T, Error> {
    let path = directory.join(name);
    let bytes = disk::bytes(&path, LONGEST_RECORD).map_err(Error::at(&path))?;
    serde_json::from_slice(&bytes).map_err(|error| Error::at(&path)(io::Error::from(error)))
}

fn at(path: &Path, error: csv::Error) -> Error {
    Error::at(path)(io::Error::from(error))
}
