//! Secrets that a job spreads over lines, or prints as a dump, so that no line holds one: wrapped
//! (`fold`, `base64`), as numbers (`xxd`, `hexdump`, `od`, `jq explode`), or with blanks between the
//! letters.

use super::line::{Line, Position};
use crate::model::{Timestamp, secret};

/// The longest line that may be a piece of a wrapped text.
const LONGEST: usize = 4096;
/// Bytes that are joined at a time; a secret is shorter than what two such parts have in common.
const MOST: usize = 1 << 20;
const COMMON: usize = 8 << 10;
/// So many columns are no accident.
const COLUMNS: usize = 8;
/// Pieces so short may each be one number or one letter: they need not have one width.
const SHORT: usize = 8;
/// The offset that a dump puts before each line has so many digits at least.
const OFFSET: usize = 6;

/// A secret that several lines hold together.
pub(super) struct Found {
    pub(super) pattern: &'static str,
    pub(super) redacted: String,
    pub(super) at: Option<Timestamp>,
    pub(super) position: Position,
}

/// What is joined of the lines so far.
#[derive(Default)]
pub(super) struct Spread {
    text: Vec<u8>,
    /// Where each line begins in the text and in the trace.
    lines: Vec<(usize, Option<Timestamp>, Position)>,
    /// The width of wrapped lines; none of a dump.
    width: Option<usize>,
    /// Whether a shorter line has ended the text.
    ended: bool,
}

impl Spread {
    /// Takes the next line, as it is shown; answers with what those before it held, where it is no
    /// more of them.
    pub(super) fn take(&mut self, shown: &[u8], line: &Line<'_>) -> Vec<Found> {
        let shown = shown.trim_ascii();
        let (width, piece) = match dumped(shown) {
            Some(numbers) => (None, numbers),
            None if is_piece(shown) => (Some(shown.len()), shown.to_vec()),
            None => return self.finish(),
        };
        let goes_on = !self.lines.is_empty()
            && !self.ended
            && match (self.width, width) {
                (None, None) => true,
                (Some(of_first), Some(own)) => {
                    own <= of_first || (own <= SHORT && of_first <= SHORT)
                }
                _ => false,
            };
        let mut found = Vec::new();
        if !goes_on {
            found = self.finish();
            self.width = width;
        }
        self.ended = width
            .zip(self.width)
            .is_some_and(|(own, first)| own < first && first > SHORT);
        let place = (self.text.len(), line.at, line.position(0));
        self.lines.push(place);
        self.text.extend(piece);
        if self.text.len() >= MOST {
            found.extend(self.search());
            self.shorten();
        }
        found
    }

    /// What the lines held; begins anew.
    pub(super) fn finish(&mut self) -> Vec<Found> {
        if self.lines.is_empty() {
            return Vec::new();
        }
        let found = self.search();
        *self = Spread::default();
        found
    }

    /// Leaves what a secret may have begun in.
    fn shorten(&mut self) {
        let gone = self.text.len() - COMMON.min(self.text.len());
        self.text.drain(..gone);
        let first = self.lines.partition_point(|(start, ..)| *start <= gone);
        self.lines.drain(..first.saturating_sub(1));
        for (start, ..) in &mut self.lines {
            *start = start.saturating_sub(gone);
        }
    }

    fn search(&self) -> Vec<Found> {
        let of_dump = self.width.is_none();
        if !of_dump && self.lines.len() < 2 {
            return Vec::new();
        }
        let starts: Vec<usize> = self.lines.iter().map(|(start, ..)| *start).collect();
        let mut found = self.within(&self.text, &starts);
        if found.is_empty() && self.width.is_some_and(|width| width <= SHORT) {
            let end = self.text.len();
            let ends = starts.iter().skip(1).chain(std::iter::once(&end));
            let pieces = starts.iter().zip(ends);
            let pieces = pieces.filter_map(|(start, end)| self.text.get(*start..*end));
            let numbers = pieces.collect::<Vec<_>>().join(&b' ');
            let starts: Vec<usize> = starts
                .iter()
                .enumerate()
                .map(|(n, start)| n + start)
                .collect();
            found = self.within(&numbers, &starts);
        }
        found
    }

