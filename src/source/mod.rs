//! Logs: opened, decompressed, cut into records, detected by content and accounted for.
//!
//! A file goes through `open` (decompression, digest), `feed` and `transcode` (its bytes), `layout`
//! and `head` (how it is cut, which format), `cut` (blocks of records) and `parse` (records to
//! formats, every one counted); `ingest` runs that on several threads. What stands around records
//! is opened by `envelope` (what takes several lines) and `shipper` (everything else); `guard` keeps
//! secrets out of what goes on; `cite` leads from a place that is cited back to its bytes. The
//! systems' own formats are the folders beside.

mod arrows;
pub mod aws;
mod beside;
mod block;
pub mod borrowed;
mod buffers;
#[cfg(feature = "tables")]
mod cite;
mod cut;
mod depth;
mod documents;
mod elements;
mod envelope;
mod error;
#[cfg(test)]
mod example;
#[cfg(feature = "tables")]
mod extract;
mod feed;
mod fluentd;
mod frames;
pub mod gcp;
pub mod gitlab;
mod guard;
mod head;
pub mod hoop;
mod ingest;
mod input;
mod journal;
mod jsonx;
mod layout;
mod line_header;
mod mended;
pub mod mesh;
mod name;
pub mod nested;
pub mod okta;
mod open;
mod page;
mod parse;
mod printed;
mod quotes;
mod repeated;
mod row_export;
mod searched;
mod shipper;
mod stream;
mod surrogate;
#[cfg(test)]
mod tests;
mod threads;
mod transcode;
pub mod vault;
mod yaml;

#[cfg(feature = "tables")]
pub use beside::lies_beside;
#[cfg(feature = "tables")]
pub use cite::{Sought, cite, cite_text};
pub use documents::documents_with;
pub use error::Error;
#[cfg(feature = "tables")]
pub use extract::extract;
pub use ingest::{Contradiction, Ended, Output, ingest};
#[cfg(feature = "tables")]
pub use input::expand_beside;
pub use input::{InputFile, Links, expand};
#[cfg(feature = "tables")]
pub use name::named_beside;
pub use name::{absolute, tell_apart};
pub use parse::{Damage, Tally, UNKNOWN};
pub use stream::{has_streams, keep_streams};
pub use threads::threads;
