//! The estate: every input read once, joined, and put in tables.
//!
//! A `request` is gathered (`gather`), joined (`tabulation`) and written (`tables`); `estate` is what
//! comes of it, `joined_estate` the same with the joins.

#[cfg(feature = "tables")]
mod accounts;
#[cfg(feature = "tables")]
mod bridge;
#[cfg(feature = "tables")]
mod chain_rows;
#[cfg(feature = "tables")]
mod citation;
#[cfg(feature = "tables")]
mod conflict_rows;
#[cfg(feature = "tables")]
mod context;
#[cfg(feature = "tables")]
mod delta_rows;
mod devices;
#[cfg(feature = "tables")]
mod edge_rows;
#[cfg(feature = "tables")]
mod error;
#[cfg(feature = "tables")]
// The room is named after the noun that it makes.
#[allow(clippy::module_inception)]
mod estate;
#[cfg(feature = "tables")]
mod event_rows;
#[cfg(feature = "tables")]
mod export_rows;
#[cfg(feature = "tables")]
mod extent;
#[cfg(feature = "tables")]
mod fact_rows;
mod formats;
#[cfg(feature = "tables")]
mod gather;
mod guess;
#[cfg(feature = "tables")]
mod in_turn;
#[cfg(feature = "tables")]
mod integrity_rows;
#[cfg(feature = "tables")]
mod joined_estate;
#[cfg(feature = "tables")]
mod mass;
#[cfg(feature = "tables")]
mod operation_log;
#[cfg(feature = "tables")]
mod operation_walk;
#[cfg(feature = "tables")]
mod origins;
#[cfg(feature = "tables")]
pub(crate) mod ownership;
#[cfg(feature = "tables")]
mod provenance;
#[cfg(feature = "tables")]
mod rejected;
#[cfg(feature = "tables")]
mod request;
#[cfg(feature = "tables")]
mod reread;
#[cfg(feature = "tables")]
mod restated;
#[cfg(feature = "tables")]
mod server_folder;
#[cfg(feature = "tables")]
mod setting_rows;
#[cfg(feature = "tables")]
mod suspect;
#[cfg(feature = "tables")]
mod tables;
#[cfg(feature = "tables")]
mod tabulation;
#[cfg(feature = "tables")]
mod usage_rows;

#[cfg(feature = "tables")]
pub use citation::{CitationError, Citations};
pub(crate) use devices::{Before, Devices};
#[cfg(feature = "tables")]
pub use error::Error;
#[cfg(feature = "tables")]
pub use estate::Estate;
pub use formats::{Formats, formats, source as source_named};
pub use guess::guesses;
#[cfg(feature = "tables")]
pub use joined_estate::JoinedEstate;
#[cfg(feature = "tables")]
pub use provenance::{Declaration, Provenance};
#[cfg(feature = "tables")]
pub use request::Request;
#[cfg(feature = "tables")]
pub use reread::{Reread, reread};