    /// What a text holds whose lines begin at these places.
    fn within(&self, text: &[u8], starts: &[usize]) -> Vec<Found> {
        let of_dump = self.width.is_none();
        let plain = secret::find(text).into_iter();
        let plain = plain.map(|found| {
            let redacted = found.redacted(text);
            (found.pattern, redacted, found.range)
        });
        let spelled = secret::spelled(text).into_iter();
        let spelled = spelled.map(|found| (found.pattern, found.redacted, found.range));
        let line_of = |byte: usize| {
            let behind = starts.partition_point(|start| *start <= byte);
            behind.saturating_sub(1)
        };
        // What one line holds by itself was found in it.
        let several = plain.chain(spelled).filter(|(_, _, range)| {
            of_dump || line_of(range.start) != line_of(range.end.saturating_sub(1))
        });
        let found = several.filter_map(|(pattern, redacted, range)| {
            let (_, at, position) = *self.lines.get(line_of(range.start))?;
            Some(Found {
                pattern,
                redacted,
                at,
                position,
            })
        });
        found.collect()
    }
}

/// Whether a line may be a piece of a wrapped text: one word.
fn is_piece(line: &[u8]) -> bool {
    (1..=LONGEST).contains(&line.len()) && line.iter().all(u8::is_ascii_graphic)
}

/// What a line of a dump shows: its letters, or its numbers with a blank behind each; none where it
/// is no such line.
fn dumped(line: &[u8]) -> Option<Vec<u8>> {
    let line = without_letters(line);
    let blank = line.contains(&b' ');
    let columns = line.split(|byte| match blank {
        true => byte.is_ascii_whitespace(),
        false => *byte == b':',
    });
    let mut columns: Vec<&[u8]> = columns.filter(|column| !column.is_empty()).collect();
    let is_offset = |column: &&&[u8]| {
        let digits = column.strip_suffix(b":").unwrap_or(column);
        digits.len() >= OFFSET && digits.iter().all(u8::is_ascii_hexdigit)
    };
    // Eight digits of nothing but 0 and 1 may be a byte in binary, as those behind them.
    let binary =
        |column: &&[u8]| column.len() == 8 && column.iter().all(|b| matches!(b, b'0' | b'1'));
    let offset = columns.first().filter(is_offset).is_some()
        && (columns.len() < 2 || !columns.iter().take(2).all(binary));
    if offset {
        columns.remove(0);
    }
    if columns.iter().all(|column| column.len() == 1) {
        let enough = columns.len() >= COLUMNS || (offset && !columns.is_empty());
        return enough.then(|| columns.concat());
    }
    let numbers = columns.iter().map_while(|column| number(column));
    let numbers: Vec<&[u8]> = numbers.collect();
    // What stands behind the numbers is their letters, in one column or with blanks in it.
    let enough = numbers.len() >= COLUMNS / 2 || (offset && !numbers.is_empty());
    let whole = offset || numbers.len() == columns.len();
    (enough && whole).then(|| [numbers.join(&b' ').as_slice(), b" "].concat())
}

/// A line of `xxd` without the letters behind two blanks, which may look like numbers.
fn without_letters(line: &[u8]) -> &[u8] {
    let offset = line
        .iter()
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    let behind = line.get(offset..).unwrap_or_default();
    if offset < OFFSET || !behind.starts_with(b": ") {
        return line;
    }
    let letters = memchr::memmem::find(behind, b"  ").map(|at| offset + at);
    line.get(..letters.unwrap_or(line.len())).unwrap_or(line)
}

/// A column that is one number, out of its comma.
fn number(column: &[u8]) -> Option<&[u8]> {
    let digits = column.strip_suffix(b",").unwrap_or(column);
    let bare = digits.strip_prefix(b"0x").unwrap_or(digits);
    let sound = matches!(bare.len(), 1..=4 | 8) && bare.iter().all(u8::is_ascii_hexdigit);
    sound.then_some(digits)
}
