//! The command line: one file per subcommand, arguments to settings to one call. Nothing below
//! knows the arguments.
//!
//! Standard output carries what was asked for, standard error progress and messages. Exit codes
//! are those of the contract: 0 done, 1 gated findings, 2 usage and configuration, 3 inputs,
//! 4 verification, 70 internal.

#[cfg(feature = "tables")]
mod columns;
mod completions;
mod config;
mod diff;
mod failure;
mod fault;
mod format;
#[cfg(feature = "tables")]
mod ingest;
#[cfg(feature = "tables")]
mod init;
mod inputs;
mod lint;
#[cfg(feature = "tables")]
mod load;
mod logs;
mod man;
#[cfg(feature = "tables")]
mod memory;
mod output;
#[cfg(feature = "tables")]
mod pack;
#[cfg(feature = "tables")]
mod period;
pub mod policy;
#[cfg(feature = "tables")]
mod progress;
#[cfg(feature = "tables")]
mod query;
#[cfg(feature = "tables")]
mod report;
#[cfg(feature = "tables")]
mod reports;
#[cfg(feature = "tables")]
mod rerun;
mod rule_choice;
pub mod rules;
#[cfg(feature = "tables")]
mod sample;
mod settings;
#[cfg(feature = "tables")]
mod stopwatch;
pub mod tables;
mod terminal;
#[cfg(feature = "tables")]
mod trace;
pub mod verify;

pub(crate) use failure::{DONE, FINDINGS, Failure, INPUT, INTERNAL, MISMATCH, USAGE};
pub use fault::guarded;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

use clap::{CommandFactory as _, Parser, Subcommand};
use serde_json::value::RawValue;

use crate::pack::Signed;

/// Turns Vault audit logs, GitLab job logs and Google Cloud access logs into evidence an auditor
/// can re-perform.
#[derive(Debug, Parser)]
#[command(
    name = "piperoll",
    version,
    about,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    /// How messages on standard error are written
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        default_value_t
    )]
    log_format: logs::LogFormat,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read logs and exports, run every rule, write the evidence pack (the main job)
    #[cfg(feature = "tables")]
    Report(report::ReportArgs),
    /// Write the templates of the report's page, to be changed
    #[cfg(feature = "tables")]
    Reports(reports::ReportsArgs),
    /// Read logs and exports into a store, once; report, query and trace take it instead of them
    #[cfg(feature = "tables")]
    Ingest(ingest::IngestArgs),
    /// Write the evidence pack of a store from what another engine, e.g. Spark, answered to the rules
    #[cfg(feature = "tables")]
    Pack(pack::PackArgs),
    /// Ask the tables a question in SQL
    #[cfg(feature = "tables")]
    Query(query::QueryArgs),
    /// Follow one job, token, secret, person or service end to end
    #[cfg(feature = "tables")]
    Trace(trace::TraceArgs),
    /// Judge configuration before it is merged: Vault policies and roles, CI files, IAM (CI gate)
    Lint(lint::LintArgs),
    /// Decide, measure and compare Vault policies as the server does
    Policy(policy::PolicyArgs),
    /// List, explain, check and prove the rules
    Rules(rules::RulesArgs),
    /// Say what can be read, how it is exported, and which rules it unlocks
    Inputs(inputs::InputsArgs),
    /// Propose a configuration from what the inputs hold, or say what has changed since
    #[cfg(feature = "tables")]
    Init(init::InitArgs),
    /// Check the configuration, print its schema or its reference
    Config(config::ConfigArgs),
    /// Print the tables and their columns; with -o write them as Parquet, for another engine
    Tables(tables::TablesArgs),
    /// Print what a shell needs to complete commands and options
    Completions(completions::CompletionsArgs),
    /// Print a page of the manual
    Man(man::ManArgs),
    /// Draw rows of a pack to test, with the records behind them
    #[cfg(feature = "tables")]
    Sample(sample::SampleArgs),
    /// Say what two packs say differently
    Diff(diff::DiffArgs),
    /// Make a pack again from its own record, and say whether it is the same
    #[cfg(feature = "tables")]
    Rerun(rerun::RerunArgs),
    /// Prove that an evidence pack is unchanged since it was written
    Verify {
        /// The pack
        #[arg(value_name = "DIR")]
        directory: PathBuf,
        /// Public key, of minisign or a line of OpenSSH: the signature of SHA256SUMS must be its
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// The signature; default: SHA256SUMS.minisig or SHA256SUMS.sig in the pack
        #[arg(long, value_name = "FILE", requires = "key")]
        signature: Option<PathBuf>,
    },
}

