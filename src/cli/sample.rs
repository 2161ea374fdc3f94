//! `piperoll sample PACK`: rows of a population to test.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::format::Format;
use super::{DONE, Failure};
use crate::pack::{Contents, SampleRequest, sample};
use crate::report::{sampling_csv, sampling_json, sampling_text};

/// Draws rows of a population of a pack to test, spread over its period, with the record behind
/// each. The same pack, size and seed draw the same rows.
#[derive(Args, Debug)]
pub(super) struct SampleArgs {
    /// The pack; it must be what was written
    #[arg(value_name = "PACK")]
    pack: PathBuf,
    /// Table of the pack: `access`, `findings`, `identity_chains`, `data/findings.csv`, ...
    #[arg(long, value_name = "P")]
    population: String,
    /// How many rows
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    size: u64,
    /// Any text; default: the digest of the pack's id, the population's path and its digest
    #[arg(long, value_name = "S")]
    seed: Option<String>,
    /// Folder that the inputs lie in, by the names that the pack gives them; default: where they lay
    #[arg(long, value_name = "DIR")]
    inputs: Option<PathBuf>,
    /// How the sample is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Runs the command.
pub(super) fn run(
    args: &SampleArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let contents = Contents::open(&args.pack)?;
    let request = SampleRequest {
        population: &args.population,
        size: args.size,
        seed: args.seed.as_deref(),
        inputs: args.inputs.clone(),
    };
    let drawn = sample(&contents, &request)?;
    match args.format {
        Format::Text => sampling_text(&drawn, out)?,
        Format::Csv => sampling_csv(&drawn, out)?,
        Format::Json => sampling_json(&drawn, out)?,
    }
    let (items, rows) = (drawn.items.len(), drawn.rows);
    writeln!(err, "{items} of {rows} row(s) of {}", drawn.population)?;
    Ok(DONE)
}
