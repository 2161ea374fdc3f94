//! Plain typed rows of every table, independent of any engine.

mod batch;
pub mod burst;
pub mod chain;
pub mod collection;
pub mod config;
pub mod conflict;
pub mod content;
mod contradiction;
pub mod coverage;
pub mod credential;
#[cfg(feature = "tables")]
pub mod damaged;
pub mod edge;
pub mod event;
pub mod exposure;
pub mod findings;
pub mod grant;
pub mod half;
mod harvest;
pub mod job;
pub mod mismatch;
mod one_seen;
pub mod operation;
pub mod orphan;
mod packed;
mod paired;
pub mod pairing;
pub mod parts;
pub mod policy_delta;
pub mod principal;
pub mod readiness;
#[cfg(feature = "tables")]
pub mod record;
pub mod rejected_line;
pub mod repeat;
pub mod rules;
pub mod schema;
mod seen;
mod seen_pages;
pub mod service;
#[cfg(test)]
mod shelf_tests;
pub mod silence;
#[cfg(feature = "tables")]
pub mod stated;
mod symbols;
mod translation;

#[cfg(feature = "tables")]
pub(crate) use batch::Values;
pub use batch::{Batch, Cell, Lacking, RowMut};
pub use harvest::Harvest;
pub use schema::{Column, Kind, Schema};
pub use symbols::{List, Map, NONE, Sym, Symbols};
pub use translation::{Translated, Translation};

/// What a query may ask beside the tables.
pub static VIEWS: [&Schema; 2] = [&findings::SCHEMA, &rules::SCHEMA];

/// Every table, by name.
pub static TABLES: [&Schema; 20] = [
    &burst::SCHEMA,
    &chain::SCHEMA,
    &collection::SCHEMA,
    &config::SCHEMA,
    &conflict::SCHEMA,
    &coverage::SCHEMA,
    &credential::SCHEMA,
    &edge::SCHEMA,
    &event::SCHEMA,
    &exposure::SCHEMA,
    &grant::SCHEMA,
    &job::SCHEMA,
    &mismatch::SCHEMA,
    &orphan::SCHEMA,
    &policy_delta::SCHEMA,
    &principal::SCHEMA,
    &readiness::SCHEMA,
    &rejected_line::SCHEMA,
    &service::SCHEMA,
    &silence::SCHEMA,
];
