//! Everything read and joined, in tables: what rules, queries and traces work on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use hashbrown::HashMap;

use super::Error;
use super::accounts::Accounts;
use super::conflict_rows::conflict_rows;
use super::delta_rows::{PolicyChange, delta_rows};
use super::edge_rows::edge_row;
use super::export_rows::{Export, coverage_rows, rejected_rows};
use super::extent::{Ear, Quiet, Read, ended, silence_rows, unplaced_policies};
use super::fact_rows::{burst_rows, credential_row, mismatch_row};
use super::gather::{Gathered, gather};
use super::integrity_rows::{orphan_rows, readiness_rows};
use super::operation_walk::OperationWalk;
use super::provenance::Provenance;
use super::setting_rows::setting_rows;
use super::usage_rows::UsageRows;
use crate::config::Settings;
use crate::identity::{
    By, Directory, Identity, Limits, Readers, Readiness, Reissued, Scope, bursts,
};
use crate::model::{
    Bridge, Exports, FileCoverage, Grant, Hole, Period, Phase, PolicyText, RejectedLine,
    SourceText, Timestamp, Watch,
};
use crate::posture::{Posture, Stated, stated_facts};
use crate::rule::{Facts, REASONS};
use crate::scratch::Scratch;
use crate::source::{InputFile, Links, expand, has_streams, keep_streams};
use crate::store::InputStore;
use crate::table::engine::Store;
use crate::table::row::{Batch, Sym, burst, credential, edge, mismatch};
use crate::usage::Usage;

/// What a run is asked to read.
#[derive(Debug)]
pub struct Request<'r> {
    /// INPUT arguments; empty means `[input] paths`.
    pub inputs: &'r [String],
    /// Paths that are never input.
    pub except: &'r [PathBuf],
    /// What becomes of links that leave the inputs.
    pub links: Links,
    /// Configuration.
    pub settings: &'r Settings,
    /// Name of the configuration file, for evidence of settings; empty without one.
    pub config_file: &'r str,
    /// `--from`.
    pub from: Option<Timestamp>,
    /// `--to`.
    pub to: Option<Timestamp>,
    /// `--as-of`.
    pub as_of: Option<Timestamp>,
}

/// An estate in tables.
pub struct Estate {
    /// The tables.
    pub store: Store,
    /// The joins.
    pub identity: Identity,
    /// Names of credentials by handle.
    pub names: HashMap<Sym, String>,
    /// Accounting of every file, by path.
    pub coverage: Vec<FileCoverage>,
    /// How the records of each source became events and jobs, by source.
    pub bridges: Vec<(String, Bridge)>,
    /// Lines that could not be read.
    pub rejected: Vec<RejectedLine>,
    /// Files that could not be opened, with the reason.
    pub unreadable: Vec<(String, String)>,
    /// The input files, in order.
    pub files: Vec<InputFile>,
    /// The same with the paths at which they can be read again.
    pub stored: Vec<InputFile>,
    /// Holds what came from pipes, until the end.
    streams: Option<Scratch>,
    /// The store that they were read from, if it was one.
    pub inputs: Option<InputStore>,
    /// The period.
    pub period: Period,
    /// Whether the period was derived from the logs.
    pub period_derived: bool,
    /// The moment the run speaks from.
    pub as_of: Timestamp,
    /// How well logins can be joined, by role.
    pub readiness: Vec<Readiness>,
    /// Vault policies, by name.
    pub policies: Vec<PolicyText>,
    /// Accesses that policies grant, sorted.
    pub grants: Vec<Grant>,
    /// Texts of configuration files.
    pub texts: Vec<SourceText>,
    /// What the Vault log says of the policies and roles; none without a record.
    pub usage: Option<Usage>,
    /// What the inputs should hold and do not, in order.
    pub holes: Vec<Hole>,
    /// Sources that fall silent too long before the period ends.
    pub ended: Vec<Hole>,
    /// How the inputs were collected.
    pub provenance: Provenance,
    /// The logs that were read: `vault`, `gcp-audit/data-access`, ...
    pub logs: BTreeSet<String>,
}

/// Microseconds of a day: how long a log may be silent unless the configuration says otherwise.
const DAY: i64 = 86_400_000_000;

impl Estate {
    /// Reads, joins and tabulates.
    ///
    /// # Errors
    ///
    /// When there is nothing to read, the period is reversed, or the tables cannot be kept.
    pub fn read(request: &Request<'_>, watch: &mut dyn Watch) -> Result<Estate, Error> {
        let settings = request.settings;
        let inputs = if request.inputs.is_empty() {
            &settings.input_paths
        } else {
            request.inputs
        };
        let files = expand(inputs, request.except, request.links)?;
        let (stored, streams) = kept(&files)?;
        let mut estate = join(request, &files, &stored, None, watch)?;
        (estate.files, estate.stored, estate.streams) = (files, stored, streams);
        Ok(estate)
    }

