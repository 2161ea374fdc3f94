//! Which of the files in one folder are one log, and which are those of several nodes.
//!
//! A rotated log lies in many files, one after the other; the nodes of a cluster write side by
//! side. So files whose names differ by more than a date or a number are logs of their own where
//! each reaches through most of the folder's time beside the others, and one log where not.

use std::collections::BTreeMap;

use super::minutes::{Log, Minutes, Spoke};
use crate::model::unpacked;

/// What the names of a log's rotated files share: without the endings of compression, dates, and
/// a number at the end.
pub(in crate::estate) fn stem(path: &str) -> String {
    let name = unpacked(path.rsplit('/').next().unwrap_or(path));
    let is_number = |part: &str| {
        let digit = |c: char| c.is_ascii_digit() || matches!(c, 'T' | 'Z' | ':' | '+');
        part.starts_with(|c: char| c.is_ascii_digit()) && part.chars().all(digit)
    };
    let parts: Vec<&str> = name.split(['.', '-', '_']).collect();
    let mut kept: Vec<&str> = Vec::new();
    let mut in_date = false;
    for (position, part) in parts.iter().enumerate() {
        in_date = is_number(part) && (in_date || part.len() >= 4);
        let rotated = is_number(part) && position + 1 == parts.len();
        if !in_date && !rotated {
            kept.push(part);
        }
    }
    kept.join(".")
}

/// The logs: one for each source, folder and node.
pub(super) fn logs(minutes: &Minutes) -> BTreeMap<Log, Spoke> {
    let mut folders: BTreeMap<Log, Vec<(&Log, &Spoke)>> = BTreeMap::new();
    for (log, spoke) in minutes.logs() {
        let whole = Log {
            node: String::new(),
            ..log.clone()
        };
        folders.entry(whole).or_default().push((log, spoke));
    }
    let mut all = BTreeMap::new();
    for (whole, parts) in folders {
        let nodes = nodes(&parts);
        let rest = parts
            .iter()
            .filter(|(log, _)| !nodes.iter().any(|(node, _)| node == log));
        if nodes.is_empty() {
            let mut one = Spoke::default();
            rest.for_each(|(_, spoke)| one.join(spoke));
            all.insert(whole, one);
            continue;
        }
        // What is no node of its own may be of any of them.
        let rest: Vec<&Spoke> = rest.map(|(_, spoke)| *spoke).collect();
        for (log, spoke) in nodes {
            let mut one = Spoke::default();
            one.join(spoke);
            rest.iter().for_each(|spoke| one.join(spoke));
            all.insert(log.clone(), one);
        }
    }
    all
}

/// The first and the last minute of a log.
fn span(spoke: &Spoke) -> Option<(i64, i64)> {
    let (first, _) = spoke.minutes.first_key_value()?;
    let (last, _) = spoke.minutes.last_key_value()?;
    Some((*first, *last))
}

/// Those that reach through half of the time of all, and beside each other for half of theirs;
/// none where there are not two.
fn nodes<'p>(parts: &[(&'p Log, &'p Spoke)]) -> Vec<(&'p Log, &'p Spoke)> {
    let spans: Vec<(i64, i64)> = parts.iter().filter_map(|(_, spoke)| span(spoke)).collect();
    let first = spans.iter().map(|(first, _)| *first).min().unwrap_or(0);
    let last = spans.iter().map(|(_, last)| *last).max().unwrap_or(0);
    let long = parts.iter().copied().filter(|(_, spoke)| {
        span(spoke).is_some_and(|(from, to)| to > from && 2 * (to - from) >= last - first)
    });
    let long: Vec<(&Log, &Spoke)> = long.collect();
    let side_by_side = |a: &Spoke, b: &Spoke| {
        let (Some(a), Some(b)) = (span(a), span(b)) else {
            return false;
        };
        let both = a.1.min(b.1) - a.0.max(b.0);
        2 * both >= (a.1 - a.0).min(b.1 - b.0)
    };
    let all = |one: &&(&Log, &Spoke)| {
        let mut others = long.iter().filter(|other| other.0 != one.0);
        others.all(|other| side_by_side(one.1, other.1))
    };
    if long.len() > 1 && long.iter().all(|one| all(&one)) {
        long
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotated_files_share_a_stem_and_nodes_do_not() {
        for name in [
            "a/audit.log",
            "a/audit.log.1",
            "a/audit.log.12.gz",
            "a/audit-2026-09-12.log.zst",
            "audit-20260912.log",
            "audit_2026-09-12T00:00:00Z.log",
            "audit.log.1788220800",
        ] {
            assert_eq!(stem(name), "audit.log", "{name}");
        }
        assert_eq!(stem("vault-0.log"), "vault.0.log");
        assert_eq!(stem("vault-1.log.2026-09-12.gz"), "vault.1.log");
    }
}
