//! `piperoll pack`: the pack of a report whose rules in SQL another engine answered.

use std::path::PathBuf;

use clap::Args;

use super::Failure;
use super::report::{self, ReportArgs, Typed};

/// Writes the pack that `report --store` writes, where another engine answered what rules ask in
/// SQL, over the tables that `piperoll tables --store DIR -o DIR` wrote with the same options.
#[derive(Args, Debug)]
#[command(mut_arg("inputs", |inputs| inputs.hide(true)), mut_arg("store", |store| store.required(true)))]
pub(super) struct PackArgs {
    /// What the other engine answered; refused where it is of other tables or not whole
    #[arg(long, value_name = "DIR")]
    answers: PathBuf,
    #[command(flatten)]
    pub(super) report: ReportArgs,
}

/// Runs the command.
pub(super) fn run(args: &PackArgs, typed: Typed<'_>) -> Result<u8, Failure> {
    report::run(&args.report, Some(&args.answers), typed)
}
