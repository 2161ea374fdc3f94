//! `piperoll policy`: the policy engine by itself.

mod breadth;
mod can;
mod decide;
mod diff;
mod load;
mod render;
mod request;
mod rightsize;

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::failure::ended;
use super::settings::{self, OwnRules, links};
use super::{DONE, Failure};
use crate::config;
use crate::model::Timestamp;
use crate::policy::{Dialect, Mount, MountKind, Operation, Owner};

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
    /// Measures how broad each policy is
    Breadth(BreadthArgs),
    /// Shows which requests two states of the policies answer differently
    Diff(DiffArgs),
    /// Says whether somebody may do something, and by which line
    Can(CanArgs),
    /// Writes the smallest policy that allows what the logs show was used, and proves it
    Rightsize(rightsize::RightsizeArgs),
}

/// How results are written.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// For people
    Text,
    /// One JSON object per line
    Ndjson,
}

/// Where policies come from, and how they are read.
#[derive(Args, Clone, Debug)]
struct PolicyInput {
    /// Directory of policy texts (.hcl, .json), or one such file; a policy is named by its file
    #[arg(long, value_name = "DIR")]
    policies: PathBuf,
    #[command(flatten)]
    reading: ReadingArgs,
}

/// How policy texts are read.
#[derive(Args, Clone, Debug)]
struct ReadingArgs {
    /// Server whose rules hold: vault or openbao
    #[arg(long, value_name = "NAME", default_value_t)]
    dialect: Dialect,
    /// Moment for `expiration` (RFC 3339 or a date); now, unless given
    #[arg(long, value_name = "TIME", value_parser = time)]
    as_of: Option<Timestamp>,
    /// Refuse files that only a link out of the directory leads to; without it they are noted
    #[arg(long)]
    no_follow: bool,
}

impl ReadingArgs {
    fn reading(&self) -> load::Reading {
        load::Reading {
            dialect: self.dialect,
            as_of: as_of(self.as_of),
            links: links(self.no_follow),
        }
    }
}

