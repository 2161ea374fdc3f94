//! One run from inputs to pack: what the command line, tests and benchmarks call.
//!
//! `gather` reads every input once; `estate` joins and tabulates; `assess` runs the rules;
//! `evidence_pack` writes what came out. `lint` reads configuration alone and needs no tables.

#[cfg(feature = "tables")]
mod accounts;
#[cfg(feature = "tables")]
mod assess;
#[cfg(feature = "tables")]
mod chain_rows;
#[cfg(feature = "tables")]
mod chain_walk;
#[cfg(feature = "tables")]
mod cloud_use;
mod devices;
#[cfg(feature = "tables")]
mod edge_rows;
#[cfg(feature = "tables")]
mod error;
#[cfg(feature = "tables")]
mod estate;
#[cfg(feature = "tables")]
mod event_rows;
#[cfg(feature = "tables")]
mod evidence_pack;
#[cfg(feature = "tables")]
mod export_rows;
#[cfg(feature = "tables")]
mod fact_rows;
mod formats;
#[cfg(feature = "tables")]
mod gather;
#[cfg(feature = "tables")]
mod integrity_rows;
mod lint;
#[cfg(feature = "tables")]
mod mass;
#[cfg(feature = "tables")]
mod ownership;
#[cfg(feature = "tables")]
mod picture;
#[cfg(feature = "tables")]
mod setting_rows;
#[cfg(feature = "tables")]
mod suspect;
#[cfg(feature = "tables")]
mod trace;
#[cfg(feature = "tables")]
mod usage_rows;
mod waive;

use crate::rule::scope;
#[cfg(feature = "tables")]
pub use assess::{Assessment, assess, hex, ruleset_digests};
#[cfg(feature = "tables")]
pub use error::Error;
#[cfg(feature = "tables")]
pub use estate::{Estate, Request};
#[cfg(feature = "tables")]
pub use evidence_pack::{VERSION, readiness, write_pack};
pub use formats::formats;
pub use lint::{Broken, LintRequest, Linted, Logged, lint, prove};
pub use scope::Scope;
#[cfg(feature = "tables")]
pub use trace::{Ask, Kind, TraceError, trace};
