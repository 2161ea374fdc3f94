//! GitLab logs: jobs, pipelines, audit events and job traces.

mod audit_event;
mod job;
mod path;
mod pipeline;
#[cfg(test)]
mod tests;
mod trace;
mod wire;

use crate::model::Format;

pub use audit_event::AuditEvents;
pub use job::Jobs;
pub use pipeline::Pipelines;
pub use trace::Traces;

/// Every format of this room.
pub const FORMATS: &[&dyn Format] = &[&Jobs, &Pipelines, &AuditEvents, &Traces];
