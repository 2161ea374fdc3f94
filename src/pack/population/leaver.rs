//! Accounts that were taken away, and whether they acted all the same.

use super::REVIEW;
use super::table::{Draft, Need, Row, Shown, things};
use super::usage::Uses;
use crate::estate::Estate;
use crate::pack::Error;

const NEEDS: &[Need] = &[
    Need {
        what: "GitLab users (users.json, blocked ones included)",
        shown_by: Shown::Thing("gitlab-user"),
    },
    Need {
        what: "Vault entities (identity/entity/id)",
        shown_by: Shown::Thing("vault-entity"),
    },
];

pub(super) fn draft(estate: &Estate, uses: &Uses) -> Result<Draft, Error> {
    let store = &estate.store;
    let mut all = Vec::new();
    for (kind, system) in [("gitlab-user", "gitlab"), ("vault-entity", "vault")] {
        for thing in things(store, kind)? {
            let state = match (system, thing.get("state"), thing.get("disabled")) {
                ("gitlab", "active" | "", _) => continue,
                ("gitlab", state, _) => state,
                (_, _, "true") => "disabled",
                _ => continue,
            };
            let [count, last] = uses.cells([thing.object.as_str()]);
            let cells = [
                thing.get("name"),
                system,
                &thing.object,
                state,
                &last,
                &count,
            ];
            all.push(Row {
                cells: cells.map(str::to_owned).into(),
                evidence: thing.evidence.clone(),
            });
        }
    }
    Ok(Draft {
        id: "leavers",
        title: "Accounts that exports of GitLab and Vault state as blocked, deactivated or disabled",
        columns: vec![
            "name",
            "system",
            "account",
            "state",
            "last_used_at",
            "uses_in_period",
        ],
        worksheet: REVIEW,
        rows: all,
        needs: NEEDS,
    })
}
