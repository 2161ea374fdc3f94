//! Rules: one file each, read, linted, run over the tables, and proven by their own examples.

pub mod catalogue;
pub mod check;
#[cfg(feature = "tables")]
pub mod example;
mod facts;
mod file;
mod load;
mod observation;
mod requires;
#[cfg(feature = "tables")]
mod run;
mod subset;
mod template;

#[cfg(test)]
mod tests;

pub use facts::Facts;
pub use file::{Example, Expect, Requires, Rule, RuleKind, Span};
pub use load::{RuleError, embedded, files, parse};
pub use observation::Observation;
pub use requires::missing_input;
#[cfg(feature = "tables")]
pub use run::{Answer, RunError, run};
pub use subset::lint;
pub use template::{fill_sql, message};
