//! Writes a pack: every file beside the target, hashed as it is written, synced, then one rename.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;

use super::checksums::{self, Hashing, digest, is_plain};
use super::manifest::{Manifest, Output, Provenance};
use super::run_record::{Readers, RunRecord, Sealed};
use super::statement::statement;
use super::{CHECKSUMS, Error, MANIFEST, RUN_RECORD, STATEMENT};
use crate::model::Digest;
use crate::report::{Report, ReportFormat, Written, escaped};
use crate::scratch::{self, Scratch};

/// A pack that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Where it is.
    pub directory: PathBuf,
    /// Files in it.
    pub files: u64,
    /// Cells that a spreadsheet could have run and that were guarded.
    pub guarded_cells: u64,
    /// Digest of `SHA256SUMS`: names the whole pack, and is what a signature or a ticket should
    /// quote.
    pub sha256sums_sha256: String,
}

/// Writes the pack of `report` to `directory`, which must be empty or not exist.
///
/// Everything is written to `<directory>.tmp-XXXXXX` beside it and renamed when complete, so that
/// nobody ever sees half a pack; on failure the temporary directory is removed, also when a signal
/// ends the run. A killed run leaves one behind, which no later run reads or trips over.
///
/// Until it is complete, and after it unless the run says more, only this account can read it,
/// whatever the umask: a pack names people and what they reached.
///
/// # Errors
///
/// Fails when something is in the directory, or something cannot be written.
pub fn write(
    directory: &Path,
    formats: &[&dyn ReportFormat],
    report: &Report<'_>,
    provenance: &Provenance<'_>,
    run: &RunRecord<'_>,
) -> Result<Packed, Error> {
    can_be_written(directory)?;
    let name = directory
        .file_name()
        .ok_or_else(|| Error::NoName(directory.to_owned()))?;
    let parent = match directory.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(Error::at(parent))?;
    let mut prefix = name.to_owned();
    prefix.push(".tmp-");
    let temporary = Scratch::new_in(parent, &prefix).map_err(Error::at(parent))?;

    let mut writer = Writer {
        root: temporary.path().to_owned(),
        sums: BTreeMap::new(),
    };
    let packed = writer.fill(formats, report, provenance, run)?;
    writer.sync_directories()?;
    open_to(temporary.path(), run.readable_by)?;

    // Looked at once more: something may have come there meanwhile.
    can_be_written(directory)?;
    temporary.move_to(directory).map_err(Error::at(directory))?;
    sync(parent)?;
    Ok(Packed {
        directory: directory.to_owned(),
        ..packed
    })
}

/// Opens everything below `root`, itself last, to those who may read it.
#[cfg(unix)]
fn open_to(root: &Path, readers: Readers) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;
    let (folders, files) = match readers {
        Readers::Owner => return Ok(()),
        Readers::Group => (0o750, 0o640),
        Readers::All => (0o755, 0o644),
    };
    for entry in walkdir::WalkDir::new(root).contents_first(true) {
        let entry = entry.map_err(|error| Error::at(root)(io::Error::from(error)))?;
        let mode = if entry.file_type().is_dir() {
            folders
        } else {
            files
        };
        fs::set_permissions(entry.path(), fs::Permissions::from_mode(mode))
            .map_err(Error::at(entry.path()))?;
    }
    Ok(())
}

/// Elsewhere a directory has the rights of the one above it.
#[cfg(not(unix))]
fn open_to(_: &Path, _: Readers) -> Result<(), Error> {
    Ok(())
}

struct Writer {
    root: PathBuf,
    sums: BTreeMap<String, Digest>,
}

