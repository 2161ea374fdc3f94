//! What pairing tells its caller: operations, and what is odd about their records.

use super::Symbols;
use super::half::Half;
use super::parts::Parts;
use super::repeat::{Difference, First};
use crate::model::{Part, Place, System, Timestamp};

/// An operation, complete as far as the records go.
#[derive(Debug)]
pub struct Operation {
    /// Its records made one; texts are numbers of the dictionary it came with.
    pub half: Half,
    /// Which parts were logged.
    pub parts: Parts,
    /// How many records it was.
    pub records: usize,
    /// Seconds between its first and last record, rounded up; the largest number for more.
    pub span: u16,
}

/// Handles by which two devices name the same token: one from each record of the same request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SameHandle<'s> {
    /// The handle in the record that was seen first.
    pub first: &'s str,
    /// The handle in the duplicate.
    pub other: &'s str,
    /// When the duplicate was written.
    pub at: Timestamp,
    /// Where it was read.
    pub place: Place,
}

/// What is known of the operations that are complete.
pub trait Known {
    /// What is kept of operation `number`, to compare a repetition with.
    fn first(&self, number: u32) -> Option<First>;
    /// Whether the caller of operation `number` is another than the holder of an accessor.
    fn is_another(&self, number: u32, accessor: &str) -> bool;
    /// Whether two accessors are of two tokens.
    fn tells_apart(&self, one: &str, other: &str) -> bool;
}

/// What the pairing tells its caller.
pub trait Paired {
    /// What the caller knows of what it was told.
    fn known(&self) -> &dyn Known;
    /// An operation is complete. Returns its number, for [`Paired::duplicate`].
    fn operation(&mut self, operation: Operation, symbols: &Symbols) -> u32;
    /// A record bears the id of another and says something else.
    fn conflict(&mut self, conflict: Conflict);
    /// A record repeats one that was seen: `record` is the repetition of operation `number`.
    fn duplicate(&mut self, number: u32, record: &Half, symbols: &Symbols);
    /// Two handles name the same credential.
    fn same_handle(&mut self, pair: SameHandle<'_>);
    /// A device logged one record of a pair and never the other.
    fn lone(&mut self, device: u8, lone: &Lone);
}

/// A request or response whose partner its own device never logged, whatever other devices have.
#[derive(Clone, Debug)]
pub struct Lone {
    /// Request or response.
    pub part: Part,
    /// When.
    pub at: Timestamp,
    /// Path of the request.
    pub path: String,
    /// Where it was read.
    pub place: Place,
    /// Whether another device logged both.
    pub elsewhere: bool,
}

/// A record that bears the id of another and says something else. Both are kept.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// The system that logged both.
    pub system: System,
    /// The id that both bear.
    pub id: String,
    /// The id under which this one is kept.
    pub kept_as: String,
    /// In what they differ.
    pub difference: Difference,
    /// When the first happened.
    pub first_at: Timestamp,
    /// When this one happened.
    pub at: Timestamp,
    /// Where this one was read.
    pub place: Place,
}
