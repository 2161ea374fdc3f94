//! One run from inputs to pack: what the command line, tests and benchmarks call.
//!
//! `gather` reads every input once; `estate` joins and tabulates; `assess` runs the rules;
//! `evidence_pack` writes what came out.

mod accounts;
mod assess;
mod chain_rows;
mod chain_walk;
mod edge_rows;
mod error;
mod estate;
mod event_rows;
mod evidence_pack;
mod export_rows;
mod fact_rows;
mod formats;
mod gather;
mod integrity_rows;
mod ownership;
mod picture;
mod scope;
mod setting_rows;
mod suspect;
mod trace;

pub use assess::{Assessment, assess, hex, rule_thresholds, ruleset_digests};
pub use error::Error;
pub use estate::{Estate, Request};
pub use evidence_pack::{VERSION, readiness, write_pack};
pub use formats::formats;
pub use scope::Scope;
pub use trace::{Ask, Kind, TraceError, trace};
