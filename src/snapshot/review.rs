//! Worksheets of a pack that came back from review: `data/exceptions.csv`, and the populations of
//! access (`data/user_access_review.csv`, ...), CSV with the columns that reviewers fill in.
//!
//! Kind `reviewed-exception`, object `exception:<exception_id>`: `rule_id`, `severity`,
//! `first_seen`, `disposition`, `owner`, `response`, `cause`, `expires`, `reviewed_by`,
//! `reviewed_at`. Kind `reviewed-access`, object `access:<row_id>`: `worksheet` (the stem of the
//! file's name), `reviewer`, `decision`, `decided_at`. A cell that is empty says nothing.

use csv::{Position, ReaderBuilder, StringRecord};

use crate::model::{
    About, Attribute, Digest, Format, Framing, Holds, Place, Record, Sample, Sink, Source, Verdict,
    unmarked,
};

/// Formats of worksheets.
pub const FORMATS: &[&dyn Format] = &[&Worksheets];

const SOURCE: Source = Source {
    name: "review",
    holds: Holds::Records,
};

struct Worksheets;

/// A worksheet by its columns.
struct Sheet {
    kind: &'static str,
    /// What ids of its rows begin with.
    prefix: &'static str,
    /// The column that names a row.
    id: &'static str,
    /// Columns without which it is no worksheet.
    needed: &'static [&'static str],
    /// Further columns that are kept.
    kept: &'static [&'static str],
}

const SHEETS: [Sheet; 2] = [
    Sheet {
        kind: "reviewed-exception",
        prefix: "exception:",
        id: "exception_id",
        needed: &["rule_id", "severity", "disposition"],
        kept: &[
            "first_seen",
            "owner",
            "response",
            "cause",
            "expires",
            "reviewed_by",
            "reviewed_at",
        ],
    },
    Sheet {
        kind: "reviewed-access",
        prefix: "access:",
        id: "row_id",
        needed: &["reviewer", "decision", "decided_at"],
        kept: &[],
    },
];

impl Sheet {
    /// The worksheet whose columns these are.
    fn of(header: &StringRecord) -> Option<&'static Sheet> {
        let has = |name: &&str| header.iter().any(|column| column == *name);
        SHEETS
            .iter()
            .find(|sheet| has(&sheet.id) && sheet.needed.iter().all(&has))
    }
}

/// The worksheet that a text begins as.
fn sheet(text: &[u8]) -> Option<&'static Sheet> {
    let text = unmarked(text);
    let first = text.get(..memchr::memchr(b'\n', text).unwrap_or(text.len()))?;
    let mut reader = ReaderBuilder::new().from_reader(first);
    Sheet::of(reader.headers().ok()?)
}

impl Format for Worksheets {
    fn about(&self) -> &About {
        &About {
            source: &SOURCE,
            title: "worksheet of a review",
            framing: Framing::TextFile,
        }
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        sheet(sample.head).is_some()
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let Some(sheet) = sheet(record.bytes) else {
            return Verdict::Foreign;
        };
        let mut reader = ReaderBuilder::new().from_reader(unmarked(record.bytes));
        let Ok(header) = reader.headers().cloned() else {
            return Verdict::Foreign;
        };
        // Before anything is said: half of a worksheet would say that the rest was decided.
        let rows: Result<Vec<StringRecord>, csv::Error> = reader.records().collect();
        let Ok(rows) = rows else {
            return Verdict::Rejected("a worksheet whose rows are not all of its columns".into());
        };
        let places = Places::of(record);
        for row in &rows {
            push(sheet, &header, row, places.at(row.position()), record, sink);
        }
        Verdict::Parsed
    }
}

