//! From what was read to an estate: joined, in tables, with what is missing from it.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;
use std::sync::Arc;

use hashbrown::HashMap;

use super::accounts::Accounts;
use super::delta_rows::{PolicyChange, delta_rows};
use super::extent::{
    Ear, Minutes, Quiet, Read, ended, out_of_time, silence_rows, unanswered, unlike_projects,
    unlike_servers, unplaced_policies, unsigned,
};
use super::gather::Gathered;
use super::operation_log::OperationLog;
use super::origins::Origins;
use super::provenance::Provenance;
use super::restated::{Stated as Restating, restated};
use super::tables::{FilesRead, Tables, Walked};
use super::{Error, Estate, JoinedEstate};
use crate::identity::{
    By, Directory, Identity, Ledger, Mismatch, MismatchKind, Readers, Scope, Tie,
};
use crate::model::{
    AuditDevice, Bridge, Exports, Exposure, FileCoverage, Grant, Hole, Period, Phase, Place,
    RejectedLine, Restated, SourceText, Watch,
};
use crate::posture::{Posture, Stated, StatedPolicy, stated_facts};
use crate::rule::{Facts, REASONS};
use crate::source::InputFile;
use crate::table::engine::Spool;
use crate::table::row::Sym;

/// Microseconds of a day: how long a log may be silent unless the configuration says otherwise.
const DAY: i64 = 86_400_000_000;

/// What of the exports goes on beside the directory.
struct Exported {
    policies: Vec<StatedPolicy>,
    grants: Vec<Grant>,
    exposures: Vec<Exposure>,
    texts: Vec<SourceText>,
    /// The things that are stated twice and differently, once that is asked.
    restated: Vec<Restated>,
}

/// What the logs show of what they are about: holes where it is in no export, or where the log
/// itself leaves something out, and the logs of Google's that are there.
struct Shown {
    holes: Vec<Hole>,
    logs: Vec<String>,
}

/// What is joined, its rows written.
struct Joined {
    identity: Identity,
    /// Names of credentials by handle.
    handles: HashMap<Sym, String>,
    /// Handles that a repetition names otherwise, and that nothing ties.
    untied: Vec<Tie>,
    walked: Walked,
    stated: Vec<Mismatch>,
    /// Policies that the server would refuse, with the reason.
    refused: Vec<(Place, String)>,
}

/// What became of every file.
struct Accounted {
    coverage: Vec<FileCoverage>,
    rejected: Vec<RejectedLine>,
    unreadable: Vec<(String, String)>,
    provenance: Provenance,
    /// The records whose time is far from all others': their files, and the hours that they belong in.
    strays: Vec<(String, Option<Period>)>,
}

/// Joins what was read and writes every table; the caller adds where the files lie.
pub(super) fn tabulate(
    gathered: Gathered,
    inputs: &[InputFile],
    period: Period,
    scope: Scope<'_>,
    config_file: &str,
    watch: &mut dyn Watch,
) -> Result<JoinedEstate, Error> {
    let (events, minutes) = (gathered.events, gathered.minutes);
    let devices = &gathered.devices;
    let exports = gathered.accounts.undated(gathered.exports);
    let job_records = exports.jobs.len() as u64;
    let (directory, mut exported) = Exported::of(exports, &events.project_numbers, scope);
    let shown = Shown::of(&events, &directory, &exported.grants, period);
    let names: Vec<String> = inputs.iter().map(|file| file.name.clone()).collect();
    let mut tables = Tables::new(scope, period, &names);
    let log = (events.ledger, events.spool, events.project_numbers);
    let mut joined = join(&mut tables, log, directory, &exported, watch)?;
    tables.bursts(take(&mut joined.walked.suspects))?;
    let identity = &mut joined.identity;
    let refused = &joined.refused;
    let (accounted, strays) = Accounted::of(gathered.accounts, refused, scope, identity, inputs);
    let breaks = identity.ledger.devices.breaks(&devices.names);
    let found = identity.mismatches(&scope, period).into_iter();
    let stated = take(&mut joined.stated);
    tables.mismatches(found.chain(breaks).chain(stated).chain(strays))?;
    tables.append(delta_rows(&events.changes, &names, period)?)?;
    let exposures = take(&mut exported.exposures);
    tables.exports(identity, &exported.grants, exposures, config_file)?;
    exported.restate(&identity.directory, &accounted.provenance, &names);
    let repeated = (events.conflicts, exported.restated.as_slice());
    tables.joins(identity, &joined.handles, &joined.untied, repeated)?;
    tables.files(FilesRead {
        coverage: &accounted.coverage,
        rejected: &accounted.rejected,
        provenance: &accounted.provenance,
        lone: events.lone,
        devices,
    })?;
    let silent = Silent::of(&minutes, &accounted.provenance, period, scope);
    tables.append(silence_rows(&silent.quiet, &names)?)?;
    let (store, directory) = (&tables.store, &joined.identity.directory);
    let bridges = events.bridges;
    let bridges = bridges.finish(store, job_records, directory, period)?;
    let unexplained = reasons(take(&mut joined.walked.unexplained));
    let unsigned = unsigned(&joined.identity, &scope);
    let told = shown.holes.into_iter().chain(unexplained).chain(unsigned);
    let whole = (&accounted, &exported, &joined.identity);
    let told = (devices.names.len(), told.collect());
    let holes = holes(&minutes, &silent, whole, (period, &names), told);
    let logs = minutes.names().map(str::to_owned).chain(shown.logs);
    let found = Found {
        holes,
        ended: silent.ended,
        logs: logs.collect(),
        bridges,
        devices: devices.logged.clone(),
    };
    Ok(estate(tables, joined, accounted, exported, found))
}

