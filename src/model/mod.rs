//! The nouns every other room speaks: pure values, no I/O, no clock, no engine.

mod confidence;
mod control;
mod coverage;
mod event;
mod evidence;
mod finding;
mod format;
mod gitlab_path;
mod gitlab_user;
mod google_agent;
pub mod id;
mod job;
pub mod kv;
pub mod list;
mod outcome;
mod period;
pub mod secret;
mod severity;
mod sink;
mod snapshot;
mod system;
mod timestamp;
pub mod trace;
mod waiver;

pub use confidence::{Band, Confidence, Key};
pub use control::{ControlRow, ControlState};
pub use coverage::{FileCoverage, RejectedLine};
pub use event::{Event, EventKind, Handles, Issued, Part, PolicyDelta, Shared, Text};
pub use evidence::{Digest, Evidence, FileId, Place};
pub use finding::{Finding, RuleOutcome, RuleRun, Status};
pub use format::{Format, Framing, Record, Sample, Verdict};
pub use gitlab_path::GitlabPath;
pub use gitlab_user::is_bot_name;
pub use google_agent::is_google_agent;
pub use job::{Job, Pipeline};
pub use outcome::Outcome;
pub use period::Period;
pub use severity::Severity;
#[cfg(test)]
pub(crate) use sink::Kept;
pub use sink::Sink;
pub use snapshot::{Attribute, Exposure, Grant, Language, PolicyText, Service, SourceText};
pub use system::System;
pub use timestamp::Timestamp;
pub use waiver::Waiver;
