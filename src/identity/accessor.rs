//! The accessors that each audit device logged: when, and whose tokens they are.

use hashbrown::HashMap;

use crate::model::{EventKind, Outcome, Place, System, Timestamp};
use crate::table::row::half::{Field, Half};
use crate::table::row::{NONE, Sym, Symbols};

/// Seconds by which the answer of a login may be logged after the moment of issue.
const LATE: u64 = 5;
/// What is written before a hash.
const HASH: &str = "hmac-sha256:";

/// The moment of issue in seconds, and whose the token is.
pub(super) type Issue = (i64, Sym);

/// One accessor in the log of one device.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    /// Where it is first.
    pub(super) place: Place,
    pub(super) issue: Option<Issue>,
    /// Whether the answer that handed it out is in the log.
    pub(super) handed_out: bool,
    pub(super) hashed: bool,
}

/// Accessors by device.
#[derive(Debug, Default)]
pub struct Accessors {
    symbols: Symbols,
    pub(super) spans: HashMap<(u8, Sym), Span>,
    last_device: u8,
}

impl Accessors {
    /// Whether a device logged the hash of a record's token.
    #[must_use]
    pub fn knows(&self, device: u8, half: &Half, symbols: &Symbols) -> bool {
        let field = match half.kind {
            EventKind::Login => Field::IssuedAccessor,
            _ => Field::Accessor,
        };
        let accessor = symbols.get(half.sym(field));
        let known = || {
            self.spans
                .contains_key(&(device, self.symbols.find(accessor)))
        };
        accessor.starts_with(HASH) && known()
    }

    /// Takes one record of a device.
    pub fn record(&mut self, device: u8, half: &Half, symbols: &Symbols) {
        if half.system != System::Vault {
            return;
        }
        let login = half.kind == EventKind::Login;
        let text = |field| symbols.get(half.sym(field));
        let (accessor, entity, name, issued) = if login {
            let done = half.issues && half.outcome == Outcome::Allowed;
            let issued = done.then_some(half.at);
            (
                text(Field::IssuedAccessor),
                text(Field::IssuedEntity),
                text(Field::IssuedDisplayName),
                issued,
            )
        } else {
            (
                text(Field::Accessor),
                text(Field::EntityId),
                text(Field::DisplayName),
                half.token_issued_at,
            )
        };
        if accessor.is_empty() {
            return;
        }
        let who = if entity.is_empty() { name } else { entity };
        let who = self.symbols.add(who);
        let issue = issued.filter(|_| who != NONE);
        let span = Span {
            first: half.at,
            last: half.at,
            place: half.place,
            issue: issue.map(|at| (at.0.div_euclid(1_000_000), who)),
            handed_out: login,
            hashed: accessor.starts_with(HASH),
        };
        let accessor = self.symbols.add(accessor);
        self.last_device = self.last_device.max(device);
        let known = self.spans.entry((device, accessor)).or_insert(span);
        if (span.first, span.place) < (known.first, known.place) {
            (known.first, known.place) = (span.first, span.place);
        }
        known.last = known.last.max(span.last);
        known.handed_out |= span.handed_out;
        known.issue = known.issue.or(span.issue);
    }

    /// Whether some device logged both accessors, and for tokens of different holders or moments of
    /// issue.
    #[must_use]
    pub fn tells_apart(&self, one: &str, other: &str) -> bool {
        if one.is_empty() || other.is_empty() || one == other {
            return false;
        }
        let (one, other) = (self.symbols.find(one), self.symbols.find(other));
        (0..=self.last_device).any(|device| {
            let issue = |accessor| self.spans.get(&(device, accessor))?.issue;
            let issues = issue(one).zip(issue(other));
            issues.is_some_and(|((second, who), (later, whose))| {
                who != whose || second.abs_diff(later) > LATE
            })
        })
    }
}
