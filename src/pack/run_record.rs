//! `run.json`: who ran what, where and when. The only file of a pack that differs between two
//! runs over the same inputs.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use super::checksums::digest;
use super::timings::{Stopwatch, Timings};
use crate::model::Timestamp;
use crate::report::escaped;

/// The name and version of the run record's schema.
pub(super) const SCHEMA: &str = "piperoll/run/1";

/// What the caller knows of the run. The pack adds when it was finished and what it sealed.
#[derive(Clone, Debug)]
pub struct RunRecord<'a> {
    /// The command line, word by word.
    pub command_line: &'a [String],
    /// Directory the command ran in.
    pub directory: &'a str,
    /// Digest of the program's file; empty where it cannot be read.
    pub binary_sha256: &'a str,
    /// Commit and target that the program was built from and for.
    pub build: Build<'a>,
    /// Name of the machine; empty when withheld.
    pub host: &'a str,
    /// Name of the account; empty when withheld.
    pub user: &'a str,
    /// What started the run, by the variables that CI systems and schedulers set; empty when
    /// withheld.
    pub started_by: &'a BTreeMap<String, String>,
    /// When the run began.
    pub started: Timestamp,
    /// The clock, asked once when all evidence is written.
    pub clock: fn() -> Timestamp,
    /// The input files, in the order of the coverage table.
    pub inputs: &'a [InputFile],
    /// Who may read the pack; not recorded.
    pub readable_by: Readers,
    /// Tells where the time went; nothing where nobody asked for it.
    pub timings: Option<&'a dyn Stopwatch>,
}

/// Where the program comes from, as its build noted it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Build<'a> {
    /// The commit, `-dirty` where files had been changed; empty where the build did not know.
    pub commit: &'a str,
    /// The target, e.g. `x86_64-unknown-linux-gnu`.
    pub target: &'a str,
}

/// Who may read a pack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Readers {
    /// The account that wrote it: directories 0700, files 0600.
    #[default]
    Owner,
    /// Its group as well: 0750 and 0640.
    Group,
    /// Everybody on the machine: 0755 and 0644.
    All,
}

/// Where one input file was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// The path used in every output.
    pub path: String,
    /// The path on this machine.
    pub absolute: String,
    /// Where it lies, if a link leads out of the inputs.
    pub outside: Option<String>,
    /// When the file was last changed, as the file system says.
    pub modified: Option<Timestamp>,
}

/// The record as it is written and read back.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sealed {
    pub(super) schema: String,
    pub(super) command_line: Vec<String>,
    pub(super) directory: String,
    binary_sha256: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    build_commit: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    build_target: String,
    host: String,
    user: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    started_by: BTreeMap<String, String>,
    started: String,
    finished: String,
    pub(super) inputs: Vec<Found>,
    /// What was chosen of the rules, by the configuration or on the command line.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    rules: BTreeMap<String, String>,
    pub(super) sha256sums_sha256: String,
    /// Where the time went, if it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timings: Option<Timings>,
    /// Digest of this record with nothing here: no list covers it.
    record_sha256: String,
}

/// Where one input was found, as written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Found {
    pub(super) path: String,
    pub(super) absolute: String,
    /// Where a link leads that leaves the inputs.
    link_leads_to: Option<String>,
    modified: Option<String>,
}

impl Sealed {
    /// The record of a run under `settings`, of which it keeps those that choose rules, and that
    /// wrote so many files.
    pub(super) fn new(
        run: &RunRecord<'_>,
        settings: &[(String, String)],
        sha256sums_sha256: String,
        files: u64,
    ) -> io::Result<Sealed> {
        let rules = settings.iter();
        let rules = rules.filter(|(name, _)| name.starts_with("rules."));
        let mut sealed = Sealed {
            schema: SCHEMA.to_owned(),
            command_line: run.command_line.to_vec(),
            directory: run.directory.to_owned(),
            binary_sha256: run.binary_sha256.to_owned(),
            build_commit: run.build.commit.to_owned(),
            build_target: run.build.target.to_owned(),
            host: run.host.to_owned(),
            user: run.user.to_owned(),
            started_by: run.started_by.clone(),
            started: run.started.to_string(),
            finished: (run.clock)().to_string(),
            inputs: run.inputs.iter().map(Found::new).collect(),
            rules: rules.cloned().collect(),
            sha256sums_sha256,
            timings: run.timings.map(|stopwatch| stopwatch.timings(files)),
            record_sha256: String::new(),
        };
        sealed.record_sha256 = digest(&sealed.bytes()?).to_string();
        Ok(sealed)
    }

    /// Whether `bytes` are what is written for this record.
    pub(super) fn matches_bytes(mut self, bytes: &[u8]) -> io::Result<bool> {
        let same = self.bytes()? == bytes;
        let sealed = std::mem::take(&mut self.record_sha256);
        Ok(same && sealed == digest(&self.bytes()?).to_string())
    }

    /// The record as it stands in the pack.
    pub(super) fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        escaped::to_writer_pretty(&mut bytes, self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

impl Found {
    fn new(input: &InputFile) -> Found {
        Found {
            path: input.path.clone(),
            absolute: input.absolute.clone(),
            link_leads_to: input.outside.clone(),
            modified: input.modified.map(|time| time.to_string()),
        }
    }
}