/// What the inputs say of themselves.
struct Found {
    holes: Vec<Hole>,
    ended: Vec<Hole>,
    logs: BTreeSet<String>,
    bridges: Vec<(String, Bridge)>,
    devices: Vec<AuditDevice>,
}

/// Everything in one place.
fn estate(
    tables: Tables<'_>,
    joined: Joined,
    accounted: Accounted,
    exported: Exported,
    found: Found,
) -> JoinedEstate {
    let (scope, period) = (tables.scope, tables.period);
    let identity = joined.identity;
    let tabled = Estate {
        readiness: identity.readiness(By::Role, period, &scope),
        store: tables.store,
        origins: Origins::of(&identity),
        handles: identity.other_handles(&joined.handles),
        met: identity.met(),
        shift: identity.shift,
        hidden_addresses: identity.hidden_addresses.clone(),
        attributes: Arc::clone(&identity.directory.attributes),
        services: Arc::clone(&identity.directory.services),
        runner_addresses: identity.runner_addresses(),
        coverage: accounted.coverage,
        bridges: found.bridges,
        devices: found.devices,
        rejected: accounted.rejected,
        unreadable: accounted.unreadable,
        files: Vec::new(),
        stored: Vec::new(),
        streams: None,
        inputs: None,
        period,
        period_derived: false,
        as_of: scope.as_of,
        policies: exported.policies,
        grants: exported.grants,
        texts: exported.texts,
        usage: joined.walked.usage,
        calls: joined.walked.calls,
        holes: found.holes,
        restated: exported.restated,
        ended: found.ended,
        provenance: accounted.provenance,
        logs: found.logs,
    };
    JoinedEstate {
        tabled,
        identity,
        names: joined.handles,
    }
}

impl Exported {
    /// Asks what is stated twice and differently.
    fn restate(&mut self, directory: &Directory, provenance: &Provenance, files: &[String]) {
        self.restated = restated(Restating {
            directory,
            policies: &self.policies,
            grants: &self.grants,
            provenance,
            files,
        });
    }

    /// Parts what is looked up by name from the rest.
    fn of(
        mut exports: Exports,
        project_numbers: &BTreeMap<String, String>,
        scope: Scope<'_>,
    ) -> (Directory, Exported) {
        let directory = Directory::new(&mut exports, project_numbers);
        let Exports {
            mut policies,
            mut grants,
            exposures,
            texts,
            ..
        } = exports;
        policies.sort_by(|a, b| (&a.name, a.place).cmp(&(&b.name, b.place)));
        grants.sort();
        let exported = Exported {
            policies: StatedPolicy::parse(policies, scope.settings, scope.as_of),
            grants,
            exposures,
            texts,
            restated: Vec::new(),
        };
        (directory, exported)
    }
}

impl Shown {
    fn of(events: &OperationLog, directory: &Directory, grants: &[Grant], period: Period) -> Shown {
        let numbers = &events.project_numbers;
        let unexported = events
            .named
            .holes(&directory.services, &directory.attributes, numbers);
        let moved = events.changes.iter().filter_map(PolicyChange::member);
        let moved: BTreeSet<String> = moved.collect();
        let ungranted = events.access.hole(grants, numbers, &moved);
        let whole = ungranted.is_none();
        let untold = events.makings.holes(&directory.attributes, numbers, period);
        let logs = events.access.logs(&directory.attributes, grants, whole);
        Shown {
            holes: unexported
                .into_iter()
                .chain(ungranted)
                .chain(unanswered(&events.lone, period))
                .chain(events.access.pauses(period))
                .chain(events.beats.holes())
                .chain(events.factors.hole())
                .chain(events.unsaid.holes(period))
                .chain(events.sides.holes(&events.lone))
                .chain(events.shortened.holes())
                .chain(events.in_use.holes(&directory.attributes))
                .chain(untold)
                .collect(),
            logs: logs.into_iter().collect(),
        }
    }
}

