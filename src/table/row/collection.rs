//! The table `collection`: how the inputs were collected.

use super::schema::table;

table!("collection", "one row per `[[source]]` and per line of `collection.ndjson`: how inputs were collected, and what was read of them.", {
    PATH "path" Text "Glob over the inputs.",
    SYSTEM "system" Text "The system that exported them.",
    INSTANCE "instance" Text "Which of several.",
    ENVIRONMENT "environment" Text "The environment they come from.",
    COMMAND "command" Text "What collected them.",
    COLLECTED_AT "collected_at" Time "When.",
    COLLECTED_BY "collected_by" Text "Who.",
    EXPECT_RECORDS "expect_records" Int "Records there must be.",
    RECORDS "records" Int "Records there are.",
    FILES "files" Int "Inputs that the path names.",
    CONTRADICTION "contradiction" Text "What it says and the inputs do not.",
    SOURCE_FILE "source_file" Text "Evidence: the first of the inputs, else the declaration.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the file.",
});
