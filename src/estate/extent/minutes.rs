//! In which minutes each log spoke.

use std::collections::BTreeMap;
use std::fmt;

use super::silence::minute;
use crate::model::{EventKind, System, Timestamp};

/// One log: what rules name it by, and which of several like it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Log {
    /// `vault`, `gcp-audit/data-access`, `gitlab-jobs`, ...
    pub of: String,
    /// The audit device by its folder, the project by its number; empty where there is one.
    pub which: String,
}

impl Log {
    /// The longest silence that it may have, in minutes: between its records, and at the ends of the
    /// period. `silence` is that of a log that always has something to say. Deployments and changes
    /// of rights come when people make them; for a week at an end, nobody knows.
    pub(super) fn most(&self, silence: i64) -> (i64, i64) {
        let minutes = silence / 60_000_000;
        match self.of.as_str() {
            "vault" => (minutes, minutes),
            _ => (i64::MAX, minutes.saturating_mul(7)),
        }
    }
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.of.as_str() {
            "vault" => "the Vault audit log",
            "gitlab-jobs" => "the list of GitLab jobs",
            "gitlab-audit" => "the GitLab audit log",
            "gcp-audit/admin-activity" => "Google's Admin Activity log",
            "gcp-audit/data-access" => "Google's Data Access log",
            "gcp-requests" => "the log of Cloud Run requests",
            other => other,
        };
        f.write_str(name)?;
        match (self.of.as_str(), self.which.as_str()) {
            (_, "") => Ok(()),
            ("gitlab-jobs", project) => write!(f, " of project {project}"),
            (_, folder) => write!(f, " in {folder}"),
        }
    }
}

/// The first and the last record of every minute, by log.
#[derive(Debug, Default)]
pub struct Minutes {
    logs: BTreeMap<Log, BTreeMap<i64, (Timestamp, Timestamp)>>,
}

impl Minutes {
    /// Adds records of one log.
    pub(in crate::estate) fn add(&mut self, log: Log, times: impl Iterator<Item = Timestamp>) {
        let spoken = self.logs.entry(log).or_default();
        for at in times {
            let known = spoken.entry(minute(at)).or_insert((at, at));
            *known = (known.0.min(at), known.1.max(at));
        }
    }

    /// The logs with what they said, in order.
    pub(super) fn logs(
        &self,
    ) -> impl Iterator<Item = (&Log, &BTreeMap<i64, (Timestamp, Timestamp)>)> {
        self.logs.iter()
    }

    /// What logs there are, by the names that rules use.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.logs.keys().map(|log| log.of.as_str())
    }
}

/// What rules call the log that an operation of a kind stands in.
pub(in crate::estate) fn log_of(system: System, kind: EventKind) -> &'static str {
    match (system, kind) {
        (System::Vault, _) => "vault",
        (_, EventKind::DataAccess) => "gcp-audit/data-access",
        (_, EventKind::SystemEvent) => "gcp-audit/system-event",
        (_, EventKind::PolicyDenied) => "gcp-audit/policy-denied",
        (_, EventKind::HttpRequest) => "gcp-requests",
        (_, EventKind::GitlabAudit) => "gitlab-audit",
        _ => "gcp-audit/admin-activity",
    }
}
