//! The tables of an estate as they are written: one step for each kind of row.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::Error;
use super::conflict_rows::{conflict_rows, restated_rows};
use super::devices::Devices;
use super::edge_rows::edge_row;
use super::export_rows::{Export, coverage_rows, rejected_rows};
use super::fact_rows::{burst_rows, credential_row, mismatch_row};
use super::in_turn::in_turn;
use super::integrity_rows::{orphan_rows, readiness_rows};
use super::operation_walk::{BlockRows, Joined, OperationWalk, mesh_call};
use super::ownership::Ownership;
use super::provenance::Provenance;
use super::setting_rows::setting_rows;
use super::usage_rows::UsageRows;
use crate::identity::{
    By, Identity, Limits, Mismatch, Readers, Reissued, Scope, Suspect, Tie, bursts,
};
use crate::model::{Exposure, FileCoverage, Grant, Period, RejectedLine, Restated, System};
use crate::posture::Posture;
use crate::source::threads;
use crate::table::engine::{Spool, Store};
use crate::table::row::operation::Told;
use crate::table::row::pairing::{Conflict, Lone};
use crate::table::row::{Batch, Sym, burst, credential, edge, event, mismatch};
use crate::usage::{Calls, Usage};

/// The tables being written, and where and when their rows are from.
pub(super) struct Tables<'t> {
    pub(super) store: Store,
    pub(super) scope: Scope<'t>,
    pub(super) period: Period,
    pub(super) files: &'t [String],
}

/// What is known of the input files as files.
pub(super) struct FilesRead<'f> {
    pub(super) coverage: &'f [FileCoverage],
    pub(super) rejected: &'f [RejectedLine],
    pub(super) provenance: &'f Provenance,
    /// Records whose partner their device never logged.
    pub(super) lone: Vec<(u8, Lone)>,
    /// Audit devices, by number.
    pub(super) devices: &'f Devices,
}

/// What is watched while operations come by in their order.
struct Watched<'a, 'c> {
    /// What the log says of policies and roles, where any are stated.
    usage: Option<UsageRows<'a, 'c>>,
    /// Who called whom in a mesh.
    calls: Calls,
}

/// What the walk over all operations leaves beside rows.
#[derive(Default)]
pub(super) struct Walked {
    /// Events of which many make a burst.
    pub(super) suspects: Vec<Suspect>,
    /// Refused logins that say no reason in clear, by mount.
    pub(super) unexplained: BTreeMap<String, u64>,
    /// What the log says of policies and roles, where any are stated.
    pub(super) usage: Option<Usage>,
    /// Who called whom in a mesh, where an access log of its proxies was read.
    pub(super) calls: Option<Calls>,
}

