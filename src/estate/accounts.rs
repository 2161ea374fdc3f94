//! The accounting of every input file while it is read.

use std::collections::{BTreeMap, BTreeSet};

use super::formats;
use super::mass::{Cluster, Mass, Run, clusters, runs};
use super::rejected::Rejected;
use crate::identity::{Mismatch, MismatchKind};
use crate::model::{
    Digest, Exports, FileCoverage, FileId, Period, Place, RejectedLine, Source, Timestamp,
};
use crate::snapshot::named::{self, Export};
use crate::source::{Contradiction, InputFile, Tally};

/// Source cell of files that nothing reads.
const UNRECOGNISED: &str = "unrecognised";

/// No log of these systems is older (GitLab's first release), in microseconds.
const OLDEST: Timestamp = Timestamp(1_318_000_000_000_000);

/// How many of a file's earliest and of its latest records are kept to be named.
pub(super) const NAMED: usize = 4;

/// What was counted of one file so far.
#[derive(Debug, Default)]
struct Account {
    parsed: u64,
    skipped: BTreeMap<String, u64>,
    rejected: u64,
    duplicates: u64,
    sources: BTreeMap<&'static str, u64>,
    /// Times of the file's events; dropped when the file ends.
    times: Vec<Timestamp>,
    /// The earliest and the latest records, by time.
    earliest: Vec<(Timestamp, Place)>,
    latest: Vec<(Timestamp, Place)>,
    /// Times of a record that spans some, which is counted once.
    spans: Vec<Timestamp>,
    /// Places of units that were read and are refused after all.
    refused: BTreeSet<(u64, u64)>,
    ended: Option<Ended>,
    inside: u64,
    outside: u64,
}

impl Account {
    /// Why a file is damaged that lies where an export lies and holds none; an error's text that a
    /// redirection caught, an empty file. A list may hold nothing.
    fn holds_no_export(&self, path: &str, bytes: u64) -> Option<String> {
        if self.parsed + self.rejected > 0 {
            return None;
        }
        let export = named::export(path)?;
        let mut whys = self.skipped.keys().filter(|why| *why != "blank");
        match whys.next() {
            Some(why) => Some(format!("where an export lies: {why}")),
            None if export == Export::List && self.skipped.is_empty() && bytes > 0 => None,
            None => Some("where an export lies: empty".to_owned()),
        }
    }
}

#[derive(Debug)]
struct Ended {
    bytes: u64,
    sha256: Digest,
    source: Option<&'static str>,
    clusters: Vec<Cluster>,
    /// Where its times leap, in the order of the file.
    runs: Vec<Run>,
    /// First and last time of a record that spans some.
    span: Option<(Timestamp, Timestamp)>,
    hours: Vec<(Timestamp, u64)>,
}

impl Ended {
    /// Its records, as far as they are of the mass; all of them where none is.
    fn of_mass(&self, mass: Option<Mass>) -> Vec<Cluster> {
        let inside = |cluster: &&Cluster| mass.is_none_or(|mass| mass.contains(cluster.first));
        let kept: Vec<Cluster> = self.clusters.iter().filter(inside).copied().collect();
        if kept.is_empty() {
            self.clusters.clone()
        } else {
            kept
        }
    }
}

/// The longest time without a record, in whole seconds.
fn longest_silence(clusters: &[Cluster]) -> u64 {
    let within = clusters.iter().map(|cluster| cluster.silence);
    let between = clusters.windows(2).map(|pair| match pair {
        [before, after] => after.first.0.saturating_sub(before.last.0),
        _ => 0,
    });
    u64::try_from(within.chain(between).max().unwrap_or(0) / 1_000_000).unwrap_or(0)
}

/// Records per hour, of sorted times.
fn by_hour(times: &[Timestamp]) -> Vec<(Timestamp, u64)> {
    let mut hours: Vec<(Timestamp, u64)> = Vec::new();
    for at in times {
        match hours.last_mut() {
            Some((hour, count)) if *hour == at.hour() => *count += 1,
            _ => hours.push((at.hour(), 1)),
        }
    }
    hours
}

