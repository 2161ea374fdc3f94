//! `piperoll diff OLD NEW`: what two packs say differently.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::format::Format;
use super::{DONE, Failure};
use crate::pack::{Contents, difference};
use crate::report::{difference_csv, difference_json, difference_text};

/// Compares two packs: findings and populations that are new, gone or changed, and what of the
/// rules, settings and inputs changed between them.
#[derive(Args, Debug)]
pub(super) struct DiffArgs {
    /// The earlier pack
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The later pack
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// How the changes are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Runs the command. A difference is an answer, no failure.
pub(super) fn run(args: &DiffArgs, out: &mut dyn Write) -> Result<u8, Failure> {
    let old = Contents::open(&args.old)?;
    let new = Contents::open(&args.new)?;
    let found = difference(&old, &new)?;
    match args.format {
        Format::Text => difference_text(&found, out)?,
        Format::Csv => difference_csv(&found, out).map(|_| ())?,
        Format::Json => difference_json(&found, out)?,
    }
    Ok(DONE)
}
