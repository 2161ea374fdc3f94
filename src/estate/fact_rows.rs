//! Rows of the facts that are computed in Rust: credentials, mismatches, bursts.

use super::Error;
use crate::identity::{Burst, Credential, Mismatch, MountClass};
use crate::model::{Period, Place};
use crate::table::row::{Batch, RowMut, burst, credential, mismatch};

/// Positions of the evidence columns, which every table ends with.
#[derive(Clone, Copy)]
pub(super) struct EvidenceColumns(pub(super) usize);

impl EvidenceColumns {
    /// Fills file, line, byte and digest.
    ///
    /// # Errors
    ///
    /// When the place is none of the inputs': evidence is never made up.
    pub(super) fn fill(
        self,
        row: &mut RowMut<'_>,
        place: Place,
        files: &[String],
    ) -> Result<(), Error> {
        self.fill_place(row, place, files)?;
        let EvidenceColumns(first) = self;
        row.unique(first + 3, &place.sha256.to_string());
        Ok(())
    }

    /// Fills file, line and byte: of the tables that have a row for every operation, where a digest
    /// would take more room than all else, and is computed for what is cited.
    ///
    /// # Errors
    ///
    /// When the place is none of the inputs'.
    pub(super) fn fill_place(
        self,
        row: &mut RowMut<'_>,
        place: Place,
        files: &[String],
    ) -> Result<(), Error> {
        let EvidenceColumns(first) = self;
        row.clean(first, file_name(files, place)?)
            .int(first + 1, whole(place.line, place)?)
            .int(first + 2, whole(place.byte, place)?);
        Ok(())
    }
}

/// The name of the file that a place is in.
pub(super) fn file_name(files: &[String], place: Place) -> Result<&str, Error> {
    let name = files.get(place.file.0 as usize);
    name.map(String::as_str).ok_or(Error::Place { place })
}

/// A number of a place, as columns hold it.
pub(super) fn whole(number: u64, place: Place) -> Result<i64, Error> {
    i64::try_from(number).map_err(|_| Error::Place { place })
}

/// Adds a mismatch.
pub(super) fn mismatch_row(
    batch: &mut Batch,
    found: &Mismatch,
    files: &[String],
    period: Period,
) -> Result<(), Error> {
    let mut row = batch.row();
    row.text(mismatch::CLASS, found.kind.class())
        .text(mismatch::SUBJECT, &found.subject)
        .text(mismatch::OBJECT, &found.object)
        .text(mismatch::EXPECTED, &found.expected)
        .text(mismatch::OBSERVED, &found.observed)
        .text(mismatch::DETAIL, found.kind.as_str())
        // What configuration states was so at some time; which, no record says.
        .int(
            mismatch::AT,
            (!found.of_configuration).then_some(found.at.0),
        )
        .int(mismatch::SINCE_AT, found.since.map(|at| at.0))
        .int(mismatch::CONFIDENCE, i64::from(found.confidence.0))
        .int(
            mismatch::IN_PERIOD,
            i64::from(found.of_configuration || period.contains(found.at)),
        );
    EvidenceColumns(mismatch::SOURCE_FILE).fill(&mut row, found.place, files)
}

/// Adds the events of a burst.
pub(super) fn burst_rows(batch: &mut Batch, found: &Burst, files: &[String]) -> Result<(), Error> {
    let (Some(first), Some(last)) = (found.events.first(), found.events.last()) else {
        return Ok(());
    };
    for event in &found.events {
        let mut row = batch.row();
        row.text(burst::KIND, event.kind)
            .text(burst::ACTOR, &event.actor)
            .text(burst::SCOPE, &found.scope)
            .int(burst::STARTED_AT, first.at.0)
            .int(burst::ENDED_AT, last.at.0)
            .int(burst::EVENTS, i64::try_from(found.events.len()).ok())
            .int(burst::PATHS, i64::try_from(found.paths).ok())
            .int(burst::OWNERS, i64::try_from(found.owners).ok())
            .text(burst::CLASS, event.class)
            .text(burst::EVENT_ID, &event.event_id)
            .int(burst::AT, event.at.0);
        EvidenceColumns(burst::SOURCE_FILE).fill(&mut row, event.place, files)?;
    }
    Ok(())
}

/// Adds a credential.
pub(super) fn credential_row(
    batch: &mut Batch,
    found: &Credential,
    files: &[String],
    period: Period,
) -> Result<(), Error> {
    let facts = &found.facts;
    let mut row = batch.row();
    row.text(credential::CREDENTIAL_ID, &found.id)
        .text(credential::KIND, found.kind)
        .int(credential::ISSUED_AT, found.issued_at.0)
        .int(credential::TTL_S, found.ttl_s)
        .int(credential::EXPIRES_AT, found.expires_at.map(|at| at.0))
        .int(credential::REVOKED_AT, found.revoked_at.map(|at| at.0))
        .int(credential::LAST_USED_AT, found.last_used_at.map(|at| at.0))
        .int(credential::USES, i64::try_from(found.uses).ok())
        .text(credential::LOGIN_ID, &found.login_id)
        .text(credential::PARENT_ID, &found.parent_id)
        .text(credential::HOLDER, &found.holder)
        .text(credential::DISPLAY_NAME, &found.display_name)
        .text(credential::MOUNT, &facts.mount)
        .text(credential::MOUNT_ID, &facts.mount_id)
        .text(
            credential::MOUNT_CLASS,
            facts.mount_class.map_or("", MountClass::as_str),
        )
        .text(credential::ROLE_ID, &facts.role_id)
        .text(credential::ORIGIN_KIND, facts.origin_kind)
        .text(credential::ORIGIN_ID, &facts.origin_id)
        .int(
            credential::ORIGIN_END_AT,
            facts.job_finished_at.map(|at| at.0),
        )
        .int(credential::RESIDUAL_S, found.residual_s)
        .int(
            credential::RESIDUAL_MINUTES,
            found
                .residual_s
                .map(|seconds| seconds.saturating_add(59) / 60),
        )
        .int(
            credential::CONFIDENCE,
            facts.confidence.map(|confidence| i64::from(confidence.0)),
        )
        .int(
            credential::IN_PERIOD,
            i64::from(period.contains(found.issued_at)),
        );
    for policy in &found.policies {
        row.item(credential::POLICIES, policy);
    }
    EvidenceColumns(credential::SOURCE_FILE).fill(&mut row, found.place, files)
}
