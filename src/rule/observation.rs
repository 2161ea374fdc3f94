//! One piece of evidence that a rule found.

use std::borrow::Cow;

use crate::model::{Confidence, Ended, Evidence, Severity, SourceFile, Span, Timestamp, secret};

/// One row of a rule's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Who or what it is about.
    pub subject: String,
    /// What was touched.
    pub object: String,
    /// When.
    pub at: Option<Timestamp>,
    /// The record that shows it.
    pub evidence: Evidence,
    /// How sure; certain unless the row says otherwise.
    pub confidence: Confidence,
    /// Severity, where the row differs from the rule.
    pub severity: Option<Severity>,
    /// What this row adds to the message.
    pub detail: String,
    /// What to show of the source, where its text is at hand.
    pub excerpt: Option<Excerpt>,
    /// The one thing that several records show, which is counted once; none where each record is an
    /// occurrence of its own.
    pub occurrence: Option<String>,
    /// What ended it, where that is known.
    pub ended: Option<Ended>,
    /// Where what would clear it may stand, if it accuses because something is absent.
    pub absence: Absence,
}

/// Where what would clear an accusation may stand: between two moments, the observation's own where
/// none is named, and in one of the rule's counterparts, any where none is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Absence {
    /// From when on.
    pub since: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// The counterpart; empty for each of the rule's.
    pub of: String,
}

/// A part of one source line, to be shown; no evidence by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Excerpt {
    /// Line in the file, from 1.
    pub line: u64,
    /// Last line of the statement it is part of.
    pub last_line: u64,
    /// Column of the part in characters, from 1.
    pub column: u32,
    /// Length of the part in characters.
    pub length: u32,
    /// How many characters of the line stand before `text`.
    pub offset: u32,
    /// The line, redacted; of a long one what stands around the part.
    pub text: String,
}

/// A line of more bytes is shown in part: one of 64 KB with a fault at every character would be
/// shown 64,000 times.
const SHORT: usize = 480;
/// How many characters stand before the part that is shown, in a long line.
const BEFORE: usize = 120;
/// How many bytes beside the part are looked at, so that no half of a secret is shown.
const AROUND: usize = 4096;

impl Excerpt {
    /// Shows a whole line but its blanks at both ends.
    #[must_use]
    pub fn of_line(written: &str, line: u64) -> Excerpt {
        let blank = written.chars().take_while(|c| c.is_whitespace()).count();
        let column = u32::try_from(blank + 1).unwrap_or(1);
        let length = written.trim().chars().count();
        let mut shown = Excerpt::new(
            written,
            (line, line),
            column,
            u32::try_from(length).unwrap_or(u32::MAX),
        );
        if shown.offset == 0 {
            // What is redacted is shorter or longer than what was written.
            let length = shown.text.trim().chars().count();
            shown.length = u32::try_from(length).unwrap_or(u32::MAX);
        }
        shown
    }

    /// Shows a part of a file whose first line is `first`.
    #[must_use]
    pub fn of_span(file: &SourceFile<'_>, first: u64, span: Span) -> Excerpt {
        let at = file.position(span.start);
        let line = first + u64::from(at.line) - 1;
        let written = file.line_of(span.start);
        let byte = span.start.saturating_sub(written.start);
        let place = (at.column, byte.min(written.text.len()));
        Excerpt::at(written.text, (line, line), place, file.width_on_line(span))
    }

    /// Shows `length` characters from `column` of the line `written`; the statement that they are
    /// part of ends at `last_line`.
    #[must_use]
    pub fn new(written: &str, lines: (u64, u64), column: u32, length: u32) -> Excerpt {
        let characters = (column as usize).saturating_sub(1);
        let byte = written.char_indices().nth(characters);
        let byte = byte.map_or(written.len(), |(byte, _)| byte);
        Excerpt::at(written, lines, (column, byte), length)
    }

    /// The same, where the byte of the column is known: a long line is not walked to it again.
    fn at(
        written: &str,
        (line, last_line): (u64, u64),
        (column, byte): (u32, usize),
        length: u32,
    ) -> Excerpt {
        let (offset, text) = if written.len() <= SHORT {
            (0, secret::redact(written))
        } else {
            window(written, (column as usize).saturating_sub(1), byte)
        };
        Excerpt {
            line,
            last_line,
            column,
            length: length
                .min(u32::try_from(text.chars().count()).unwrap_or(u32::MAX))
                .max(1),
            offset: u32::try_from(offset).unwrap_or(u32::MAX),
            text,
        }
    }
}