    /// The same of what a store keeps, whatever the request names as inputs.
    ///
    /// # Errors
    ///
    /// As [`Estate::read`]; also where the store is not what was written.
    pub fn read_store(
        store: InputStore,
        request: &Request<'_>,
        watch: &mut dyn Watch,
    ) -> Result<Estate, Error> {
        let files = store.files();
        let mut estate = join(request, &files, &files, Some(&store), watch)?;
        (estate.files, estate.stored) = (files.clone(), files);
        estate.inputs = Some(store);
        Ok(estate)
    }
}

/// Reads and joins `stored`, which are the `files` where they can be read again.
fn join(
    request: &Request<'_>,
    files: &[InputFile],
    stored: &[InputFile],
    store: Option<&InputStore>,
    watch: &mut dyn Watch,
) -> Result<Estate, Error> {
    let settings = request.settings;
    let from = request.from.or(settings.period.from);
    let to = request.to.or(settings.period.to);
    let asked = (from.is_some() || to.is_some()).then(|| Period {
        from: from.unwrap_or(Timestamp::MIN),
        to: to.unwrap_or(Timestamp::MAX),
    });
    if let Some(Period { from, to }) = asked.filter(|period| period.to <= period.from) {
        return Err(Error::Period { from, to });
    }
    let mut gathered = gather(stored, store, asked, watch)?;
    watch.ended(Phase::Read, gathered.accounts.units());
    if let Some(fault) = gathered.events.fault.take() {
        return Err(fault.into());
    }
    let derived = derive(&gathered.accounts, asked);
    gathered.accounts.derived(derived);
    let as_of = request
        .as_of
        .or(settings.period.as_of)
        .unwrap_or(derived.to);
    let scope = Scope { settings, as_of };
    let mut estate = tabulate(gathered, files, derived, scope, request.config_file, watch)?;
    watch.ended(Phase::Tabulate, estate.store.all_rows());
    estate.period_derived = from.is_none() || to.is_none();
    Ok(estate)
}

/// The files as they can be read again, and where those are that came from pipes.
fn kept(files: &[InputFile]) -> Result<(Vec<InputFile>, Option<Scratch>), Error> {
    if !has_streams(files) {
        return Ok((files.to_vec(), None));
    }
    let scratch = Scratch::new_in(&std::env::temp_dir(), "piperoll-").map_err(Error::Streams)?;
    let stored = keep_streams(files, scratch.path()).map_err(Error::Streams)?;
    Ok((stored, Some(scratch)))
}

/// The asked period, its open ends closed by the mass of the logs: `[first, last + 1 us)`. Unknown
/// where none was asked and nothing that was read is dated.
fn derive(accounts: &Accounts, asked: Option<Period>) -> Period {
    let mass = accounts.mass().map(|mass| (mass.first, mass.last));
    let Some((first, last)) = mass.or(asked.map(|_| (Timestamp(0), Timestamp(0)))) else {
        return Period::UNKNOWN;
    };
    let asked = asked.unwrap_or(Period::ALL);
    let from = if asked.from == Timestamp::MIN {
        first
    } else {
        asked.from
    };
    let to = if asked.to == Timestamp::MAX {
        last.plus_micros(1)
    } else {
        asked.to
    };
    Period {
        from,
        to: to.max(from),
    }
}

