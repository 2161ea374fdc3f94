//! The table `conflict`: one row per record that bears the id of another and says something else.

use super::schema::table;

table!("conflict", "one row per record that bears the id of another and says something else; both are kept.", {
    SYSTEM "system" Text "`vault`, `gitlab`, `gcp` or another system; of what two exports state the source (`vault-config`).",
    ID "id" Text "The id that both bear, as the first is named in other tables.",
    KEPT_AS "kept_as" Text "How the other is named in other tables.",
    DIFFERS "differs" Text "What differs: `operation`, `path`, `principal`, `metadata`, `outcome`, `time`, `address`, `content`, `fields` (one of them lacks some) or `hash` (of the caller's token, within one audit device); of a job `ref`, `user`, `outcome` or `time`; of a token `login`, `fields` or `token`; of a thing that two exports state differently `statement`, its attributes, and where the other stands.",
    AT "at" Time "When the other says it happened.",
    IN_PERIOD "in_period" Int "1 if either is inside the period, else 0.",
    SOURCE_FILE "source_file" Text "Evidence: file of the other.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record.",
});
