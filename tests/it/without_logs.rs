//! Exports without a log: nothing names what else there is, so nothing passes plainly; the gate,
//! which asks of no log, passes as before.

use crate::one_folder::packed;
use crate::product::{Pack, piperoll};
use crate::vault_log::{calm, folder};

const POLICY: (&str, &[u8]) = (
    "policies/people.hcl",
    b"path \"secret/data/people/ada\" { capabilities = [\"read\"] }\n",
);

/// What a rule answers, and why no more.
fn answer(pack: &Pack, rule: &str) -> [String; 2] {
    let row = pack.rows("rules").into_iter();
    let row = row.into_iter().find(|row| row["rule_id"] == rule).unwrap();
    ["outcome", "reason"].map(|column| row[column].clone())
}

#[test]
fn exports_without_a_log_pass_in_part() {
    let alone = packed(&[POLICY]);
    for rule in ["VLT-POL-001", "INT-003"] {
        let [outcome, reason] = answer(&alone, rule);
        assert_eq!(outcome, "pass", "{rule}");
        assert!(reason.contains("no log was supplied"), "{rule}: {reason}");
    }
    let log = calm(40);
    let beside = packed(&[POLICY, ("audit.log", log.as_bytes())]);
    for rule in ["VLT-POL-001", "INT-003"] {
        let [outcome, reason] = answer(&beside, rule);
        assert_eq!(outcome, "pass", "{rule}");
        assert!(!reason.contains("log was supplied"), "{rule}: {reason}");
    }
    let inputs = folder(&[POLICY]);
    let ran = piperoll(&["lint", &inputs.path().to_string_lossy()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}
