//! The table `exposure`: one row per thing that looks like a secret in a job trace; only its redacted form is kept.

use super::schema::table;

table!("exposure", "one row per thing that looks like a secret in a job trace; only its redacted form is kept.", {
    JOB_ID "job_id" Text "The job.",
    PATTERN "pattern" Text "Pattern that matched.",
    REDACTED "redacted" Text "Redacted form.",
    AT "at" Time "When it was printed; the start of its job where the trace has no times.",
    SECTION "section" Text "Trace section.",
    IN_PERIOD "in_period" Int "1 inside the period or undated, else 0.",
    SOURCE_FILE "source_file" Text "Evidence: file.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record.",
});
