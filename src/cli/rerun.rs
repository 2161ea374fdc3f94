//! `piperoll rerun PACK [INPUT...]`: the run of a pack once more, and whether it says the same.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Parser as _};

use super::{Cli, Command, DONE, Failure, INPUT, MISMATCH, report};
use crate::model::FailureKind;
use crate::pack::{Contents, VERSION, Workplace};
use crate::report::visible;

/// Runs a pack's command line again, with the configuration that the pack holds, and compares every
/// file with what the pack says. Exit: 0 the same, 3 inputs are missing or changed, 4 different.
#[derive(Args, Debug)]
pub(super) struct RerunArgs {
    /// The pack; it must be what was written
    #[arg(value_name = "PACK")]
    pack: PathBuf,
    /// The inputs, if they no longer lie where they lay
    #[arg(value_name = "INPUT")]
    inputs: Vec<String>,
}

/// Runs the command.
pub(super) fn run(
    args: &RerunArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let old = Contents::open(&args.pack)?;
    let recorded = old.recorded()?;
    if recorded.version != VERSION {
        writeln!(
            out,
            "version   the pack was written by piperoll {}, this is {VERSION}: a difference may be the program's",
            visible(&recorded.version)
        )?;
    }
    if args.inputs.is_empty() {
        let lost = old.lost_inputs()?;
        if say_inputs(&lost, out, err)? {
            return Ok(INPUT);
        }
    }
    let parsed = Cli::try_parse_from(&recorded.command_line);
    let command = match parsed.map(|cli| cli.command) {
        Ok(Command::Report(command)) => command,
        // Answered by the embedded engine this time, which says the same.
        Ok(Command::Pack(pack)) => pack.report,
        _ => {
            let what =
                "the command line in run.json is none of `piperoll report` or `piperoll pack`";
            let help = "run the version of piperoll that wrote the pack";
            return Err(Failure::Said(
                FailureKind::Mismatch,
                format!("{what}\n  help: {help}"),
            ));
        }
    };
    let place = Workplace::new()?;
    let places = (args.pack.as_path(), &place);
    report::again(&command, &recorded, &args.inputs, places, err)?;
    let new = Contents::open(&place.pack())?;
    if say_inputs(&old.other_inputs(&new), out, err)? {
        return Ok(INPUT);
    }
    let (files, differing) = old.differing(&new)?;
    for path in &differing {
        writeln!(out, "DIFFERENT {}", visible(path))?;
    }
    if differing.is_empty() {
        writeln!(out, "same      {files} files, byte for byte")?;
        return Ok(DONE);
    }
    writeln!(out, "different {} of {files} files", differing.len())?;
    Ok(MISMATCH)
}

/// Says which inputs are not what the pack was made of; whether there are any.
fn say_inputs(
    inputs: &[String],
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<bool, Failure> {
    for input in inputs {
        writeln!(out, "INPUT     {}", visible(input))?;
    }
    if !inputs.is_empty() {
        writeln!(
            err,
            "error: {} input(s) are not what the pack was made of\n  help: name the inputs as they were: piperoll rerun PACK INPUT...",
            inputs.len()
        )?;
    }
    Ok(!inputs.is_empty())
}
