//! What a pack says of the run that wrote it, for running it again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::{CHECKSUMS, Contents, Error, checksums};
use crate::scratch::Scratch;

/// A private directory in which a run is made again, gone however the process ends.
#[derive(Debug)]
pub struct Workplace(Scratch);

impl Workplace {
    /// Makes one where temporary files go.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    pub fn new() -> Result<Workplace, Error> {
        let parent = std::env::temp_dir();
        let scratch = Scratch::new_in(&parent, "piperoll-rerun-");
        scratch.map(Workplace).map_err(Error::at(parent))
    }

    /// Where the pack of the run comes to stand.
    #[must_use]
    pub fn pack(&self) -> PathBuf {
        self.0.path().join("pack")
    }

    /// Puts the configuration of a recorded run there under its own name, if there was one.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn configuration(&self, recorded: &Recorded) -> Result<Option<PathBuf>, Error> {
        let Some((name, text)) = &recorded.configuration else {
            return Ok(None);
        };
        let path = self.0.path().join(name);
        fs::write(&path, text).map_err(Error::at(&path))?;
        Ok(Some(path))
    }
}

/// The run that wrote a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Version of piperoll.
    pub version: String,
    /// The command line, word by word.
    pub command_line: Vec<String>,
    /// Directory the command ran in.
    pub directory: PathBuf,
    /// Name and text of the configuration file, if there was one.
    pub configuration: Option<(String, Vec<u8>)>,
    /// Start of the period.
    pub from: String,
    /// End of the period.
    pub to: String,
}

impl Contents {
    /// The run that wrote this pack.
    ///
    /// # Errors
    ///
    /// The configuration of the pack cannot be read.
    pub fn recorded(&self) -> Result<Recorded, Error> {
        let name = self.manifest.configuration.file.clone();
        let configuration = if name.is_empty() {
            None
        } else {
            let path = self.directory.join("configuration.toml");
            Some((name, fs::read(&path).map_err(Error::at(&path))?))
        };
        Ok(Recorded {
            version: self.manifest.tool.version.clone(),
            command_line: self.command_line.clone(),
            directory: self.ran_in.clone(),
            configuration,
            from: self.manifest.period.from.clone(),
            to: self.manifest.period.to.clone(),
        })
    }

    /// What of the inputs is no longer where it lay, or no longer what it was.
    ///
    /// # Errors
    ///
    /// A file that is there cannot be read.
    pub fn lost_inputs(&self) -> Result<Vec<String>, Error> {
        let mut lost = Vec::new();
        for input in &self.manifest.inputs {
            match self.inputs.get(&input.path) {
                Some(place) if place.is_file() => {
                    let now = checksums::file_sha256(place).map_err(Error::at(place))?;
                    if now != input.sha256 {
                        lost.push(format!("{}: is changed", input.path));
                    }
                }
                Some(place) if place != Path::new("-") => {
                    lost.push(format!("{}: is not at {}", input.path, place.display()));
                }
                _ => lost.push(format!("{}: was read from standard input", input.path)),
            }
        }
        Ok(lost)
    }

    /// What of the inputs is not among those of `new`, or is another file there.
    #[must_use]
    pub fn other_inputs(&self, new: &Contents) -> Vec<String> {
        let digests = |pack: &Contents| -> BTreeMap<String, String> {
            let inputs = pack.manifest.inputs.iter();
            let inputs = inputs.map(|input| (input.path.clone(), input.sha256.clone()));
            inputs.collect()
        };
        let (old, new) = (digests(self), digests(new));
        let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let other = paths.into_iter().filter_map(|path| {
            let what = match (old.get(path), new.get(path)) {
                (Some(old), Some(new)) if old == new => return None,
                (Some(_), Some(_)) => "is changed",
                (Some(_), None) => "is missing",
                _ => "is no input of the pack",
            };
            Some(format!("{path}: {what}"))
        });
        other.collect()
    }

    /// How many files either pack lists, and which of them differ.
    ///
    /// # Errors
    ///
    /// A list of digests cannot be read.
    pub fn differing(&self, new: &Contents) -> Result<(usize, Vec<String>), Error> {
        let (old, new) = (self.listed()?, new.listed()?);
        let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let differing = paths
            .iter()
            .filter(|path| old.get(**path) != new.get(**path));
        let differing = differing.map(|path| (*path).clone()).collect();
        Ok((paths.len(), differing))
    }

    /// Digests by path, as the pack's own list has them.
    fn listed(&self) -> Result<BTreeMap<String, String>, Error> {
        let path = self.directory.join(CHECKSUMS);
        let text = fs::read_to_string(&path).map_err(Error::at(&path))?;
        checksums::parse(&text).map_err(|line| {
            let what = format!("line {line} is no digest");
            Error::at(&path)(std::io::Error::other(what))
        })
    }
}
