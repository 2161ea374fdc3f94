//! `run.json`: who ran what, where and when. The only file of a pack that differs between two
//! runs over the same inputs.

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

/// The name and version of the run record's schema.
pub(super) const SCHEMA: &str = "piperoll/run/1";

/// What the caller knows of the run. The pack adds when it was finished and what it sealed.
#[derive(Clone, Debug)]
pub struct RunRecord<'a> {
    /// The command line, word by word.
    pub command_line: &'a [String],
    /// Directory the command ran in.
    pub directory: &'a str,
    /// Name of the machine; empty when withheld.
    pub host: &'a str,
    /// Name of the account; empty when withheld.
    pub user: &'a str,
    /// When the run began.
    pub started: Timestamp,
    /// The clock, asked once when all evidence is written.
    pub clock: fn() -> Timestamp,
    /// The input files, in the order of the coverage table.
    pub inputs: &'a [InputFile],
    /// Who may read the pack; not recorded.
    pub readable_by: Readers,
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputFile {
    /// The path used in every output.
    pub path: String,
    /// The path on this machine.
    pub absolute: String,
    /// When the file was last changed, as the file system says.
    #[serde(serialize_with = "optional_time")]
    pub modified: Option<Timestamp>,
}

fn optional_time<S: serde::Serializer>(
    time: &Option<Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time.map(|time| time.to_string()).serialize(serializer)
}

#[derive(Serialize)]
pub(super) struct Sealed<'a> {
    schema: &'static str,
    command_line: &'a [String],
    directory: &'a str,
    host: &'a str,
    user: &'a str,
    started: String,
    finished: String,
    inputs: &'a [InputFile],
    sha256sums_sha256: String,
}

impl<'a> Sealed<'a> {
    pub(super) fn new(run: &RunRecord<'a>, sha256sums_sha256: String) -> Sealed<'a> {
        Sealed {
            schema: SCHEMA,
            command_line: run.command_line,
            directory: run.directory,
            host: run.host,
            user: run.user,
            started: run.started.to_string(),
            finished: (run.clock)().to_string(),
            inputs: run.inputs,
            sha256sums_sha256,
        }
    }
}

/// What `verify` reads back.
#[derive(Deserialize)]
pub(super) struct Seal {
    pub(super) schema: String,
    pub(super) sha256sums_sha256: String,
}
