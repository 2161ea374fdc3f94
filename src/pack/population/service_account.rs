//! Accounts behind which stands no person.

use std::collections::{BTreeMap, BTreeSet};

use super::table::{Draft, Need, Row, Shown, rows};
use super::usage::{Uses, used_rows};
use super::{REVIEW, grant};
use crate::estate::Estate;
use crate::model::{BY_NAME, Evidence};
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
    grant::NEEDS[1],
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
    let mut all = used_rows(&estate.store, uses, &kinds, |thing, system| {
        if system == "gitlab" && !["true", BY_NAME].contains(&thing.get("bot")) {
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
    let bound = bound(estate, uses, &all)?;
    all.extend(bound);
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

/// Service accounts that bindings name and no list of accounts: those of other projects are in none
/// that is exported, and may do what the binding says all the same.
fn bound(estate: &Estate, uses: &Uses, exported: &[Row]) -> Result<Vec<Row>, Error> {
    let listed: BTreeSet<&str> = exported
        .iter()
        .filter_map(|row| match row.cells.as_slice() {
            [account, system, ..] if system == "gcp" => Some(account.as_str()),
            _ => None,
        })
        .collect();
    let state = if listed.is_empty() { "" } else { "not listed" };
    let mut grants = rows(
        &estate.store,
        "SELECT holder, source_file, source_line, source_byte, source_sha256 FROM grant \
         WHERE language = 'gcp' AND holder LIKE 'gcp:sa/%'",
    )?;
    grants.sort_by(|one, other| {
        let place = |row: &Row| (row.evidence.line, row.evidence.byte);
        let files = one.evidence.file.cmp(&other.evidence.file);
        files.then_with(|| place(one).cmp(&place(other)))
    });
    let mut first: BTreeMap<String, Evidence> = BTreeMap::new();
    for Row { cells, evidence } in grants {
        if let Some(holder) = cells.into_iter().next()
            && !listed.contains(holder.as_str())
        {
            first.entry(holder).or_insert(evidence);
        }
    }
    let named = first.into_iter().map(|(holder, evidence)| {
        let [count, last] = uses.cells([holder.as_str()]);
        let cells = [&holder, "gcp", "", state, "", &last, &count];
        Row {
            cells: cells.map(str::to_owned).into(),
            evidence,
        }
    });
    Ok(named.collect())
}
