//! Whether a record repeats one that was seen, or only bears its id.
//!
//! Whoever writes a record chooses its id. A repetition is believed where it says what the first
//! record said: path, operation, outcome, principal and time. Other devices hash with other salts
//! and may leave fields out: only what both say, and in the clear, is compared.

pub use super::content::{Content, Mark, Said, Whose};
use super::half::{Field, Half};
use super::packed::Packed;
use super::{NONE, Symbols};
use crate::model::{EventKind, Outcome, Part, System, Timestamp};

/// How far the clocks of two devices may be apart, in microseconds.
const SKEW: i64 = 30_000_000;

/// What the first request and the first response of an operation said.
#[derive(Clone, Copy, Debug, Default)]
pub struct Contents {
    /// Of the request or first part, and of the response, last or only part.
    whole: [Mark; 2],
    /// Of the response.
    whose: Whose,
    /// Mount and its kind, of each part.
    mount: [[Mark; 2]; 2],
    /// In which fields each part says anything.
    said: [Said; 2],
    /// Which device wrote them.
    device: [u8; 2],
}

/// The last of the devices that are told apart: all others share its number.
const SHARED: u8 = 15;

impl Contents {
    fn index(part: Part) -> Option<usize> {
        match part {
            Part::Request | Part::First => Some(0),
            Part::Response | Part::Last | Part::Whole => Some(1),
            Part::Split { .. } => None,
        }
    }

    /// Keeps what the first record of its part says.
    pub fn keep(&mut self, half: &Half, device: u8) {
        let Some(at) = Contents::index(half.part) else {
            return;
        };
        self.whole[at] = half.content.whole;
        self.device[at] = device;
        self.mount[at] = half.content.mount;
        self.said[at] = half.content.said;
        if at == 1 {
            self.whose = half.content.whose;
        }
    }

    /// In what a record of `device` differs that has the id and the part of one that was seen.
    #[must_use]
    pub fn differs(&self, half: &Half, device: u8) -> Option<Difference> {
        let at = Contents::index(half.part)?;
        let content = half.content;
        let alone = device == self.device[at] && device < SHARED;
        if alone && self.whole[at].contradicts(content.whole) {
            return Some(if self.said[at].in_other_fields(content.said) {
                Difference::Fields
            } else {
                Difference::Content
            });
        }
        self.in_the_clear(half)
    }

    /// Whether `device`, and no other, wrote the first record of a part.
    #[must_use]
    pub fn is_of(&self, part: Part, device: u8) -> bool {
        let known = Contents::index(part).and_then(|at| self.device.get(at));
        known == Some(&device) && device < SHARED
    }

    /// In what such a record differs that every device writes in the clear.
    #[must_use]
    pub fn in_the_clear(&self, half: &Half) -> Option<Difference> {
        let at = Contents::index(half.part)?;
        let content = half.content;
        let mut mounts = self.mount[at].iter().zip(content.mount);
        if mounts.any(|(first, new)| first.contradicts(new)) {
            return Some(Difference::Path);
        }
        if at != 1 || !self.whose.contradicts(content.whose) {
            return None;
        }
        if self.whose.may_lack_keys(content.whose) {
            return Some(Difference::Metadata);
        }
        Some(Difference::Principal)
    }
}

impl Packed for Contents {
    fn write(&self, to: &mut Vec<u8>) {
        self.whole.write(to);
        self.whose.write(to);
        self.mount.write(to);
        self.said.write(to);
        self.device.write(to);
    }
    fn read(from: &mut &[u8]) -> Option<Contents> {
        Some(Contents {
            whole: Packed::read(from)?,
            whose: Packed::read(from)?,
            mount: Packed::read(from)?,
            said: Packed::read(from)?,
            device: Packed::read(from)?,
        })
    }
}

/// What the first record or records of an operation said.
#[derive(Clone, Copy, Debug)]
pub struct First {
    /// When it began.
    pub at: Timestamp,
    /// When its last record was written; `None` when not known.
    pub until: Option<Timestamp>,
    /// Kind.
    pub kind: EventKind,
    /// How it ended.
    pub outcome: Outcome,
    /// Method, or operation.
    pub operation: Mark,
    /// Namespace and path.
    pub path: Mark,
    /// Entity or principal.
    pub principal: Mark,
    /// Accessor of the caller's token.
    pub accessor: Mark,
    /// Where the caller is.
    pub address: Mark,
}

