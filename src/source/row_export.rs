//! Tables exported as text (CSV, TSV) of which one column holds the line as it was logged: Splunk,
//! Datadog, CloudWatch Logs Insights, BigQuery.
//!
//! RFC 4180: a cell in quotes may hold the delimiter, quotes (doubled) and line feeds. The column is
//! the one whose cells are records; its name is the store's choice.

use csv::{ByteRecord, ReaderBuilder};

/// What may stand between cells.
const DELIMITERS: [u8; 3] = [b',', b'\t', b';'];
/// Rows that are looked at.
const ROWS: usize = 64;

/// How a table is written, and which column holds the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowExport {
    delimiter: u8,
    column: usize,
}

impl RowExport {
    /// The table that begins with these lines, the first of them its header. `is_record` says
    /// whether a cell holds a record that is read: most cells of the column do.
    pub(super) fn of<'l>(
        lines: impl Iterator<Item = &'l [u8]> + Clone,
        is_record: impl Fn(&[u8]) -> bool,
    ) -> Option<RowExport> {
        let mut lines = lines;
        let header = lines.next()?;
        if memchr::memchr(b'{', header).is_some() {
            return None;
        }
        DELIMITERS.into_iter().find_map(|delimiter| {
            let names = cells(header, delimiter)?;
            // A single column shows no delimiter: lines of any text would be its rows.
            let single = names.len() == 1 && delimiter != b',';
            if single || names.iter().any(<[u8]>::is_empty) {
                return None;
            }
            let mut rows = rows(lines.clone(), delimiter);
            rows.retain(|row| row.len() == names.len());
            let most = |column: usize| {
                let of = rows.iter().filter_map(|row| row.get(column));
                let cells: Vec<&[u8]> = of.filter(|cell| !cell.is_empty()).collect();
                let records = cells.iter().filter(|cell| is_record(cell)).count();
                records > 0 && records * 2 >= cells.len()
            };
            let column = (0..names.len()).find(|&column| most(column))?;
            Some(RowExport { delimiter, column })
        })
    }

    /// What the column holds in a row; none where the row has no such cell.
    pub(super) fn cell(self, row: &[u8]) -> Option<Vec<u8>> {
        let row = cells(row, self.delimiter)?;
        row.get(self.column).map(<[u8]>::to_vec)
    }

    /// Whether a cell in quotes goes on in the next line, from whether one came into this line.
    pub(super) fn goes_on(self, line: &[u8], quoted: bool) -> bool {
        goes_on(line, self.delimiter, quoted)
    }
}

fn goes_on(line: &[u8], delimiter: u8, mut quoted: bool) -> bool {
    let mut begins = !quoted;
    let mut bytes = line.iter().peekable();
    while let Some(&byte) = bytes.next() {
        if !quoted {
            quoted = begins && byte == b'"';
            begins = byte == delimiter;
        } else if byte == b'"' && bytes.next_if(|next| **next == b'"').is_none() {
            quoted = false;
        }
    }
    quoted
}

/// The first rows, each of as many lines as its cells take.
fn rows<'l>(lines: impl Iterator<Item = &'l [u8]>, delimiter: u8) -> Vec<ByteRecord> {
    let (mut rows, mut row, mut quoted) = (Vec::new(), Vec::new(), false);
    for line in lines {
        row.extend_from_slice(line);
        quoted = goes_on(line, delimiter, quoted);
        if quoted {
            row.push(b'\n');
            continue;
        }
        rows.extend(cells(&row, delimiter));
        row.clear();
        if rows.len() == ROWS {
            break;
        }
    }
    rows
}

fn cells(row: &[u8], delimiter: u8) -> Option<ByteRecord> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(row);
    reader.byte_records().next()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<RowExport> {
        let lines = text.split('\n').map(str::as_bytes);
        RowExport::of(lines, |cell| cell.starts_with(b"{\"type\""))
    }

    #[test]
    fn the_column_of_records_is_found_whatever_its_name() {
        let quoted = "_raw,_time\n\"{\"\"type\"\":1}\",t\n\"a line\",t";
        let tabs = "time\tmessage\nt\t{\"type\": \"a \\\" b\"}";
        let semicolons = "id;\"text, as logged\"\n1;\"{\"\"type\"\":\n2}\"";
        for (text, row) in [(quoted, 1), (tabs, 1)] {
            let row = text.split('\n').nth(row).unwrap().as_bytes();
            let table = of(text).unwrap();
            assert!(table.cell(row).unwrap().starts_with(b"{\"type\""), "{text}");
            assert!(!table.goes_on(row, false), "{text}");
        }
        let table = of(semicolons).unwrap();
        assert!(table.goes_on(b"1;\"{\"\"type\"\":", false));
        assert!(!table.goes_on(b"2}\"", true));
        let row = b"1;\"{\"\"type\"\":\n2}\"";
        assert_eq!(table.cell(row).unwrap(), b"{\"type\":\n2}");
    }

    #[test]
    fn what_quotes_a_record_is_no_table_of_records() {
        for text in [
            "id,comment\n1,\"{\"\"type\"\":1}\"\n2,see above\n3,closed",
            "{\"a\":1}\n{\"type\":1}",
            "a line\n{\"type\":1,\"b\":2}",
            "id,comment",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