/// The accounts of all files.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    files: Vec<Account>,
    names: Vec<String>,
    rejected: Rejected,
    /// Files that could not be opened, with the reason.
    pub(super) unreadable: Vec<(String, String)>,
    /// Files whose path and content say different things.
    pub(super) contradictions: Vec<Contradiction>,
    /// The period events are counted against as they come, if it is known beforehand.
    period: Option<Period>,
}

impl Accounts {
    pub(super) fn new(files: &[InputFile], period: Option<Period>) -> Accounts {
        Accounts {
            files: files.iter().map(|_| Account::default()).collect(),
            names: files.iter().map(|file| file.name.clone()).collect(),
            period,
            ..Accounts::default()
        }
    }

    pub(super) fn name(&self, file: FileId) -> &str {
        self.names.get(file.0 as usize).map_or("", String::as_str)
    }

    /// Adds what became of the records of one block.
    pub(super) fn block(&mut self, file: FileId, tally: Tally) {
        let path = self.name(file).to_owned();
        let Some(account) = self.files.get_mut(file.0 as usize) else {
            return;
        };
        account.parsed += tally.parsed;
        account.rejected += tally.rejected.len() as u64 + tally.rejected_more;
        for (reason, count) in tally.skipped {
            *account.skipped.entry(reason.into_owned()).or_default() += count;
        }
        for (source, count) in tally.sources {
            *account.sources.entry(source).or_default() += count;
        }
        for damage in tally.rejected {
            self.rejected.add(RejectedLine {
                path: path.clone(),
                line: damage.place.line,
                byte: damage.place.byte,
                reason: damage.reason.into_owned(),
                sha256: damage.place.sha256,
            });
        }
    }

    /// Takes back that a unit was read: what it holds is refused by whom it is meant for.
    pub(super) fn refused(&mut self, place: Place, reason: &str) {
        let path = self.name(place.file).to_owned();
        let Some(account) = self.files.get_mut(place.file.0 as usize) else {
            return;
        };
        // A unit may hold several policies, and two of them may be refused.
        if account.parsed == 0 || !account.refused.insert((place.line, place.byte)) {
            return;
        }
        account.parsed -= 1;
        account.rejected += 1;
        self.rejected.add(RejectedLine {
            path,
            line: place.line,
            byte: place.byte,
            reason: reason.to_owned(),
            sha256: place.sha256,
        });
    }

    /// How many records became anything.
    pub(super) fn units(&self) -> u64 {
        let of = |account: &Account| {
            let skipped: u64 = account.skipped.values().sum();
            account.parsed + account.rejected + skipped
        };
        self.files.iter().map(of).sum()
    }

    /// Adds the time of one record of a file.
    pub(super) fn time(&mut self, at: Timestamp, place: Place) {
        let Some(account) = self.files.get_mut(place.file.0 as usize) else {
            return;
        };
        account.times.push(at);
        let full = |kept: &[(Timestamp, Place)]| kept.len() >= NAMED;
        if !full(&account.earliest) || account.earliest.last().is_some_and(|(last, _)| at < *last) {
            account.earliest.push((at, place));
            account.earliest.sort_unstable();
            account.earliest.truncate(NAMED);
        }
        if !full(&account.latest) || account.latest.first().is_some_and(|(first, _)| *first < at) {
            account.latest.push((at, place));
            account.latest.sort_unstable();
            let more = account.latest.len().saturating_sub(NAMED);
            account.latest.drain(..more);
        }
    }

    /// Adds the first or last time of a record that spans some.
    pub(super) fn spanned(&mut self, file: FileId, at: Timestamp) {
        if let Some(account) = self.files.get_mut(file.0 as usize) {
            account.spans.push(at);
        }
    }

    /// Adds records that were seen before.
    pub(super) fn duplicates(&mut self, file: FileId, count: u64) {
        if let Some(account) = self.files.get_mut(file.0 as usize) {
            account.duplicates += count;
        }
    }

