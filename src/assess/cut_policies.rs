//! Policies of which a part was read: the log shows that they granted what their text does not, and no
//! change of them since. What an export lost between two stanzas nothing else shows.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use super::law::TEXTS;
use crate::estate::Estate;
use crate::model::{Hole, Timestamp, id, listed};
use crate::posture::Posture;
use crate::table::row::{Batch, event};
use crate::usage::Loss;

/// The columns of events that tell of changes of policies.
const CHANGE: [usize; 6] = [
    event::AT,
    event::SYSTEM,
    event::NAMESPACE,
    event::OPERATION,
    event::OUTCOME,
    event::PATH,
];
/// What is done to a policy that changes it.
const WRITES: [&str; 4] = ["create", "update", "patch", "delete"];

/// When the policies of a namespace were changed last, by namespace and name.
type Changed = BTreeMap<(String, String), Timestamp>;

/// What the exported policies lack: of themselves, and of what rests on their text alone.
///
/// # Errors
///
/// When the events cannot be read back.
pub(super) fn holes(estate: &Estate, input: &Posture<'_>) -> Result<Vec<Hole>, Error> {
    let losses = estate.usage.iter().flat_map(|usage| &usage.losses);
    let losses: Vec<&Loss> = losses.collect();
    if losses.is_empty() {
        return Ok(Vec::new());
    }
    let mut changed = Changed::new();
    for batch in estate.store.scan_columns(&event::SCHEMA, &CHANGE) {
        changes(&batch?, &mut changed);
    }
    let cut = losses.into_iter().filter(|loss| is_cut(loss, &changed));
    let cut = cut.filter_map(|loss| input.policies.get(loss.at.0));
    let cut: BTreeSet<String> = cut.map(|policy| format!("`{}`", policy.name)).collect();
    if cut.is_empty() {
        return Ok(Vec::new());
    }
    let words = format!(
        "policies grant less by their text than the log shows, which holds no change of them since: {}",
        listed(&cut)
    );
    let holes = ["vault-policy", TEXTS].map(|of| Hole::somewhere(of, words.as_str()));
    Ok(holes.into())
}

/// Adds the changes of policies that the server took.
fn changes(batch: &Batch, changed: &mut Changed) {
    for row in 0..batch.len() {
        let text = |column| batch.text(row, column);
        let path = text(event::PATH);
        let name = id::POLICY_PATHS
            .iter()
            .find_map(|place| path.strip_prefix(place));
        let taken = text(event::SYSTEM) == "vault" && text(event::OUTCOME) == "allowed";
        let (Some(name), Some(at)) = (name, batch.int(row, event::AT)) else {
            continue;
        };
        if taken && WRITES.contains(&text(event::OPERATION)) {
            let key = (text(event::NAMESPACE).to_owned(), name.to_owned());
            let last = changed.entry(key).or_insert(Timestamp(at));
            *last = (*last).max(Timestamp(at));
        }
    }
}

/// Whether no policy of the token was changed since it granted what was lost.
fn is_cut(loss: &Loss, changed: &Changed) -> bool {
    let namespace = loss.namespace.trim_end_matches('/');
    let mut since = changed.iter().filter(|((within, name), at)| {
        let own = within.trim_end_matches('/') == namespace && loss.policies.contains(name);
        own && **at >= loss.last.0
    });
    since.next().is_none()
}
