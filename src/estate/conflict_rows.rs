//! Rows of records, jobs and tokens that bear the id of another and say something else.

use super::Error;
use super::fact_rows::EvidenceColumns;
use crate::identity::{JobConflict, Reissued};
use crate::model::{Period, Restated, System, Timestamp};
use crate::table::row::pairing::Conflict;
use crate::table::row::{Batch, conflict};

/// All of them, by place.
pub(super) fn conflict_rows(
    mut records: Vec<Conflict>,
    jobs: &[JobConflict],
    tokens: &[Reissued],
    untied: &[Reissued],
    files: &[String],
    period: Period,
) -> Result<Batch, Error> {
    records.sort_by_key(|conflict| conflict.place);
    let mut batch = Batch::new(&conflict::SCHEMA);
    for found in &records {
        let inside = period.contains(found.at) || period.contains(found.first_at);
        let mut row = batch.row();
        row.text(conflict::SYSTEM, found.system.as_str())
            .text(conflict::ID, &found.system.event_id(&found.id))
            .text(conflict::KEPT_AS, &found.system.event_id(&found.kept_as))
            .text(conflict::DIFFERS, found.difference.as_str())
            .int(conflict::AT, found.at.0)
            .int(conflict::IN_PERIOD, i64::from(inside));
        EvidenceColumns(conflict::SOURCE_FILE).fill(&mut row, found.place, files)?;
    }
    for found in jobs {
        // A job that never started belongs to every period.
        let inside = |at: Option<Timestamp>| at.is_none_or(|at| period.contains(at));
        let mut row = batch.row();
        row.text(conflict::SYSTEM, System::Gitlab.as_str())
            .text(conflict::ID, &found.id)
            .text(conflict::KEPT_AS, &found.id)
            .text(conflict::DIFFERS, found.difference.as_str())
            .int(conflict::AT, found.at.map(|at| at.0))
            .int(
                conflict::IN_PERIOD,
                i64::from(inside(found.at) || inside(found.first_at)),
            );
        EvidenceColumns(conflict::SOURCE_FILE).fill(&mut row, found.place, files)?;
    }
    let login = |lacks: bool| if lacks { "fields" } else { "login" };
    let tokens = tokens.iter().map(|found| (found, login(found.lacks)));
    for (found, differs) in tokens.chain(untied.iter().map(|found| (found, "token"))) {
        let inside = period.contains(found.at) || period.contains(found.first_at);
        let mut row = batch.row();
        row.text(conflict::SYSTEM, System::Vault.as_str())
            .text(conflict::ID, &found.credential)
            .text(conflict::KEPT_AS, &found.login)
            .text(conflict::DIFFERS, differs)
            .int(conflict::AT, found.at.0)
            .int(conflict::IN_PERIOD, i64::from(inside));
        EvidenceColumns(conflict::SOURCE_FILE).fill(&mut row, found.place, files)?;
    }
    Ok(batch)
}

/// Things that two statements of the exports contradict each other about, by kind and id.
pub(super) fn restated_rows(restated: &[Restated]) -> Batch {
    let mut batch = Batch::new(&conflict::SCHEMA);
    for found in restated {
        let [first, second] = &found.stands;
        let names: Vec<&str> = found.names.iter().map(String::as_str).collect();
        let doubt = found.doubt.map(|doubt| format!(" ({})", doubt.as_str()));
        let doubt = doubt.unwrap_or_default();
        let beside = format!("{}:{}", first.file, first.line);
        let differs = format!(
            "statement{doubt}: {}; the other stands in {beside}",
            names.join(", ")
        );
        let whole = |value: u64| i64::try_from(value).ok();
        let system = found.export().unwrap_or(&found.kind);
        batch
            .row()
            .text(conflict::SYSTEM, system)
            .text(conflict::ID, &found.object)
            .text(conflict::KEPT_AS, &found.object)
            .text(conflict::DIFFERS, &differs)
            .int(conflict::IN_PERIOD, 1)
            .text(conflict::SOURCE_FILE, &second.file)
            .int(conflict::SOURCE_LINE, whole(second.line))
            .int(conflict::SOURCE_BYTE, whole(second.byte))
            .text(conflict::SOURCE_SHA256, &second.sha256);
    }
    batch
}
