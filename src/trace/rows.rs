//! Rows fetched from the tables, each in one pass.

use std::collections::{BTreeMap, BTreeSet};

use super::inquiry::Inquiry;
use crate::model::trace::Via;
use crate::model::{Confidence, Timestamp};
use crate::table::engine::EngineError;
use crate::table::row::{Batch, Lacking, credential, edge, event};

/// One event, as far as it is shown.
#[derive(Clone, Debug)]
pub(super) struct EventRow {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) at: Timestamp,
    pub(super) operation: String,
    pub(super) object: String,
    pub(super) outcome: String,
    pub(super) error: String,
    pub(super) owner: String,
    pub(super) address: String,
    pub(super) principal: String,
    pub(super) credential: String,
    /// Seconds for which the answer waits in a wrapping token, if it does.
    pub(super) wrapped_s: Option<i64>,
    pub(super) evidence: String,
}

impl EventRow {
    pub(super) fn new(batch: &Batch, row: usize) -> Result<EventRow, Lacking> {
        let text = |column| batch.text(row, column).to_owned();
        // A lifetime where nothing is issued is that of the token around the answer.
        let plain = batch.text(row, event::KIND) == "request"
            && [event::ISSUED_CREDENTIAL_ID, event::LEASE_ID]
                .iter()
                .all(|&column| batch.text(row, column).is_empty());
        let ttl = batch.int(row, event::TOKEN_TTL_S);
        Ok(EventRow {
            id: text(event::EVENT_ID),
            kind: text(event::KIND),
            at: Timestamp(batch.known(row, event::AT)?),
            operation: text(event::OPERATION),
            object: text(event::OBJECT),
            outcome: text(event::OUTCOME),
            error: text(event::ERROR),
            owner: text(event::OWNER),
            address: text(event::REMOTE_ADDRESS),
            principal: text(event::PRINCIPAL),
            credential: text(event::CREDENTIAL_ID),
            wrapped_s: ttl.filter(|_| plain),
            evidence: place(batch, row, event::SOURCE_FILE, event::SOURCE_LINE)?,
        })
    }
}

/// Events by the number of their operation, and by id.
pub(super) type Events = (BTreeMap<u32, EventRow>, BTreeMap<String, EventRow>);

/// What became of one token or lease.
#[derive(Clone, Debug)]
pub(super) struct CredentialRow {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) issued_at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) revoked_at: Option<Timestamp>,
    pub(super) last_used_at: Option<Timestamp>,
    pub(super) uses: i64,
    pub(super) display_name: String,
    pub(super) policies: Vec<String>,
    pub(super) evidence: String,
}

fn place(batch: &Batch, row: usize, file: usize, line: usize) -> Result<String, Lacking> {
    let line = batch.known(row, line)?;
    Ok(format!("{}:{line}", batch.text(row, file)))
}

impl Inquiry<'_> {
    /// Calls `visit` on every event with the number of its operation.
    pub(super) fn each_event(
        &self,
        mut visit: impl FnMut(u32, &Batch, usize) -> Result<(), Lacking>,
    ) -> Result<(), EngineError> {
        let mut number = 0;
        for batch in self.estate.tabled.store.scan(&event::SCHEMA) {
            let batch = batch?;
            for row in 0..batch.len() {
                visit(number, &batch, row)?;
                number += 1;
            }
        }
        Ok(())
    }

    /// Events by the number of their operation, and by id for those of other systems.
    pub(super) fn events(
        &self,
        ops: &BTreeSet<u32>,
        ids: &BTreeSet<String>,
    ) -> Result<Events, EngineError> {
        let (mut by_op, mut by_id) = (BTreeMap::new(), BTreeMap::new());
        self.each_event(|number, batch, row| {
            if ops.contains(&number) {
                by_op.insert(number, EventRow::new(batch, row)?);
            }
            let id = batch.text(row, event::EVENT_ID);
            if ids.contains(id) {
                by_id.insert(id.to_owned(), EventRow::new(batch, row)?);
            }
            Ok(())
        })?;
        Ok((by_op, by_id))
    }

    /// Credentials by the login or request that handed them out; a lease by its own id too.
    pub(super) fn credentials(
        &self,
        wanted: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, CredentialRow>, EngineError> {
        let mut found = BTreeMap::new();
        for batch in self.estate.tabled.store.scan(&credential::SCHEMA) {
            let batch = batch?;
            for row in 0..batch.len() {
                let text = |column| batch.text(row, column);
                let lease = text(credential::KIND) == "lease";
                let name = if lease {
                    credential::CREDENTIAL_ID
                } else {
                    credential::LOGIN_ID
                };
                if !wanted.contains(text(name)) {
                    continue;
                }
                let time = |column| batch.int(row, column).map(Timestamp);
                let policies = owned(batch.texts(row, credential::POLICIES));
                let credential = CredentialRow {
                    id: text(credential::CREDENTIAL_ID).to_owned(),
                    kind: text(credential::KIND).to_owned(),
                    issued_at: Timestamp(batch.known(row, credential::ISSUED_AT)?),
                    expires_at: time(credential::EXPIRES_AT),
                    revoked_at: time(credential::REVOKED_AT),
                    last_used_at: time(credential::LAST_USED_AT),
                    uses: batch.known(row, credential::USES)?,
                    display_name: text(credential::DISPLAY_NAME).to_owned(),
                    policies,
                    evidence: place(
                        &batch,
                        row,
                        credential::SOURCE_FILE,
                        credential::SOURCE_LINE,
                    )?,
                };
                found.insert(text(name).to_owned(), credential);
            }
        }
        Ok(found)
    }

    /// Edges of jobs and leases to cloud events, by their left end: edge and event.
    pub(super) fn cloud_edges(
        &self,
        left: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Vec<(Via, String)>>, EngineError> {
        let mut found: BTreeMap<String, Vec<(Via, String)>> = BTreeMap::new();
        for batch in self.estate.tabled.store.scan(&edge::SCHEMA) {
            let batch = batch?;
            for row in 0..batch.len() {
                let text = |column| batch.text(row, column);
                let kind = text(edge::EDGE);
                if !matches!(kind, "lease-cloud" | "job-cloud")
                    || !left.contains(text(edge::LEFT_ID))
                {
                    continue;
                }
                let alternatives = owned(batch.texts(row, edge::ALTERNATIVES));
                let confidence = u8::try_from(batch.known(row, edge::CONFIDENCE)?)
                    .map_err(|_| batch.lacking(row, edge::CONFIDENCE))?;
                let via = Via {
                    edge: kind.to_owned(),
                    key: text(edge::KEY).to_owned(),
                    key_name: text(edge::KEY_NAME).to_owned(),
                    confidence: Confidence(confidence),
                    alternatives,
                };
                let edges = found.entry(text(edge::LEFT_ID).to_owned()).or_default();
                edges.push((via, text(edge::RIGHT_ID).to_owned()));
            }
        }
        Ok(found)
    }
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}
