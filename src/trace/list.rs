//! Which ids of a kind there are to follow, and when each was seen.

use std::collections::BTreeMap;

use super::ask::{Kind, TraceError};
use crate::estate::JoinedEstate;
use crate::model::Timestamp;
use crate::table::engine::Value;

/// One id that can be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The id, as `trace` takes it.
    pub id: String,
    /// When it is first seen: a job by its start, anything else by an event.
    pub first: Option<Timestamp>,
    /// When it is last seen: a job by its end.
    pub last: Option<Timestamp>,
    /// How many events name it.
    pub events: i64,
}

/// Questions whose answers make the list: id, first, last, events.
fn questions(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Job => &[
            "SELECT job_id AS id, coalesce(started_at, created_at) AS first, finished_at AS last, 0 AS events FROM job",
            "SELECT origin_id AS id, job_started_at AS first, job_finished_at AS last, count(*) AS events FROM chain WHERE origin_kind = 'job' GROUP BY origin_id, job_started_at, job_finished_at",
        ],
        Kind::Token => &[
            "SELECT credential_id AS id, min(at) AS first, max(at) AS last, count(*) AS events FROM event WHERE system = 'vault' AND credential_id IS NOT NULL GROUP BY credential_id",
        ],
        Kind::Secret => &[
            "SELECT object AS id, min(at) AS first, max(at) AS last, count(*) AS events FROM event WHERE secret_name IS NOT NULL OR service = 'secretmanager.googleapis.com' GROUP BY object",
        ],
        Kind::Person => &[
            "SELECT person_id AS id, min(at) AS first, max(at) AS last, count(*) AS events FROM chain WHERE person_id IS NOT NULL GROUP BY person_id",
        ],
        Kind::Service => &[
            "SELECT DISTINCT service_id AS id, NULL AS first, NULL AS last, 0 AS events FROM service",
            "SELECT service_id AS id, min(at) AS first, max(at) AS last, count(*) AS events FROM chain WHERE service_id IS NOT NULL GROUP BY service_id",
        ],
    }
}

/// The ids of a kind, by the time at which they are first seen; those without a time last.
///
/// # Errors
///
/// When the tables cannot be read back.
pub fn list(estate: &JoinedEstate, kind: Kind) -> Result<Vec<Listed>, TraceError> {
    let mut found: BTreeMap<String, Listed> = BTreeMap::new();
    for sql in questions(kind) {
        for row in estate.tabled.store.query(sql)?.rows {
            let [id, first, last, events] = row.as_slice() else {
                continue;
            };
            // A version is read, its secret is followed.
            let id = id.as_text().map(|id| match id.split_once("/versions/") {
                Some((secret, _)) if id.starts_with("gcp:") => secret,
                _ => id,
            });
            let Some(id) = id else {
                continue;
            };
            let listed = found.entry(id.to_owned()).or_insert_with(|| Listed {
                id: id.to_owned(),
                first: None,
                last: None,
                events: 0,
            });
            let (first, last) = (first.as_time(), last.as_time());
            listed.first = [listed.first, first].into_iter().flatten().min();
            listed.last = [listed.last, last].into_iter().flatten().max();
            listed.events += Value::as_int(events).unwrap_or(0);
        }
    }
    let mut listed: Vec<Listed> = found.into_values().collect();
    listed.sort_by(|a, b| {
        let key = |listed: &Listed| (listed.first.is_none(), listed.first);
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    Ok(listed)
}
