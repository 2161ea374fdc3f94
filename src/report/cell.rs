//! The cells of every CSV file: RFC 4180 with CRLF, and the one place where a cell that a
//! spreadsheet could run is guarded.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::model::{Cited, Confidence, Finding, Timestamp, list};

use super::Written;
use super::visible::{is_hidden, is_plain, visible};

/// The columns of one piece of evidence: which bytes of which file, and their digest.
pub const EVIDENCE: &[&str] = &[
    "evidence_file",
    "evidence_line",
    "evidence_byte",
    "evidence_end",
    "evidence_kind",
    "evidence_sha256",
];

/// The columns that every table of findings has after those of what a finding is about.
pub const FOUND: &[&str] = &[
    "soc2",
    "iso27001",
    "message",
    "evidence_file",
    "evidence_line",
    "evidence_sha256",
];

/// Writes one CSV table cell by cell and counts rows and guarded cells.
pub struct Table<'w> {
    csv: csv::Writer<&'w mut dyn Write>,
    rows: u64,
    guarded: u64,
}

impl<'w> Table<'w> {
    /// Starts a table with its header row.
    pub fn new(out: &'w mut dyn Write, header: &[&str]) -> io::Result<Table<'w>> {
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        csv.write_record(header).map_err(io::Error::from)?;
        Ok(Table {
            csv,
            rows: 0,
            guarded: 0,
        })
    }

    /// A cell whose text may come from a log: hidden characters shown, formulas guarded.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        let (cell, guarded) = guard(text);
        self.guarded += u64::from(guarded);
        self.raw(&cell)
    }

    /// A list cell: sorted, without repeats, joined by `;` (in an item `%3B` for `;`, `%25` for `%`).
    pub fn list<S: AsRef<str>>(&mut self, items: &[S]) -> io::Result<()> {
        let mut items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
        items.sort_unstable();
        items.dedup();
        self.text(&list::joined(items))
    }

    /// A number; never guarded, so that a spreadsheet can sum it.
    pub fn number(&mut self, number: u64) -> io::Result<()> {
        self.raw(&number.to_string())
    }

    /// A time, empty when there is none.
    pub fn time(&mut self, time: Option<Timestamp>) -> io::Result<()> {
        self.raw(&time.map(|time| time.to_string()).unwrap_or_default())
    }

    /// A confidence with its band: two cells, both empty when nothing is known.
    pub fn confidence(&mut self, confidence: Option<Confidence>) -> io::Result<()> {
        self.raw(&confidence.map(|c| c.to_string()).unwrap_or_default())?;
        let band = confidence.and_then(Confidence::band);
        self.raw(band.map(|band| band.as_str()).unwrap_or_default())
    }

    /// A piece of evidence, six cells: file, line, first byte, end, kind, digest.
    pub fn evidence(&mut self, evidence: &Cited) -> io::Result<()> {
        self.text(&evidence.file)?;
        self.number(evidence.line)?;
        self.number(evidence.byte)?;
        self.number(evidence.end)?;
        self.raw(evidence.kind.as_str())?;
        self.raw(&evidence.sha256.to_string())
    }

    /// What every table of findings says after what it is about, six cells: see [`FOUND`].
    pub fn found(
        &mut self,
        finding: &Finding,
        (file, line): (&str, u64),
        sha256: &str,
    ) -> io::Result<()> {
        self.list(&finding.soc2)?;
        self.list(&finding.iso27001)?;
        self.text(&finding.message)?;
        self.text(file)?;
        self.number(line)?;
        self.text(sha256)
    }

    /// Ends the row.
    pub fn end(&mut self) -> io::Result<()> {
        self.rows += 1;
        self.csv
            .write_record(None::<&[u8]>)
            .map_err(io::Error::from)
    }

    /// Ends the table.
    pub fn finish(mut self) -> io::Result<Written> {
        self.csv.flush()?;
        Ok(Written {
            rows: Some(self.rows),
            guarded: self.guarded,
        })
    }

    /// A cell that is known to be safe: a number or word of our own.
    pub fn raw(&mut self, cell: &str) -> io::Result<()> {
        self.csv.write_field(cell).map_err(io::Error::from)
    }
}

