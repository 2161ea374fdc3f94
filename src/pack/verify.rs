//! Verifies a pack: that it is, file by file, what was written. Nothing earlier.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::Path;

use walkdir::WalkDir;

use super::checksums::{self, digest_of};
use super::manifest::{self, Manifest};
use super::run_record::{self, Sealed};
use super::{CHECKSUMS, Error, MANIFEST, RUN_RECORD, STATEMENT, signature};
use crate::disk;

/// The longest manifest and run record: millions of inputs, and no more memory than a machine has.
pub(super) const LONGEST_RECORD: u64 = 1 << 30;

/// What a verification proves and what it does not; printed with every answer.
pub const PROVES: &str = "This proves that the pack is what SHA256SUMS says, and nothing earlier: not that the inputs \
were complete, genuine or unaltered before they were read. Whoever can write the directory can change any file and then \
write manifest.json, SHA256SUMS and run.json anew; such a pack verifies. Only a digest of SHA256SUMS that was kept \
elsewhere, or a signature (--key), shows it.";

/// The answer of a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Files that were hashed.
    pub files: u64,
    /// Bytes that were hashed.
    pub bytes: u64,
    /// Digest of `SHA256SUMS` as it is now; empty when it is missing.
    pub sha256sums_sha256: String,
    /// What does not fit, by path; empty when the pack is unchanged.
    pub mismatches: Vec<Mismatch>,
}

/// One thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mismatch {
    /// The file, relative to the pack.
    pub path: String,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.problem)
    }
}

/// Compares every file of the pack in `directory` with what was written.
///
/// # Errors
///
/// Fails when `directory` is no directory or something in it cannot be read; a difference is no
/// error but a [`Mismatch`].
pub fn verify(directory: &Path) -> Result<Verification, Error> {
    if !directory.is_dir() {
        return Err(Error::Missing(directory.to_owned()));
    }
    let mut found = Found::default();
    let present = found.list(directory)?;
    let sums = found.sums(directory, &present)?;
    let actual = found.hash(directory, &present, &sums)?;
    found.seal(directory, &present)?;
    found.manifest(directory, &present, &actual)?;
    found.mismatches.sort();
    found.mismatches.dedup();
    Ok(Verification {
        files: actual.len() as u64,
        bytes: actual.values().map(|(bytes, _)| bytes).sum(),
        sha256sums_sha256: found.sums_digest,
        mismatches: found.mismatches,
    })
}

#[derive(Default)]
struct Found {
    mismatches: Vec<Mismatch>,
    sums_digest: String,
    /// Inputs that the run record names.
    inputs: BTreeSet<String>,
}

impl Found {
    fn add(&mut self, path: &str, problem: impl Into<String>) {
        self.mismatches.push(Mismatch {
            path: path.to_owned(),
            problem: problem.into(),
        });
    }

    /// The regular files of the pack; anything else is reported.
    fn list(&mut self, root: &Path) -> Result<BTreeSet<String>, Error> {
        let (mut present, mut folders) = (BTreeSet::new(), Vec::new());
        for entry in WalkDir::new(root).min_depth(1).sort_by_file_name() {
            let entry = entry.map_err(|error| {
                let path = error.path().unwrap_or(root).to_owned();
                Error::at(path)(io::Error::from(error))
            })?;
            if entry.file_type().is_dir() {
                folders.push(entry.path().to_owned());
                continue;
            }
            let path = entry.path().strip_prefix(root).unwrap_or(entry.path());
            let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
            let path = parts.join("/");
            if entry.file_type().is_file() {
                present.insert(path);
            } else {
                self.add(&path, "is no regular file; a pack holds nothing else");
            }
        }
        for folder in folders {
            let name = folder.strip_prefix(root).unwrap_or(&folder);
            let name = name.to_string_lossy();
            if !present
                .iter()
                .any(|path| path.starts_with(&*format!("{name}/")))
            {
                self.add(&name, "is an empty directory; a pack holds none");
            }
        }
        Ok(present)
    }

