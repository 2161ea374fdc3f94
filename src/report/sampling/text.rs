//! A sample as a reader at a terminal wants it.

use std::io::{self, Write};

use super::{Item, Sampling};
use crate::report::visible;

/// Writes the sample as text.
///
/// # Errors
///
/// Fails when the writer fails.
pub fn sampling_text(sampling: &Sampling, out: &mut dyn Write) -> io::Result<()> {
    let drawn = sampling.items.len();
    let (rows, population) = (sampling.rows, &sampling.population);
    writeln!(out, "{drawn} of {rows} row(s) of {population}")?;
    writeln!(out, "  sha256      {}", sampling.population_sha256)?;
    writeln!(
        out,
        "  pack        {}, SHA256SUMS sha256 {}",
        sampling.report_id, sampling.sha256sums_sha256
    )?;
    writeln!(out, "  period      {} to {}", sampling.from, sampling.to)?;
    let origin = if sampling.seed_given {
        "as given"
    } else {
        "derived from the pack and the population"
    };
    writeln!(out, "  seed        {} ({origin})", visible(&sampling.seed))?;
    writeln!(out, "  method      {}", sampling.method())?;
    for (number, stratum) in (1..).zip(&sampling.strata) {
        let span = match stratum.from.as_str() {
            "" => "rows without a time, or of no known period".to_owned(),
            from => format!("{from} to {}", stratum.to),
        };
        writeln!(
            out,
            "  stratum {number:<3} {span}: {} of {}",
            stratum.drawn, stratum.rows
        )?;
    }
    for (number, item) in (1..).zip(&sampling.items) {
        one(sampling, number, item, out)?;
    }
    Ok(())
}

fn one(sampling: &Sampling, number: usize, item: &Item, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\n{number}. row {}, stratum {}",
        item.row, item.stratum
    )?;
    for (name, cell) in sampling.header.iter().zip(&item.cells) {
        if !cell.is_empty() {
            writeln!(out, "   {}: {}", visible(name), visible(cell))?;
        }
    }
    for record in &item.records {
        let file = visible(&record.file);
        write!(out, "   {} {file}:{}", record.side, record.line)?;
        match &record.place {
            Some(place) => writeln!(
                out,
                " bytes {} to {}, sha256 {}",
                place.byte, place.end, place.sha256
            )?,
            None => writeln!(out)?,
        }
        if !record.fetch.is_empty() {
            writeln!(out, "   again: {}", visible(&record.fetch))?;
        }
        writeln!(out, "   record ({})", visible(&record.state.words()))?;
        if !record.text.is_empty() {
            writeln!(out, "   {}", visible(&record.text))?;
        }
    }
    Ok(())
}