#[derive(Args, Clone, Debug)]
struct DecideArgs {
    #[command(flatten)]
    input: PolicyInput,
    /// Requests, one JSON object per line; `-` is stdin; without it, policies are only read
    #[arg(long, value_name = "FILE")]
    requests: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
struct BreadthArgs {
    #[command(flatten)]
    input: PolicyInput,
    /// Requests made, one JSON object per line with policies, operation, path and allowed
    #[arg(long, value_name = "FILE")]
    requests: Option<PathBuf>,
    /// A token's policies, comma-separated, to measure together; each by itself, unless given
    #[arg(long, value_name = "NAMES")]
    set: Vec<String>,
    /// A mount: kv1, kv2, dynamic, pki, transit, ssh, auth or other
    #[arg(long, value_name = "PATH=KIND", value_parser = mount)]
    mount: Vec<Mount>,
    /// The owner of a logical path
    #[arg(long, value_name = "PREFIX=NAME", value_parser = owner)]
    owner: Vec<Owner>,
    /// An owner that the holders of the policies map to
    #[arg(long, value_name = "NAME")]
    holder: Vec<String>,
    /// Sessions (logins) that the requests come from
    #[arg(long, value_name = "N", default_value_t)]
    sessions: u64,
    /// Days that the requests span
    #[arg(long, value_name = "N", default_value_t)]
    window_days: u32,
    /// How results are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Args, Clone, Debug)]
struct DiffArgs {
    /// Directory of policy texts before the change, or one such file
    #[arg(long, value_name = "DIR")]
    before: PathBuf,
    /// Directory of policy texts after the change, or one such file
    #[arg(long, value_name = "DIR")]
    after: PathBuf,
    /// A token's policies, comma-separated, to compare together; each by itself, unless given
    #[arg(long, value_name = "NAMES")]
    set: Vec<String>,
    #[command(flatten)]
    reading: ReadingArgs,
    /// How results are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Exit 1 when some request is answered differently
    #[arg(long)]
    exit_code: bool,
}

#[derive(Args, Clone, Debug)]
struct CanArgs {
    /// A role (`gitlab/deploy`), an entity, a project (`group/name`), a service account, or policies
    /// joined by commas
    #[arg(value_name = "WHO")]
    who: String,
    /// read, list, create, update, delete, patch, ...
    #[arg(value_name = "OPERATION")]
    operation: Operation,
    /// Path below the namespace; of a key-value engine also without `data/`
    #[arg(value_name = "PATH")]
    path: String,
    /// Policies, roles and entities: an export, or a directory of policy texts
    #[arg(long, value_name = "DIR")]
    policies: PathBuf,
    #[command(flatten)]
    configured: ConfiguredArgs,
    /// How results are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Exit 1 when nobody that WHO stands for may
    #[arg(long)]
    exit_code: bool,
    /// Refuse files that only a link out of the directory leads to; without it they are noted
    #[arg(long)]
    no_follow: bool,
}

/// What the configuration says of the server, unless an argument says otherwise.
#[derive(Args, Clone, Debug)]
struct ConfiguredArgs {
    /// Server whose rules hold: vault or openbao; default: as the configuration says
    #[arg(long, value_name = "NAME")]
    dialect: Option<Dialect>,
    /// Configuration file; default: ./piperoll.toml if it is there
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Moment for `expiration` (RFC 3339 or a date); now, unless given
    #[arg(long, value_name = "TIME", value_parser = time)]
    as_of: Option<Timestamp>,
}

impl ConfiguredArgs {
    /// The configuration with what the arguments say, and the moment that is meant.
    fn load(&self, stderr: &mut dyn Write) -> Result<(settings::Loaded, Timestamp), Failure> {
        let mut loaded = settings::load(self.config.as_deref(), OwnRules::default(), stderr)?;
        if let Some(dialect) = self.dialect {
            loaded.settings.dialect = match dialect {
                Dialect::Vault => config::Dialect::Vault,
                Dialect::OpenBao => config::Dialect::OpenBao,
            };
        }
        let as_of = as_of(self.as_of.or(loaded.settings.period.as_of));
        Ok((loaded, as_of))
    }
}

fn mount(text: &str) -> Result<Mount, String> {
    let (path, kind) = text.rsplit_once('=').ok_or("write PATH=KIND")?;
    let kind = match kind {
        "kv1" => MountKind::Kv1,
        "kv2" => MountKind::Kv2,
        "dynamic" => MountKind::Dynamic,
        "pki" => MountKind::Pki,
        "transit" => MountKind::Transit,
        "ssh" => MountKind::Ssh,
        "auth" => MountKind::Auth,
        "other" => MountKind::Other,
        other => return Err(format!("`{other}` is no kind of mount")),
    };
    Ok(Mount {
        path: format!("{}/", path.trim_matches('/')),
        kind,
    })
}

fn owner(text: &str) -> Result<Owner, String> {
    let (prefix, name) = text.split_once('=').ok_or("write PREFIX=NAME")?;
    Ok(Owner {
        prefix: prefix.to_owned(),
        name: name.to_owned(),
        shared: false,
    })
}

/// The sets to look at: those asked for, else each policy by itself.
fn sets<'n>(asked: &[String], names: impl IntoIterator<Item = &'n String>) -> Vec<Vec<String>> {
    if asked.is_empty() {
        return names.into_iter().map(|name| vec![name.clone()]).collect();
    }
    let split = |set: &String| set.split(',').map(|name| name.trim().to_owned()).collect();
    asked.iter().map(split).collect()
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_date_or_time(text)
        .ok_or_else(|| format!("`{text}` is no RFC 3339 time and no date"))
}

/// Runs the command.
pub(super) fn answer(
    args: &PolicyArgs,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<u8, Failure> {
    match &args.command {
        PolicyCommand::Decide(args) => decide::run(args, stdout, stderr).map(|()| DONE),
        PolicyCommand::Breadth(args) => breadth::run(args, stdout, stderr).map(|()| DONE),
        PolicyCommand::Diff(args) => diff::run(args, stdout, stderr),
        PolicyCommand::Can(args) => can::run(args, stdout, stderr),
        PolicyCommand::Rightsize(args) => rightsize::run(args, stdout, stderr),
    }
}

/// Runs the command by itself and returns its exit code; a reader that goes away is no fault.
pub fn run(args: &PolicyArgs, stdout: &mut dyn Write, stderr: &mut dyn Write) -> u8 {
    ended(answer(args, stdout, stderr), stdout, stderr)
}

/// The moment for `expiration`; the one place where the clock is read.
fn as_of(given: Option<Timestamp>) -> Timestamp {
    given.unwrap_or_else(|| Timestamp(chrono::Utc::now().timestamp_micros()))
}
