//! What changed since the previous pack, as the page shows it.

use serde::Serialize;

use super::words;
use crate::report::{Change, Difference, Topic};

/// How many changes of a topic the page lists; the rest is counted and in
/// `data/changes_since_previous.csv`.
const CHANGES: usize = 60;

#[derive(Serialize)]
pub(super) struct Since {
    report_id: String,
    digest: String,
    from: String,
    to: String,
    interim: String,
    new: u64,
    gone: u64,
    changed: u64,
    same: u64,
    topics: Vec<TopicChanges>,
}

#[derive(Serialize)]
struct TopicChanges {
    heading: &'static str,
    rows: Vec<ChangeRow>,
    hidden: u64,
}

#[derive(Serialize)]
struct ChangeRow {
    change: &'static str,
    id: String,
    what: String,
    field: String,
    old: String,
    new: String,
    note: String,
}

impl Since {
    pub(super) fn new(difference: &Difference) -> Since {
        let count = |change| difference.count(Topic::Finding, change);
        let topics = Topic::ALL.into_iter().map(|topic| {
            let all = difference.of(topic).count();
            TopicChanges {
                heading: topic.heading(),
                rows: difference.of(topic).take(CHANGES).map(row).collect(),
                hidden: all.saturating_sub(CHANGES) as u64,
            }
        });
        Since {
            report_id: difference.old.report_id.clone(),
            digest: difference.old.sha256sums_sha256.clone(),
            from: difference.old.from.clone(),
            to: difference.old.to.clone(),
            interim: difference.old.interim.clone(),
            new: count("new"),
            gone: count("gone"),
            changed: count("changed"),
            same: difference.same_findings,
            topics: topics.filter(|topic| !topic.rows.is_empty()).collect(),
        }
    }
}

fn row(change: &Change) -> ChangeRow {
    ChangeRow {
        change: change.change,
        id: words::clip(&change.id, 400),
        what: words::clip(&change.what, 400),
        field: change.field.clone(),
        old: words::clip(&change.old, 200),
        new: words::clip(&change.new, 200),
        note: words::clip(&change.note, 400),
    }
}
