//! `piperoll ingest`: inputs read once, into a store.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::format::SummaryFormat;
use super::memory::{self, MemorySize};
use super::progress::Progress;
use super::settings::{self, OwnRules, links};
use super::{DONE, Failure, INPUT};
use crate::estate::Formats;
use crate::model::Watch as _;
use crate::report::{escaped, visible};
use crate::source::{expand, threads};
use crate::store::{
    Fate, Ingested, InputStore, Intake, Shard, Told, Verified, take_in, unite, verify,
};

/// Reads logs and exports into a store, which `report`, `query` and `trace` take instead of them. A
/// second run reads only what is new, grown or changed.
#[derive(Args, Debug)]
pub(super) struct IngestArgs {
    /// Files, directories (recursive), globs, or `-` for standard input; default: `[input] paths`
    #[arg(value_name = "INPUT")]
    inputs: Vec<String>,
    /// Directory of the store; made if it is not there
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// Configuration file; default: ./piperoll.toml if it is there
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Refuse files that only a link out of the inputs leads to; without it they are named
    #[arg(long)]
    no_follow: bool,
    /// Read nothing: hold what the store keeps against its digests, and the inputs that are there
    /// against what was read of them
    #[arg(long, conflicts_with_all = ["inputs", "no_follow"])]
    verify: bool,
    /// Read only some of the files, so that several machines share the work: NUMBER/COUNT, such as
    /// 2/8; which file belongs to which shard follows from its name
    #[arg(long, value_name = "NUMBER/COUNT", conflicts_with = "verify")]
    shard: Option<Shard>,
    /// Read no inputs: take over what the shards of a store hold, all of them
    #[arg(
        long,
        value_name = "DIR",
        num_args = 1..,
        conflicts_with_all = ["inputs", "no_follow", "verify", "shard"]
    )]
    from_shards: Vec<PathBuf>,
    /// The most memory to hold, e.g. 512MiB, 8GiB; what needs more ends with 3, and the store is as it
    /// was
    #[arg(long, value_name = "SIZE")]
    memory: Option<MemorySize>,
    /// Say nothing on standard output; errors are still said
    #[arg(short, long)]
    quiet: bool,
    /// How it is said
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text)]
    format: SummaryFormat,
}

/// Runs the command.
pub(super) fn run(
    args: &IngestArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    args.memory.map_or(Ok(()), memory::limit)?;
    if args.verify {
        return check(args, out, err);
    }
    if !args.from_shards.is_empty() {
        let mut store = InputStore::open_to_write(&args.store)?;
        let ingested = unite(&mut store, &args.from_shards)?;
        return said(args, &ingested, out, err);
    }
    let loaded = settings::load(args.config.as_deref(), OwnRules::default(), err)?;
    let inputs = if args.inputs.is_empty() {
        &loaded.settings.input_paths
    } else {
        &args.inputs
    };
    let except = loaded.config.iter().cloned().chain([args.store.clone()]);
    let except: Vec<PathBuf> = except.collect();
    let known = Formats::of(&expand(inputs, &except, links(args.no_follow))?);
    let formats = known.all();
    let intake = Intake {
        inputs,
        except: &except,
        links: links(args.no_follow),
        formats: &formats,
        threads: threads(),
        shard: args.shard,
    };
    let mut store = InputStore::open_to_write(&args.store)?;
    let mut nobody = ();
    let mut progress = Progress::new(&mut nobody);
    let ingested = take_in(&mut store, &intake, &mut |name, bytes| {
        progress.file(name, bytes);
    });
    progress.finish(err);
    said(args, &ingested?, out, err)
}

/// Says what was done, and what could not be read.
fn said(
    args: &IngestArgs,
    ingested: &Ingested,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    for told in &ingested.links {
        writeln!(err, "note: {}", visible(told))?;
    }
    match (args.quiet, args.format) {
        (true, _) => {}
        (false, SummaryFormat::Text) if args.from_shards.is_empty() => text(args, ingested, out)?,
        (false, SummaryFormat::Text) => {
            let (shards, store) = (args.from_shards.len(), args.store.display().to_string());
            let files = ingested.files.len();
            let store = visible(&store);
            writeln!(out, "store {store}: {files} file(s) of {shards} shard(s)")?;
        }
        (false, SummaryFormat::Json) => json(ingested, out)?,
    }
    let mut whole = true;
    for file in &ingested.files {
        if let Some(torn) = &file.torn {
            let (name, torn) = (visible(&file.name), visible(torn));
            writeln!(err, "warning: `{name}` could be read in part only: {torn}")?;
        }
        if let Some(reason) = &file.unreadable {
            let name = visible(&file.name);
            writeln!(err, "error: `{name}` could not be read: {reason}")?;
            whole = false;
        }
    }
    Ok(if whole { DONE } else { INPUT })
}

