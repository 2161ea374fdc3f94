//! piperoll turns Vault audit logs, GitLab job logs and Google Cloud access logs into evidence an
//! auditor can re-perform.
//!
//! The program is the product; what a program of your own may build on is this, and no more:
//!
//! | For | Use |
//! |---|---|
//! | Vault's policy language: parse, decide, breadth, compare | [`policy`] |
//! | Inputs read, joined and put in tables | [`estate::Estate`], with [`config::Settings`] |
//! | Rules run over them, controls judged | [`rule::embedded`], [`assess::assess`] |
//! | The evidence pack, written and verified | [`pack::write_pack`], [`pack::verify`] |
//! | The nouns of all of them | [`model`] |
//!
//! Everything else is private, or hidden because the project's own tests and benchmarks call it; it
//! changes without notice. `docs/architecture.md` draws the rooms.
//!
//! # Example
//!
//! Whether a policy lets a request through, and by which stanza:
//!
//! ```
//! use piperoll::policy::{Acl, AclContext, Dialect, Operation, Request, parse};
//!
//! let text = r#"path "secret/data/orders/*" { capabilities = ["read"] }"#;
//! let (policy, errors) = parse(text, Dialect::Vault);
//! assert!(errors.is_empty());
//!
//! let acl = Acl::new(&[("orders", &policy)], AclContext::default());
//! let decision = acl.decide(&Request {
//!     operation: Operation::Read,
//!     path: "secret/data/orders/db",
//!     parameters: None,
//!     wrap_ttl: None,
//! });
//! assert!(decision.allowed);
//! assert_eq!(decision.rule(), Some("secret/data/orders/*"));
//! ```
//!
//! Every rule in the box over a directory of logs:
//!
//! ```no_run
//! # #[cfg(feature = "tables")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use piperoll::assess::assess;
//! use piperoll::config::Settings;
//! use piperoll::estate::{Estate, Request};
//!
//! let settings = Settings::default();
//! let request = Request {
//!     inputs: &["exports".to_owned()],
//!     except: &[],
//!     links: Default::default(),
//!     settings: &settings,
//!     config_file: "",
//!     from: None,
//!     to: None,
//!     as_of: None,
//! };
//! let estate = Estate::read(&request, &mut ())?;
//! let rules = piperoll::rule::embedded().map_err(|faults| faults[0].to_string())?;
//! let assessment = assess(&estate, &rules, &settings, &mut ())?;
//! println!("{} findings", assessment.findings.len());
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "tables"))]
//! # fn main() {}
//! ```

// The build without tables keeps the gate alone; what the others use of the shared rooms idles there.
#![cfg_attr(not(feature = "tables"), allow(dead_code, unused_imports))]

pub mod assess;
mod check;
#[doc(hidden)]
pub mod cli;
pub mod config;
mod disk;
pub mod estate;
mod finding;
#[doc(hidden)]
pub mod identity;
mod lint;
pub mod model;
pub mod pack;
pub mod policy;
mod posture;
#[doc(hidden)]
pub mod report;
pub mod rule;
#[doc(hidden)]
pub mod scratch;
#[doc(hidden)]
pub mod snapshot;
#[doc(hidden)]
pub mod source;
#[cfg(feature = "tables")]
#[doc(hidden)]
pub mod store;
#[doc(hidden)]
pub mod table;
#[cfg(feature = "tables")]
mod trace;
mod usage;
