//! piperoll turns Vault audit logs, GitLab job logs and Google Cloud access logs into evidence an
//! auditor can re-perform.

pub mod cli;
pub mod config;
pub mod finding;
pub mod identity;
pub mod model;
pub mod pack;
pub mod policy;
pub mod report;
pub mod rule;
pub mod run;
pub mod scratch;
pub mod snapshot;
pub mod source;
pub mod table;