fn tabulate(
    gathered: Gathered,
    inputs: &[InputFile],
    period: Period,
    scope: Scope<'_>,
    config_file: &str,
    watch: &mut dyn Watch,
) -> Result<Estate, Error> {
    let Gathered {
        mut events,
        mut accounts,
        exports,
        devices,
        minutes,
    } = gathered;
    let Exports {
        jobs,
        pipelines,
        services,
        attributes,
        mut policies,
        mut grants,
        exposures,
        texts,
    } = exports;
    let job_records = jobs.len() as u64;
    let directory = Directory::new(
        jobs,
        &pipelines,
        services,
        attributes,
        &events.project_numbers,
    );
    let unexported = events.named.holes(
        &directory.services,
        &directory.attributes,
        &events.project_numbers,
    );
    let moved = events.changes.iter().filter_map(PolicyChange::member);
    let moved: BTreeSet<String> = moved.collect();
    let ungranted = events.access.hole(&grants, &events.project_numbers, &moved);
    let by_service = events
        .access
        .logs(&directory.attributes, &grants, ungranted.is_none());
    let names: Vec<String> = inputs.iter().map(|file| file.name.clone()).collect();
    let files = names.as_slice();
    let (attributes, services) = (
        Arc::clone(&directory.attributes),
        Arc::clone(&directory.services),
    );
    let facts = Facts::new(BTreeSet::new(), scope.settings);
    let posture = Posture::new(Stated {
        settings: scope.settings,
        facts: &facts,
        attributes: &attributes,
        policies: &policies,
        services: &services,
        grants: &grants,
        texts: &[],
        files,
        as_of: scope.as_of,
    });
    let untied = events.ledger.tie();
    let mut identity = Identity::resolve(events.ledger, directory, &scope);
    let handles = identity.credential_names();
    watch.ended(Phase::Join, identity.ledger.ops.len() as u64);
    let mut store = Store::new();

    let mut edges = Batch::new(&edge::SCHEMA);
    for found in identity.edges(&scope) {
        if period.contains(found.left_at) || period.contains(found.right_at) {
            edge_row(&mut edges, &found, files, period)?;
        }
        if edges.is_full() {
            store.append(std::mem::replace(&mut edges, Batch::new(&edge::SCHEMA)))?;
        }
    }
    store.append(edges)?;

    let mut walk = OperationWalk::new(
        &mut identity,
        &handles,
        scope,
        period,
        files,
        Readers::new(&grants, events.project_numbers),
    );
    let mut watched = UsageRows::new(&posture, period);
    walk.write(events.spool, &mut store, watched.as_mut())?;
    let usage = watched.and_then(|rows| rows.finish(walk.identity, &scope));
    let (suspects, unexplained) = (walk.suspects, walk.unexplained);

    let mut found = Batch::new(&burst::SCHEMA);
    for burst in bursts(suspects, limits) {
        burst_rows(&mut found, &burst, files)?;
    }
    store.append(found)?;
    let mut found = Batch::new(&mismatch::SCHEMA);
    let breaks = identity.ledger.devices.breaks(&devices.folders);
    for refused in &posture.refused {
        accounts.refused(refused.place, &refused.reason());
    }
    let stated = stated_facts(&posture);
    drop(posture);
    let strays = accounts.strays();
    let unreadable = accounts.unreadable.clone();
    let (coverage, rejected) = accounts.finish();
    let provenance = Provenance::new(scope.settings, &identity.directory, inputs);
    identity.directory.counted = provenance.counted(&coverage);
    let facts = identity.mismatches(&scope).into_iter();
    for mismatch in facts.chain(breaks).chain(stated).chain(strays) {
        mismatch_row(&mut found, &mismatch, files, period)?;
    }
    store.append(found)?;
    let mut found = Batch::new(&credential::SCHEMA);
    for credential in identity.credentials(&handles, &scope) {
        credential_row(&mut found, &credential, files, period)?;
    }
    store.append(found)?;
    store.append(delta_rows(&events.changes, files, period)?)?;

    let readiness = identity.readiness(By::Role, period, &scope);
    let days = identity.readiness(By::MountAndDay, period, &scope);
    let export = Export {
        directory: &identity.directory,
        idp: &identity.idp,
        scope,
        files,
        period,
    };
    store.append(export.jobs()?)?;
    store.append(export.services()?)?;
    store.append(export.principals()?)?;
    store.append(export.attributes()?)?;
    grants.sort();
    store.append(export.grants(&grants)?)?;
    store.append(export.exposures(exposures)?)?;
    store.append(setting_rows(scope.settings, config_file))?;
    store.append(readiness_rows(&days, &identity.directory, files)?)?;
    let tokens = identity.reissued(&handles);
    let jobs = &identity.directory.job_conflicts;
    let untied: Vec<Reissued> = untied
        .iter()
        .map(|tie| identity.untied(tie, &handles))
        .collect();
    let conflicts = conflict_rows(events.conflicts, jobs, &tokens, &untied, files, period)?;
    store.append(conflicts)?;

    store.append(coverage_rows(&coverage))?;
    store.append(rejected_rows(&rejected))?;
    store.append(orphan_rows(
        events.lone,
        &devices.folders,
        &coverage,
        files,
        period,
    )?)?;
    store.append(provenance.rows(&coverage))?;
    let ear = Ear {
        period,
        as_of: scope.as_of,
        silence: scope.settings.thresholds.micros("silence").unwrap_or(DAY),
        continuous: &|files| provenance.continuous(files),
    };
    let quiet = Quiet::all(&minutes, &ear);
    let ended = ended(&minutes, &ear);
    store.append(silence_rows(&quiet, files)?)?;
    let holes = Read {
        minutes: &minutes,
        coverage: &coverage,
        unreadable: &unreadable,
        identity: &identity,
        policies: &policies,
        period,
        quiet: &quiet,
        ended: &ended,
        vouched: &provenance.files(),
        undelivered: provenance
            .holes(&coverage, period)
            .into_iter()
            .chain(unexported)
            .chain(ungranted)
            .chain(reasons(unexplained))
            .chain(unplaced_policies(&grants))
            .collect(),
    }
    .holes();
    let bridges = events
        .bridges
        .finish(&store, job_records, &identity.directory, period)?;
    policies.sort_by(|a, b| (&a.name, a.place).cmp(&(&b.name, b.place)));
    Ok(Estate {
        store,
        identity,
        names: handles,
        coverage,
        bridges,
        rejected,
        unreadable,
        files: Vec::new(),
        stored: Vec::new(),
        streams: None,
        inputs: None,
        period,
        period_derived: false,
        as_of: scope.as_of,
        readiness,
        policies,
        grants,
        texts,
        usage,
        holes,
        ended,
        provenance,
        logs: minutes
            .names()
            .map(str::to_owned)
            .chain(by_service)
            .collect(),
    })
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

/// What refused logins that say no reason in clear leave open, by mount.
fn reasons(unexplained: BTreeMap<String, u64>) -> impl Iterator<Item = Hole> {
    unexplained.into_iter().map(|(mount, logins)| {
        let words = format!("{logins} refused login(s) at {mount} say no reason in clear");
        Hole::somewhere(REASONS, words)
    })
}
