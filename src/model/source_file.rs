//! The text of a file by its lines: from bytes to lines and columns, and from lines to bytes.

/// A range of bytes in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
}

impl Span {
    /// The empty range at `byte`.
    #[must_use]
    pub fn at(byte: usize) -> Span {
        Span {
            start: byte,
            end: byte,
        }
    }

    /// The range from the start of `self` to the end of `other`.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span {
            start: self.start,
            end: other.end.max(self.start),
        }
    }
}

/// A line and column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// One line of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'t> {
    /// Its number, from 1.
    pub number: u32,
    /// Its first byte.
    pub start: usize,
    /// What it says, without its terminator.
    pub text: &'t str,
}

/// A text with the starts of its lines.
#[derive(Clone, Debug)]
pub struct SourceFile<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> SourceFile<'t> {
    /// Finds the lines of `text`.
    #[must_use]
    pub fn new(text: &'t str) -> SourceFile<'t> {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0)
            .chain(newlines.map(|(at, _)| at + 1))
            .collect();
        SourceFile { text, starts }
    }

    /// The line and column of a byte.
    #[must_use]
    pub fn position(&self, byte: usize) -> Position {
        let line = self.line_of(byte);
        let before = self
            .text
            .get(line.start..byte)
            .map_or(byte - line.start, |s| s.chars().count());
        Position {
            line: line.number,
            column: to_u32(before + 1),
        }
    }

    /// The line that a byte stands on.
    #[must_use]
    pub fn line_of(&self, byte: usize) -> Line<'t> {
        self.at(self.starts.partition_point(|start| *start <= byte).max(1))
    }

    /// A line by its number, from 1; `None` behind the last. A terminator at the end opens no line.
    #[must_use]
    pub fn line(&self, number: usize) -> Option<Line<'t>> {
        let start = *self.starts.get(number.checked_sub(1)?)?;
        (start < self.text.len()).then(|| self.at(number))
    }

    /// How many characters of `span` stand on the line that it begins on, at least one.
    #[must_use]
    pub fn width_on_line(&self, span: Span) -> u32 {
        let line = self.line_of(span.start);
        let end = span.end.min(line.start + line.text.len()).max(span.start);
        let shown = self.text.get(span.start..end).unwrap_or_default();
        to_u32(shown.chars().count().max(1))
    }

    /// The line of a number that there is.
    fn at(&self, number: usize) -> Line<'t> {
        let start = self.starts.get(number - 1).copied().unwrap_or_default();
        let end = self.starts.get(number).copied();
        let text = self.text.get(start..end.unwrap_or(self.text.len()));
        let text = text.unwrap_or_default();
        let text = text.strip_suffix('\n').unwrap_or(text);
        Line {
            number: to_u32(number),
            start,
            text: text.strip_suffix('\r').unwrap_or(text),
        }
    }
}

fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_bytes_find_each_other() {
        let file = SourceFile::new("one\r\ntwö x\n\nend");
        let line = file.line(2).unwrap();
        assert_eq!((line.number, line.start, line.text), (2, 5, "twö x"));
        assert_eq!(file.line_of(9), line);
        assert_eq!(file.position(10), Position { line: 2, column: 5 });
        assert_eq!(file.line(1).unwrap().text, "one");
        assert_eq!(file.line(3).unwrap().text, "");
        assert_eq!(file.line(4).unwrap().text, "end");
        assert_eq!(file.line(5), None);
        assert_eq!(file.line(0), None);
        assert_eq!(SourceFile::new("a\n").line(2), None);
        assert_eq!(file.width_on_line(Span { start: 9, end: 14 }), 2);
        assert_eq!(file.width_on_line(Span::at(3)), 1);
    }
}
