//! The view `findings`: what the rules found, for queries of an investigator. No rule reads it.

use super::schema::table;

table!("findings", "one row per finding of the rules over the same inputs; `piperoll query` alone has it.", {
    FINDING_ID "finding_id" Text "As in `data/findings.csv`: the same as long as rule, subject and object are.",
    RULE_ID "rule_id" Text "The rule, e.g. `VLT-EVT-001`.",
    SEVERITY "severity" Text "`crit`, `high`, `med`, `low`, `info`.",
    CONFIDENCE "confidence" Real "0 to 1, of its best piece of evidence.",
    STATUS "status" Text "`open` or `waived`.",
    TITLE "title" Text "What was found, `suspected` before it where it is not established.",
    SUBJECT "subject" Text "Who or what it is about.",
    OBJECT "object" Text "What was touched.",
    MESSAGE "message" Text "What was seen, in words.",
    FIRST_SEEN "first_seen" Time "The first occurrence; NULL where it is not dated.",
    LAST_SEEN "last_seen" Time "The last occurrence.",
    OCCURRENCES "occurrences" Int "How many there were.",
    SOC2 "soc2" Texts "Criteria of SOC 2.",
    ISO27001 "iso27001" Texts "Controls of ISO/IEC 27001, Annex A.",
    SOURCE_FILE "source_file" Text "First piece of evidence: file.",
    SOURCE_LINE "source_line" Int "First piece of evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "First piece of evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "First piece of evidence: SHA-256 of the record.",
});
