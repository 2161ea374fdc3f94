//! A sample as a worksheet: one row per record, with columns for the tester to fill in.

use std::io::{self, Write};

use super::Sampling;
use crate::report::CsvTable;

/// What a tester fills in.
const WORKSHEET: [&str; 4] = ["result", "tested_by", "tested_at", "remarks"];

/// Writes the sample as CSV.
///
/// # Errors
///
/// Fails when the writer fails.
pub fn sampling_csv(sampling: &Sampling, out: &mut dyn Write) -> io::Result<()> {
    let mut header = vec!["item", "row", "stratum"];
    header.extend(sampling.header.iter().map(String::as_str));
    header.extend([
        "record_side",
        "record_file",
        "record_line",
        "record_byte",
        "record_end",
        "record_kind",
        "record_sha256",
        "record_state",
        "record",
        "fetch",
    ]);
    header.extend(WORKSHEET);
    let mut table = CsvTable::new(out, &header)?;
    for (number, item) in (1..).zip(&sampling.items) {
        // A row that cites nothing is tested all the same.
        let records = item.records.iter().map(Some);
        let none = item.records.is_empty().then_some(None);
        for record in records.chain(none) {
            table.number(number)?;
            table.number(item.row)?;
            table.number(item.stratum as u64)?;
            for cell in &item.cells {
                table.text(cell)?;
            }
            let Some(record) = record else {
                (0..10).try_for_each(|_| table.raw(""))?;
                WORKSHEET.iter().try_for_each(|_| table.raw(""))?;
                table.end()?;
                continue;
            };
            table.raw(record.side)?;
            table.text(&record.file)?;
            table.number(record.line)?;
            match &record.place {
                Some(place) => {
                    table.number(place.byte)?;
                    table.number(place.end)?;
                    table.raw(place.kind.as_str())?;
                    table.raw(&place.sha256)?;
                }
                None => (0..4).try_for_each(|_| table.raw(""))?,
            }
            table.text(&record.state.words())?;
            table.text(&record.text)?;
            table.text(&record.fetch)?;
            WORKSHEET.iter().try_for_each(|_| table.raw(""))?;
            table.end()?;
        }
    }
    table.finish().map(|_| ())
}
