//! The table `rejected_line`: one row per unit that could not be read.

use super::schema::table;

table!("rejected_line", "one row per unit that could not be read; of very many the first.", {
    FILE "file" Text "Input file.",
    REASON "reason" Text "Why.",
    SOURCE_FILE "source_file" Text "Evidence: file.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record; of the file where the record cannot be had.",
});
