//! `piperoll policy`: the policy engine by itself.

mod decide;
mod load;
mod render;
mod request;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::model::Timestamp;
use crate::policy::Dialect;

/// Arguments of `piperoll policy`.
#[derive(Args, Clone, Debug)]
pub struct PolicyArgs {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Subcommand, Clone, Debug)]
enum PolicyCommand {
    /// Decides requests, one JSON object per line in and out
    Decide(DecideArgs),
}

/// Where policies come from, and how they are read.
#[derive(Args, Clone, Debug)]
struct PolicyInput {
    /// Directory of policy texts (.hcl, .json), or one such file; a policy is named by its file
    #[arg(long, value_name = "DIR")]
    policies: PathBuf,
    /// Server whose rules hold: vault or openbao
    #[arg(long, value_name = "NAME", default_value_t)]
    dialect: Dialect,
    /// Moment for `expiration` (RFC 3339 or a date); now, unless given
    #[arg(long, value_name = "TIME", value_parser = time)]
    as_of: Option<Timestamp>,
}

#[derive(Args, Clone, Debug)]
struct DecideArgs {
    #[command(flatten)]
    input: PolicyInput,
    /// Requests, one JSON object per line; `-` is stdin; without it, policies are only read
    #[arg(long, value_name = "FILE")]
    requests: Option<PathBuf>,
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_date_or_time(text)
        .ok_or_else(|| format!("`{text}` is no RFC 3339 time and no date"))
}

/// Exit codes of this command.
mod exit {
    pub(super) const DONE: u8 = 0;
    pub(super) const USAGE: u8 = 2;
    pub(super) const INTERNAL: u8 = 70;
}

/// Why the command ends early.
enum Failure {
    /// Reported already; the exit code is all that is left to say.
    Reported(u8),
    Io(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Io(error)
    }
}

/// Runs the command and returns its exit code; a reader that goes away is no fault.
pub fn run(args: &PolicyArgs, stdout: &mut dyn Write, stderr: &mut dyn Write) -> u8 {
    let result = match &args.command {
        PolicyCommand::Decide(args) => decide::run(args, stdout, stderr),
    };
    let flushed = stdout.flush();
    match result.and_then(|()| Ok(flushed?)) {
        Ok(()) => exit::DONE,
        Err(Failure::Reported(code)) => code,
        Err(Failure::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => exit::DONE,
        Err(Failure::Io(error)) => {
            // Nothing is left to tell if stderr is gone as well.
            let _ = writeln!(stderr, "error: {error}");
            exit::INTERNAL
        }
    }
}

impl PolicyInput {
    /// The moment for `expiration`; the one place where the clock is read.
    fn as_of(&self) -> Timestamp {
        self.as_of
            .unwrap_or_else(|| Timestamp(chrono::Utc::now().timestamp_micros()))
    }
}
