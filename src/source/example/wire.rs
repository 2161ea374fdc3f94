//! A line of the proxy's log. Say here which document or source file the fields come from.

use serde::Deserialize;

use crate::source::borrowed::Str;
use crate::source::nested::Nested;

/// What every line of this log has, and of no other: told before the whole is read.
#[derive(Debug, Deserialize)]
pub(super) struct Outer<'w> {
    #[serde(borrow, default)]
    connection: Str<'w>,
    #[serde(borrow, default)]
    verb: Str<'w>,
}

impl Outer<'_> {
    pub(super) fn is_line(&self) -> bool {
        self.connection.get().is_some() && self.verb.get().is_some()
    }
}

/// A line, by the names that the log gives its members.
#[derive(Debug, Deserialize)]
pub(super) struct Wire<'w> {
    #[serde(borrow, default)]
    pub(super) id: Str<'w>,
    #[serde(borrow, default)]
    pub(super) time: Str<'w>,
    #[serde(borrow, default)]
    pub(super) user: Str<'w>,
    #[serde(borrow, default)]
    pub(super) connection: Str<'w>,
    #[serde(borrow, default)]
    pub(super) verb: Str<'w>,
    /// `ok`, `denied` or `error`.
    #[serde(borrow, default)]
    pub(super) result: Str<'w>,
    #[serde(borrow, default)]
    pub(super) client: Nested<Client<'w>>,
    #[serde(borrow, default)]
    pub(super) session: Str<'w>,
}

/// Where the line's caller is: an object inside the line, which may be null or missing.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Client<'w> {
    #[serde(borrow, default)]
    pub(super) ip: Str<'w>,
}
