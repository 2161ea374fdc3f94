//! The chain behind a finding: from the person or workload to what was touched.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use crate::estate::Estate;
use crate::model::{Confidence, Finding, Key, id};
use crate::report::ChainLink;
use crate::table::row::{Batch, chain};

/// What a picture is drawn of.
const COLUMNS: [usize; 12] = [
    chain::SOURCE_FILE,
    chain::SOURCE_LINE,
    chain::LOGIN_ID,
    chain::ORIGIN_KIND,
    chain::PERSON_ID,
    chain::CANDIDATES,
    chain::JOB_ID,
    chain::SERVICE_ID,
    chain::KIND,
    chain::CREDENTIAL_ID,
    chain::ROLE_ID,
    chain::OBJECT,
];

/// One picture per finding, in their order; empty where no chain goes through its evidence.
///
/// # Errors
///
/// When the chains cannot be read back.
pub(super) fn pictures(
    estate: &Estate,
    findings: &[Finding],
) -> Result<Vec<Vec<ChainLink>>, Error> {
    let wanted: BTreeSet<(&str, u64)> = findings
        .iter()
        .filter_map(Finding::first_evidence)
        .map(|evidence| (evidence.file.as_str(), evidence.line))
        .collect();
    let logins: BTreeMap<String, u32> = estate
        .identity
        .ledger
        .logins
        .iter()
        .zip(0u32..)
        .map(|(login, position)| {
            (
                id::vault_login(estate.identity.ledger.text(login.id)),
                position,
            )
        })
        .collect();
    let mut drawn: BTreeMap<(String, u64), Vec<ChainLink>> = BTreeMap::new();
    let asked = !wanted.is_empty();
    let batches = asked.then(|| estate.store.scan_columns(&chain::SCHEMA, &COLUMNS));
    for batch in batches.into_iter().flatten() {
        let batch = batch?;
        for row in 0..batch.len() {
            let file = batch.text(row, chain::SOURCE_FILE);
            let line = u64::try_from(batch.int(row, chain::SOURCE_LINE).unwrap_or(0)).unwrap_or(0);
            if wanted.contains(&(file, line)) && !batch.text(row, chain::LOGIN_ID).is_empty() {
                let links = links(estate, &logins, &batch, row);
                drawn.entry((file.to_owned(), line)).or_insert(links);
            }
        }
    }
    Ok(findings
        .iter()
        .map(|finding| {
            let place = finding
                .first_evidence()
                .map(|evidence| (evidence.file.clone(), evidence.line));
            place
                .and_then(|place| drawn.get(&place).cloned())
                .unwrap_or_default()
        })
        .collect())
}

fn links(
    estate: &Estate,
    logins: &BTreeMap<String, u32>,
    batch: &Batch,
    row: usize,
) -> Vec<ChainLink> {
    let text = |column| batch.text(row, column);
    let login_id = text(chain::LOGIN_ID);
    let origin = logins
        .get(login_id)
        .and_then(|&position| estate.identity.origin(position));
    let mut links = Vec::new();
    let mut push = |kind: &'static str, id: &str, key: Option<(Key, Confidence)>| {
        links.push(ChainLink {
            kind,
            id: id.to_owned(),
            key: key.map_or("", |(key, _)| key.as_str()),
            confidence: key.map(|(_, confidence)| confidence),
        });
    };
    let certain = |key: Key| Some((key, key.confidence()));
    let found = origin.and_then(|origin| origin.jobs.as_ref().or(origin.services.as_ref()));
    let joined = found.map(|found| (found.key, found.confidence()));
    match text(chain::ORIGIN_KIND) {
        "job" => {
            push("person", text(chain::PERSON_ID), None);
            let several = format!(
                "{} candidate jobs",
                batch.int(row, chain::CANDIDATES).unwrap_or(0)
            );
            let job = text(chain::JOB_ID);
            push(
                "job",
                if job.is_empty() { &several } else { job },
                certain(Key::K1),
            );
            push("login", login_id, joined);
        }
        "service" => {
            let service = text(chain::SERVICE_ID);
            push(
                "service",
                if service.is_empty() {
                    "several services"
                } else {
                    service
                },
                None,
            );
            push("login", login_id, joined);
        }
        "person" => {
            push("person", text(chain::PERSON_ID), None);
            push("login", login_id, certain(Key::K3));
        }
        _ => {
            push("origin", "", None);
            push("login", login_id, None);
        }
    }
    if text(chain::KIND) != "login" {
        push("token", text(chain::CREDENTIAL_ID), certain(Key::K2));
    }
    if !text(chain::ROLE_ID).is_empty() {
        push("role", text(chain::ROLE_ID), certain(Key::K1));
    }
    if text(chain::KIND) != "login" {
        push("object", text(chain::OBJECT), certain(Key::K1));
    }
    links
}
