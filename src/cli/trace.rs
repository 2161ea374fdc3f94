//! `piperoll trace`: one identity end to end.

use std::io::{self, IsTerminal as _, Write};

use clap::{Args, ValueEnum};
use terminal_size::{Width, terminal_size};

use super::load::{ReadArgs, say_unreadable};
use super::{DONE, Failure};
use crate::report::{Look, trace_html, trace_json, trace_text, trace_timeline};
use crate::trace::{Ask, Kind, trace};

/// Follows one job, token, secret, person or service through all logs: who it came from, what it
/// did, when, on what evidence, and where the evidence is missing.
#[derive(Args, Debug)]
pub(super) struct TraceArgs {
    /// What ID is
    #[arg(value_enum)]
    kind: Subject,
    /// A URI (gitlab:job/101/88089) or bare (88089, 101/88089, an accessor hash, secret/app/db,
    /// alice, orders-api)
    id: String,
    #[command(flatten)]
    read: ReadArgs,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
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

/// Runs the command.
pub(super) fn run(
    args: &TraceArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let loaded = args.read.load(err)?;
    let mut estate = args.read.read(&loaded, None, err)?;
    let ask = Ask {
        kind: match args.kind {
            Subject::Job => Kind::Job,
            Subject::Token => Kind::Token,
            Subject::Secret => Kind::Secret,
            Subject::Person => Kind::Person,
            Subject::Service => Kind::Service,
        },
        id: &args.id,
        limit: args.limit,
    };
    let found = trace(&mut estate, &loaded.settings, &ask)?;
    match args.format {
        Format::Text => trace_text(&found, look(), out)?,
        Format::Timeline => trace_timeline(&found, look(), out)?,
        Format::Json => trace_json(&found, out)?,
        Format::Html => trace_html(&found, out)?,
    }
    say_unreadable(&estate, err)?;
    Ok(if estate.unreadable.is_empty() {
        DONE
    } else {
        super::INPUT
    })
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
        colours: terminal && set("NO_COLOR").is_none(),
        width: terminal.then(columns).flatten(),
    }
}

/// The terminal's width; too narrow a one breaks nothing well.
fn columns() -> Option<usize> {
    let (Width(columns), _) = terminal_size()?;
    Some(usize::from(columns).max(60))
}