impl<'t> Tables<'t> {
    /// Empty ones.
    pub(super) fn new(scope: Scope<'t>, period: Period, files: &'t [String]) -> Tables<'t> {
        Tables {
            store: Store::new(),
            scope,
            period,
            files,
        }
    }

    /// Adds rows of a table that are made elsewhere.
    pub(super) fn append(&mut self, rows: Batch) -> Result<(), Error> {
        Ok(self.store.append(rows)?)
    }

    /// Adds the rows of a table that is written row by row, once they are as many as are added at a
    /// time.
    fn append_full(&mut self, rows: &mut Batch) -> Result<(), Error> {
        match rows.is_full() {
            true => self.append(rows.take()),
            false => Ok(()),
        }
    }

    /// Edges between logins, jobs, services and persons.
    pub(super) fn edges(&mut self, identity: &Identity) -> Result<(), Error> {
        let mut rows = Batch::new(&edge::SCHEMA);
        for found in identity.edges(&self.scope) {
            if self.period.contains(found.left_at) || self.period.contains(found.right_at) {
                edge_row(&mut rows, &found, self.files, self.period)?;
            }
            self.append_full(&mut rows)?;
        }
        self.append(rows)
    }

    /// Events and chains, and the edges and mismatches that follow from operations.
    pub(super) fn operations(
        &mut self,
        operations: Spool,
        identity: &Identity,
        handles: &HashMap<Sym, String>,
        readers: Readers,
        posture: &Posture<'_>,
    ) -> Result<Walked, Error> {
        let (scope, period) = (self.scope, self.period);
        let ownership = Ownership::new(&identity.directory);
        let joined = Joined {
            identity,
            names: handles,
            scope,
            period,
            files: self.files,
            readers: &readers,
            ownership: &ownership,
        };
        let start = || {
            let mut walk = OperationWalk::new(joined);
            move |block| walk.block(block)
        };
        let blocks = operations.into_blocks()?;
        let mut watched = Watched {
            usage: UsageRows::new(posture, period),
            calls: Calls::default(),
        };
        let mut walked = Walked::default();
        in_turn(
            blocks.map(|block| block.map_err(Error::from)),
            threads(),
            start,
            |rows| self.block(rows?, &mut watched, &mut walked),
        )?;
        let calls = watched.calls;
        let last = period.to.plus_micros(-1);
        let mut rows = Batch::new(&edge::SCHEMA);
        for found in identity.mesh_edges(&calls.services(), last, &scope) {
            edge_row(&mut rows, &found, self.files, period)?;
            self.append_full(&mut rows)?;
        }
        self.append(rows)?;
        let usage = watched.usage;
        walked.usage = usage.and_then(|rows| rows.finish(identity, &scope));
        walked.calls = (!calls.is_empty()).then_some(calls);
        Ok(walked)
    }

    /// Writes the rows of a block of operations, and takes what else follows from it.
    fn block(
        &mut self,
        rows: BlockRows,
        watched: &mut Watched<'_, '_>,
        walked: &mut Walked,
    ) -> Result<(), Error> {
        let (symbols, credential) = (rows.events.symbols(), event::CREDENTIAL_ID);
        for (record, row) in rows.records.iter().zip(0..) {
            let told = Told { record, symbols };
            if let Some(usage) = watched.usage.as_mut() {
                usage.operation(told, rows.events.text(row, credential), self.files)?;
            }
            if record.system == System::Mesh && self.period.contains(record.at) {
                watched.calls.add(mesh_call(told));
            }
        }
        walked.suspects.extend(rows.suspects);
        for (mount, count) in rows.unexplained {
            *walked.unexplained.entry(mount).or_default() += count;
        }
        for batch in [rows.events, rows.chains, rows.edges, rows.mismatches] {
            self.append(batch)?;
        }
        Ok(())
    }

    /// Many refusals in little time.
    pub(super) fn bursts(&mut self, suspects: Vec<Suspect>) -> Result<(), Error> {
        let mut rows = Batch::new(&burst::SCHEMA);
        for burst in bursts(suspects, limits) {
            burst_rows(&mut rows, &burst, self.files)?;
            self.append_full(&mut rows)?;
        }
        self.append(rows)
    }

    /// Mismatches, in the given order.
    pub(super) fn mismatches(
        &mut self,
        found: impl Iterator<Item = Mismatch>,
    ) -> Result<(), Error> {
        let mut rows = Batch::new(&mismatch::SCHEMA);
        for found in found {
            mismatch_row(&mut rows, &found, self.files, self.period)?;
            self.append_full(&mut rows)?;
        }
        self.append(rows)
    }

    /// What exports and the configuration state.
    pub(super) fn exports(
        &mut self,
        identity: &Identity,
        grants: &[Grant],
        exposures: Vec<Exposure>,
        config_file: &str,
    ) -> Result<(), Error> {
        let export = Export {
            directory: &identity.directory,
            idp: &identity.idp,
            scope: self.scope,
            files: self.files,
            period: self.period,
        };
        let store = &mut self.store;
        let mut add = |rows: Batch| Ok(store.append(rows)?);
        export.jobs(&mut add)?;
        export.attributes(&mut add)?;
        for rows in [
            export.services()?,
            export.principals()?,
            export.grants(grants)?,
            export.exposures(exposures)?,
            setting_rows(self.scope, &identity.idp, config_file),
        ] {
            self.append(rows)?;
        }
        Ok(())
    }

    /// Tokens, leases and keys, how well logins could be joined by mount and day, and what bears
    /// the id of another.
    pub(super) fn joins(
        &mut self,
        identity: &mut Identity,
        handles: &HashMap<Sym, String>,
        untied: &[Tie],
        (records, restated): (Vec<Conflict>, &[Restated]),
    ) -> Result<(), Error> {
        let mut rows = Batch::new(&credential::SCHEMA);
        let scope = self.scope;
        for found in identity.credentials(handles, &scope) {
            credential_row(&mut rows, &found, self.files, self.period)?;
            self.append_full(&mut rows)?;
        }
        self.append(rows)?;
        let days = identity.readiness(By::MountAndDay, self.period, &self.scope);
        let rows = readiness_rows(&days, &identity.directory, self.files)?;
        self.append(rows)?;
        let tokens = identity.reissued(handles);
        let untied = untied.iter().map(|tie| identity.untied(tie, handles));
        let untied: Vec<Reissued> = untied.collect();
        let jobs = &identity.directory.job_conflicts;
        let (files, period) = (self.files, self.period);
        let rows = conflict_rows(records, jobs, &tokens, &untied, files, period)?;
        self.append(rows)?;
        self.append(restated_rows(restated))
    }

    /// Files, their rejected lines and lone records, and how they were collected.
    pub(super) fn files(&mut self, read: FilesRead<'_>) -> Result<(), Error> {
        let coverage = read.coverage;
        self.append(coverage_rows(coverage))?;
        self.append(rejected_rows(read.rejected))?;
        let (files, period) = (self.files, self.period);
        self.append(orphan_rows(
            read.lone,
            read.devices,
            coverage,
            files,
            period,
        )?)?;
        self.append(read.provenance.rows(coverage))
    }
}

/// VLT-EVT-006: 10 denials over 3 paths in 10 minutes. VLT-EVT-007: 5 failed logins in 10 minutes.
fn limits(kind: &str) -> Limits {
    let window = 600 * 1_000_000;
    match kind {
        "denied" => Limits {
            events: 10,
            paths: 3,
            window,
        },
        _ => Limits {
            events: 5,
            paths: 1,
            window,
        },
    }
}