    /// Ends a file. What stopped its reading early is a rejected unit of its own.
    pub(super) fn end(
        &mut self,
        file: FileId,
        bytes: u64,
        sha256: Digest,
        torn: Option<(String, u64, u64)>,
        source: Option<&'static str>,
    ) {
        let path = self.name(file).to_owned();
        let Some(account) = self.files.get_mut(file.0 as usize) else {
            return;
        };
        if let Some((reason, line, byte)) = torn {
            account.rejected += 1;
            self.rejected.add(RejectedLine {
                path,
                line,
                byte,
                reason,
                sha256,
            });
        } else if let Some(reason) = account.holds_no_export(&path, bytes) {
            account.skipped.clear();
            account.rejected = 1;
            self.rejected.add(RejectedLine {
                path,
                line: 1,
                byte: 0,
                reason,
                sha256,
            });
        }
        let mut times = std::mem::take(&mut account.times);
        let runs = runs(&times);
        times.sort_unstable();
        let spans = std::mem::take(&mut account.spans);
        let span = spans.iter().min().copied().zip(spans.iter().max().copied());
        let ended = Ended {
            bytes,
            sha256,
            source,
            clusters: clusters(&times),
            runs,
            span,
            hours: by_hour(&times),
        };
        account.ended = Some(ended);
        // A derived period holds every event.
        let period = self.period.unwrap_or(Period::ALL);
        let inside = times.iter().filter(|at| period.contains(**at)).count() as u64;
        account.inside += inside;
        account.outside += times.len() as u64 - inside;
        if let Some((first, last)) = span {
            let touches = first < period.to && period.from <= last;
            account.inside += u64::from(touches);
            account.outside += u64::from(!touches);
        }
    }

    /// The time that the mass of all logs speaks of.
    pub(super) fn mass(&self) -> Option<Mass> {
        let ended = self
            .files
            .iter()
            .filter_map(|account| account.ended.as_ref());
        let clusters = ended.flat_map(|ended| {
            let span = ended.span.map(|(first, last)| Cluster {
                first,
                last,
                count: 1,
                silence: 0,
            });
            ended.clusters.iter().copied().chain(span)
        });
        Mass::of(clusters.collect(), self.period)
    }

    /// Says of the period that was derived what lies outside it after all.
    pub(super) fn derived(&mut self, period: Period) {
        if self.period.is_some() {
            return;
        }
        for account in &mut self.files {
            let clusters = account.ended.iter().flat_map(|ended| &ended.clusters);
            let stray = clusters.filter(|cluster| !period.contains(cluster.first));
            let stray: u64 = stray.map(|cluster| cluster.count).sum();
            account.inside = account.inside.saturating_sub(stray);
            account.outside += stray;
        }
    }

    /// Records whose time is far from all others', and files that are not what their path says, as
    /// facts about those files.
    pub(super) fn strays(&self) -> Vec<Mismatch> {
        let mut found: Vec<Mismatch> = self
            .contradictions
            .iter()
            .map(|c| self.misplaced(c))
            .collect();
        let Some(mass) = self.mass() else {
            return found;
        };
        for (account, name) in self.files.iter().zip(&self.names) {
            let source = account.ended.as_ref().and_then(|ended| ended.source);
            let ordered = source
                .and_then(formats::source)
                .is_some_and(Source::is_ordered);
            let stray =
                |at: Timestamp| !mass.contains(at) && (ordered || at < OLDEST || mass.last < at);
            let mut kept: Vec<_> = account.earliest.iter().chain(&account.latest).collect();
            kept.sort_unstable();
            kept.dedup();
            for (at, place) in kept.into_iter().filter(|(at, _)| stray(*at)) {
                found.push(
                    Mismatch::new(
                        MismatchKind::RecordOutOfTime,
                        (format!("input:{name}"), format!("input:{name}")),
                        (format!("{} to {}", mass.first, mass.last), at.to_string()),
                        (*at, *place),
                    )
                    .of_configuration(true),
                );
            }
        }
        found
    }

