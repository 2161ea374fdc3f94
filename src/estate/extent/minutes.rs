//! In which minutes each log spoke.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::model::{FileId, Period, Place, Timestamp};

/// Microseconds of a minute.
pub(super) const MINUTE: i64 = 60_000_000;
/// Minutes that any log may be silent.
pub(super) const LEAST: i64 = 15;

/// The minute of a moment.
pub(super) fn minute(at: Timestamp) -> i64 {
    at.0.div_euclid(MINUTE)
}

/// One log: what rules name it by, and which of several like it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Log {
    /// `vault`, `gcp-audit/data-access`, `gitlab-jobs`, ...
    pub of: String,
    /// The audit device by its folder, the project by its number; empty where there is one.
    pub which: String,
    /// The node of a cluster, by the name that the files of its log share; empty where the folder
    /// holds one log.
    pub node: String,
}

impl Log {
    /// The longest silence that it may have, in minutes: between its records, and at the ends of the
    /// period. `silence` is that of a log that always has something to say. Deployments and changes
    /// of rights come when people make them; for a week at an end, nobody knows.
    pub(super) fn most(&self, silence: i64, continuous: bool) -> (i64, i64) {
        let minutes = silence / MINUTE;
        if continuous {
            (minutes, minutes)
        } else {
            (i64::MAX, minutes.saturating_mul(7))
        }
    }
}

impl Log {
    /// Whether it holds what seldom happens: refusals by policy, and what Google does by itself.
    pub(super) fn is_seldom(&self) -> bool {
        ["gcp-audit/policy-denied", "gcp-audit/system-event"].contains(&self.of.as_str())
    }
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.of.as_str() {
            "vault" => "the Vault audit log",
            "gitlab-jobs" => "the list of GitLab jobs",
            "gitlab-audit" => "the GitLab audit log",
            "okta" => "the Okta System Log",
            "cloudtrail" => "the CloudTrail log",
            "hoop" => "the list of the proxy's sessions",
            "mesh" => "the access log of the mesh",
            "gcp-audit/admin-activity" => "Google's Admin Activity log",
            "gcp-audit/data-access" => "Google's Data Access log",
            "gcp-audit/policy-denied" => "Google's Policy Denied log",
            "gcp-audit/system-event" => "Google's System Event log",
            "gcp-requests" => "the log of Cloud Run requests",
            other => other,
        };
        f.write_str(name)?;
        match (self.of.as_str(), self.which.as_str()) {
            (_, "") => Ok(()),
            ("gitlab-jobs", project) => write!(f, " of project {project}"),
            (_, folder) => write!(f, " in {folder}"),
        }?;
        match self.node.as_str() {
            "" => Ok(()),
            node => write!(f, " ({node})"),
        }
    }
}

/// A record at the edge of a minute.
pub(super) type Edge = (Timestamp, Place);

/// What one minute of a log holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Minute {
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
}

/// One log by its minutes.
#[derive(Debug, Default)]
pub(super) struct Spoke {
    pub(super) minutes: BTreeMap<i64, Minute>,
    /// The first and the last record of the minutes that may border a silence.
    pub(super) edges: BTreeMap<i64, (Edge, Edge)>,
    /// The files that it lies in.
    pub(super) files: BTreeSet<FileId>,
}

impl Spoke {
    fn record(&mut self, at: Timestamp, place: Place) {
        let minute = minute(at);
        let edge = (at, place);
        if let Some(known) = self.minutes.get_mut(&minute) {
            known.first = known.first.min(at);
            known.last = known.last.max(at);
            if let Some((first, last)) = self.edges.get_mut(&minute) {
                *first = (*first).min(edge);
                *last = (*last).max(edge);
            }
        } else {
            let spoke = Minute {
                first: at,
                last: at,
            };
            self.minutes.insert(minute, spoke);
            self.edges.insert(minute, (edge, edge));
        }
    }

    /// Forgets the records of minutes that lie close to one before and one after: no silence ever
    /// begins or ends there.
    fn settle(&mut self, touched: &BTreeSet<i64>) {
        for minute in touched {
            let before = self.minutes.range(minute - LEAST..*minute).next();
            let after = self.minutes.range(minute + 1..=minute + LEAST).next();
            if before.is_some() && after.is_some() {
                self.edges.remove(minute);
            }
        }
    }

    /// Adds what another log holds.
    pub(super) fn join(&mut self, other: &Spoke) {
        for (minute, spoke) in &other.minutes {
            let known = self.minutes.entry(*minute).or_insert(*spoke);
            known.first = known.first.min(spoke.first);
            known.last = known.last.max(spoke.last);
        }
        for (minute, (first, last)) in &other.edges {
            let known = self.edges.entry(*minute).or_insert((*first, *last));
            known.0 = known.0.min(*first);
            known.1 = known.1.max(*last);
        }
        self.files.extend(&other.files);
    }
}

/// The minutes of every log.
#[derive(Debug, Default)]
pub struct Minutes {
    pub(super) logs: BTreeMap<Log, Spoke>,
}

impl Minutes {
    /// Adds records of one log, of one file.
    pub(in crate::estate) fn add(&mut self, log: Log, records: impl Iterator<Item = Edge>) {
        let spoke = self.logs.entry(log).or_default();
        let mut touched = BTreeSet::new();
        for (at, place) in records {
            spoke.files.insert(place.file);
            spoke.record(at, place);
            touched.insert(minute(at));
        }
        spoke.settle(&touched);
    }

    /// Forgets what some logs hold outside a stretch of time: no silence borders a record of another age.
    pub(in crate::estate) fn keep(&mut self, stretch: Period, of: impl Fn(&Log) -> bool) {
        for (_, spoke) in self.logs.iter_mut().filter(|(log, _)| of(log)) {
            let inside =
                |minute: &Minute| stretch.contains(minute.first) || stretch.contains(minute.last);
            spoke.minutes.retain(|_, minute| inside(minute));
            let minutes = &spoke.minutes;
            spoke.edges.retain(|minute, _| minutes.contains_key(minute));
        }
    }

    /// The logs with what they said, in order.
    pub(super) fn logs(&self) -> impl Iterator<Item = (&Log, &Spoke)> {
        self.logs.iter()
    }

    /// What logs there are, by the names that rules use.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.logs.keys().map(|log| log.of.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Log;
    use crate::estate::formats;
    use crate::model::{EventKind, System};

    #[test]
    fn every_log_has_a_name_in_sentences() {
        let logs = formats().into_iter().map(|format| format.about().source);
        let logs = logs.filter(|source| source.is_log()).map(|log| log.name);
        // Google's source is of several logs, by what kind of record they hold.
        let google = [
            EventKind::AdminActivity,
            EventKind::DataAccess,
            EventKind::SystemEvent,
            EventKind::PolicyDenied,
        ];
        let google = google.map(|kind| System::Gcp.log(kind));
        for of in logs.filter(|name| *name != "gcp-audit").chain(google) {
            let log = Log {
                of: of.to_owned(),
                which: String::new(),
                node: String::new(),
            };
            assert!(log.to_string().contains(' '), "{log}");
        }
    }
}
