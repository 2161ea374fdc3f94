//! Identity rows of the quarter, made as they are walked, as a run streams them.

use std::collections::BTreeMap;
use std::io;

use piperoll::model::{Confidence, Response};
use piperoll::report::{ChainRow, Chains, EdgeRow, Edges};

use super::quarter::at;

/// Nobody answered to an exception of the quarter.
pub(super) static NO_RESPONSES: BTreeMap<String, Response> = BTreeMap::new();

/// Nor has a credential of it other handles.
pub(super) static NO_HANDLES: BTreeMap<String, Vec<String>> = BTreeMap::new();

/// Identity rows that follow from their number.
pub(super) struct Listed;

impl Edges for Listed {
    fn count(&self) -> u64 {
        900
    }

    fn each(&self, visit: &mut dyn FnMut(&EdgeRow<'_>) -> io::Result<()>) -> io::Result<()> {
        (0..900u64).try_for_each(|index| {
            let (key, confidence) = if index % 9 == 0 {
                ("K4", 60)
            } else {
                ("K1", 100)
            };
            visit(&EdgeRow {
                edge: if index % 2 == 0 {
                    "job-login"
                } else {
                    "login-request"
                },
                left_id: &format!("gitlab:job/42/{index}"),
                right_id: &format!("vault:login/{index}"),
                key,
                confidence: Confidence(confidence),
                alternatives: if key == "K4" {
                    &["gitlab:job/42/7"]
                } else {
                    &[]
                },
                left_evidence: "gitlab/projects/42/jobs.json:3",
                right_evidence: "vault/prod/audit.log.3.gz:7",
                left_byte: 1_800,
                right_byte: 6_300,
            })
        })
    }
}

impl Chains for Listed {
    fn count(&self) -> u64 {
        48_210
    }

    fn each(&self, visit: &mut dyn FnMut(&ChainRow<'_>) -> io::Result<()>) -> io::Result<()> {
        (0..48_210u64).try_for_each(|index| {
            let kind = ["job", "job", "service", "person", ""][(index % 5) as usize];
            visit(&ChainRow {
                time: at("2026-07-02"),
                origin_kind: kind,
                origin_id: if kind.is_empty() {
                    ""
                } else {
                    "gitlab:job/42/1001"
                },
                person_id: "",
                login_id: "vault:login/r1",
                credential_id: "vault:accessor/hmac-sha256:aa",
                role: "vault:role/gitlab/ci-deploy",
                policies: &["ci-deploy", "default"],
                operation: "read",
                object: "vault:path/secret/data/payments/prod/stripe",
                owner: "acme/payments",
                outcome: "allowed",
                confidence: (!kind.is_empty()).then_some(Confidence(if index % 7 == 0 {
                    60
                } else {
                    95
                })),
                evidence_file: "vault/prod/audit.log.3.gz",
                evidence_line: index + 1,
                evidence_byte: 900,
            })
        })
    }
}
