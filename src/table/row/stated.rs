//! One thing that a record says and that is no operation, as `ingest` keeps it: a job, a configured
//! thing, a policy, a grant.

use super::schema::table;

table!("stated", "one row per job, configured thing, policy, grant or exposure that a record says.", {
    BLOCK "block" Int "Run of records that were read together, from 0 within the file.",
    NTH "nth" Int "Position within the block, from 0.",
    KIND "kind" Text "`job`, `pipeline`, `service`, `attribute`, `policy`, `grant` or `exposure`.",
    FACT "fact" Text "What is said of it, as JSON.",
    SOURCE_FILE "source_file" Text "Evidence: file, as it was named when it was read.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record.",
});