/// In what two records of one id differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Operation or method.
    Operation,
    /// Path or resource.
    Path,
    /// Entity or principal.
    Principal,
    /// Metadata of the token, of which one record has keys that the other lacks.
    Metadata,
    /// Outcome.
    Outcome,
    /// Time.
    Time,
    /// Address of the caller.
    Address,
    /// Something else that one device writes the same each time.
    Content,
    /// The same, where one record has fields that the other lacks.
    Fields,
    /// The hash of the caller's token, and nothing that devices write in the clear.
    Hash,
}

impl Difference {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Difference::Operation => "operation",
            Difference::Path => "path",
            Difference::Principal => "principal",
            Difference::Metadata => "metadata",
            Difference::Outcome => "outcome",
            Difference::Time => "time",
            Difference::Address => "address",
            Difference::Content => "content",
            Difference::Fields => "fields",
            Difference::Hash => "hash",
        }
    }
}

/// The mark of what a record does.
#[must_use]
pub fn operation_mark(half: &Half, symbols: &Symbols) -> Mark {
    let method = half.sym(Field::Method);
    let sym = if method == NONE {
        half.sym(Field::Operation)
    } else {
        method
    };
    Mark::of(symbols.get(sym))
}

/// The mark of what a record is about.
#[must_use]
pub fn path_mark(half: &Half, symbols: &Symbols) -> Mark {
    let path = symbols.get(half.sym(Field::Path));
    match symbols.get(half.sym(Field::Namespace)) {
        "" => Mark::of(path),
        _ if path.is_empty() => Mark::default(),
        namespace => Mark::of(&format!("{namespace}/{path}")),
    }
}

impl First {
    /// What one record says.
    #[must_use]
    pub fn of(half: &Half, symbols: &Symbols) -> First {
        let who = match half.system {
            System::Vault => Field::EntityId,
            _ => Field::Principal,
        };
        First {
            at: half.at,
            until: Some(half.at),
            kind: half.kind,
            outcome: half.outcome,
            operation: operation_mark(half, symbols),
            path: path_mark(half, symbols),
            principal: Mark::of(symbols.get(half.sym(who))),
            accessor: Mark::of(symbols.get(half.sym(Field::Accessor))),
            address: Mark::of(symbols.get(half.sym(Field::RemoteAddress))),
        }
    }

    /// In what a repetition differs of what devices write in the clear.
    #[must_use]
    pub fn differs(&self, half: &Half, symbols: &Symbols) -> Option<Difference> {
        let new = First::of(half, symbols);
        // A copy of a Google entry bears the entry's own time; insert ids are unique among the
        // entries of one time and log.
        let exact = half.system == System::Gcp && half.part == Part::Whole;
        if exact && (new.at != self.at || self.kind != new.kind) {
            return Some(Difference::Time);
        }
        if let Some(difference) = self.of_other_matter(&new) {
            return Some(difference);
        }
        // The request does not know how it ends, nor does the first entry of a long operation.
        let ends = matches!(half.part, Part::Whole | Part::Response | Part::Last);
        let known = self.outcome != Outcome::Unknown && new.outcome != Outcome::Unknown;
        if ends && known && self.outcome != new.outcome {
            return Some(Difference::Outcome);
        }
        let early = new.at < self.at.plus_micros(-SKEW);
        let late = self
            .until
            .is_some_and(|until| new.at > until.plus_micros(SKEW));
        if early || late {
            return Some(Difference::Time);
        }
        None
    }

    /// In what another part of the same operation differs; a part may come long after the first,
    /// and the clock of one record may be wrong.
    #[must_use]
    pub fn parts_from(&self, half: &Half, symbols: &Symbols) -> Option<Difference> {
        self.of_other_matter(&First::of(half, symbols))
    }

    fn of_other_matter(&self, new: &First) -> Option<Difference> {
        let all = [
            (self.operation, new.operation, Difference::Operation),
            (self.path, new.path, Difference::Path),
            (self.principal, new.principal, Difference::Principal),
            (self.address, new.address, Difference::Address),
        ];
        let mut differing = all
            .into_iter()
            .filter(|(one, two, _)| one.contradicts(*two));
        let taken =
            |(one, two, _): &(Mark, Mark, _)| one.stands_for_another() || two.stands_for_another();
        let first = differing.next()?;
        if !taken(&first) {
            return Some(first.2);
        }
        // What stands for a value that was taken out is no other value.
        let other = differing.find(|pair| !taken(pair));
        Some(other.map_or(Difference::Fields, |(_, _, difference)| difference))
    }
}
