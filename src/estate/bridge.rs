//! Counts how the records of each source became events and jobs.

use std::collections::BTreeMap;

use crate::identity::Directory;
use crate::model::{Bridge, Period, System};
use crate::table::engine::{EngineError, Store, Value};
use crate::table::row::parts::Parts;

/// What pairing counted, by system.
#[derive(Debug, Default)]
pub(super) struct Bridges(BTreeMap<System, Bridge>);

impl Bridges {
    /// Adds a record.
    pub(super) fn record(&mut self, system: System) {
        self.0.entry(system).or_default().records += 1;
    }

    /// Adds records that were seen before.
    pub(super) fn repeated(&mut self, counts: &BTreeMap<System, u64>) {
        for (system, count) in counts {
            self.0.entry(*system).or_default().repeated += count;
        }
    }

    /// Adds what was merged into an operation of `records` records.
    pub(super) fn operation(&mut self, system: System, parts: Parts, records: usize) {
        let bridge = self.0.entry(system).or_default();
        let merged = match parts {
            Parts::Pair => &mut bridge.pairs,
            Parts::FirstLast => &mut bridge.operations,
            _ => &mut bridge.pieces,
        };
        *merged += (records as u64).saturating_sub(1);
    }

    /// The bridges, by source, with what stands on the far side: the rows of the tables.
    ///
    /// # Errors
    ///
    /// When the events cannot be read back.
    pub(super) fn finish(
        mut self,
        store: &Store,
        job_records: u64,
        directory: &Directory,
        period: Period,
    ) -> Result<Vec<(String, Bridge)>, EngineError> {
        let sql = "SELECT system, count(*) AS n, sum(in_period) AS i FROM event GROUP BY system";
        for row in store.query(sql)?.rows {
            let [Value::Text(system), things, inside] = row.as_slice() else {
                continue;
            };
            let number = |value: &Value| {
                let number = value.as_int().and_then(|number| u64::try_from(number).ok());
                number.ok_or_else(|| EngineError::Table {
                    table: "event".to_owned(),
                    message: format!("the count of its rows is {value:?}"),
                })
            };
            // An event is made of records, so its system has a bridge.
            let mut bridges = self.0.iter_mut();
            if let Some((_, bridge)) = bridges.find(|(known, _)| known.as_str() == system) {
                bridge.things = number(things)?;
                bridge.outside = bridge.things.saturating_sub(number(inside)?);
            }
        }
        let mut all: Vec<(String, Bridge)> = self
            .0
            .into_iter()
            .map(|(system, bridge)| (system.as_str().to_owned(), bridge))
            .collect();
        if job_records > 0 {
            all.push((
                "gitlab-jobs".to_owned(),
                jobs(job_records, directory, period),
            ));
        }
        all.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(all)
    }
}

/// The bridge of jobs: a job stands in every page of an export that it was exported with.
fn jobs(records: u64, directory: &Directory, period: Period) -> Bridge {
    let things = directory.jobs.len() as u64;
    let begins = |job: &crate::model::Job| job.started_at.or(job.created_at);
    let mut bridge = Bridge {
        records,
        things,
        repeated: records.saturating_sub(things),
        ..Bridge::default()
    };
    for job in &directory.jobs {
        match begins(job) {
            None => bridge.undated += 1,
            Some(at) if !period.contains(at) => bridge.outside += 1,
            Some(_) => {}
        }
    }
    bridge
}
