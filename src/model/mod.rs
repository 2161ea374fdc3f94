//! The nouns every other room speaks: pure values, no I/O, no clock, no engine.

mod confidence;
mod evidence;
mod period;
mod severity;
mod timestamp;

pub use confidence::{Band, Confidence, Key};
pub use evidence::{Digest, Evidence, FileId, Place};
pub use period::Period;
pub use severity::Severity;
pub use timestamp::Timestamp;
