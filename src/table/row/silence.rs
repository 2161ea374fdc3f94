//! The table `silence`: the stretches in which a log that never pauses says nothing.

use super::schema::table;

table!("silence", "one row per record at an end of a stretch in which a log that never pauses is silent for longer than it ever usually is.", {
    SOURCE "source" Text "The log: `vault`, or what `[[source]] continuous = true` names.",
    DEVICE "device" Text "The audit device by its folder, and the node; NULL where all logs of the source are silent.",
    KIND "kind" Text "`start`, `between`, `end`: where in the period it lies.",
    FROM_AT "from_at" Time "The last record before it, or the start of the period.",
    TO_AT "to_at" Time "The first record after it, or the end of the period.",
    USUAL_MINUTES "usual_minutes" Int "How long the log may be silent then, learned from itself.",
    STRETCH "stretch" Text "The stretch in words.",
    FILE "file" Text "The file that the log resumes in, or ends in.",
    AT "at" Time "When the record was made.",
    SOURCE_FILE "source_file" Text "Evidence: file.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record.",
});
