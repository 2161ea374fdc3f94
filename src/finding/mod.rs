//! From pieces of evidence to findings: fingerprint, merge, waivers, control states.

pub mod baseline;
mod control;
mod fingerprint;
mod merge;
mod naming;
mod waiver;

#[cfg(test)]
mod tests;

pub use control::{Control, Evaluable, Framework, FrameworkError, matrix};
pub use fingerprint::fingerprint;
pub use merge::{merge, severity, sort};
pub use naming::Naming;
pub use waiver::{WaiverUse, accept, apply};
