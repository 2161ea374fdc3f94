//! Secrets at the seam of two lines: wrapped by a terminal, gone on with behind a backslash or the `=`
//! of mail, written in two halves, and entries of `.netrc` on lines of their own.

use super::line::{Line, Position};
use super::spread::Found;
use crate::model::{Timestamp, secret};

/// Bytes of a line that are looked at.
const LONGEST: usize = 4096;
/// The shortest line that a terminal wraps.
const WRAPPED: usize = 60;
/// Bytes of a token in the first of two lines, so that its kind is no accident.
const BEFORE: usize = 6;

/// The end of the line before, and where it stands.
#[derive(Default)]
pub(super) struct Seam {
    last: Vec<u8>,
    /// The last lines, for entries that take several.
    entry: Vec<u8>,
    place: Option<(Option<Timestamp>, Position)>,
}

impl Seam {
    /// Takes the next line, as it is shown; answers with what it and the one before it hold together.
    pub(super) fn take(&mut self, shown: &[u8], line: &Line<'_>) -> Vec<Found> {
        let text = shown.trim_ascii_end();
        let own = (line.at, line.position(0));
        let mut found = self.entry(text, own);
        let goes_on = matches!(self.last.last(), Some(b'\\' | b'='));
        if let Some(place) = self.place {
            found.extend(match goes_on {
                true => self.continued(text, place),
                false => self.wrapped(text, place),
            });
        }
        if goes_on {
            self.last.pop();
            self.last.extend_from_slice(head(text.trim_ascii_start()));
        } else {
            self.last = text.to_vec();
            self.place = Some(own);
        }
        let gone = self.last.len().saturating_sub(LONGEST);
        self.last.drain(..gone);
        found
    }

    /// What a line and the one that goes on with it hold.
    fn continued(&self, text: &[u8], place: (Option<Timestamp>, Position)) -> Vec<Found> {
        let next = head(text.trim_ascii_start());
        let seam = self.last.len().saturating_sub(1);
        let joined = [self.last.get(..seam).unwrap_or_default(), next].concat();
        let mut found = plain(&joined, |start, end| start < seam && seam < end, place);
        if self.last.last() == Some(&b'=') {
            let mail = [self.last.as_slice(), b"\n", next].concat();
            let spelled = secret::spelled(&mail).into_iter();
            let across = spelled.filter(|found| found.range.start < seam && seam < found.range.end);
            found.extend(across.map(|found| told(found.pattern, found.redacted, place)));
        }
        found
    }

    /// What the last word of a line and the first of the next one hold.
    fn wrapped(&self, text: &[u8], place: (Option<Timestamp>, Position)) -> Vec<Found> {
        let is_word = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_graphic);
        let words = is_word(&self.last) && is_word(text);
        let begins = text.first().is_some_and(u8::is_ascii_graphic);
        if !begins || !(words || self.last.len() >= WRAPPED) {
            return Vec::new();
        }
        let blank = |byte: &u8| byte.is_ascii_whitespace();
        let tail = self.last.iter().rposition(blank).map_or(0, |at| at + 1);
        let tail = self.last.get(tail..).unwrap_or_default();
        let next = head(text.split(blank).next().unwrap_or_default());
        let joined = [tail, next].concat();
        let seam = tail.len();
        let across = |start: usize, end: usize| {
            let whole = start == 0 && end == joined.len();
            seam < end && (start + BEFORE <= seam || (words && whole && start < seam))
        };
        plain(&joined, across, place)
    }

    /// The password of an entry whose other words stand on the lines before.
    fn entry(&mut self, text: &[u8], place: (Option<Timestamp>, Position)) -> Vec<Found> {
        let words = text.trim_ascii_start();
        if words.starts_with(b"machine ") {
            self.entry.clear();
        } else if self.entry.is_empty() || self.entry.len() + words.len() > LONGEST {
            self.entry.clear();
            return Vec::new();
        }
        let seam = self.entry.len();
        self.entry.extend_from_slice(words);
        self.entry.push(b'\n');
        match words.starts_with(b"password ") && seam > 0 {
            true => plain(&self.entry, |start, _| start > seam, place),
            false => Vec::new(),
        }
    }
}

/// What is looked at of a line.
fn head(line: &[u8]) -> &[u8] {
    line.get(..LONGEST.min(line.len())).unwrap_or_default()
}

/// The secrets of a text that lie where they should.
fn plain(
    text: &[u8],
    lies: impl Fn(usize, usize) -> bool,
    place: (Option<Timestamp>, Position),
) -> Vec<Found> {
    let found = secret::find(text).into_iter();
    let across = found.filter(|found| lies(found.range.start, found.range.end));
    across
        .map(|found| told(found.pattern, found.redacted(text), place))
        .collect()
}

fn told(
    pattern: &'static str,
    redacted: String,
    (at, position): (Option<Timestamp>, Position),
) -> Found {
    Found {
        pattern,
        redacted,
        at,
        position,
    }
}