/// Resolves who did what, and writes the rows of edges, events and chains.
fn join(
    tables: &mut Tables<'_>,
    (ledger, spool, numbers): (Ledger, Spool, BTreeMap<String, String>),
    directory: Directory,
    exported: &Exported,
    watch: &mut dyn Watch,
) -> Result<Joined, Error> {
    let (scope, files) = (tables.scope, tables.files);
    let attributes = Arc::clone(&directory.attributes);
    let services = Arc::clone(&directory.services);
    let facts = Facts::new(BTreeSet::new(), scope.settings);
    let posture = Posture::new(Stated {
        settings: scope.settings,
        facts: &facts,
        attributes: &attributes,
        policies: &exported.policies,
        services: &services,
        grants: &exported.grants,
        texts: &[],
        files,
        as_of: scope.as_of,
    });
    let mut ledger = ledger;
    let untied = ledger.tie();
    let mut identity = Identity::resolve(ledger, directory, &scope);
    let handles = identity.credential_names();
    watch.ended(Phase::Join, identity.ledger.ops.len() as u64);
    tables.edges(&identity)?;
    let readers = Readers::new(&exported.grants, numbers);
    let walked = tables.operations(spool, &identity, &handles, readers, &posture)?;
    let refused = posture.refused.iter();
    let refused = refused.map(|refused| (refused.stated.text.place, refused.reason()));
    let conditions = posture.things.of("ci-file").filter_map(|thing| {
        let why = thing.value("refused")?;
        Some((thing.place()?, format!("GitLab refuses the file: {why}")))
    });
    let refused = refused.chain(conditions);
    Ok(Joined {
        refused: refused.collect(),
        stated: stated_facts(&posture),
        identity,
        handles,
        untied,
        walked,
    })
}

impl Accounted {
    /// Closes the accounts, and gives what they find; the directory learns which of its lists are
    /// counted.
    fn of(
        mut accounts: Accounts,
        refused: &[(Place, String)],
        scope: Scope<'_>,
        identity: &mut Identity,
        inputs: &[InputFile],
    ) -> (Accounted, Vec<Mismatch>) {
        for (place, reason) in refused {
            accounts.refused(*place, reason);
        }
        let strays = accounts.strays();
        let stray = strays
            .iter()
            .filter(|it| it.kind == MismatchKind::RecordOutOfTime);
        let mass = accounts.mass();
        let of = stray.map(|it| {
            (
                it.subject.clone(),
                mass.and_then(|mass| accounts.belongs(it, mass)),
            )
        });
        let of = of.collect();
        let unreadable = accounts.unreadable.clone();
        let (coverage, rejected) = accounts.finish();
        let provenance = Provenance::new(scope.settings, &identity.directory, inputs);
        identity.directory.counted = provenance.counted(&coverage);
        let accounted = Accounted {
            coverage,
            rejected,
            unreadable,
            provenance,
            strays: of,
        };
        (accounted, strays)
    }
}

/// Where the logs say nothing.
struct Silent {
    /// The stretches in which a log should have spoken.
    quiet: Vec<Quiet>,
    /// The sources that end before the period does.
    ended: Vec<Hole>,
}

impl Silent {
    fn of(minutes: &Minutes, provenance: &Provenance, period: Period, scope: Scope<'_>) -> Silent {
        let ear = Ear {
            period,
            as_of: scope.as_of,
            silence: scope.settings.thresholds.micros("silence").unwrap_or(DAY),
            continuous: &|files| provenance.continuous(files),
        };
        Silent {
            quiet: ear.silences(minutes),
            ended: ended(minutes, &ear),
        }
    }
}

/// Every hole of the inputs, in order.
fn holes(
    minutes: &Minutes,
    silent: &Silent,
    (accounted, exported, identity): (&Accounted, &Exported, &Identity),
    (period, files): (Period, &[String]),
    (devices, shown): (usize, Vec<Hole>),
) -> Vec<Hole> {
    let provenance = &accounted.provenance;
    let undelivered = provenance.holes(&accounted.coverage, period);
    let unplaced = unplaced_policies(&exported.grants);
    let policies = &exported.policies;
    let unlike = unlike_servers(identity, policies, minutes, files);
    let attributes = &identity.directory.attributes;
    let beside = unlike_projects(&accounted.coverage, attributes, files);
    Read {
        minutes,
        devices,
        coverage: &accounted.coverage,
        unreadable: &accounted.unreadable,
        identity,
        policies,
        period,
        quiet: &silent.quiet,
        ended: &silent.ended,
        vouched: &provenance.files(),
        undelivered: undelivered
            .into_iter()
            .chain(shown)
            .chain(unplaced)
            .chain(unlike)
            .chain(beside)
            .chain(out_of_time(&accounted.coverage, &accounted.strays))
            .collect(),
    }
    .holes()
}

/// What refused logins that say no reason in clear leave open, by mount.
fn reasons(unexplained: BTreeMap<String, u64>) -> impl Iterator<Item = Hole> {
    unexplained.into_iter().map(|(mount, logins)| {
        let words = format!("{logins} refused login(s) at {mount} say no reason in clear");
        Hole::somewhere(REASONS, words)
    })
}
