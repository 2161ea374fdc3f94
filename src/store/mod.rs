//! The store: what was read out of the inputs, kept so that the next run reads only what is new.
//!
//! `ingest` reads inputs as a report does and keeps what their records say as rows: `keeper` writes
//! them, `sorting` decides which files are read. [`InputStore::replay`] hands the same blocks on as if
//! the files had been read, so what is joined of them is the same. `docs/store.md` describes the
//! directory.
//!
//! Invariants: rows and accounts are named by the content that they were read out of and never
//! change; the catalogue names all that counts and is replaced as a whole; text that may hold a
//! secret never gets here.

mod catalogue;
mod error;
mod fate;
mod file_digest;
mod input_store;
mod intake;
mod joined;
mod keeper;
mod layout;
mod reader;
mod recorded;
mod shard;
mod sorting;
mod union;
mod verification;

pub use error::StoreError;
pub use fate::{Fate, Told};
pub use input_store::InputStore;
pub use intake::{Ingested, Intake, take_in};
pub use joined::{Joined, Keeping};
pub use shard::{NoShard, Shard};
pub use union::unite;
pub use verification::{Verified, verify};
