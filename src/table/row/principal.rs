//! The table `principal`: the identity directory: one row per (principal, alias).

use super::schema::table;

table!("principal", "the identity directory: one row per (principal, alias).", {
    PRINCIPAL_ID "principal_id" Text "Id of the principal.",
    KIND "kind" Text "`person`, `user`, `entity`, `service-account` or `bot`.",
    NAME "name" Text "Name as exported.",
    ALIAS "alias" Text "Another id of the same principal, or NULL.",
    PERSON "person" Text "The person by `[people.aliases]`; of a user of the identity provider else the GitLab user with its number or e-mail address; NULL where nothing says.",
    CLASS "class" Text "For an entity's alias: `ci`, `workload` or `human` mount.",
    SOURCE_FILE "source_file" Text "Evidence: file.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record.",
});
