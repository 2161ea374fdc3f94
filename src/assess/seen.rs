//! What the inputs of a report name: by it settings that nothing matches are told.

use std::collections::BTreeMap;

use super::Error;
use crate::config::{MountClass, Settings};
use crate::estate::Estate;
use crate::model::id;
use crate::posture::{Posture, Seen, Tally, Unmatched, count_times, is_secret};
use crate::table::row::{Batch, NONE, Schema, Sym, chain, event, job, principal};

/// The columns of events that name what settings name.
const EVENT: [usize; 13] = [
    event::NAMESPACE,
    event::KIND,
    event::SYSTEM,
    event::MOUNT,
    event::LOGICAL_PATH,
    event::REMOTE_ADDRESS,
    event::PRINCIPAL,
    event::DISPLAY_NAME,
    event::ROLE_ID,
    event::OWNER,
    event::POLICIES,
    event::DELEGATION,
    event::OUTCOME,
];

/// The columns of chains that tell what machines reach and nobody owns.
const REACHED: [usize; 8] = [
    chain::SYSTEM,
    chain::KIND,
    chain::OPERATION,
    chain::OUTCOME,
    chain::MOUNT_CLASS,
    chain::OWNER,
    chain::PATH,
    chain::OBJECT,
];

/// The columns of other tables that name principals.
const PRINCIPALS: [(&Schema, &[usize]); 3] = [
    (
        &chain::SCHEMA,
        &[chain::PERSON_ID, chain::PROJECT_ID, chain::SERVICE_ID],
    ),
    (
        &principal::SCHEMA,
        &[principal::PRINCIPAL_ID, principal::ALIAS, principal::PERSON],
    ),
    (&job::SCHEMA, &[job::PROJECT_ID, job::USER_ID, job::USER_ID]),
];

/// What an estate names, in its logs and its configuration.
///
/// # Errors
///
/// When a table cannot be read back.
pub(super) fn seen(estate: &Estate, input: &Posture<'_>) -> Result<Seen, Error> {
    let mut seen = Seen::default();
    seen.posture(input);
    for batch in estate.store.scan_columns(&event::SCHEMA, &EVENT) {
        events(&batch?, &mut seen);
    }
    let settings = input.settings;
    if settings.is_set("owner") {
        for batch in estate.store.scan_columns(&chain::SCHEMA, &REACHED) {
            reached(&batch?, settings, &mut seen);
        }
    }
    for (table, columns) in PRINCIPALS {
        for batch in estate.store.scan_columns(table, columns) {
            let batch = batch?;
            let mut named = Named::new(&batch);
            for column in columns {
                named.column(*column);
            }
            named.count(&mut seen.principals, |_, name| name.to_owned());
        }
    }
    for batch in estate.store.scan_columns(&job::SCHEMA, &[job::ENVIRONMENT]) {
        let batch = batch?;
        let mut named = Named::new(&batch);
        named.column(job::ENVIRONMENT);
        named.count(&mut seen.environments, |_, name| name.to_owned());
    }
    for (address, times) in &estate.runner_addresses {
        count_times(&mut seen.addresses, address, *times);
    }
    Ok(seen)
}

/// Adds what events name.
fn events(batch: &Batch, seen: &mut Seen) {
    let within = |namespace: &str, name: &str| id::in_namespace(Some(namespace), name);
    let (mut mounts, mut paths) = (Named::new(batch), Named::new(batch));
    let (mut policies, mut hops) = (Named::new(batch), Named::new(batch));
    let mut logins = Named::new(batch);
    for row in 0..batch.len() {
        let namespace = batch.sym(row, event::NAMESPACE);
        let is_vault = batch.text(row, event::SYSTEM) == "vault";
        seen.logged |= is_vault;
        if is_vault && batch.text(row, event::KIND) == "login" {
            mounts.add(namespace, batch.sym(row, event::MOUNT));
            if batch.text(row, event::OUTCOME) == "allowed" {
                logins.add(namespace, batch.sym(row, event::MOUNT));
            }
        }
        paths.add(namespace, batch.sym(row, event::LOGICAL_PATH));
        for policy in batch.syms(row, event::POLICIES) {
            policies.add(namespace, *policy);
        }
        for hop in batch.syms(row, event::DELEGATION) {
            hops.add(NONE, *hop);
        }
    }
    mounts.count(&mut seen.mounts, within);
    logins.count(&mut seen.undeclared.logins, within);
    let mut requested = Tally::default();
    paths.count(&mut requested, within);
    for (path, times) in requested {
        count_times(&mut seen.paths, &path, times);
        seen.requested.insert(path);
    }
    policies.count(&mut seen.principals, |namespace, policy| {
        id::vault_policy(Some(namespace), policy)
    });
    hops.column(event::PRINCIPAL);
    hops.column(event::DISPLAY_NAME);
    hops.column(event::ROLE_ID);
    hops.column(event::OWNER);
    hops.count(&mut seen.principals, |_, name| name.to_owned());
    let mut addresses = Named::new(batch);
    addresses.column(event::REMOTE_ADDRESS);
    addresses.count(&mut seen.addresses, |_, name| name.to_owned());
}

