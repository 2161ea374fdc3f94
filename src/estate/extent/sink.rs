//! A log of Google that one sink holds no folder of, though it holds one of the other log.
//!
//! A sink to a bucket writes a folder for each log. Where one log lies in such a folder and the
//! other came by another way alone (`gcloud logging read`), what came may be any part of it.

use std::collections::BTreeSet;

use super::Minutes;
use crate::model::{FileCoverage, Hole};

/// The logs by the folders that a sink gives them.
const LOGS: [(&str, &str, &str); 2] = [
    ("activity", "gcp-audit/admin-activity", "Admin Activity"),
    ("data_access", "gcp-audit/data-access", "Data Access"),
];

/// A hole for each log that was read and that a sink of the other does not hold.
pub(super) fn holes(minutes: &Minutes, coverage: &[FileCoverage]) -> Vec<Hole> {
    let read: BTreeSet<&str> = minutes.names().collect();
    let in_folder = |name: &str| {
        let written = format!("cloudaudit.googleapis.com%2F{name}");
        coverage.iter().any(|file| {
            let mut parts = file.path.split('/');
            file.source == "gcp-audit" && parts.any(|part| part == name || part == written)
        })
    };
    let missing = LOGS.iter().filter(|(folder, log, _)| {
        let mut others = LOGS.iter().filter(|(other, _, _)| other != folder);
        read.contains(log) && !in_folder(folder) && others.any(|(other, _, _)| in_folder(other))
    });
    let holes = missing.map(|(folder, log, title)| {
        let words = format!(
            "Google's {title} log came without its folder of the sink (`{folder}/`), beside another log's: what else came may be a part of it"
        );
        Hole::somewhere(*log, words)
    });
    holes.collect()
}
