//! The evidence pack: written beside its place, hashed as it is written, renamed when complete,
//! and verifiable afterwards with `piperoll verify` or plain `sha256sum -c SHA256SUMS`.
//!
//! What depends on the day, the machine or the caller stands in `run.json` alone, which is why
//! `SHA256SUMS` and the manifest leave it out: everything else is byte-identical for the same
//! inputs, configuration and version.

#[cfg(feature = "tables")]
mod chain_walk;
mod checksums;
mod contents;
mod difference;
#[cfg(feature = "tables")]
mod edge_walk;
mod error;
#[cfg(feature = "tables")]
mod evidence_pack;
mod manifest;
#[cfg(feature = "tables")]
mod picture;
#[cfg(feature = "tables")]
mod population;
#[cfg(feature = "tables")]
mod recorded;
#[cfg(feature = "tables")]
mod resolved;
#[cfg(feature = "tables")]
mod responses;
#[cfg(feature = "tables")]
mod reviews;
#[cfg(feature = "tables")]
mod root_cause;
mod run_record;
#[cfg(feature = "tables")]
mod sample;
mod signature;
mod state;
mod statement;
#[cfg(feature = "tables")]
mod stored_row;
#[cfg(test)]
mod tests;
mod timings;
#[cfg(test)]
mod tricks;
mod verify;
mod writer;

pub use checksums::file_sha256;
pub use contents::Contents;
pub use difference::difference;
pub use error::Error;
#[cfg(feature = "tables")]
pub use evidence_pack::{Given, VERSION, readiness, write_pack};
pub use manifest::Provenance;
#[cfg(feature = "tables")]
pub use recorded::{Recorded, Workplace};
#[cfg(feature = "tables")]
pub use reviews::Reviews;
pub use run_record::{Build, InputFile, Readers, RunRecord};
#[cfg(feature = "tables")]
pub use sample::{SampleRequest, sample};
pub use signature::{Signature, Signed, check};
pub use timings::{Stopwatch, Timings, Took};
pub use verify::{Mismatch, PROVES, Verification, verify};
pub use writer::{Packed, can_be_written, write};

/// Name of the list of digests, in the format of `sha256sum`.
pub const CHECKSUMS: &str = "SHA256SUMS";
/// Name of the manifest.
pub const MANIFEST: &str = "manifest.json";
/// Name of the statement of provenance.
pub const STATEMENT: &str = "statement.intoto.json";
/// Name of the record of the run.
pub const RUN_RECORD: &str = "run.json";