    /// Takes the times from jobs that lie far from all others': nobody knows when those ran, and what
    /// their tokens did came neither before nor after. Of a job that is listed twice the two are
    /// compared as they are.
    pub(super) fn undated(&self, mut exports: Exports) -> Exports {
        let Some(mass) = self.mass() else {
            return exports;
        };
        let is_stray = |at: &Timestamp| *at < OLDEST || mass.is_long_over(*at);
        let mut strays: BTreeMap<(u64, u64), u32> = BTreeMap::new();
        for job in &exports.jobs {
            let times = [job.created_at, job.started_at, job.finished_at];
            if times.iter().flatten().any(is_stray) {
                strays.insert((job.project_id, job.id), 0);
            }
        }
        for job in &exports.jobs {
            if let Some(copies) = strays.get_mut(&(job.project_id, job.id)) {
                *copies += 1;
            }
        }
        for job in &mut exports.jobs {
            if strays.get(&(job.project_id, job.id)) == Some(&1) {
                job.created_at = job.created_at.filter(|at| !is_stray(at));
                job.started_at = job.started_at.filter(|at| !is_stray(at));
                job.finished_at = job.finished_at.filter(|at| !is_stray(at));
            }
        }
        exports
    }

    /// The hours in which a record far from the mass belongs, by its place; none where nothing tells.
    pub(super) fn belongs(&self, stray: &Mismatch, mass: Mass) -> Option<Period> {
        let account = self.files.get(stray.place.file.0 as usize)?;
        let ended = account.ended.as_ref()?;
        let source = formats::source(ended.source?)?;
        let hours = || mass.belongs(stray.at, &ended.runs);
        source.is_ordered().then(hours).flatten()
    }

    fn misplaced(&self, found: &Contradiction) -> Mismatch {
        let file = format!("input:{}", self.name(found.place.file));
        Mismatch::new(
            MismatchKind::ContentContradictsPath,
            (file.clone(), file),
            (found.path.to_owned(), found.content.to_owned()),
            (Timestamp(0), found.place),
        )
        .of_configuration(true)
    }

    /// The finished accounts, by path, and the lines that could not be read, by path and place.
    pub(super) fn finish(self) -> (Vec<FileCoverage>, Vec<RejectedLine>) {
        let mass = self.mass();
        let rejected = self.rejected.finish();
        let coverage =
            self.files
                .into_iter()
                .zip(self.names)
                .zip(0u32..)
                .map(|((account, path), number)| {
                    let skipped: u64 = account.skipped.values().sum();
                    let most = account
                        .sources
                        .iter()
                        .max_by_key(|(name, count)| (**count, std::cmp::Reverse(*name)));
                    let ended = account.ended;
                    let clusters = ended.as_ref().map(|ended| ended.of_mass(mass));
                    let clusters = clusters.unwrap_or_default();
                    let span = ended.as_ref().and_then(|ended| ended.span);
                    let (begins, ends) = span.unzip();
                    let first = ended.as_ref().and_then(|ended| ended.source);
                    let source = first
                        .or(most.map(|(name, _)| *name))
                        .unwrap_or(UNRECOGNISED);
                    FileCoverage {
                        file: FileId(number),
                        path,
                        source: source.to_owned(),
                        first_at: clusters.first().map(|cluster| cluster.first).or(begins),
                        last_at: clusters.last().map(|cluster| cluster.last).or(ends),
                        lines: account.parsed + skipped + account.rejected,
                        parsed: account.parsed,
                        skipped,
                        rejected: account.rejected,
                        duplicates: account.duplicates,
                        bytes: ended.as_ref().map_or(0, |ended| ended.bytes),
                        sha256: ended.as_ref().map_or(Digest([0; 32]), |ended| ended.sha256),
                        longest_silence_s: longest_silence(&clusters),
                        in_period: account.inside,
                        outside_period: account.outside,
                        hours: ended.map(|ended| ended.hours).unwrap_or_default(),
                        skip_reasons: account.skipped.into_iter().collect(),
                        is_log: formats::source(source).is_some_and(Source::is_log),
                    }
                });
        let mut coverage: Vec<FileCoverage> = coverage.collect();
        coverage.sort_by(|a, b| a.path.cmp(&b.path));
        (coverage, rejected)
    }
}
