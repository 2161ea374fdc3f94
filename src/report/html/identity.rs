//! What the identity tables say, in counts; the rows are in the CSV files.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::words;
use crate::model::{Band, Confidence};
use crate::report::Report;

#[derive(Serialize)]
pub(super) struct Identity {
    edges: String,
    edge_kinds: Vec<EdgeKind>,
    chains: String,
    origins: Vec<Origin>,
    /// Events whose origin nothing shows, for the first screen.
    #[serde(skip)]
    pub(super) unresolved: u64,
    /// Events of the period.
    #[serde(skip)]
    pub(super) events: u64,
}

#[derive(Serialize)]
struct EdgeKind {
    edge: String,
    key: String,
    rows: u64,
    established: u64,
    probable: u64,
    possible: u64,
    ambiguous: u64,
}

#[derive(Serialize)]
struct Origin {
    kind: String,
    rows: u64,
    share: String,
    established: u64,
    weaker: u64,
}

#[derive(Default)]
struct Tally {
    rows: u64,
    established: u64,
    probable: u64,
    possible: u64,
    ambiguous: u64,
}

impl Tally {
    fn add(&mut self, confidence: Option<Confidence>) {
        self.rows += 1;
        match confidence.and_then(Confidence::band) {
            Some(Band::Established) => self.established += 1,
            Some(Band::Probable) => self.probable += 1,
            Some(Band::Possible) => self.possible += 1,
            None => {}
        }
    }
}

impl Identity {
    pub(super) fn new(report: &Report<'_>) -> io::Result<Identity> {
        let mut edges: BTreeMap<(String, String), Tally> = BTreeMap::new();
        report.edges.each(&mut |row| {
            let tally = edges
                .entry((row.edge.to_owned(), row.key.to_owned()))
                .or_default();
            tally.add(Some(row.confidence));
            tally.ambiguous += u64::from(!row.alternatives.is_empty());
            Ok(())
        })?;
        let mut origins: BTreeMap<String, Tally> = BTreeMap::new();
        let (mut events, mut unresolved) = (0, 0);
        report.chains.each(&mut |row| {
            events += 1;
            if row.origin_id.is_empty() && row.person_id.is_empty() {
                unresolved += 1;
            }
            let kind = if row.origin_kind.is_empty() {
                "unknown"
            } else {
                row.origin_kind
            };
            origins
                .entry(kind.to_owned())
                .or_default()
                .add(row.confidence);
            Ok(())
        })?;
        Ok(Identity {
            edges: words::number(report.edges.count()),
            edge_kinds: edges
                .into_iter()
                .map(|((edge, key), tally)| EdgeKind {
                    edge,
                    key,
                    rows: tally.rows,
                    established: tally.established,
                    probable: tally.probable,
                    possible: tally.possible,
                    ambiguous: tally.ambiguous,
                })
                .collect(),
            chains: words::number(events),
            origins: origins
                .into_iter()
                .map(|(kind, tally)| Origin {
                    kind,
                    rows: tally.rows,
                    share: words::share(tally.rows, events),
                    established: tally.established,
                    weaker: tally.probable + tally.possible,
                })
                .collect(),
            unresolved,
            events,
        })
    }
}
