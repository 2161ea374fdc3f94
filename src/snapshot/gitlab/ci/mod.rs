//! The `.gitlab-ci.yml` language: parsed, and resolved as far as one file allows.
//!
//! `node` is YAML with `!reference` kept, `inputs` fills in a header's defaults, `extend` applies
//! `extends`, `resolve` applies `!reference` and `default`, `job` is the typed view of one job,
//! `variant` what it runs as, `shell` takes its scripts apart, `login` says what they log in as. What `include:` brings comes
//! by [`CiFile::with_included`], where the other files are at hand; jobs that extend a template of
//! another file say so in [`Job::unresolved`].

mod extend;
mod inputs;
mod job;
mod lines;
mod login;
mod node;
mod resolve;
mod shell;
#[cfg(test)]
mod tests;
mod variant;

pub use job::Job;
pub use lines::top_lines;
pub use node::Node;
pub use resolve::CiFile;