/// Commands that the build without the feature `tables` does not have.
#[cfg(not(feature = "tables"))]
const NEEDS_TABLES: [&str; 9] = [
    "init", "report", "reports", "ingest", "pack", "query", "trace", "sample", "rerun",
];

/// Says that a command is one of those, if it is.
#[cfg(not(feature = "tables"))]
fn needs_tables(args: &[OsString], err: &mut dyn Write) -> bool {
    let command = args.get(1).and_then(|word| word.to_str());
    let Some(command) = command.filter(|word| NEEDS_TABLES.contains(word)) else {
        return false;
    };
    let help = "help: build with the default features, or install the full binary";
    let _ = writeln!(
        err,
        "error: `piperoll {command}` needs the cargo feature `tables`, which this build lacks\n  {help}"
    );
    true
}

/// Runs the command line; returns the exit code.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let mut summary = None;
    if !logs::are_json(&args) {
        return run_words(&args, out, &mut terminal::Shown(err), &mut summary);
    }
    let mut lines = logs::JsonLines::new(err);
    let code = run_words(&args, out, &mut lines, &mut summary);
    // Whoever reads the log may have gone; the exit code says the same.
    let _ = lines.end(&args, code, summary.as_deref());
    code
}

/// The same; `summary` becomes what came of a report.
#[cfg_attr(not(feature = "tables"), allow(unused_variables))]
fn run_words(
    args: &[OsString],
    out: &mut dyn Write,
    err: &mut dyn Write,
    summary: &mut Option<Box<RawValue>>,
) -> u8 {
    #[cfg(not(feature = "tables"))]
    if needs_tables(args, err) {
        return USAGE;
    }
    match Cli::try_parse_from(args) {
        Ok(cli) => {
            let answer = answered(cli.command, args, (&mut *out, &mut *err), summary);
            failure::ended(answer, out, err)
        }
        Err(error) => usage(&error, out, err),
    }
}

/// Does what was asked. What quotes names and is for people alone acts on no terminal, whatever it
/// quotes; what machines read as well, or has colours, is escaped where it is written.
#[cfg_attr(not(feature = "tables"), allow(unused_variables))]
fn answered(
    command: Command,
    words: &[OsString],
    (out, err): (&mut dyn Write, &mut dyn Write),
    summary: &mut Option<Box<RawValue>>,
) -> Result<u8, Failure> {
    let mut shown = terminal::Shown(&mut *out);
    match command {
        #[cfg(feature = "tables")]
        Command::Report(args) => report::run(
            &args,
            None,
            report::Typed::new(words, &mut shown, err, summary),
        ),
        #[cfg(feature = "tables")]
        Command::Reports(reports) => reports::run(&reports, &mut shown),
        #[cfg(feature = "tables")]
        Command::Ingest(ingest) => ingest::run(&ingest, &mut shown, err),
        #[cfg(feature = "tables")]
        Command::Pack(args) => {
            pack::run(&args, report::Typed::new(words, &mut shown, err, summary))
        }
        #[cfg(feature = "tables")]
        Command::Query(query) => query::run(&query, out, err),
        #[cfg(feature = "tables")]
        Command::Trace(trace) => trace::run(&trace, out, err),
        Command::Lint(lint) => lint::run(&lint, out, err),
        Command::Policy(policy) => policy::answer(&policy, out, err),
        Command::Rules(rules) => rules::run(&rules, &mut shown, err),
        Command::Inputs(inputs) => inputs::run(&inputs, &mut shown, err),
        #[cfg(feature = "tables")]
        Command::Init(init) => init::run(&init, &mut shown, err),
        Command::Config(config) => config::run(&config, &mut shown, err),
        Command::Tables(tables) => tables::run(&tables, out, err),
        Command::Completions(args) => completions::run(&args, Cli::command(), out),
        Command::Man(args) => man::run(&args, Cli::command(), out),
        #[cfg(feature = "tables")]
        Command::Sample(args) => sample::run(&args, out, err),
        Command::Diff(args) => diff::run(&args, out),
        #[cfg(feature = "tables")]
        Command::Rerun(args) => rerun::run(&args, &mut shown, err),
        Command::Verify {
            directory,
            key,
            signature,
        } => {
            let signature = signature.as_deref();
            let signed = key.as_deref().map(|key| Signed { key, signature });
            verify::run(&directory, signed, &mut shown, err)
        }
    }
}

/// Help and version go to standard output, mistakes to standard error.
fn usage(error: &clap::Error, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    if error.use_stderr() {
        let _ = write!(err, "{}", error.render());
        USAGE
    } else {
        let _ = write!(out, "{}", error.render());
        DONE
    }
}
