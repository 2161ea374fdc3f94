//! GitLab configuration exports: projects, users, protection, variables, members, CI files.

mod access_token;
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

use crate::model::{Format, Holds, Source};

pub use ci_config::CiConfigs;
pub use other::Others;
pub use project::Projects;

/// What its files are records of.
const SOURCE: Source = Source {
    name: "gitlab-config",
    holds: Holds::Configuration,
};

/// Every format of this room, `Others` last: it knows what the ones before it do not read.
pub const FORMATS: &[&dyn Format] = &[
    &Projects,
    &user::USERS,
    &protected_branch::PROTECTED_BRANCHES,
    &protected_environment::PROTECTED_ENVIRONMENTS,
    &variable::VARIABLES,
    &merge_request::MERGE_REQUESTS,
    &member::MEMBERS,
    &CiConfigs,
    &access_token::ACCESS_TOKENS,
    &Others,
];
