//! Configuration exports: policies, roles, mounts, IAM, services, projects.

pub mod gitlab;
pub mod vault;
