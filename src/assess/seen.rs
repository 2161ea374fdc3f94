//! What the inputs of a report name: by it settings that nothing matches are told.

use std::collections::BTreeMap;

use super::Error;
use crate::config::{MountClass, Settings};
use crate::estate::Estate;
use crate::model::id;
use crate::posture::{Posture, Seen, Unmatched, count};
use crate::table::row::{chain, event, job, principal};

/// What an estate names, in its logs and its configuration.
///
/// # Errors
///
/// When a table cannot be read back.
pub(super) fn seen(estate: &Estate, input: &Posture<'_>) -> Result<Seen, Error> {
    let mut seen = Seen::default();
    seen.posture(input);
    for batch in estate.store.scan(&event::SCHEMA) {
        let batch = batch?;
        for row in 0..batch.len() {
            let text = |column| batch.text(row, column);
            let namespace = Some(text(event::NAMESPACE));
            if text(event::KIND) == "login" && text(event::SYSTEM) == "vault" {
                let mount = id::in_namespace(namespace, text(event::MOUNT));
                count(&mut seen.mounts, &mount);
            }
            if !text(event::LOGICAL_PATH).is_empty() {
                let path = id::in_namespace(namespace, text(event::LOGICAL_PATH));
                count(&mut seen.paths, &path);
                seen.requested.insert(path);
            }
            count(&mut seen.addresses, text(event::REMOTE_ADDRESS));
            for column in [
                event::PRINCIPAL,
                event::DISPLAY_NAME,
                event::ROLE_ID,
                event::OWNER,
            ] {
                count(&mut seen.principals, text(column));
            }
            for policy in batch.texts(row, event::POLICIES) {
                count(&mut seen.principals, &id::vault_policy(namespace, policy));
            }
            for hop in batch.texts(row, event::DELEGATION) {
                count(&mut seen.principals, hop);
            }
        }
    }
    let tables = [
        (
            &chain::SCHEMA,
            [chain::PERSON_ID, chain::PROJECT_ID, chain::SERVICE_ID],
        ),
        (
            &principal::SCHEMA,
            [principal::PRINCIPAL_ID, principal::ALIAS, principal::PERSON],
        ),
        (&job::SCHEMA, [job::PROJECT_ID, job::USER_ID, job::USER_ID]),
    ];
    for (table, columns) in tables {
        for batch in estate.store.scan(table) {
            let batch = batch?;
            for row in 0..batch.len() {
                for column in columns {
                    count(&mut seen.principals, batch.text(row, column));
                }
                if table.name == job::SCHEMA.name {
                    count(&mut seen.environments, batch.text(row, job::ENVIRONMENT));
                }
            }
        }
    }
    for found in &estate.identity.directory.jobs {
        for address in &found.runner_addresses {
            count(&mut seen.addresses, address);
        }
    }
    Ok(seen)
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
        let key = if key.starts_with("owner.") {
            "owner"
        } else {
            key
        };
        by_key.entry(key).or_default().push(found);
    }
    let void = by_key
        .into_iter()
        .filter(|(key, found)| found.len() == declared(key));
    void.filter_map(|(key, found)| Some((key.to_owned(), found.first()?.to_string())))
        .collect()
}
