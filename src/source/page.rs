//! Objects that hold a list of records each: files of CloudTrail, answers of `lookup-events` and of
//! Google's `entries.list`.

use super::quotes::Quotes;

/// What of an object that holds a list of records is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// None is open.
    Outside,
    /// Its list.
    Listed,
    /// What it says after its list.
    After(After),
}

impl Page {
    /// Whether one is open.
    pub(super) fn is_open(self) -> bool {
        self != Page::Outside
    }
}

/// What an object says after its list (`NextToken`): inside so many further objects and lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct After {
    depth: u64,
    quotes: Quotes,
}

impl After {
    /// What is open behind one more byte.
    pub(super) fn take(mut self, byte: u8) -> Page {
        if self.quotes.hold(byte) {
            return Page::After(self);
        }
        match byte {
            b'{' | b'[' => self.depth += 1,
            b']' => self.depth = self.depth.saturating_sub(1),
            b'}' if self.depth == 0 => return Page::Outside,
            b'}' => self.depth -= 1,
            _ => {}
        }
        Page::After(self)
    }
}

/// Names of a member that holds a list of records.
const LISTS: [&[u8]; 3] = [b"\"Records\"", b"\"Events\"", b"\"entries\""];

/// What a text says about beginning such a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begins {
    /// It does; so many bytes to behind the `[`.
    List(usize),
    /// It may, there is more to read.
    Perhaps,
    /// It does not.
    Not,
}

/// Whether a text begins an object whose first member is a list of records: a file of CloudTrail,
/// an answer of `lookup-events`.
pub(super) fn begins_list(text: &[u8]) -> Begins {
    let mut rest = text;
    let mut skip = |wanted: &[u8]| -> Begins {
        rest = rest.trim_ascii_start();
        let length = rest.len().min(wanted.len());
        if rest.get(..length) != wanted.get(..length) {
            return Begins::Not;
        }
        rest = rest.get(length..).unwrap_or(&[]);
        if length < wanted.len() {
            return Begins::Perhaps;
        }
        Begins::List(text.len() - rest.len())
    };
    match skip(b"{") {
        Begins::List(_) => {}
        other => return other,
    }
    let mut begun = Begins::Not;
    for name in LISTS {
        begun = skip(name);
        if begun != Begins::Not {
            break;
        }
    }
    for wanted in [b":", b"["] {
        if let Begins::List(_) = begun {
            begun = skip(wanted);
        }
    }
    begun
}