    fn sums(
        &mut self,
        root: &Path,
        present: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, String>, Error> {
        let Some(bytes) = self.read(root, present, CHECKSUMS)? else {
            return Ok(BTreeMap::new());
        };
        self.sums_digest = checksums::digest(&bytes).to_string();
        let parsed = std::str::from_utf8(&bytes)
            .map_err(|_| 1)
            .and_then(checksums::parse);
        match parsed {
            Ok(sums) => {
                for path in sums.keys().filter(|path| !present.contains(*path)) {
                    self.add(path, "is missing");
                }
                for path in present {
                    let beside = [CHECKSUMS, RUN_RECORD].contains(&path.as_str())
                        || signature::BESIDE.contains(&path.as_str());
                    if !sums.contains_key(path) && !beside {
                        self.add(path, "is not part of the pack: SHA256SUMS does not list it");
                    }
                }
                if !sums.contains_key(MANIFEST) {
                    self.add(CHECKSUMS, "does not list manifest.json");
                }
                Ok(sums)
            }
            Err(line) => {
                let form = "`<sha256>  <path>` and a line feed, sorted by path, as it is written";
                self.add(CHECKSUMS, format!("line {line} is not {form}"));
                Ok(BTreeMap::new())
            }
        }
    }

    /// Hashes every listed file that is there.
    fn hash(
        &mut self,
        root: &Path,
        present: &BTreeSet<String>,
        sums: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, (u64, String)>, Error> {
        let mut actual = BTreeMap::new();
        for (path, expected) in sums.iter().filter(|(path, _)| present.contains(*path)) {
            let place = root.join(path);
            let (bytes, sha256) = disk::open_file(&place)
                .and_then(digest_of)
                .map_err(Error::at(&place))?;
            let sha256 = sha256.to_string();
            if &sha256 != expected {
                self.add(
                    path,
                    format!("has changed: sha256 {sha256}, written as {expected}"),
                );
            }
            actual.insert(path.clone(), (bytes, sha256));
        }
        Ok(actual)
    }

    /// `run.json` quotes the digest of `SHA256SUMS`, so that a list changed later is noticed, and
    /// its own, because no list covers it.
    fn seal(&mut self, root: &Path, present: &BTreeSet<String>) -> Result<(), Error> {
        let Some(bytes) = self.read(root, present, RUN_RECORD)? else {
            return Ok(());
        };
        let sealed = match serde_json::from_slice::<Sealed>(&bytes) {
            Ok(sealed) => sealed,
            Err(error) => {
                self.add(RUN_RECORD, format!("cannot be read: {error}"));
                return Ok(());
            }
        };
        if sealed.schema != run_record::SCHEMA {
            self.add(RUN_RECORD, format!("has schema `{}`", sealed.schema));
        }
        if !self.sums_digest.is_empty() && sealed.sha256sums_sha256 != self.sums_digest {
            let (now, then) = (&self.sums_digest, &sealed.sha256sums_sha256);
            let problem = format!("has changed: sha256 {now}, recorded in run.json as {then}");
            self.add(CHECKSUMS, problem);
        }
        self.inputs = sealed
            .inputs
            .iter()
            .map(|found| found.path.clone())
            .collect();
        let written = sealed
            .matches_bytes(&bytes)
            .map_err(Error::at(root.join(RUN_RECORD)))?;
        if !written {
            self.add(
                RUN_RECORD,
                "has changed: it is not what its own digest says",
            );
        }
        Ok(())
    }

    /// The manifest must name the same files with the same sizes and digests.
    fn manifest(
        &mut self,
        root: &Path,
        present: &BTreeSet<String>,
        actual: &BTreeMap<String, (u64, String)>,
    ) -> Result<(), Error> {
        let Some(bytes) = self.read(root, present, MANIFEST)? else {
            return Ok(());
        };
        let manifest = match serde_json::from_slice::<Manifest>(&bytes) {
            Ok(manifest) if manifest.schema == manifest::SCHEMA => manifest,
            Ok(manifest) => {
                self.add(MANIFEST, format!("has schema `{}`", manifest.schema));
                return Ok(());
            }
            Err(error) => {
                self.add(MANIFEST, format!("cannot be read: {error}"));
                return Ok(());
            }
        };
        for path in std::mem::take(&mut self.inputs) {
            if !manifest.inputs.iter().any(|input| input.path == path) {
                self.add(
                    RUN_RECORD,
                    format!("names the input `{path}`, manifest.json does not"),
                );
            }
        }
        let mut named = BTreeSet::new();
        for output in &manifest.outputs {
            named.insert(output.path.as_str());
            match actual.get(&output.path) {
                Some((bytes, sha256)) if *bytes == output.bytes && *sha256 == output.sha256 => {}
                Some(_) => self.add(&output.path, "is not the file that manifest.json describes"),
                None => self.add(
                    &output.path,
                    "is in manifest.json, but was not found in the pack",
                ),
            }
        }
        for path in actual.keys() {
            // The statement quotes the manifest, so it is written after it.
            let later = path == MANIFEST || path == STATEMENT;
            if !later && !named.contains(path.as_str()) {
                self.add(path, "is in SHA256SUMS, but not in manifest.json");
            }
        }
        Ok(())
    }

    fn read(
        &mut self,
        root: &Path,
        present: &BTreeSet<String>,
        name: &str,
    ) -> Result<Option<Vec<u8>>, Error> {
        if !present.contains(name) {
            self.add(name, "is missing");
            return Ok(None);
        }
        let place = root.join(name);
        disk::bytes(&place, LONGEST_RECORD)
            .map(Some)
            .map_err(Error::at(&place))
    }
}
