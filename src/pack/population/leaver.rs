//! Accounts that were taken away, and whether they acted all the same.

use super::REVIEW;
use super::table::{Draft, Need, Shown};
use super::usage::{Uses, used_rows};
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
    let kinds = [("gitlab-user", "gitlab"), ("vault-entity", "vault")];
    let all = used_rows(&estate.store, uses, &kinds, |thing, system| {
        let state = match (system, thing.get("state"), thing.get("disabled")) {
            ("gitlab", "active" | "", _) => return None,
            ("gitlab", state, _) => state,
            (_, _, "true") => "disabled",
            _ => return None,
        };
        Some([thing.get("name"), system, &thing.object, state].map(str::to_owned))
    })?;
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
