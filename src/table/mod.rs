//! The tables that rules and people query: plain rows here, columns and SQL behind the feature
//! `tables`.

pub mod row;
