//! One call as a proxy logged it.

use std::borrow::Cow;

/// What a line of an access log says; what it leaves out, or writes as `-`, is `None`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Call<'l> {
    fields: Vec<(Told, Cow<'l, str>)>,
    /// Whether the text that callers choose leaves open where a field of the proxy's own ends.
    pub(super) is_ambiguous: bool,
}

/// What a command of an access-log format tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Told {
    Start,
    Mesh,
    Method,
    Path,
    Protocol,
    Status,
    Flags,
    Received,
    Sent,
    Milliseconds,
    Agent,
    Trace,
    Request,
    Authority,
    Source,
    Destination,
    SourceAddress,
    Upstream,
    Direction,
    /// URIs of the caller's certificate.
    Peer,
    /// Why the proxy answered as it did.
    Details,
    /// Nothing that is kept.
    Other,
}

impl<'l> Call<'l> {
    /// Adds what a field says.
    pub(super) fn say(&mut self, told: Told, value: impl Into<Cow<'l, str>>) {
        let value = value.into();
        if !matches!(value.as_ref(), "" | "-") && told != Told::Other {
            self.fields.push((told, value));
        }
    }

    /// Adds what another part of the same line says.
    pub(super) fn absorb(&mut self, part: Call<'_>) {
        for (told, value) in part.fields {
            self.say(told, value.into_owned());
        }
        self.is_ambiguous |= part.is_ambiguous;
    }

    /// Whether it says when.
    pub(super) fn is_dated(&self) -> bool {
        let start = self.get(Told::Start);
        start.is_some_and(|at| crate::model::Timestamp::parse(at).is_some())
    }

    /// What a field says.
    pub(super) fn get(&self, told: Told) -> Option<&str> {
        let found = self.fields.iter().find(|(field, _)| *field == told);
        found.map(|(_, value)| value.as_ref())
    }
}
