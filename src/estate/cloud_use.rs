//! Where the events of Google Cloud came from.

use crate::identity::Scope;
use crate::identity::{CloudUse, Identity};
use crate::model::Timestamp;
use crate::table::row::{Batch, event};

/// Where a Google event came from; `None` for other systems' events.
pub(crate) fn cloud_use(
    identity: &Identity,
    batch: &Batch,
    row: usize,
    scope: &Scope<'_>,
) -> Option<CloudUse> {
    if batch.text(row, event::SYSTEM) != "gcp" {
        return None;
    }
    let at = Timestamp(batch.int(row, event::AT).unwrap_or(0));
    let delegation = batch.texts(row, event::DELEGATION);
    let principal = batch.text(row, event::PRINCIPAL);
    Some(identity.cloud_use(principal, &delegation, at, scope))
}
