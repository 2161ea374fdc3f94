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
    let mut drawn: BTreeMap<(String, u64), Vec<ChainLink>> = BTreeMap::new();
    let asked = !wanted.is_empty();
    let batches = asked.then(|| estate.store.scan_columns(&chain::SCHEMA, &COLUMNS));
    for batch in batches.into_iter().flatten() {
        let batch = batch?;
        for row in 0..batch.len() {
            let file = batch.text(row, chain::SOURCE_FILE);
            let line = batch.int(row, chain::SOURCE_LINE);
            let Some(line) = line.and_then(|line| u64::try_from(line).ok()) else {
                continue;
            };
            if wanted.contains(&(file, line)) && !batch.text(row, chain::LOGIN_ID).is_empty() {
                let links = links(estate, &batch, row);
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

fn links(estate: &Estate, batch: &Batch, row: usize) -> Vec<ChainLink> {
    let text = |column| batch.text(row, column);
    let login_id = text(chain::LOGIN_ID);
    let joined = match text(chain::ORIGIN_KIND) {
        "job" | "service" => {
            id::login_of_vault(login_id).and_then(|request| estate.origins.of_login(request))
        }
        "person" => certain(Key::K3),
        _ => None,
    };
    let mut links = before_login(batch, row);
    let mut push = |kind: &'static str, id: &str, key| links.push(link(kind, id, key));
    push("login", login_id, joined);
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

/// Who and what stands before the login: the person and the job, the service, or nobody known.
fn before_login(batch: &Batch, row: usize) -> Vec<ChainLink> {
    let text = |column| batch.text(row, column);
    match text(chain::ORIGIN_KIND) {
        "job" => {
            let candidates = batch.int(row, chain::CANDIDATES);
            let several = candidates.map(|count| format!("{count} candidate jobs"));
            let several = several.unwrap_or_default();
            let job = text(chain::JOB_ID);
            let job = if job.is_empty() { &several } else { job };
            vec![
                link("person", text(chain::PERSON_ID), None),
                link("job", job, certain(Key::K1)),
            ]
        }
        "service" => {
            let service = text(chain::SERVICE_ID);
            let several = "several services";
            let service = if service.is_empty() { several } else { service };
            vec![link("service", service, None)]
        }
        "person" => vec![link("person", text(chain::PERSON_ID), None)],
        _ => vec![link("origin", "", None)],
    }
}

/// A link, and what joins it to the one before; nothing where nobody knows.
fn link(kind: &'static str, id: &str, joined: Option<(Key, Confidence)>) -> ChainLink {
    ChainLink {
        kind,
        id: id.to_owned(),
        key: joined.map_or("", |(key, _)| key.as_str()),
        confidence: joined.map(|(_, confidence)| confidence),
    }
}

/// A link that has no other candidate.
fn certain(key: Key) -> Option<(Key, Confidence)> {
    Some((key, key.confidence()))
}
