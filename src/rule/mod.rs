//! Rules: one file each, read, linted, run over the tables, and proven by their own examples.

mod answer;
pub mod catalogue;
pub mod check;
mod configuration;
pub mod example;
mod facts;
mod file;
mod load;
mod observation;
mod requires;
#[cfg(feature = "tables")]
mod run;
pub(crate) mod scope;
mod stated_fact;
mod subset;
mod template;
mod thresholds;
pub mod usage;
mod vault;

#[cfg(test)]
mod tests;

pub use answer::{Answer, run_check};
pub use configuration::{
    CiText, Configuration, Holder, InlineWaiver, MalformedWaiver, RefusedPolicy, Stated, Thing,
    Things, VaultPolicy,
};
pub use facts::Facts;
pub use file::{Example, Expect, LoggedRequest, Requires, Rule, RuleKind, Span};
pub use load::{RuleError, embedded, files, parse};
pub use observation::{Excerpt, Observation, declared};
pub use requires::missing_input;
#[cfg(feature = "tables")]
pub use run::{RunError, run};
pub use scope::Scope;
pub use stated_fact::stated_facts;
pub use subset::lint;
pub use template::{fill_sql, message};
pub use thresholds::thresholds;