/// The cell a text becomes, and whether it had to be guarded.
///
/// A cell is guarded with a leading `'` when it starts with a character that makes a spreadsheet
/// run it (OWASP CSV Injection: `=`, `+`, `-`, `@`, TAB, CR, LF, their full-width and small forms, also NUL),
/// even behind blanks or invisible characters, which some programs trim. Where `;` is the list
/// separator of the locale, Excel splits there whatever the quotes say, so a formula directly
/// behind a `;` gets its own guard.
pub(super) fn guard(text: &str) -> (Cow<'_, str>, bool) {
    // Most cells start with a letter or digit and hold no separator.
    let harmless = |byte: &u8| byte.is_ascii_alphanumeric();
    if text.as_bytes().first().is_none_or(harmless) && is_plain(text) && !text.contains(';') {
        return (Cow::Borrowed(text), false);
    }
    let shown = visible(text);
    let leads = text.starts_with(['\t', '\r', '\n', '\0'])
        || text
            .trim_start_matches(|c: char| c.is_whitespace() || is_hidden(c))
            .starts_with(is_formula);
    let inner = follows_separator(&shown);
    if !leads && !inner {
        return (shown, false);
    }
    let mut cell = String::with_capacity(shown.len() + 4);
    if leads {
        cell.push('\'');
    }
    let mut previous = ' ';
    for character in shown.chars() {
        if previous == ';' && is_formula(character) {
            cell.push('\'');
        }
        cell.push(character);
        previous = character;
    }
    (Cow::Owned(cell), true)
}

fn follows_separator(text: &str) -> bool {
    text.split(';')
        .skip(1)
        .any(|part| part.starts_with(is_formula))
}

fn is_formula(character: char) -> bool {
    matches!(
        character,
        '=' | '+'
            | '-'
            | '@'
            | '\u{FF1D}'
            | '\u{FF0B}'
            | '\u{FF0D}'
            | '\u{FF20}'
            | '\u{FE66}'
            | '\u{FE62}'
            | '\u{FE63}'
            | '\u{FE6B}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_way_to_start_a_formula_is_guarded() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'⟨U+0009⟩=1"),
            ("\r=1", "'⟨U+000D⟩=1"),
            ("\n=1", "'⟨U+000A⟩=1"),
            ("\0=1", "'⟨U+0000⟩=1"),
            ("\tplain", "'⟨U+0009⟩plain"),
            ("  =1", "'  =1"),
            ("\u{FEFF}=1", "'⟨U+FEFF⟩=1"),
            ("\u{200B}@x", "'⟨U+200B⟩@x"),
            ("＝1", "'＝1"),
            ("＋1", "'＋1"),
            ("－1", "'－1"),
            ("＠x", "'＠x"),
            ("﹦1", "'﹦1"),
            ("﹣1", "'﹣1"),
            ("a;=HYPERLINK(\"x\")", "a;'=HYPERLINK(\"x\")"),
        ] {
            assert_eq!(guard(text), (Cow::Borrowed(cell), true), "{text:?}");
        }
    }

    #[test]
    fn harmless_text_is_left_alone() {
        for text in ["", "vault:path/secret/data/a-b", "a=b", "x;y", "'=1", "1-2"] {
            assert_eq!(guard(text), (Cow::Borrowed(text), false), "{text:?}");
        }
        assert_eq!(guard("a\u{202E}b"), (Cow::Borrowed("a⟨U+202E⟩b"), false));
    }

    #[test]
    fn quotes_commas_and_numbers_follow_rfc_4180() {
        let mut out = Vec::new();
        let mut table = Table::new(&mut out, &["a", "b", "c"]).unwrap();
        table.text("say \"hi\", you").unwrap();
        table.number(7).unwrap();
        table.list(&["b", "a", "b"]).unwrap();
        table.end().unwrap();
        let written = table.finish().unwrap();
        assert_eq!(
            written,
            Written {
                rows: Some(1),
                guarded: 0
            }
        );
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "a,b,c\r\n\"say \"\"hi\"\", you\",7,a;b\r\n"
        );
    }
}
