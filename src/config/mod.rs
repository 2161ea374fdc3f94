//! `piperoll.toml`: what the estate calls things, who owns what, and what is accepted.
//!
//! Every table and key is optional, and a rule that needs a missing one is not assessed:
//! [`Settings::is_set`] tells. Every fault of the file is reported at once.

mod environment;
mod export;
mod network;
mod own_control;
mod owner;
mod pattern;
mod people;
mod problem;
mod project;
mod reading;
pub mod reference;
mod rule_choice;
mod schema;
mod settings;
mod threshold;
mod vault;
mod waiver;

#[cfg(test)]
mod tests;

pub use environment::Environments;
pub use export::Export;
pub use network::Network;
pub use own_control::OwnControl;
pub use owner::{Owner, Owners, Placeholders};
pub use pattern::Filling;
pub use people::People;
pub use problem::{Problem, Problems};
pub use project::ProjectName;
pub use rule_choice::{Named, RuleChoice, meant};
pub use schema::schema;
pub use settings::{Output, PeriodBounds, RulePages, Settings};
pub use threshold::{BUILT_IN, Threshold, Thresholds};
pub use vault::{Dialect, MountClass, Mounts};
