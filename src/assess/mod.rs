//! Runs rules over an estate or a posture, judges controls, and proves rules by their examples.

mod answer;
#[cfg(feature = "tables")]
mod answers;
#[cfg(feature = "tables")]
mod assessment;
#[cfg(feature = "tables")]
mod contested;
#[cfg(feature = "tables")]
mod cut_policies;
mod declared;
#[cfg(feature = "tables")]
mod error;
pub mod example;
mod judge;
mod law;
mod meant;
#[cfg(feature = "tables")]
pub mod missing;
#[cfg(feature = "tables")]
mod query;
#[cfg(feature = "tables")]
mod question;
#[cfg(feature = "tables")]
pub mod reach;
mod restated;
#[cfg(feature = "tables")]
mod seen;
#[cfg(test)]
mod tests;
#[cfg(feature = "tables")]
mod unanswered;
mod unmatched;
mod waive;

pub use answer::{Answer, run_check};
#[cfg(feature = "tables")]
pub use answers::{Answers, AnswersError, CONTENTS, SCHEMA};
#[cfg(feature = "tables")]
pub use assessment::{Assessment, assess, assess_answered, rule_texts, ruleset_digests};
#[cfg(feature = "tables")]
pub use error::Error;
pub use judge::{Judged, judge};
pub use law::Law;
#[cfg(feature = "tables")]
pub use query::{Engine, RunError, run};
#[cfg(feature = "tables")]
pub use question::{Question, questions};
