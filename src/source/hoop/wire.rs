//! A session as the API answers it (`gateway/api/openapi/types.go`).

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::source::borrowed::{Present, Str};

/// What tells a session, and a page of them.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Outer<'a> {
    id: Present,
    connection: Present,
    verb: Present,
    status: Present,
    start_date: Present,
    #[serde(borrow)]
    pub(super) data: Option<Vec<&'a RawValue>>,
    pub(super) has_next_page: Option<bool>,
    pub(super) total: Option<u64>,
}

impl Outer<'_> {
    /// Whether it is a session itself.
    pub(super) fn is_session(&self) -> bool {
        [
            &self.id,
            &self.connection,
            &self.verb,
            &self.status,
            &self.start_date,
        ]
        .iter()
        .all(|present| present.0)
    }
}

/// One session.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Session<'a> {
    #[serde(borrow)]
    pub(super) id: Str<'a>,
    /// E-mail address.
    #[serde(borrow)]
    pub(super) user: Str<'a>,
    /// Subject at the identity provider.
    #[serde(borrow)]
    pub(super) user_id: Str<'a>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Str<'a>,
    #[serde(borrow)]
    pub(super) connection: Str<'a>,
    #[serde(borrow)]
    pub(super) resource_name: Str<'a>,
    #[serde(borrow)]
    pub(super) verb: Str<'a>,
    #[serde(borrow)]
    pub(super) status: Str<'a>,
    #[serde(borrow)]
    pub(super) exit_code: Str<'a>,
    #[serde(borrow)]
    pub(super) start_date: Str<'a>,
    #[serde(borrow)]
    pub(super) end_date: Str<'a>,
    #[serde(borrow)]
    pub(super) identity_type: Str<'a>,
    #[serde(borrow)]
    pub(super) machine_identity_id: Str<'a>,
    #[serde(borrow)]
    pub(super) correlation_id: Str<'a>,
    #[serde(borrow)]
    pub(super) review: Option<Review<'a>>,
}

/// The review of a session.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Review<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Str<'a>,
    #[serde(borrow)]
    pub(super) status: Str<'a>,
    #[serde(borrow)]
    pub(super) created_at: Str<'a>,
    /// Nanoseconds.
    pub(super) access_duration: Option<i64>,
    pub(super) min_approvals: Option<u32>,
    #[serde(borrow)]
    pub(super) review_groups_data: Option<Vec<Group<'a>>>,
}

/// What one group of reviewers decided.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Group<'a> {
    #[serde(borrow)]
    pub(super) status: Str<'a>,
    #[serde(borrow)]
    pub(super) reviewed_by: Option<Reviewer<'a>>,
    pub(super) forced_review: Option<bool>,
}

/// Who decided.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Reviewer<'a> {
    #[serde(borrow)]
    pub(super) id: Str<'a>,
    #[serde(borrow)]
    pub(super) email: Str<'a>,
}
