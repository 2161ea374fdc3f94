//! The table `mismatch`: one row per identity mismatch (classes IM-1 to IM-12).

use super::schema::table;

table!("mismatch", "one row per identity mismatch (classes IM-1 to IM-12).", {
    CLASS "class" Text "`IM-1` to `IM-12`.",
    SUBJECT "subject" Text "Who or what the mismatch is about.",
    OBJECT "object" Text "What it touches.",
    EXPECTED "expected" Text "Value one source names.",
    OBSERVED "observed" Text "Value the other source names.",
    DETAIL "detail" Text "Which fact it is, e.g. `login-without-job`.",
    AT "at" Time "When; NULL where configuration states it.",
    SINCE_AT "since_at" Time "From when on what would clear it may have been logged; NULL where only then.",
    CONFIDENCE "confidence" Real "Weakest edge.",
    IN_PERIOD "in_period" Int "1 inside the period, else 0.",
    SOURCE_FILE "source_file" Text "Evidence: file.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record.",
});
