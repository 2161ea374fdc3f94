//! The table `config`: snapshot attributes: one row per (object, attribute, value).

use super::schema::table;

table!("config", "snapshot attributes: one row per (object, attribute, value).", {
    KIND "kind" Text "Kind of thing: `vault-role`, `run-service`, `audit-config`, ...",
    OBJECT "object" Text "Id of the thing.",
    NAME "name" Text "Attribute name; map keys follow a dot.",
    VALUE "value" Text "Value as text.",
    VALID_FROM "valid_from" Time "When the snapshot was taken, where the export says.",
    SOURCE_FILE "source_file" Text "Evidence: file.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record.",
});
