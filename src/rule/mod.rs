//! A rule as data: its file, the catalogue, the subset of SQL, what it requires, its message.

pub mod catalogue;
mod facts;
mod file;
mod load;
mod observation;
mod own;
pub mod page;
mod requires;
mod sigma;
mod subset;
mod template;
mod thresholds;
mod waived;

#[cfg(test)]
mod tests;

pub use facts::Facts;
pub use file::{
    ADDRESSES, Example, Expect, LoggedCall, LoggedRequest, REASONS, Requires, Rule, RuleKind, Span,
};
pub use load::{FRAMEWORKS, RuleError, embedded, files, ids, parse, shipped};
pub use observation::{Absence, Excerpt, Observation, declared};
pub use own::{Ruleset, own_ids, skeleton};
#[cfg(feature = "tables")]
pub use requires::unproven;
pub use requires::{in_words, missing_input};
pub use sigma::SigmaRules;
pub use subset::lint;
pub use template::{UNDATED, fill_sql, message};
pub use thresholds::thresholds;
pub use waived::missing;
