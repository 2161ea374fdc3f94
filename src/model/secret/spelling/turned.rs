//! Tokens that are written backwards (`rev`) or with every letter moved by thirteen (`tr A-Za-z
//! N-ZA-Mn-za-m`): one word undoes either, and a runner's masking knows neither.

use std::sync::LazyLock;

use super::super::pattern;
use super::super::prefixes::Prefixes;
use super::{Places, Reading, SHORTEST};

/// The shortest beginning that is looked for: fewer letters stand so in every text.
const LEAST: usize = 4;
/// Of a JWT, whose three parts tell it.
const JWT: &str = "eyJ";
/// Beginnings in one run of letters that are followed.
const FOLLOWED: usize = 8;

/// How a token was turned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Backwards,
    Moved,
    Both,
}

impl Turn {
    fn of(self, text: &[u8]) -> Vec<u8> {
        match self {
            Turn::Backwards => text.iter().rev().copied().collect(),
            Turn::Moved => text.iter().map(|byte| moved(*byte)).collect(),
            Turn::Both => text.iter().rev().map(|byte| moved(*byte)).collect(),
        }
    }
}

/// A letter moved by thirteen.
pub(super) fn moved(byte: u8) -> u8 {
    match byte {
        b'A'..=b'M' | b'a'..=b'm' => byte + 13,
        b'N'..=b'Z' | b'n'..=b'z' => byte - 13,
        other => other,
    }
}

/// What tokens begin with, turned.
struct Marks {
    all: Vec<(Vec<u8>, Turn)>,
    search: Prefixes,
}

static MARKS: LazyLock<Marks> = LazyLock::new(|| {
    let telling = pattern::prefixes().filter(|prefix| prefix.len() >= LEAST);
    let telling: Vec<&str> = telling.chain([JWT]).collect();
    let turned = [Turn::Backwards, Turn::Moved, Turn::Both]
        .into_iter()
        .flat_map(|turn| {
            let own = telling.iter().map(|prefix| prefix.as_bytes());
            own.map(move |prefix| (prefix, turn.of(prefix), turn))
        });
    let all: Vec<(Vec<u8>, Turn)> = turned
        .filter(|(prefix, mark, _)| prefix != mark)
        .map(|(_, mark, turn)| (mark, turn))
        .collect();
    let search = Prefixes::new(all.iter().map(|(mark, _)| mark.clone()));
    Marks { all, search }
});

/// What the heading of a private key says, turned.
static HEADINGS: LazyLock<[(Vec<u8>, Turn); 3]> = LazyLock::new(|| {
    let turns = [Turn::Backwards, Turn::Moved, Turn::Both];
    turns.map(|turn| (turn.of(pattern::PEM_LABEL_END), turn))
});
/// How far a heading reaches from what it says.
const HEADING: usize = 48;

/// The headings of private keys that are turned, each on its line.
fn headings(text: &[u8]) -> impl Iterator<Item = Reading> {
    let found = HEADINGS.iter().filter_map(|(mark, turn)| {
        let at = memchr::memmem::find(text, mark)?;
        Some((at, at + mark.len(), *turn))
    });
    found.map(|(at, end, turn)| {
        let least = at.saturating_sub(HEADING);
        let before = memchr::memrchr(b'\n', text.get(least..at).unwrap_or_default());
        let start = before.map_or(least, |line| least + line + 1);
        let behind = text.get(end..text.len().min(end + HEADING));
        let behind = behind.unwrap_or_default();
        let own = start..end + memchr::memchr(b'\n', behind).unwrap_or(behind.len());
        Reading {
            text: turn.of(text.get(own.clone()).unwrap_or_default()),
            from: Places::Run(own),
        }
    })
}

/// The tokens of a text that are turned, each with what follows it in the same run of letters, and
/// the headings of keys.
pub(super) fn turned(text: &[u8]) -> Vec<Reading> {
    let mut readings: Vec<Reading> = headings(text).collect();
    let (mut from, mut run, mut followed) = (0, 0..0, 0);
    while let Some(at) = MARKS.search.find(text, from) {
        from = at + 1;
        if at >= run.end {
            run = run_around(text, at, run.end);
            followed = 0;
        }
        if followed == FOLLOWED {
            from = run.end.max(from);
            continue;
        }
        let rest = text.get(at..run.end).unwrap_or_default();
        for (mark, turn) in &MARKS.all {
            if followed == FOLLOWED || !rest.starts_with(mark) {
                continue;
            }
            let (own, beside) = match turn {
                Turn::Backwards | Turn::Both => {
                    (run.start..at + mark.len(), at.checked_add(mark.len()))
                }
                Turn::Moved => (at..run.end, at.checked_sub(1)),
            };
            let joined = beside.and_then(|at| text.get(at)).is_some_and(is_digit);
            if joined || own.len() < SHORTEST {
                continue;
            }
            followed += 1;
            let letters = text.get(own.clone()).unwrap_or_default();
            // Words are no tokens, whichever way they are written.
            let told = letters.iter().any(u8::is_ascii_digit);
            readings.extend(told.then(|| Reading {
                text: turn.of(letters),
                from: Places::Run(own),
            }));
        }
    }
    readings
}

/// The letters around a place that may be of one token; none before `least`.
fn run_around(text: &[u8], at: usize, least: usize) -> std::ops::Range<usize> {
    let before = text.get(least..at).unwrap_or_default();
    let start = before.iter().rev().take_while(|byte| is_letter(byte));
    let behind = text.get(at..).unwrap_or_default();
    let end = behind.iter().take_while(|byte| is_letter(byte));
    at - start.count()..at + end.count()
}

/// What stands in a token.
fn is_letter(byte: &u8) -> bool {
    is_digit(byte) || matches!(byte, b'.' | b'=' | b'~')
}

/// What goes on with a word, or with a run of base64.
fn is_digit(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/')
}
