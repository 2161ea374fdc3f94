//! GitLab configuration exports: projects, users, protection, variables, members, CI files.

pub mod ci;
mod ci_config;
mod member;
mod merge_request;
mod other;
mod project;
mod protected_branch;
mod protected_environment;
mod statement;
#[cfg(test)]
mod tests;
mod user;
mod variable;

use crate::model::Format;

pub use ci_config::CiConfigs;
pub use member::Members;
pub use merge_request::MergeRequests;
pub use other::Others;
pub use project::Projects;
pub use protected_branch::ProtectedBranches;
pub use protected_environment::ProtectedEnvironments;
pub use user::Users;
pub use variable::Variables;

/// Every format of this room, `Others` last: it knows what the ones before it do not read.
pub const FORMATS: &[&dyn Format] = &[
    &Projects,
    &Users,
    &ProtectedBranches,
    &ProtectedEnvironments,
    &Variables,
    &MergeRequests,
    &Members,
    &CiConfigs,
    &Others,
];
