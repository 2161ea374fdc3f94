//! Who may do what: each identity beside every resource that its policies, memberships and bindings
//! open, and by which of them.

use std::collections::{BTreeMap, BTreeSet};

use super::account::People;
use super::grant;
use super::membership::memberships;
use super::table::{Draft, HOLDERS, Need, Row, Shown, things};
use super::usage::Uses;
use crate::estate::Estate;
use crate::model::{Evidence, id, list};
use crate::pack::Error;

const NEEDS: &[Need] = &[
    grant::NEEDS[0],
    Need {
        what: "Vault auth roles (auth/<mount>/role)",
        shown_by: Shown::Thing("vault-role"),
    },
    Need {
        what: "Vault entities (identity/entity/id)",
        shown_by: Shown::Thing("vault-entity"),
    },
    Need {
        what: "GitLab members (members/all.json)",
        shown_by: Shown::Thing("gitlab-member"),
    },
    grant::NEEDS[1],
];

/// Paths that a policy opens, each with its capabilities.
type Opened = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// The rows as they come together.
struct Matrix<'u> {
    people: People,
    uses: &'u Uses,
    rows: Vec<Row>,
}

impl Matrix<'_> {
    fn add(&mut self, cells: [&str; 6], evidence: &Evidence) {
        let [system, identity, via, resource, access, condition] = cells;
        let person = self.people.of(identity);
        let [count, last] = self.uses.cells([identity, person.as_str()]);
        let cells = [
            identity, &person, system, via, resource, access, condition, &last, &count,
        ];
        self.rows.push(Row {
            cells: cells.map(str::to_owned).into(),
            evidence: evidence.clone(),
        });
    }

    fn vault(&mut self, estate: &Estate, opened: &Opened) -> Result<(), Error> {
        for (kind, attribute) in HOLDERS {
            for thing in things(&estate.store, kind)? {
                let namespace = thing.namespace();
                for name in thing.values(attribute) {
                    let policy = id::vault_policy(namespace.as_deref(), name);
                    let who = thing.object.as_str();
                    let Some(paths) = opened.get(&policy) else {
                        // A policy that nothing states may open anything.
                        let cells = ["vault", who, &policy, "", "", "the policy was not supplied"];
                        self.add(cells, &thing.evidence);
                        continue;
                    };
                    for (path, capabilities) in paths {
                        let access = list::joined(capabilities.iter().map(String::as_str));
                        let cells = ["vault", who, &policy, path, &access, ""];
                        self.add(cells, &thing.evidence);
                    }
                }
            }
        }
        Ok(())
    }

    fn gitlab(&mut self, estate: &Estate) -> Result<(), Error> {
        for thing in things(&estate.store, "gitlab-member")? {
            for member in memberships(&thing) {
                let (scope, access) = (member.scope, member.role());
                let cells = [
                    "gitlab",
                    &thing.object,
                    "membership",
                    scope,
                    access,
                    &member.until,
                ];
                self.add(cells, &thing.evidence);
            }
        }
        Ok(())
    }

    fn bound(&mut self, grants: &[Row]) {
        for row in grants {
            let [system, holder, capability, resource, condition] = row.cells.as_slice() else {
                continue;
            };
            if system != "vault" {
                let cells = [
                    system.as_str(),
                    holder,
                    "binding",
                    resource,
                    capability,
                    condition,
                ];
                self.add(cells, &row.evidence);
            }
        }
    }
}

pub(super) fn draft(estate: &Estate, uses: &Uses) -> Result<Draft, Error> {
    let grants = grant::draft(estate)?.rows;
    let mut opened = Opened::new();
    for row in &grants {
        if let [system, holder, capability, resource, _] = row.cells.as_slice()
            && system == "vault"
        {
            let paths = opened.entry(holder.clone()).or_default();
            let capabilities = paths.entry(resource.clone()).or_default();
            capabilities.insert(capability.clone());
        }
    }
    let mut matrix = Matrix {
        people: People::read(&estate.store)?,
        uses,
        rows: Vec::new(),
    };
    matrix.vault(estate, &opened)?;
    matrix.gitlab(estate)?;
    matrix.bound(&grants);
    Ok(Draft {
        id: "access_matrix",
        title: "Who may do what, and by which policy, membership or binding",
        columns: vec![
            "identity_id",
            "person",
            "system",
            "via",
            "resource",
            "access",
            "condition",
            "last_used_at",
            "uses_in_period",
        ],
        worksheet: &[],
        rows: matrix.rows,
        needs: NEEDS,
    })
}
