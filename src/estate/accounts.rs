//! The accounting of every input file while it is read.

use std::collections::BTreeMap;

use crate::model::{Digest, FileCoverage, FileId, Period, RejectedLine, Timestamp};
use crate::source::{InputFile, Tally};

/// Source cell of files that nothing reads.
const UNRECOGNISED: &str = "unrecognised";

/// Sources whose files are streams of dated events; the others are configuration, or belong to a
/// job that is dated elsewhere (pipelines, traces).
const LOGS: [&str; 5] = [
    "vault",
    "gcp-audit",
    "gcp-requests",
    "gitlab-audit",
    "gitlab-jobs",
];

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
    ended: Option<Ended>,
    inside: u64,
    outside: u64,
}

#[derive(Debug)]
struct Ended {
    bytes: u64,
    sha256: Digest,
    source: Option<&'static str>,
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    longest_silence_s: u64,
    hours: Vec<(Timestamp, u64)>,
}

/// The accounts of all files.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    files: Vec<Account>,
    names: Vec<String>,
    rejected: Vec<RejectedLine>,
    /// Files that could not be opened, with the reason.
    pub(super) unreadable: Vec<(String, String)>,
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
        self.rejected.extend(
            tally
                .rejected
                .into_iter()
                .map(|(line, byte, reason)| RejectedLine {
                    path: path.clone(),
                    line,
                    byte,
                    reason: reason.into_owned(),
                }),
        );
    }

    /// Adds the time of one record of a file.
    pub(super) fn time(&mut self, file: FileId, at: Timestamp) {
        if let Some(account) = self.files.get_mut(file.0 as usize) {
            account.times.push(at);
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
            self.rejected.push(RejectedLine {
                path,
                line,
                byte,
                reason,
            });
        }
        let mut times = std::mem::take(&mut account.times);
        times.sort_unstable();
        let silence = times.windows(2).map(|pair| match pair {
            [before, after] => after.0 - before.0,
            _ => 0,
        });
        let mut hours: Vec<(Timestamp, u64)> = Vec::new();
        for at in &times {
            match hours.last_mut() {
                Some((hour, count)) if *hour == at.hour() => *count += 1,
                _ => hours.push((at.hour(), 1)),
            }
        }
        let ended = Ended {
            bytes,
            sha256,
            source,
            first_at: times.first().copied(),
            last_at: times.last().copied(),
            longest_silence_s: u64::try_from(silence.max().unwrap_or(0) / 1_000_000).unwrap_or(0),
            hours,
        };
        account.ended = Some(ended);
        // A derived period holds every event.
        let period = self.period.unwrap_or(Period::ALL);
        let inside = times.iter().filter(|at| period.contains(**at)).count() as u64;
        account.inside += inside;
        account.outside += times.len() as u64 - inside;
    }

    /// Earliest and latest event of all logs.
    pub(super) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let ended = || {
            self.files
                .iter()
                .filter_map(|account| account.ended.as_ref())
        };
        let first = ended().filter_map(|ended| ended.first_at).min()?;
        let last = ended().filter_map(|ended| ended.last_at).max()?;
        Some((first, last))
    }

    /// The finished accounts, by path, and the lines that could not be read, by path and place.
    pub(super) fn finish(mut self) -> (Vec<FileCoverage>, Vec<RejectedLine>) {
        self.rejected.sort();
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
                    let first = ended.as_ref().and_then(|ended| ended.source);
                    let source = first
                        .or(most.map(|(name, _)| *name))
                        .unwrap_or(UNRECOGNISED);
                    FileCoverage {
                        file: FileId(number),
                        path,
                        source: source.to_owned(),
                        first_at: ended.as_ref().and_then(|ended| ended.first_at),
                        last_at: ended.as_ref().and_then(|ended| ended.last_at),
                        lines: account.parsed + skipped + account.rejected,
                        parsed: account.parsed,
                        skipped,
                        rejected: account.rejected,
                        duplicates: account.duplicates,
                        bytes: ended.as_ref().map_or(0, |ended| ended.bytes),
                        sha256: ended.as_ref().map_or(Digest([0; 32]), |ended| ended.sha256),
                        longest_silence_s: ended
                            .as_ref()
                            .map_or(0, |ended| ended.longest_silence_s),
                        in_period: account.inside,
                        outside_period: account.outside,
                        hours: ended.map(|ended| ended.hours).unwrap_or_default(),
                        skip_reasons: account.skipped.into_iter().collect(),
                        is_log: LOGS.contains(&source),
                    }
                });
        let mut coverage: Vec<FileCoverage> = coverage.collect();
        coverage.sort_by(|a, b| a.path.cmp(&b.path));
        (coverage, self.rejected)
    }
}
