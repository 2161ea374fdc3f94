//! The table `orphan`: one row per Vault record whose partner its own audit device never logged.

use super::schema::table;

table!("orphan", "one row per Vault record whose partner its own audit device never logged.", {
    DEVICE "device" Text "The audit device, by the folder its files lie in.",
    PART "part" Text "`request` or `response`: the half that was logged.",
    AT "at" Time "When.",
    PATH "path" Text "Path of the request.",
    ELSEWHERE "elsewhere" Int "1 where another device logged both halves, else 0.",
    DEVICE_RECORDS "device_records" Int "Records of the device.",
    DEVICE_FIRST_AT "device_first_at" Time "First record of the device.",
    DEVICE_LAST_AT "device_last_at" Time "Last record of the device.",
    IN_PERIOD "in_period" Int "1 inside the period, else 0.",
    SOURCE_FILE "source_file" Text "Evidence: file.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record.",
});
