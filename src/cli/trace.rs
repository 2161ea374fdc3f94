//! `piperoll trace`: one identity end to end.

use std::io::{self, IsTerminal as _, Write};

use clap::{Args, ValueEnum};
use terminal_size::{Width, terminal_size};

use super::columns;
use super::load::{ReadArgs, say_unread};
use super::terminal::coloured;
use super::{DONE, Failure};
use crate::config::Settings;
use crate::estate::JoinedEstate;
use crate::model::Timestamp;
use crate::report::{Look, Zone, escaped, trace_html, trace_json, trace_text, trace_timeline};
use crate::trace::{Ask, Kind, Listed, list, trace};

/// What `--help` ends with.
const EXAMPLES: &str = "Examples:
  piperoll trace --list job logs/
  piperoll trace job 101/88089 logs/
  piperoll trace secret secret/app/db logs/ --format timeline --tz +02:00";

/// Follows one job, token, secret, person or service through all logs: who it came from, what it
/// did, when, on what evidence, and where the evidence is missing.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct TraceArgs {
    /// What ID is
    #[arg(value_enum)]
    kind: Subject,
    /// A URI (gitlab:job/101/88089) or bare (88089, 101/88089, an accessor hash, secret/app/db,
    /// alice, orders-api); with --list the first INPUT
    #[arg(required_unless_present = "list")]
    id: Option<String>,
    /// List the ids of KIND that can be followed, with when each was first and last seen
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    read: ReadArgs,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Offset from UTC at which times are shown, e.g. +02:00 (text and timeline; programs get UTC)
    #[arg(long, value_name = "OFFSET", value_parser = zone, allow_hyphen_values = true)]
    tz: Option<Zone>,
    /// How many children of one node are shown; the rest is counted
    #[arg(long, value_name = "N", default_value_t = 200)]
    limit: usize,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Subject {
    /// A GitLab job
    Job,
    /// A Vault token
    Token,
    /// A secret
    Secret,
    /// A person
    Person,
    /// A Cloud Run service
    Service,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A tree for people
    Text,
    /// The same in the order of time, one line each
    Timeline,
    /// One JSON document
    Json,
    /// One page for a browser
    Html,
}

impl TraceArgs {
    fn kind_word(&self) -> &'static str {
        match self.kind {
            Subject::Job => "job",
            Subject::Token => "token",
            Subject::Secret => "secret",
            Subject::Person => "person",
            Subject::Service => "service",
        }
    }
}

/// An offset from UTC.
fn zone(text: &str) -> Result<Zone, String> {
    let known = Zone::parse(text);
    known.ok_or_else(|| format!("`{text}` is no offset from UTC, e.g. +02:00, -0530 or UTC"))
}

/// Runs the command.
pub(super) fn run(
    args: &TraceArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    if args.tz.is_some() && matches!(args.format, Format::Json | Format::Html) {
        let help = "leave --tz out, or write --format text or --format timeline";
        return Err(Failure::usage("JSON and HTML say times in UTC", help));
    }
    let zone = args.tz.unwrap_or_default();
    let mut read = args.read.clone();
    if args.list {
        read.inputs.splice(0..0, args.id.clone());
    }
    let loaded = read.load(err)?;
    let mut estate = read.read_joined(&loaded, err)?;
    let readable = say_unread(&estate.tabled, err)?;
    let kind = match args.kind {
        Subject::Job => Kind::Job,
        Subject::Token => Kind::Token,
        Subject::Secret => Kind::Secret,
        Subject::Person => Kind::Person,
        Subject::Service => Kind::Service,
    };
    if args.list {
        listed(&list(&estate, kind)?, args, out, err)?;
    } else {
        let ask = Ask {
            kind,
            id: args.id.as_deref().unwrap_or_default(),
            limit: args.limit,
        };
        let look = Look { zone, ..look() };
        followed(
            &mut estate,
            &loaded.settings,
            &ask,
            (args.format, look),
            out,
        )?;
    }
    Ok(if readable { DONE } else { super::INPUT })
}

/// Writes the answer to one question.
fn followed(
    estate: &mut JoinedEstate,
    settings: &Settings,
    ask: &Ask<'_>,
    (format, look): (Format, Look),
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let found = trace(estate, settings, ask)?;
    match format {
        Format::Text => trace_text(&found, look, out)?,
        Format::Timeline => trace_timeline(&found, look, out)?,
        Format::Json => trace_json(&found, out)?,
        Format::Html => trace_html(&found, out)?,
    }
    Ok(())
}

/// Writes the list of ids; what --limit leaves out is counted.
fn listed(
    ids: &[Listed],
    args: &TraceArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<(), Failure> {
    let shown = || ids.iter().take(args.limit);
    match args.format {
        Format::Text => {
            let zone = args.tz.unwrap_or_default();
            let time =
                |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| zone.time(at));
            let row = |one: &Listed| {
                let (first, last) = (time(one.first), time(one.last));
                [one.id.clone(), first, last, one.events.to_string()].into_iter()
            };
            let header = [args.kind_word(), "first seen", "last seen", "events"];
            columns::write(&header, || shown().map(row), out)?;
        }
        Format::Json => {
            let object = |one: &Listed| {
                serde_json::json!({
                    "id": one.id,
                    "first": one.first.map(|at| at.to_string()),
                    "last": one.last.map(|at| at.to_string()),
                    "events": one.events,
                })
            };
            escaped::to_writer(out, &shown().map(object).collect::<Vec<_>>())?;
            out.write_all(b"\n")?;
        }
        Format::Timeline | Format::Html => {
            let help = "write --format text or --format json with --list";
            return Err(Failure::usage("a list has no such format", help));
        }
    }
    if ids.is_empty() {
        let kind = args.kind_word();
        writeln!(
            err,
            "note: the inputs name no {kind}; piperoll inputs says what would"
        )?;
    }
    if ids.len() > args.limit {
        let (limit, all) = (args.limit, ids.len());
        writeln!(
            err,
            "note: the first {limit} of {all} ids are shown (--limit)"
        )?;
    }
    Ok(())
}

/// Colours on a terminal that has not declined them; box-drawing lines unless the locale is
/// declared to be without UTF-8.
fn look() -> Look {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    let utf8 = |locale: String| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    };
    let terminal = io::stdout().is_terminal();
    Look {
        // A file or pipe is UTF-8 whatever the terminal is: the same bytes everywhere.
        boxes: !terminal || locale.is_none_or(utf8),
        colours: coloured(),
        width: terminal.then(columns).flatten(),
        zone: Zone::default(),
    }
}

/// The terminal's width; too narrow a one breaks nothing well.
fn columns() -> Option<usize> {
    let (Width(columns), _) = terminal_size()?;
    Some(usize::from(columns).max(60))
}
