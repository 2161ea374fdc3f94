//! Accounts behind which stands no person.

use std::collections::{BTreeMap, BTreeSet};

use super::REVIEW;
use super::table::{Draft, Need, Row, Shown, rows, things};
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
    Need {
        what: "IAM policies of Google Cloud (get-iam-policy or an asset export)",
        shown_by: Shown::Table("grant"),
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
    let mut all = used_rows(&estate.store, uses, &kinds, |thing, system| {
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
    all.extend(bound(estate, uses)?);
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
fn bound(estate: &Estate, uses: &Uses) -> Result<Vec<Row>, Error> {
    let listed = things(&estate.store, "gcp-service-account")?;
    let listed: BTreeSet<&str> = listed.iter().map(|thing| thing.object.as_str()).collect();
    let state = if listed.is_empty() { "" } else { "not listed" };
    let grants = rows(
        &estate.store,
        "SELECT holder, source_file, source_line, source_byte, source_sha256 FROM grant \
         WHERE language = 'gcp' AND holder LIKE 'gcp:sa/%'",
    )?;
    let mut first: BTreeMap<String, Row> = BTreeMap::new();
    for row in grants {
        let Some(holder) = row
            .cells
            .first()
            .filter(|holder| !listed.contains(holder.as_str()))
        else {
            continue;
        };
        let earlier = |known: &Row| {
            (&row.evidence.file, row.evidence.line, row.evidence.byte)
                < (
                    &known.evidence.file,
                    known.evidence.line,
                    known.evidence.byte,
                )
        };
        if first.get(holder).is_none_or(earlier) {
            first.insert(holder.clone(), row);
        }
    }
    let named = first.into_iter().map(|(holder, row)| {
        let [count, last] = uses.cells([holder.as_str()]);
        let cells = [&holder, "gcp", "", state, "", &last, &count];
        Row {
            cells: cells.map(str::to_owned).into(),
            evidence: row.evidence,
        }
    });
    Ok(named.collect())
}
