//! The table `policy_delta`: one row per binding or audit configuration that a Google policy change added or removed.

use super::schema::table;

table!("policy_delta", "one row per binding or audit configuration that a Google policy change added or removed.", {
    EVENT_ID "event_id" Text "The change.",
    AT "at" Time "When.",
    PRINCIPAL "principal" Text "Who made it.",
    OBJECT "object" Text "Resource whose policy changed.",
    SERVICE "service" Text "Google service of the resource.",
    METHOD "method" Text "Full method name.",
    OUTCOME "outcome" Text "Outcome of the change.",
    ACTION "action" Text "`ADD`, `REMOVE`, or `UNKNOWN` where only the new policy is logged.",
    KIND "kind" Text "`binding` or `audit-config`.",
    ROLE "role" Text "Role, or log type of an audit configuration.",
    MEMBER "member" Text "Member, or exempted member.",
    CONDITION "condition" Text "Condition.",
    AUDIT_SERVICE "audit_service" Text "Service whose audit configuration changed.",
    IN_PERIOD "in_period" Int "1 inside the period, else 0.",
    SOURCE_FILE "source_file" Text "Evidence: file.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record.",
});
