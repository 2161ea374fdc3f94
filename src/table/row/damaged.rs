//! One record that could not be read, as `ingest` keeps it: where and why, never what it says.

use super::schema::table;

table!("damaged", "one row per record that could not be read.", {
    BLOCK "block" Int "Run of records that were read together, from 0 within the file.",
    NTH "nth" Int "Position among those of the block, from 0.",
    REASON "reason" Text "Why.",
    SOURCE_FILE "source_file" Text "Evidence: file, as it was named when it was read.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record.",
});
