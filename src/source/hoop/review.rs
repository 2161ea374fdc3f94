//! What a review says of the session that it let through, judged from the review alone.

use std::collections::BTreeSet;

use super::wire::{Review, Session};
use crate::model::{Timestamp, is_silent};

/// What of a review did not let its session through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reviewed {
    /// `none`, or the status as logged.
    pub(super) status: String,
    /// Who approved, in lower case; the number where no address is logged.
    pub(super) approved_by: BTreeSet<String>,
    /// Whether somebody forced it through.
    pub(super) forced: bool,
    /// What it lacks: `status`, `approvals`, `other-person`, `time`.
    pub(super) lacks: Vec<&'static str>,
}

/// Reads the review of a session.
pub(super) fn of(session: &Session<'_>, start: Timestamp) -> Result<Reviewed, &'static str> {
    let Some(review) = &session.review else {
        return Ok(Reviewed {
            status: "none".to_owned(),
            ..Reviewed::default()
        });
    };
    if is_silent(review.status.as_str()) {
        return Err("review without its status");
    }
    let mut found = Reviewed {
        status: review.status.get().unwrap_or("UNKNOWN").to_uppercase(),
        ..Reviewed::default()
    };
    for group in review.review_groups_data.iter().flatten() {
        found.forced |= group.forced_review == Some(true);
        if is_silent(group.status.as_str()) {
            return Err("review of a group without its status");
        }
        if !group.status.as_str().eq_ignore_ascii_case("APPROVED") {
            continue;
        }
        let by = group.reviewed_by.as_ref();
        let who = by.and_then(|by| by.email.get().or_else(|| by.id.get()));
        let who = who.ok_or("session with an approval by nobody")?;
        found.approved_by.insert(who.to_lowercase());
    }
    if !matches!(
        found.status.as_str(),
        "APPROVED" | "EXECUTED" | "PROCESSING"
    ) {
        found.lacks.push("status");
        return Ok(found);
    }
    if review.review_groups_data.is_none() {
        return Err("review that let a session through without its groups");
    }
    let wanted = review.min_approvals.unwrap_or(1);
    if found.approved_by.len() < usize::try_from(wanted).unwrap_or(usize::MAX) {
        found.lacks.push("approvals");
    }
    let own = [session.user.get(), session.user_id.get()];
    let is_own = |who: &String| {
        own.iter()
            .flatten()
            .any(|own| own.eq_ignore_ascii_case(who))
    };
    if !found.approved_by.is_empty() && found.approved_by.iter().all(is_own) {
        found.lacks.push("other-person");
    }
    if is_outside(review, start)? {
        found.lacks.push("time");
    }
    Ok(found)
}

/// Whether a session began before or after the time that its review opened.
fn is_outside(review: &Review<'_>, start: Timestamp) -> Result<bool, &'static str> {
    if !review.kind.as_str().eq_ignore_ascii_case("jit") {
        return Ok(false);
    }
    let (Some(created), Some(nanoseconds)) = (review.created_at.get(), review.access_duration)
    else {
        return Ok(false);
    };
    let from = Timestamp::parse(created).ok_or("review without a readable time")?;
    let to = from.plus_micros(nanoseconds.div_euclid(1_000));
    Ok(start < from || start > to)
}
