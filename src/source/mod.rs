//! Logs: opened, decompressed, cut into records, detected by content and accounted for.

pub mod borrowed;
