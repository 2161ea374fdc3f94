//! `piperoll query`: SQL over the tables.

mod answer;
mod asking;
mod history;
mod joined;
mod line;
mod pager;
mod session;
mod views;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use answer::Format;
use asking::Asking;
use joined::JoinedTables;
use session::Session;

use super::load::{ReadArgs, say_unread};
use super::memory::MemorySize;
use super::{DONE, Failure, INPUT};
use crate::disk;
use crate::table::engine::{Bounds, ResultSet};

/// What `--help` ends with.
const EXAMPLES: &str = "Examples:
  piperoll query 'SELECT kind, count(*) FROM event GROUP BY kind' logs/
  piperoll query 'SELECT at, principal, object FROM event WHERE status = 403 ORDER BY at' logs/ --limit 20
  piperoll query 'SELECT * FROM event WHERE status = 403' logs/ --limit 3 --format vertical
  piperoll query 'SELECT rule_id, subject, message FROM findings ORDER BY rule_id' logs/
  piperoll query -f joined.sql logs/ --format csv -o joined.csv
  piperoll query -f joined.sql logs/ --format parquet -o joined.parquet
  piperoll query -i logs/

One SELECT of standard SQL, with or without WITH, over the tables of `piperoll tables`: joins, GROUP BY,
window functions, CASE, LIKE, regexp_like; no subqueries that look at the row outside of them. Beside
the tables, `findings` and `rules` say what the rules answer over the same inputs.";

/// Reads logs and exports and answers one SQL query over the tables (`piperoll tables`).
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct QueryArgs {
    /// The query, e.g. "SELECT kind, count(*) FROM event GROUP BY kind"; with -f or -i the first INPUT
    #[arg(value_name = "SQL", required_unless_present_any = ["file", "interactive"])]
    sql: Option<String>,
    #[command(flatten)]
    read: ReadArgs,
    /// Read the query from a file
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Ask one question after the other on a terminal: the inputs are read once, what was typed comes
    /// back with the arrow keys (`.help` lists the commands)
    #[arg(short, long, conflicts_with_all = ["file", "output"])]
    interactive: bool,
    /// Write the answer to a file, which must not exist
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show the first rows only; how many there are is said
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// The most rows that an answer may have
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    max_rows: u32,
    /// The most memory that the query may take beside the tables, e.g. 512MiB, 8GiB
    #[arg(long, value_name = "SIZE", default_value = "2GiB")]
    max_memory: MemorySize,
    /// How rows are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write a long answer to a terminal at once, not through $PAGER (else less)
    #[arg(long)]
    no_pager: bool,
}

/// Runs the command.
pub(super) fn run(
    args: &QueryArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    if args.interactive && !session::is_on_a_terminal() {
        let help = "give the query as an argument, or a file of it with -f FILE";
        return Err(Failure::usage("-i needs a terminal to ask on", help));
    }
    let (sql, read) = asked(args)?;
    if let Some(path) = args.output.as_deref().filter(|path| path.exists()) {
        let what = format!("`{}` exists", path.display());
        // Said before hours of reading, not after.
        return Err(Failure::usage(what, "name a file that does not exist yet"));
    }
    if args.format == Format::Parquet && args.output.is_none() {
        return Err(answer::no_text());
    }
    let loaded = read.load(err)?;
    let bounds = Bounds {
        rows: Some(args.max_rows),
        bytes: Some(args.max_memory.0),
    };
    if !args.interactive
        && let Some(tables) = JoinedTables::find(&read, &loaded, &sql)?
    {
        let (result, readable) = tables.answer(&sql, bounds, err)?;
        written(args, &asking::shown(result, args.limit, err)?, out)?;
        return Ok(if readable { DONE } else { INPUT });
    }
    let estate = read.read(&loaded, args.output.as_deref(), err)?;
    let mut said = Vec::new();
    let readable = say_unread(&estate, &mut said)?;
    err.write_all(&said)?;
    let mut asking = Asking::new(&estate, &loaded, bounds, args.limit);
    let answered = if args.interactive {
        Session::new(asking, args.format, !args.no_pager).run(out, err)
    } else {
        let answer = asking.answer(&sql, err);
        answer.and_then(|answer| written(args, &answer, out))
    };
    // Whoever mistyped the question asks again.
    let said = (String::from_utf8_lossy(&said), readable);
    joined::keep(&estate, read.made_of(&loaded)?, (&said.0, said.1), err)?;
    answered?;
    Ok(if readable { DONE } else { INPUT })
}

/// Writes the answer where it is wanted.
fn written(args: &QueryArgs, result: &ResultSet, out: &mut dyn Write) -> Result<(), Failure> {
    match &args.output {
        Some(path) if args.format == Format::Parquet => Ok(result.write_parquet(path)?),
        Some(path) => answered(path, args.format, result),
        None => Ok(pager::write(args.format, !args.no_pager, result, out)?),
    }
}

/// The query and what it is asked of: with `-f` or `-i` the first argument is an input.
fn asked(args: &QueryArgs) -> Result<(String, ReadArgs), Failure> {
    let mut read = args.read.clone();
    if args.interactive {
        read.inputs.splice(0..0, args.sql.clone());
        return Ok((String::new(), read));
    }
    let Some(file) = &args.file else {
        return Ok((args.sql.clone().unwrap_or_default(), read));
    };
    let text = disk::text(file).map_err(|error| {
        let what = format!("cannot read the query `{}`: {error}", file.display());
        Failure::usage(what, "name a file that holds one SELECT with -f")
    })?;
    read.inputs.splice(0..0, args.sql.clone());
    Ok((text, read))
}

/// Writes an answer to a new file.
fn answered(path: &Path, format: Format, result: &ResultSet) -> Result<(), Failure> {
    let mut file = created(path)?;
    answer::write(format, result, &mut file).map_err(|failure| match failure {
        Failure::Io(error) => Failure::unwritten(path, &error, "name a file on another disk"),
        other => other,
    })
}

/// A new file.
fn created(path: &Path) -> Result<fs::File, Failure> {
    let file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path);
    file.map_err(|error| {
        let help = "name a file that does not exist yet, in a directory that does";
        Failure::unwritten(path, &error, help)
    })
}
