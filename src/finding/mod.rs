//! From pieces of evidence to findings: fingerprint, merge, waivers, control states.

pub mod baseline;
mod control;
mod fingerprint;
mod frameworks;
mod merge;
mod naming;
mod root_cause;
mod waiver;

#[cfg(test)]
mod tests;

pub use control::{Control, Evaluable, Framework, FrameworkError, matrix};
pub use fingerprint::fingerprint;
pub use frameworks::{ChoiceError, frameworks};
pub use merge::{merge, severity, sort};
pub use naming::Naming;
pub use root_cause::root_causes;
pub use waiver::{WaiverUse, accept, apply};
