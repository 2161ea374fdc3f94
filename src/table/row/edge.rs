//! The table `edge`: one row per identity edge; candidates that fit as well, or lost, stand in its alternatives.

use super::schema::table;

table!("edge", "one row per identity edge; candidates that fit as well, or lost, stand in its alternatives.", {
    EDGE "edge" Text "`job-login`, `service-login`, `person-login`, `person-job`, `login-request`, `token-child`, `request-lease`, `lease-cloud`, `job-cloud`, `person-proxy`, `run-mesh` or `merge-request-job`.",
    LEFT_ID "left_id" Text "Where it starts.",
    RIGHT_ID "right_id" Text "Where it ends.",
    KEY "key" Text "`K1` to `K5`.",
    KEY_NAME "key_name" Text "The fields that were equal.",
    CONFIDENCE "confidence" Real "0 to 1, ordinal.",
    BAND "band" Text "`established`, `probable` or `possible`.",
    ALTERNATIVES "alternatives" Texts "Other candidates that fit as well, or lost.",
    WHY_LOST "why_lost" Text "Why the alternatives lost; NULL when they fit as well.",
    LEFT_EVIDENCE "left_evidence" Text "`file:line` of the left record.",
    RIGHT_EVIDENCE "right_evidence" Text "`file:line` of the right record.",
    LEFT_BYTE "left_byte" Int "First byte of the left record, from 0.",
    RIGHT_BYTE "right_byte" Int "First byte of the right record, from 0.",
    AT "at" Time "When the right end happened.",
    IN_PERIOD "in_period" Int "1 when either end lies inside the period, else 0.",
    SOURCE_FILE "source_file" Text "Evidence of the right end: file.",
    SOURCE_LINE "source_line" Int "Evidence of the right end: line, from 1.",
});
