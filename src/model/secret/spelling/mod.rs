//! Secrets that a text holds in another spelling: percent, backslash, HTML and mail's escapes,
//! hexadecimal, base64, base32, base85 and uuencode, what is packed behind them, lists of the codes of
//! characters, letters of other alphabets that look alike, written backwards or moved by thirteen
//! letters, cut in pieces by quotes, signs or characters that nobody sees, and these within one another.
//!
//! A runner masks a value as it is, so whoever prints one to take it away spells it differently; and
//! what stands encoded in a log is as good as plain. What loses the value (upper case) is not looked for;
//! what only its author can undo (a cipher with a key) and what nothing here unpacks (bzip2, xz) is told
//! by how it begins ([`sealed`](super::sealed)).

mod digits;
mod escape;
mod listed;
mod pieces;
mod quintets;
#[cfg(test)]
mod tests;
mod turned;
mod unseen;

use std::ops::Range;

use super::find;

/// A secret in another spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelled {
    /// Name of its pattern.
    pub pattern: &'static str,
    /// What may be shown of it.
    pub redacted: String,
    /// Where its spelling stands in the text.
    pub range: Range<usize>,
}

/// Spellings within spellings that are followed.
const DEPTH: usize = 4;
/// The shortest run of digits that may hold a secret.
const SHORTEST: usize = 20;
/// What a byte may be part of: a run of base64 or of hexadecimal digits, an escape, a quotation,
/// something that nobody sees. Most texts of a log hold nothing of it that is worth a second look.
const CLASSES: [u8; 256] = classes();
const DIGIT: u8 = 1;
const HEXADECIMAL: u8 = 2;
const UPPER: u8 = 4;
const ESCAPE: u8 = 8;
const ODD: u8 = 16;
const QUOTE: u8 = 32;
const EQUALS: u8 = 64;

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let c = byte as u8;
        let mut class = 0;
        if c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'-' | b'_') {
            class |= DIGIT;
        }
        if c.is_ascii_hexdigit() {
            class |= HEXADECIMAL;
        }
        if c.is_ascii_uppercase() {
            class |= UPPER;
        }
        if matches!(c, b'%' | b'\\' | b'&') {
            class |= ESCAPE;
        }
        if matches!(c, b'"' | b'\'' | b'`' | b'\\') {
            class |= QUOTE;
        }
        if c == b'=' {
            class |= EQUALS;
        }
        if (c < 0x20 && !matches!(c, b'\n' | b'\t')) || c >= 0x7f {
            class |= ODD;
        }
        classes[byte] = class;
        byte += 1;
    }
    classes
}

/// What a text hides, in order, without overlaps.
#[must_use]
pub fn spelled(text: &[u8]) -> Vec<Spelled> {
    let mut found = search(text, DEPTH);
    found.sort_by_key(|spelled| (spelled.range.start, std::cmp::Reverse(spelled.range.end)));
    let mut end = 0;
    found.retain(|spelled| {
        let own = spelled.range.start >= end;
        end = end.max(spelled.range.end);
        own
    });
    found
}

fn search(text: &[u8], depth: usize) -> Vec<Spelled> {
    let mut all = Vec::new();
    for reading in readings(text, depth) {
        let secrets = find(&reading.text);
        all.extend(secrets.iter().map(|secret| Spelled {
            pattern: secret.pattern,
            redacted: secret.redacted(&reading.text),
            range: reading.place(&secret.range),
        }));
        // What was found may be the first piece of one that is cut once more.
        let cut = matches!(reading.from, Places::Each(_));
        if depth > 1 && (cut || secrets.is_empty()) {
            let inner = search(&reading.text, depth - 1).into_iter();
            all.extend(inner.map(|spelled| Spelled {
                range: reading.place(&spelled.range),
                ..spelled
            }));
        }
    }
    all
}

/// What a part of a text says.
struct Reading {
    text: Vec<u8>,
    from: Places,
}

/// What a reading was read from.
enum Places {
    /// A run of digits, which stand for it only together.
    Run(Range<usize>),
    /// Where each byte begins, and where the last one ends.
    Each(Vec<usize>),
}

impl Reading {
    /// The place in the text that spells this part of the reading.
    fn place(&self, part: &Range<usize>) -> Range<usize> {
        match &self.from {
            Places::Run(range) => range.clone(),
            Places::Each(from) => {
                let at = |byte: usize| from.get(byte).or(from.last()).copied().unwrap_or(0);
                at(part.start)..at(part.end)
            }
        }
    }
}

/// Everything that a text may be read as, so many spellings within others from the last one.
fn readings(text: &[u8], depth: usize) -> Vec<Reading> {
    let mut readings = Vec::new();
    let (mut seen, mut start, mut any, mut all) = (0, 0, 0, u8::MAX);
    for at in 0..=text.len() {
        let class = text.get(at).map_or(0, |byte| CLASSES[usize::from(*byte)]);
        seen |= class;
        if class & DIGIT != 0 {
            any |= class;
            all &= class;
            continue;
        }
        if at - start >= SHORTEST {
            digits::run(text, start..at, (any, all), &mut readings);
        }
        (start, any, all) = (at + 1, 0, u8::MAX);
    }
    if seen & ESCAPE != 0 {
        readings.extend(escape::unescaped(text));
    }
    if seen & ODD != 0 {
        readings.extend(unseen::joined(text));
    }
    if text.len() >= SHORTEST {
        readings.extend(quintets::words(text));
        readings.extend(quintets::uuencoded(text));
        readings.extend(turned::turned(text));
    }
    if text.len() >= 2 * SHORTEST {
        readings.extend(listed::listed(text));
        readings.extend(pieces::interleaved(text));
    }
    // Each of these is as long as the text: they are not followed into one another for ever.
    if depth + 1 >= DEPTH {
        if seen & EQUALS != 0 {
            readings.extend(escape::quoted_printable(text));
        }
        if seen & QUOTE != 0 {
            readings.extend(pieces::unquoted(text));
        }
    }
    readings
}

/// Bytes by which a decoded text shows that it is one.
const SHOWN: usize = 64;

/// Whether what was decoded is text and no accident.
fn is_text(decoded: &[u8]) -> bool {
    let head = decoded.get(..SHOWN.min(decoded.len())).unwrap_or_default();
    let seen = |byte: &&u8| matches!(byte, 0x20..=0x7e | b'\t' | b'\n' | b'\r');
    !head.is_empty() && head.iter().filter(seen).count() * 10 >= head.len() * 9
}
