//! The table `grant`: one row per (holder, resource pattern, capability) of any policy language.

use super::schema::table;

table!("grant", "one row per (holder, resource pattern, capability) of any policy language.", {
    HOLDER "holder" Text "Who holds it.",
    RESOURCE "resource" Text "Vault path pattern or Google resource.",
    CAPABILITY "capability" Text "Vault capability or Google role.",
    CONDITION "condition" Text "Condition under which it holds.",
    LANGUAGE "language" Text "`vault` or `gcp`.",
    SOURCE_FILE "source_file" Text "Evidence: file.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record.",
});