/// How many files with one fate are named one by one.
const NAMED: usize = 20;

fn text(args: &IngestArgs, ingested: &Ingested, out: &mut dyn Write) -> io::Result<()> {
    let mut by_fate: BTreeMap<Fate, Vec<&Told>> = BTreeMap::new();
    for file in &ingested.files {
        by_fate.entry(file.fate).or_default().push(file);
    }
    for (fate, files) in &by_fate {
        let records: u64 = files.iter().map(|file| file.records).sum();
        let read = if fate.is_read() { "read" } else { "not read" };
        let units = if fate.is_read() {
            format!(", {records} records")
        } else {
            String::new()
        };
        writeln!(
            out,
            "{read}: {} file(s){units}: {}",
            files.len(),
            why(*fate)
        )?;
        // What nobody touched needs no list.
        let named = if matches!(fate, Fate::Unchanged | Fate::Kept) {
            0
        } else {
            NAMED
        };
        for file in files.iter().take(named) {
            let again = if file.by_reference {
                " (kept by reference: it is read again by each report)"
            } else {
                ""
            };
            writeln!(out, "  {}{again}", visible(&file.name))?;
        }
        if named > 0 && files.len() > named {
            writeln!(out, "  and {} more", files.len() - named)?;
        }
    }
    let store = args.store.display().to_string();
    let files = ingested.files.len();
    writeln!(out, "store {}: {files} file(s)", visible(&store))
}

fn why(fate: Fate) -> &'static str {
    match fate {
        Fate::New => "new",
        Fate::Grown => "grown: they begin with what was read before",
        Fate::Changed => {
            "CHANGED: their content is no longer what was read before, and replaces it"
        }
        Fate::Renamed => "named otherwise, as inputs lie elsewhere too now",
        Fate::Outdated => "read before by another version of piperoll",
        Fate::Retried => "not read to their end before",
        Fate::Unchanged => "unchanged, as size, times and inode say",
        Fate::Same => "written to, and their digest is the same",
        Fate::Gone => "GONE; what was read of them is kept",
        Fate::Kept => "not named this time; what was read of them is kept",
    }
}

fn json(ingested: &Ingested, out: &mut dyn Write) -> io::Result<()> {
    let files: Vec<_> = ingested
        .files
        .iter()
        .map(|file| {
            json!({
                "file": file.name,
                "read": file.fate.is_read(),
                "why": file.fate.as_str(),
                "bytes": file.bytes,
                "records": file.records,
                "by_reference": file.by_reference,
                "torn": file.torn,
                "unreadable": file.unreadable,
            })
        })
        .collect();
    let value = json!({"schema": "piperoll/ingest/1", "files": files});
    escaped::to_writer(out, &value)?;
    out.write_all(b"\n")
}

/// Holds the store against its digests, and the inputs against the store.
fn check(args: &IngestArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Failure> {
    let store = InputStore::open_any(&args.store)?;
    let found = verify(&store)?;
    let (mut same, mut other) = (0, false);
    for one in &found {
        let (name, what) = match one {
            Verified::Same(_) => {
                same += 1;
                continue;
            }
            Verified::Gone(name) => (name, "is not there any more"),
            Verified::Grown(name) => (name, "has grown: `piperoll ingest` reads the rest"),
            Verified::Other(name) => {
                other = true;
                writeln!(err, "error: `{}` is not what was read", visible(name))?;
                continue;
            }
        };
        writeln!(out, "`{}` {what}", visible(name))?;
    }
    if !args.quiet {
        let files = found.len();
        writeln!(
            out,
            "the store holds what was written; of {files} input(s) {same} are what was read"
        )?;
    }
    Ok(if other { INPUT } else { DONE })
}
