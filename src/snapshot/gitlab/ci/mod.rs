//! The `.gitlab-ci.yml` language: parsed, and resolved as far as one file allows.
//!
//! `node` is YAML with `!reference` kept, `inputs` fills in a header's defaults, `extend` applies
//! `extends`, `resolve` applies `!reference` and `default`, `job` is the typed view of one job,
//! `variant` what it runs as, `workflow` and `runs` in which pipelines, `condition` reads the conditions of rules, `shell` takes its scripts apart, `login` says what they log in as. What `include:` brings comes
//! by [`CiFile::with_included`], where the other files are at hand; jobs that extend a template of
//! another file say so in [`Job::unresolved`].

mod call;
pub mod condition;
mod extend;
mod inner;
mod inputs;
mod job;
mod lines;
mod login;
mod node;
mod powershell;
mod resolve;
mod runs;
mod shell;
#[cfg(test)]
mod tests;
mod variant;
mod workflow;

pub use job::{Job, Variables, valued};
pub use lines::top_lines;
pub use login::CommandLogin;
pub use node::Node;
pub use resolve::CiFile;
pub use workflow::{Run, Workflow};
