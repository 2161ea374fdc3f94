//! The table `coverage`: one row per input file and UTC hour; a file without events has one row with no hour.

use super::schema::table;

table!("coverage", "one row per input file and UTC hour; a file without events has one row with no hour.", {
    SOURCE "source" Text "Kind of source.",
    FILE "file" Text "Input file.",
    HOUR "hour" Time "Start of the hour.",
    EVENTS "events" Int "Events in the hour.",
    FIRST_AT "first_at" Time "First event of the file.",
    LAST_AT "last_at" Time "Last event of the file.",
    LINES "lines" Int "Units in the file.",
    PARSED "parsed" Int "Units read.",
    SKIPPED "skipped" Int "Units skipped.",
    REJECTED "rejected" Int "Units damaged.",
    DUPLICATES "duplicates" Int "Units already seen.",
    LONGEST_SILENCE_S "longest_silence_s" Int "Longest silence in seconds.",
    IS_LOG "is_log" Int "1 for logs, 0 for configuration.",
    SOURCE_FILE "source_file" Text "Evidence: file.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, always 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the file as stored.",
});
