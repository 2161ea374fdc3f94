//! What was changed in the period that decides over access.

use super::REVIEW;
use super::table::{Draft, Need, Shown, rows};
use crate::estate::Estate;
use crate::pack::Error;

const NEEDS: &[Need] = &[
    Need {
        what: "Vault's audit log",
        shown_by: Shown::Source("vault"),
    },
    Need {
        what: "audit logs of Google Cloud",
        shown_by: Shown::Source("gcp-audit"),
    },
    Need {
        what: "GitLab's audit events",
        shown_by: Shown::Source("gitlab-audit"),
    },
];

/// Writes to Vault's own configuration and that of its mounts, administration of Google Cloud, what
/// GitLab audits.
const SQL: &str = "\
SELECT e.at AS at, e.event_id AS change_id, e.system AS system, e.kind AS kind, \
e.operation AS operation, e.object AS object, e.principal AS actor, c.person_id AS person, \
c.origin_id AS origin, e.outcome AS outcome, \
e.source_file AS source_file, e.source_line AS source_line, e.source_byte AS source_byte \
FROM event e LEFT JOIN chain c ON e.event_id = c.event_id \
WHERE e.in_period = 1 AND (e.kind = 'admin-activity' OR e.kind = 'gitlab-audit' OR \
(e.system = 'vault' AND e.operation IN ('create', 'update', 'patch', 'delete') AND \
(e.path LIKE 'sys/polic%' OR e.path LIKE 'sys/auth%' OR e.path LIKE 'sys/mounts%' OR \
e.path LIKE 'sys/audit/%' OR e.path LIKE 'sys/config/%' OR e.path LIKE 'sys/namespaces%' OR \
e.path LIKE 'sys/plugins/%' OR e.path LIKE 'sys/quotas/%' OR e.path LIKE 'sys/raw/%' OR \
e.path LIKE 'sys/rekey%' OR e.path LIKE 'sys/rotate%' OR e.path LIKE 'sys/generate-root%' OR \
e.path LIKE 'identity/%' OR \
e.path LIKE 'auth/%/role/%' OR e.path LIKE 'auth/%/config%' OR e.path LIKE 'auth/%/users/%' OR \
e.path LIKE '%/roleset/%' OR e.path LIKE '%/impersonated-account/%' OR e.path LIKE '%/config')))";

pub(super) fn draft(estate: &Estate) -> Result<Draft, Error> {
    Ok(Draft {
        id: "changes",
        title: "Changes in the period: Vault's own configuration, administration of Google Cloud, what GitLab audits",
        columns: vec![
            "at",
            "change_id",
            "system",
            "kind",
            "operation",
            "object",
            "actor",
            "person",
            "origin",
            "outcome",
        ],
        worksheet: REVIEW,
        rows: rows(&estate.store, SQL)?,
        needs: NEEDS,
    })
}