fn push(
    sheet: &Sheet,
    header: &StringRecord,
    row: &StringRecord,
    place: Place,
    record: &Record<'_>,
    sink: &mut dyn Sink,
) {
    let cell = |name: &str| {
        let at = header.iter().position(|column| column == name)?;
        // What a spreadsheet could run carries a guard in the tables of a pack.
        let cell = row.get(at)?.trim();
        Some(cell.strip_prefix('\'').unwrap_or(cell)).filter(|cell| !cell.is_empty())
    };
    let Some(id) = cell(sheet.id) else {
        return;
    };
    let mut say = |name: &str, value: &str| {
        sink.attribute(Attribute {
            kind: sheet.kind,
            object: format!("{}{id}", sheet.prefix),
            name: name.to_owned(),
            value: value.to_owned(),
            valid_from: None,
            place,
        });
    };
    let file = record.path.rsplit('/').next().unwrap_or(record.path);
    say("worksheet", file.split('.').next().unwrap_or(file));
    for name in sheet.needed.iter().chain(sheet.kept) {
        if let Some(value) = cell(name) {
            say(name, value);
        }
    }
}

/// Where the rows of a worksheet stand.
struct Places<'r> {
    record: &'r Record<'r>,
    text: &'r [u8],
    /// Where each line begins.
    lines: Vec<usize>,
}

impl<'r> Places<'r> {
    fn of(record: &'r Record<'r>) -> Places<'r> {
        let feeds = memchr::memchr_iter(b'\n', record.bytes).map(|at| at + 1);
        Places {
            record,
            text: record.bytes,
            lines: std::iter::once(0).chain(feeds).collect(),
        }
    }

    /// The first line of a row: the reader puts its start before the line feed that ends the one
    /// before.
    fn at(&self, row: Option<&Position>) -> Place {
        let mark = self.text.len() - unmarked(self.text).len();
        let start = row.map_or(0, Position::byte);
        let start = usize::try_from(start).unwrap_or(0) + mark;
        let rest = self.text.get(start..).unwrap_or_default();
        let feeds = rest
            .iter()
            .take_while(|byte| matches!(**byte, b'\r' | b'\n'));
        let start = start + feeds.count();
        let line = self.lines.partition_point(|begin| *begin <= start);
        let begin = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let end = self.lines.get(line).copied().unwrap_or(self.text.len());
        let text = self.text.get(begin..end).unwrap_or_default();
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let first = self.record.place;
        Place {
            file: first.file,
            line: first.line + line.saturating_sub(1) as u64,
            byte: first.byte + begin as u64,
            sha256: Digest::of(text.strip_suffix(b"\r").unwrap_or(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kept;

    #[test]
    fn a_worksheet_says_what_was_decided_and_where() {
        let text = "\u{feff}exception_id,rule_id,severity,disposition,owner,reviewed_at\r\nab,JOI-003,high,open,,\r\ncd,VLT-POL-001,crit,remediated,\"ann,\r\nteam a\",2026-05-02\r\nef,JOI-001,low,open,,\r\n";
        let (verdict, kept) = Kept::of(&Worksheets, "back/exceptions.csv", text);
        assert_eq!(verdict, Verdict::Parsed);
        let said = kept.exports.attributes.iter();
        let said: Vec<String> = said.map(|one| format!("{one:?}")).collect();
        let said = said.join("\n");
        for part in [
            r#"object: "exception:ab", name: "severity", value: "high""#,
            r#"object: "exception:cd", name: "owner", value: "ann,\r\nteam a""#,
            r#"name: "worksheet", value: "exceptions""#,
        ] {
            assert!(said.contains(part), "{part} is not in {said}");
        }
        for (id, line) in [("ab", 2), ("cd", 3), ("ef", 5)] {
            let own = said.lines().find(|one| one.contains(&format!(":{id}\"")));
            assert!(own.unwrap().contains(&format!("line: {line},")), "{own:?}");
        }
    }

    #[test]
    fn what_is_no_worksheet_is_none_and_a_torn_one_says_nothing() {
        for other in [
            "exception_id,severity\na,high\n",
            "row_id,reviewer\na,b\n",
            "a\n",
        ] {
            assert!(sheet(other.as_bytes()).is_none(), "{other}");
        }
        let text = "row_id,reviewer,decision,decided_at\na,ann,keep,2026-05-02\nb,ann\n";
        let (verdict, kept) = Kept::of(&Worksheets, "user_access_review.csv", text);
        assert!(matches!(verdict, Verdict::Rejected(_)));
        assert!(kept.exports.attributes.is_empty());
    }
}