impl Writer {
    fn fill(
        &mut self,
        formats: &[&dyn ReportFormat],
        report: &Report<'_>,
        provenance: &Provenance<'_>,
        run: &RunRecord<'_>,
    ) -> Result<Packed, Error> {
        let applying: Vec<_> = formats.iter().filter(|it| it.applies(report)).collect();
        let mut names = BTreeSet::new();
        if let Some(twice) = applying.iter().find(|it| !names.insert(it.path())) {
            return Err(Error::Name(twice.path().to_owned()));
        }
        // Two of them, chains and edges, take nearly all of the time: one after the other would
        // leave every core but one idle.
        let written: Vec<_> = applying
            .par_iter()
            .with_max_len(1)
            .map(|format| self.file(format.path(), |out| format.write(report, out)))
            .collect();
        let mut outputs = Vec::with_capacity(written.len());
        for file in written {
            outputs.push(self.sum(file?));
        }
        outputs.sort_by(|a, b| a.path.cmp(&b.path));
        let guarded_cells = outputs.iter().map(|output| output.guarded_cells).sum();
        let manifest = Manifest::new(report, provenance, outputs);
        self.output(MANIFEST, |out| json(out, &manifest))?;

        let statement = statement(report, provenance, &self.sums);
        self.output(STATEMENT, |out| json(out, &statement))?;

        let sums = checksums::render(&self.sums);
        let sha256sums_sha256 = digest(sums.as_bytes()).to_string();
        let files = self.sums.len() as u64 + 2;
        self.output(CHECKSUMS, |out| {
            out.write_all(sums.as_bytes())?;
            Ok(Written::default())
        })?;
        let sealed = Sealed::new(run, report.settings, sha256sums_sha256.clone(), files)
            .and_then(|sealed| sealed.bytes())
            .map_err(Error::at(self.root.join(RUN_RECORD)))?;
        self.output(RUN_RECORD, |out| {
            out.write_all(&sealed)?;
            Ok(Written::default())
        })?;
        Ok(Packed {
            directory: PathBuf::new(),
            files,
            guarded_cells,
            sha256sums_sha256,
        })
    }

    /// Writes one file, and takes it into the list of digests.
    fn output(
        &mut self,
        path: &str,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<Written>,
    ) -> Result<Output, Error> {
        let file = self.file(path, fill)?;
        Ok(self.sum(file))
    }

    /// Takes a file into the list of digests.
    fn sum(&mut self, (output, sha256): (Output, Digest)) -> Output {
        self.sums.insert(output.path.clone(), sha256);
        output
    }

    /// Writes one file.
    fn file(
        &self,
        path: &str,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<Written>,
    ) -> Result<(Output, Digest), Error> {
        if !is_plain(path) || self.sums.contains_key(path) {
            return Err(Error::Name(path.to_owned()));
        }
        let place = self.root.join(path);
        if let Some(folder) = place.parent() {
            scratch::create_directories(folder).map_err(Error::at(folder))?;
        }
        let file = scratch::create(&place).map_err(Error::at(&place))?;
        // What is written in pieces is digested and searched for marks by the buffer.
        let mut out = BufWriter::with_capacity(1 << 16, Hashing::new(file));
        let written = fill(&mut out)
            .and_then(|written| out.flush().map(|()| written))
            .map_err(Error::at(&place))?;
        let hashing = out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .map_err(Error::at(&place))?;
        let redactions = hashing.redactions();
        let (file, bytes, sha256) = hashing.finish();
        file.sync_all().map_err(Error::at(&place))?;
        let output = Output {
            path: path.to_owned(),
            bytes,
            sha256: sha256.to_string(),
            rows: written.rows,
            guarded_cells: written.guarded,
            redactions,
        };
        Ok((output, sha256))
    }

    fn sync_directories(&self) -> Result<(), Error> {
        let mut folders: Vec<PathBuf> = self
            .sums
            .keys()
            .filter_map(|path| self.root.join(path).parent().map(Path::to_owned))
            .collect();
        folders.sort();
        folders.dedup();
        folders.iter().try_for_each(|folder| sync(folder))
    }
}

fn json(out: &mut dyn Write, value: &impl Serialize) -> io::Result<Written> {
    escaped::to_writer_pretty(out, value)?;
    out.write_all(b"\n")?;
    Ok(Written::default())
}

/// Whether a pack may be written to `directory`: it does not exist, or is an empty directory and
/// no link to one.
///
/// # Errors
///
/// Fails when something is there, or cannot be looked at.
pub fn can_be_written(directory: &Path) -> Result<(), Error> {
    match fs::symlink_metadata(directory) {
        Ok(found) if found.is_dir() => {
            let mut entries = fs::read_dir(directory).map_err(Error::at(directory))?;
            match entries.next() {
                None => Ok(()),
                Some(_) => Err(Error::Exists(directory.to_owned())),
            }
        }
        Ok(_) => Err(Error::Exists(directory.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::at(directory)(error)),
    }
}

/// Makes the entries of a directory durable, where the system can.
fn sync(directory: &Path) -> Result<(), Error> {
    if cfg!(unix) {
        File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(Error::at(directory))?;
    }
    Ok(())
}
