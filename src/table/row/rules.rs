//! The view `rules`: how every rule ran, for queries of an investigator. No rule reads it.

use super::schema::table;

table!("rules", "one row per rule that was asked of the same inputs; `piperoll query` alone has it.", {
    RULE_ID "rule_id" Text "The rule, e.g. `VLT-EVT-001`.",
    TITLE "title" Text "What it is called.",
    QUESTION "question" Text "What an auditor would ask.",
    SEVERITY "severity" Text "The severity that it reports with.",
    OUTCOME "outcome" Text "`finding`, `pass`, `no-occurrence`, `not-assessed`.",
    REASON "reason" Text "Why it could not look, at all or in part; NULL where it looked at everything.",
    POPULATION "population" Int "How many things it examined.",
    FINDINGS "findings" Int "How many findings it made, waived ones included.",
    SOC2 "soc2" Texts "Criteria of SOC 2.",
    ISO27001 "iso27001" Texts "Controls of ISO/IEC 27001, Annex A.",
});