/// Adds the secrets that tokens of machines reached and nobody owns.
fn reached(batch: &Batch, settings: &Settings, seen: &mut Seen) {
    let mut unowned = Named::new(batch);
    for row in 0..batch.len() {
        let named = |column| batch.sym(row, column) != NONE;
        let text = |column| batch.text(row, column);
        if !named(chain::OWNER)
            && named(chain::MOUNT_CLASS)
            && text(chain::MOUNT_CLASS) != "human"
            && text(chain::OUTCOME) == "allowed"
            && text(chain::SYSTEM) == "vault"
            && text(chain::KIND) == "request"
            && !["list", "scan"].contains(&text(chain::OPERATION))
        {
            unowned.add(batch.sym(row, chain::PATH), batch.sym(row, chain::OBJECT));
        }
    }
    unowned.count(&mut seen.undeclared.unowned, |path, object| {
        let logical = object.strip_prefix("vault:path/").unwrap_or_default();
        // What has no name is not counted.
        if is_secret(path, logical, settings) {
            logical.to_owned()
        } else {
            String::new()
        }
    });
}

/// Names of one batch by the numbers of its dictionary, with the namespaces they are in: each is
/// spelled once, however often it is there.
struct Named<'b> {
    batch: &'b Batch,
    names: Vec<(Sym, Sym)>,
}

impl<'b> Named<'b> {
    fn new(batch: &'b Batch) -> Named<'b> {
        Named {
            batch,
            names: Vec::new(),
        }
    }

    /// One more of a name; none is none.
    fn add(&mut self, namespace: Sym, name: Sym) {
        if name != NONE {
            self.names.push((namespace, name));
        }
    }

    /// The names of a column, in no namespace.
    fn column(&mut self, column: usize) {
        for row in 0..self.batch.len() {
            self.add(NONE, self.batch.sym(row, column));
        }
    }

    /// Adds them to a tally, spelled by `spell` from namespace and name.
    fn count(mut self, tally: &mut Tally, spell: impl Fn(&str, &str) -> String) {
        self.names.sort_unstable();
        let symbols = self.batch.symbols();
        for same in self.names.chunk_by(PartialEq::eq) {
            if let Some((namespace, name)) = same.first() {
                let spelled = spell(symbols.get(*namespace), symbols.get(*name));
                count_times(tally, &spelled, same.len() as u64);
            }
        }
    }
}

/// Why a setting counts for nothing, by key: those of which no value is matched at all.
pub(super) fn void(unmatched: &[Unmatched], settings: &Settings) -> BTreeMap<String, String> {
    let declared = |key: &str| match key {
        "vault.ci_mounts" => settings.mounts.of(MountClass::Ci).count(),
        "vault.workload_mounts" => settings.mounts.of(MountClass::Workload).count(),
        "vault.human_mounts" => settings.mounts.of(MountClass::Human).count(),
        "network.runner_cidrs" => settings.network.runner_cidrs.len(),
        "network.egress_cidrs" => settings.network.egress_cidrs.len(),
        "owner" => settings.owners.prefixes().count() + settings.owners.patterns().count(),
        _ => 0,
    };
    let mut by_key: BTreeMap<&str, Vec<&Unmatched>> = BTreeMap::new();
    for found in unmatched {
        let key = found.key;
        let key = match key {
            "owner.prefix" | "owner.pattern" => "owner",
            other => other,
        };
        by_key.entry(key).or_default().push(found);
    }
    let void = by_key
        .into_iter()
        .filter(|(key, found)| found.len() == declared(key));
    void.filter_map(|(key, found)| Some((key.to_owned(), found.first()?.to_string())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_without_any_login_matches_no_mount() {
        let text = "[vault]\nci_mounts = [\"auth/gitlab/\"]\n";
        let settings = Settings::parse("piperoll.toml", text, &[]).unwrap();
        let told = |logged| {
            let seen = Seen {
                logged,
                ..Seen::default()
            };
            seen.unmatched(&settings).len()
        };
        assert_eq!(told(true), 1, "renewals alone");
        assert_eq!(told(false), 0, "no log");
    }
}
