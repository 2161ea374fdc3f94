//! The table `burst`: one row per event of a burst: many like events of one actor inside a window.

use super::schema::table;

table!("burst", "one row per event of a burst: many like events of one actor inside a window.", {
    KIND "kind" Text "`denied`, `login-failure`.",
    ACTOR "actor" Text "Credential, entity or address that the events share.",
    SCOPE "scope" Text "Mount or namespace that the events share.",
    STARTED_AT "started_at" Time "First event of the burst.",
    ENDED_AT "ended_at" Time "Last event of the burst.",
    EVENTS "events" Int "Events in the burst.",
    PATHS "paths" Int "Distinct paths in the burst.",
    OWNERS "owners" Int "Distinct owners other than the actor's in the burst.",
    CLASS "class" Text "Sub-class by error text.",
    EVENT_ID "event_id" Text "The event.",
    AT "at" Time "When the event happened.",
    SOURCE_FILE "source_file" Text "Evidence: file.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record.",
});
