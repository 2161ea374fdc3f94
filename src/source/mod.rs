//! Logs: opened, decompressed, cut into records, detected by content and accounted for.
//!
//! A file goes through `open` (decompression, digest), `layout` (how it is cut, which format),
//! `cut` (blocks of records) and `parse` (records to formats, every one counted); `ingest` runs
//! that on several threads. The systems' own formats are the folders beside.

mod block;
pub mod borrowed;
mod cut;
mod depth;
mod elements;
mod error;
pub mod foreign;
pub mod gcp;
pub mod gitlab;
mod ingest;
mod input;
mod layout;
mod open;
mod parse;
#[cfg(test)]
mod tests;
pub mod vault;
mod wrapper;
mod yaml;

pub use error::Error;
pub use ingest::{Output, ingest};
pub use input::{InputFile, expand};
pub use parse::Tally;
