//! piperoll turns Vault audit logs, GitLab job logs and Google Cloud access logs into evidence an
//! auditor can re-perform.

pub mod assess;
pub mod check;
pub mod cli;
pub mod config;
pub mod estate;
pub mod finding;
pub mod identity;
pub mod lint;
pub mod model;
pub mod pack;
pub mod policy;
pub mod posture;
pub mod report;
pub mod rule;
pub mod snapshot;
pub mod source;
pub mod table;
#[cfg(feature = "tables")]
pub mod trace;
pub mod usage;
