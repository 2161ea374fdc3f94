//! Columns, Parquet and SQL over the tables: the only room that knows Polars.
//!
//! Invariant: no type of Polars leaves this room, and no result depends on the order in which
//! Polars happens to deliver rows (callers sort; [`ResultSet::sort`]).

mod affix;
mod answer_file;
mod asking;
mod bounds;
mod complaint;
mod condition;
mod error;
mod export;
mod frame;
mod from;
mod guard;
mod locate;
mod narrowing;
mod page_file;
mod parquet;
mod part;
mod part_file;
mod refusal;
mod result;
mod scan;
mod spill;
mod spool;
mod stages;
mod store;
mod streaming;
mod supposed;

#[cfg(test)]
mod subset_tests;
#[cfg(test)]
mod tests;

pub use bounds::Bounds;
pub use error::EngineError;
pub use export::KeptPart;
pub use locate::Spot;
pub use page_file::PageFile;
pub use part::Part;
pub use result::{ResultSet, Value};
pub use scan::Batches;
pub use spool::{Blocks, Spool};
pub use store::Store;
pub use supposed::Supposed;
