//! The tables that rules and people query: plain rows here, columns and SQL behind the feature
//! `tables`.

#[cfg(feature = "tables")]
pub mod engine;
pub mod row;
