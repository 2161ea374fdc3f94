//! What reviewers decided: worksheets of an earlier pack that come back filled in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Error;
use super::responses::{Columns, Responses};
use crate::model::{Digest, Finding, Response, Timestamp};

/// Columns that a reviewer fills in.
pub(super) const REVIEW: &[&str] = &["reviewer", "decision", "decided_at", "ticket", "rationale"];

/// The line of a record: the reader puts its start before the line feed that ends the one before.
fn line_of(text: &[u8], start: Option<&csv::Position>) -> u64 {
    let Some(start) = start else { return 0 };
    let start = usize::try_from(start.byte()).unwrap_or(usize::MAX);
    let before = text.get(..start).unwrap_or(text);
    let after = text.get(start..).unwrap_or_default();
    let feeds = before.iter().filter(|byte| **byte == b'\n').count();
    feeds as u64 + 1 + u64::from(after.first() == Some(&b'\n'))
}

/// Filled-in rows of worksheets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reviews {
    /// The cells of [`REVIEW`], by the id of the row.
    rows: BTreeMap<String, Vec<String>>,
    /// What was answered to exceptions.
    responses: Responses,
    /// Name and digest of each worksheet.
    files: Vec<(String, String)>,
}

impl Reviews {
    /// Reads worksheets: CSV files with the columns `row_id` and those of a reviewer, or
    /// `exception_id` and those of a response.
    ///
    /// # Errors
    ///
    /// A file cannot be read or is no worksheet, a date is none, or two rows decide one thing
    /// differently.
    pub fn read(files: &[PathBuf]) -> Result<Reviews, Error> {
        let mut reviews = Reviews::default();
        for path in files {
            let text = std::fs::read(path).map_err(Error::at(path))?;
            let name = path.file_name().unwrap_or(path.as_os_str());
            let name = name.to_string_lossy().into_owned();
            reviews.files.push((name, Digest::of(&text).to_string()));
            reviews.worksheet(path, &text)?;
        }
        Ok(reviews)
    }

    fn worksheet(&mut self, path: &Path, text: &[u8]) -> Result<(), Error> {
        let wrong = |line: u64, what: String| Error::Worksheet {
            path: path.to_owned(),
            line,
            what,
        };
        // Spreadsheets put a mark before the first column's name.
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(text);
        let header = reader
            .headers()
            .map_err(|error| wrong(1, error.to_string()))?;
        if let Some(columns) = Columns::of(header) {
            let columns = columns.map_err(|what| wrong(1, what))?;
            for row in reader.records() {
                let row =
                    row.map_err(|error| wrong(line_of(text, error.position()), error.to_string()))?;
                let line = line_of(text, row.position());
                self.responses
                    .row(&columns, &row)
                    .map_err(|what| wrong(line, what))?;
            }
            return Ok(());
        }
        let column = |name: &str| header.iter().position(|found| found == name);
        let id = column("row_id").ok_or_else(|| wrong(1, "has no column `row_id`".to_owned()))?;
        let columns: Vec<Option<usize>> = REVIEW.iter().map(|name| column(name)).collect();
        if columns.iter().all(Option::is_none) {
            let what = format!("has none of the columns {}", REVIEW.join(", "));
            return Err(wrong(1, what));
        }
        for row in reader.records() {
            let row =
                row.map_err(|error| wrong(line_of(text, error.position()), error.to_string()))?;
            let line = line_of(text, row.position());
            let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or("").trim();
            let cells: Vec<String> = columns.iter().map(|at| cell(*at).to_owned()).collect();
            if cells.iter().all(String::is_empty) {
                continue;
            }
            let row_id = cell(Some(id));
            if row_id.is_empty() {
                return Err(wrong(line, "decides, and has no `row_id`".to_owned()));
            }
            for (name, value) in REVIEW.iter().zip(&cells) {
                let dated = value.is_empty() || Timestamp::parse_date_or_time(value).is_some();
                if *name == "decided_at" && !dated {
                    return Err(wrong(line, format!("`{value}` is no date and no time")));
                }
            }
            let known = self.rows.insert(row_id.to_owned(), cells.clone());
            if known.is_some_and(|known| known != cells) {
                let what = format!("decides the row `{row_id}` otherwise than another one");
                return Err(wrong(line, what));
            }
        }
        Ok(())
    }

    /// What was written beside a row, in the order of [`REVIEW`]; nothing where nobody wrote.
    pub(super) fn of(&self, row_id: &str) -> Vec<String> {
        self.rows.get(row_id).cloned().unwrap_or_default()
    }

    /// What was answered to exceptions, by the id of each.
    pub(super) fn responses(&self) -> &BTreeMap<String, Response> {
        self.responses.all()
    }

    /// What of the answers does not hold of `findings`, in words.
    pub(super) fn unmatched(&self, findings: &[Finding]) -> Vec<String> {
        self.responses.unmatched(findings)
    }

    /// The worksheets as settings of the run.
    pub(super) fn settings(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let files = self.files.iter();
        files.map(|(name, sha256)| (format!("reviews.{name}"), sha256.clone()))
    }

    /// How many reviewed rows are none of `known`.
    pub(super) fn strangers<'i>(&self, known: impl Iterator<Item = &'i str>) -> usize {
        let known: std::collections::BTreeSet<&str> = known.collect();
        let rows = self.rows.keys();
        rows.filter(|row_id| !known.contains(row_id.as_str()))
            .count()
    }
}
