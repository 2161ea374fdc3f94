//! Google Cloud logs: audit entries and Cloud Run requests.
//!
//! `shape` brings every export's shape to the sinks' JSON, `wire` is that JSON as logged, `normalise`
//! and `served` turn it into events; their tables say which field comes from where.

mod audit;
mod change;
mod delta;
mod facts;
mod log_name;
mod many;
mod moment;
mod normalise;
mod outcome;
mod principal;
mod record;
mod requests;
mod served;
mod shape;
mod target;
mod wire;

pub use audit::AuditLogs;
pub use requests::RunRequests;

use crate::model::Format;

/// Every format of Google Cloud logs.
pub const FORMATS: &[&dyn Format] = &[&AuditLogs, &RunRequests];
