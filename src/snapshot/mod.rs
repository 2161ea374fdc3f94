//! Configuration exports: policies, roles, mounts, IAM, services, projects.

pub mod aws;
mod exported;
pub mod gcp;
pub mod gitlab;
mod go_duration;
pub mod hoop;
pub mod mesh;
pub mod named;
pub mod receipt;
mod redacted;
pub mod review;
pub mod terraform;
mod typed;
pub mod vault;
