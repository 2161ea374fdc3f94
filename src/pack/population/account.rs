//! Every account and what it may do, for the review of access.

use std::collections::BTreeMap;

use super::membership::{GITLAB_MEMBERS, GITLAB_USERS, memberships};
use super::table::{Draft, Need, Row, Shown, Thing, rows, text_of, things};
use super::usage::Uses;
use super::{REVIEW, grant};
use crate::estate::Estate;
use crate::pack::Error;
use crate::table::engine::Store;

const NEEDS: &[Need] = &[
    GITLAB_USERS,
    GITLAB_MEMBERS,
    Need {
        what: "Vault entities (identity/entity/id)",
        shown_by: Shown::Thing("vault-entity"),
    },
    grant::NEEDS[1],
];

/// The people behind accounts, by `[people.aliases]`.
pub(super) struct People(BTreeMap<String, String>);

impl People {
    pub(super) fn read(store: &Store) -> Result<People, Error> {
        let sql = "SELECT principal_id, alias, person FROM principal WHERE person IS NOT NULL";
        let mut people = BTreeMap::new();
        for row in store.query(sql)?.rows {
            let cells: Vec<String> = row.iter().map(text_of).collect();
            if let [principal, alias, person] = cells.as_slice() {
                people.insert(principal.clone(), person.clone());
                if !alias.is_empty() {
                    people.insert(alias.clone(), person.clone());
                }
            }
        }
        Ok(People(people))
    }

    pub(super) fn of(&self, account: &str) -> String {
        self.0.get(account).cloned().unwrap_or_default()
    }
}

/// The rows as they come together.
struct Review<'u> {
    people: People,
    uses: &'u Uses,
    rows: Vec<Row>,
}

impl Review<'_> {
    fn add(&mut self, thing: &Thing, [system, name, state, role, scope]: [&str; 5]) {
        let account = thing.object.as_str();
        let person = self.people.of(account);
        let [count, last] = self.uses.cells([account, person.as_str()]);
        let cells = [system, account, &person, name, state, role, scope];
        let mut cells: Vec<String> = cells.map(str::to_owned).into();
        cells.extend([last, count]);
        self.rows.push(Row {
            cells,
            evidence: thing.evidence.clone(),
        });
    }

    fn gitlab(&mut self, store: &Store) -> Result<(), Error> {
        for thing in things(store, "gitlab-user")? {
            let role = if thing.get("is_admin") == "true" {
                "administrator"
            } else {
                "user"
            };
            let (name, state) = (thing.get("name"), thing.get("state"));
            self.add(&thing, ["gitlab", name, state, role, "instance"]);
        }
        for thing in things(store, "gitlab-member")? {
            for member in memberships(&thing) {
                self.add(&thing, ["gitlab", "", "", member.role(), member.scope]);
            }
        }
        Ok(())
    }

    fn vault(&mut self, store: &Store) -> Result<(), Error> {
        for thing in things(store, "vault-entity")? {
            let state = if thing.get("disabled") == "true" {
                "disabled"
            } else {
                "enabled"
            };
            let (name, policies) = (thing.get("name"), thing.get("policies"));
            self.add(
                &thing,
                ["vault", name, state, policies, "policies of the entity"],
            );
        }
        Ok(())
    }

    fn google(&mut self, store: &Store) -> Result<(), Error> {
        for row in rows(
            store,
            "SELECT holder, capability, resource, \
             source_file, source_line, source_byte, source_sha256 FROM grant WHERE language = 'gcp'",
        )? {
            let [holder, capability, resource] = row.cells.as_slice() else {
                continue;
            };
            let thing = Thing::bare(holder, &row.evidence);
            self.add(&thing, ["gcp", "", "", capability, resource]);
        }
        Ok(())
    }
}

pub(super) fn draft(estate: &Estate, uses: &Uses) -> Result<Draft, Error> {
    let store = &estate.store;
    let mut review = Review {
        people: People::read(store)?,
        uses,
        rows: Vec::new(),
    };
    review.gitlab(store)?;
    review.vault(store)?;
    review.google(store)?;
    Ok(Draft {
        id: "user_access_review",
        title: "Every account that an export names, with what it may do",
        columns: vec![
            "system",
            "account",
            "person",
            "name",
            "state",
            "role",
            "scope",
            "last_used_at",
            "uses_in_period",
        ],
        worksheet: REVIEW,
        rows: review.rows,
        needs: NEEDS,
    })
}
