//! Exports of Google's logs that may have stopped at a limit: `gcloud logging read` stops after
//! `--limit` entries, and reads one day unless `--freshness` or a filter says otherwise.

use crate::model::{FileCoverage, Hole, Period, Timestamp};

/// Limits that people set.
const LIMITS: [u64; 2] = [50, 250];
const HOUR: i64 = 3_600_000_000;
/// How much of a day an export spans whose first entry is a day older than when it was read.
const MOST_OF_A_DAY: i64 = 18 * HOUR;

/// A hole for every export that holds as many entries as a limit, or one day of a longer period.
pub(super) fn holes(coverage: &[FileCoverage], period: Period) -> Vec<Hole> {
    let of_google = |file: &&FileCoverage| {
        ["gcp-audit", "gcp-requests"].contains(&file.source.as_str()) && !is_shard(&file.path)
    };
    let mut holes = Vec::new();
    for file in coverage.iter().filter(of_google) {
        let FileCoverage { path, source, .. } = file;
        let entries = file.parsed;
        if entries > 0 && (entries % 100 == 0 || LIMITS.contains(&entries)) {
            let words =
                format!("{path} holds {entries} entries, as many as a limit may have let it");
            holes.push(Hole::somewhere(source.as_str(), words));
        }
        holes.extend(day(file, coverage, period));
    }
    holes
}

/// The hole before an export that holds the last day of its log alone.
fn day(file: &FileCoverage, coverage: &[FileCoverage], period: Period) -> Option<Hole> {
    let (first, last) = file.first_at.zip(file.last_at)?;
    let span = last.0 - first.0;
    let mut others = coverage.iter().filter(|other| other.source == file.source);
    let alone = others.all(|other| other.first_at.is_none_or(|other| other >= first));
    let one_day = (MOST_OF_A_DAY..=24 * HOUR).contains(&span);
    let missing = Period {
        from: period.from,
        to: first,
    };
    let day_before = Timestamp(period.from.0 + 24 * HOUR);
    (alone && one_day && first > day_before).then(|| {
        let words = format!(
            "{} holds one day, as much as `gcloud logging read` reads unless told",
            file.path
        );
        Hole::spanning(file.source.as_str(), missing, words)
    })
}

/// Whether a file is a shard that a sink wrote, which no limit stops.
fn is_shard(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split(".json").next().unwrap_or(name);
    let shard = stem.rsplit(['_', ':']).next().unwrap_or(stem);
    let number = shard.strip_prefix(['S', 'A']).unwrap_or("");
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * HOUR;
    const MONTH: Period = Period {
        from: Timestamp(0),
        to: Timestamp(30 * DAY),
    };

    fn said(path: &str, entries: u64, days: Option<(i64, i64)>) -> Vec<String> {
        let mut file = FileCoverage::of_rows(path, "gcp-audit", entries);
        file.first_at = days.map(|(first, _)| Timestamp(first));
        file.last_at = days.map(|(_, last)| Timestamp(last));
        let holes = holes(&[file], MONTH).into_iter();
        holes.map(|hole| hole.words).collect()
    }

    #[test]
    fn as_many_entries_as_a_limit_may_be_a_part() {
        for entries in [50, 100, 250, 1_000, 10_000] {
            let said = said("gcp/export.json", entries, None);
            assert_eq!(said.len(), 1, "{entries}: {said:?}");
        }
        for (path, entries) in [
            ("gcp/export.json", 123),
            ("gcp/export.json", 0),
            ("sink/2026/09/01/08:00:00_08:59:59_S0.json", 100),
            ("sink/2026/09/01/08:00:00_08:59:59_A0:S0.json.gz", 100),
        ] {
            assert_eq!(said(path, entries, None), [""; 0], "{path} {entries}");
        }
    }

    #[test]
    fn one_day_of_a_month_is_what_is_read_unless_told() {
        let last = (29 * DAY + HOUR, 30 * DAY - HOUR);
        let said_of = |days| said("gcp/export.json", 7, Some(days));
        assert_eq!(said_of(last).len(), 1);
        // The whole period, a few hours, and the first day.
        for days in [
            (HOUR, 29 * DAY),
            (29 * DAY, 29 * DAY + HOUR),
            (HOUR, 20 * HOUR),
        ] {
            assert_eq!(said_of(days), [""; 0], "{days:?}");
        }
    }
}
