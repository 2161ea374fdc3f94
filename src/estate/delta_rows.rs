//! Rows of the table `policy_delta`: what changed in Google's policies.

use super::Error;
use super::fact_rows::EvidenceColumns;
use crate::model::{Outcome, Period, Place, Timestamp, id};
use crate::table::row::half::{Delta, Field, Half};
use crate::table::row::{Batch, Symbols, policy_delta};

/// One change of a policy, and the operation that made it.
pub(super) struct PolicyChange {
    event_id: String,
    at: Timestamp,
    principal: String,
    object: String,
    service: String,
    method: String,
    outcome: Outcome,
    delta: Delta,
    place: Place,
}

impl PolicyChange {
    /// The changes that an operation made.
    pub(super) fn of<'h>(
        half: &'h Half,
        symbols: &'h Symbols,
    ) -> impl Iterator<Item = PolicyChange> + use<'h> {
        let text = |field| symbols.get(half.sym(field)).to_owned();
        half.deltas.iter().map(move |delta| PolicyChange {
            event_id: half.system.event_id(symbols.get(half.sym(Field::Id))),
            at: half.at,
            principal: text(Field::Principal),
            object: text(Field::Object),
            service: text(Field::Service),
            method: text(Field::Method),
            outcome: half.outcome,
            delta: delta.clone(),
            place: half.place,
        })
    }

    /// Whose rights changed, as readers are named; none where the change names nobody.
    pub(super) fn member(&self) -> Option<String> {
        let member = self.delta.member.as_str();
        (!member.is_empty()).then(|| id::gcp_member(member))
    }
}

/// All of them, in the order of the operations.
pub(super) fn delta_rows(
    changes: &[PolicyChange],
    files: &[String],
    period: Period,
) -> Result<Batch, Error> {
    let mut batch = Batch::new(&policy_delta::SCHEMA);
    for change in changes {
        let delta = &change.delta;
        let binding = delta.audit_service.is_empty();
        let kind = if binding { "binding" } else { "audit-config" };
        let mut row = batch.row();
        row.text(policy_delta::EVENT_ID, &change.event_id)
            .int(policy_delta::AT, change.at.0)
            .text(policy_delta::PRINCIPAL, &change.principal)
            .text(policy_delta::OBJECT, &change.object)
            .text(policy_delta::SERVICE, &change.service)
            .text(policy_delta::METHOD, &change.method)
            .text(policy_delta::OUTCOME, change.outcome.as_str())
            .text(policy_delta::ACTION, &delta.action)
            .text(policy_delta::KIND, kind)
            .text(policy_delta::ROLE, &delta.role)
            .text(policy_delta::MEMBER, &delta.member)
            .text(policy_delta::CONDITION, &delta.condition)
            .text(policy_delta::AUDIT_SERVICE, &delta.audit_service)
            .int(
                policy_delta::IN_PERIOD,
                i64::from(period.contains(change.at)),
            );
        EvidenceColumns(policy_delta::SOURCE_FILE).fill(&mut row, change.place, files)?;
    }
    Ok(batch)
}
