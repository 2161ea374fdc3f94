//! Accounts behind which stands no person.

use super::REVIEW;
use super::table::{Draft, Need, Shown};
use super::usage::{Uses, used_rows};
use crate::estate::Estate;
use crate::pack::Error;

const NEEDS: &[Need] = &[
    Need {
        what: "service accounts of Google Cloud (iam service-accounts list)",
        shown_by: Shown::Thing("gcp-service-account"),
    },
    Need {
        what: "Vault auth roles (auth/<mount>/role)",
        shown_by: Shown::Thing("vault-role"),
    },
    Need {
        what: "GitLab users (users.json)",
        shown_by: Shown::Thing("gitlab-user"),
    },
];

/// Names under which exports state what a cell holds.
const LIFETIME: [&str; 3] = ["token_max_ttl", "max_ttl", "token_ttl"];
const NAME: [&str; 3] = ["display_name", "name", "username"];

pub(super) fn draft(estate: &Estate, uses: &Uses) -> Result<Draft, Error> {
    let kinds = [
        ("gcp-service-account", "gcp"),
        ("vault-role", "vault"),
        ("gitlab-user", "gitlab"),
    ];
    let all = used_rows(&estate.store, uses, &kinds, |thing, system| {
        if system == "gitlab" && thing.get("bot") != "true" {
            return None;
        }
        let first = |names: [&'static str; 3]| {
            let named = names.map(|name| thing.get(name));
            let mut named = named.into_iter();
            named.find(|value| !value.is_empty()).unwrap_or("")
        };
        let state = match (thing.get("disabled"), thing.get("state")) {
            ("true", _) => "disabled",
            (_, state) => state,
        };
        let account = thing.object.as_str();
        let cells = [account, system, first(NAME), state, first(LIFETIME)];
        Some(cells.map(str::to_owned))
    })?;
    Ok(Draft {
        id: "service_accounts",
        title: "Accounts behind which stands no person: service accounts, auth roles, bots",
        columns: vec![
            "account",
            "system",
            "name",
            "state",
            "ttl_max",
            "last_used_at",
            "uses_in_period",
        ],
        worksheet: REVIEW,
        rows: all,
        needs: NEEDS,
    })
}
