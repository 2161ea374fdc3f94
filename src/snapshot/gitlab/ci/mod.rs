//! The `.gitlab-ci.yml` language: parsed, and resolved as far as one file allows.
//!
//! `node` is YAML with `!reference` kept, `resolve` applies `default`, `extends` and `!reference`,
//! `job` is the typed view of one job, `login` what its commands log in as. What `include:` brings comes by [`CiFile::with_included`], where the other files are at hand; jobs that extend a
//! template of another file say so in [`Job::unresolved`].

mod job;
mod login;
mod node;
mod resolve;
#[cfg(test)]
mod tests;

pub use job::Job;
pub use node::Node;
pub use resolve::CiFile;