/// What stands around a character of a long line, redacted, and how many characters before it.
fn window(written: &str, at: usize, byte: usize) -> (usize, String) {
    let before = written.get(..byte).unwrap_or_default().char_indices().rev();
    let (characters, start) = before
        .take(BEFORE)
        .fold((0, byte), |(count, _), (start, _)| (count + 1, start));
    let first = at.saturating_sub(characters);
    let behind = written.get(start..).unwrap_or_default();
    let end = behind.char_indices().nth(SHORT);
    let end = end.map_or(written.len(), |(byte, _)| start + byte);
    // A secret that begins before or ends behind what is shown is looked at whole.
    let (from, to) = (word_start(written, start), word_end(written, end));
    let piece = written.get(from..to).unwrap_or_default();
    let redacted = secret::redact(piece);
    if from > 0 && start - from >= AROUND {
        // One word of thousands of characters: whatever it is, none of it is shown.
        return (first, "…".to_owned());
    }
    if redacted == piece {
        return (
            first,
            written.get(start..end).unwrap_or_default().to_owned(),
        );
    }
    let before = written.get(..from).map_or(0, |text| text.chars().count());
    (before, redacted.chars().take(SHORT + BEFORE).collect())
}

/// Where the word begins that `at` lies in, at most [`AROUND`] bytes before it.
fn word_start(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    let word = before
        .bytes()
        .rev()
        .take(AROUND)
        .take_while(|byte| !ends_word(*byte))
        .count();
    (at - word..=at)
        .find(|byte| text.is_char_boundary(*byte))
        .unwrap_or(at)
}

/// Where the word ends that `at` lies in, at most [`AROUND`] bytes behind it.
fn word_end(text: &str, at: usize) -> usize {
    let behind = text.get(at..).unwrap_or_default();
    let word = behind
        .bytes()
        .take(AROUND)
        .take_while(|byte| !ends_word(*byte));
    let end = at + word.count();
    (at..=end)
        .rev()
        .find(|byte| text.is_char_boundary(*byte))
        .unwrap_or(at)
}

fn ends_word(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b',' | b';')
}

/// A name of configuration that holds a secret is shown without it.
fn clean(text: String) -> String {
    match secret::redacted_typed(&text) {
        Cow::Owned(clean) => clean,
        Cow::Borrowed(_) => text,
    }
}

impl Observation {
    /// A certain observation of a lasting state.
    #[must_use]
    pub fn of(
        subject: impl Into<String>,
        object: impl Into<String>,
        evidence: Evidence,
    ) -> Observation {
        Observation {
            subject: clean(subject.into()),
            object: clean(object.into()),
            at: None,
            evidence,
            confidence: Confidence::CERTAIN,
            severity: None,
            detail: String::new(),
            excerpt: None,
            occurrence: None,
            ended: None,
            absence: Absence::default(),
        }
    }

    /// The observation with a severity of its own.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Observation {
        self.severity = Some(severity);
        self
    }

    /// The observation with something to add to the message.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Observation {
        self.detail = clean(detail.into());
        self
    }

    /// The observation that one counterpart alone would clear, or none where the rule does not name
    /// it.
    #[must_use]
    pub fn with_counterpart(mut self, of: &str) -> Observation {
        of.clone_into(&mut self.absence.of);
        self
    }

    /// The observation with a piece of source to show.
    #[must_use]
    pub fn with_excerpt(mut self, excerpt: Option<Excerpt>) -> Observation {
        self.excerpt = excerpt;
        self
    }
}

/// The evidence of a setting, from the place it is declared at: `piperoll.toml:12`.
#[must_use]
pub fn declared(at: &str) -> Evidence {
    let (file, line) = at.rsplit_once(':').unwrap_or((at, "1"));
    Evidence {
        file: file.to_owned(),
        line: line.parse().unwrap_or(1),
        byte: 0,
        sha256: String::new(),
    }
}
