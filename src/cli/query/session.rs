//! Questions typed one after the other on a terminal, over inputs that were read once.

use std::io::{self, IsTerminal as _, Write};

use clap::ValueEnum as _;
use console::Term;

use super::answer::{self, Format};
use super::asking::Asking;
use super::history::History;
use super::line::{Line, Pressed};
use super::pager;
use crate::cli::{Failure, tables};
use crate::report::visible;

const PROMPT: &str = "piperoll> ";
/// The prompt of a question that goes on.
const FURTHER: &str = "       -> ";

/// What `.help` says.
const HELP: &str =
    "A question ends with `;` and may take several lines. Ctrl-C drops it, Ctrl-D leaves.
  .tables [NAME...]   the tables, or those named, with their columns; findings and rules are two
  .format NAME        text, vertical, csv, ndjson or json
  .limit N            show the first N rows of an answer; `.limit` alone shows all
  .quit               leave
";

/// Whether both ends are a terminal: what is piped in or out is no conversation.
pub(super) fn is_on_a_terminal() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{NotConnected, UnexpectedEof};
    matches!(error.kind(), NotConnected | UnexpectedEof)
}

/// What was typed to its end.
enum Typed {
    /// One question, without the `;`.
    Question(String),
    /// A command that begins with a point.
    Command(String),
    End,
}

/// A conversation.
pub(super) struct Session<'a> {
    asking: Asking<'a>,
    format: Format,
    paged: bool,
    history: History,
}

impl<'a> Session<'a> {
    /// Over what was read.
    pub(super) fn new(asking: Asking<'a>, format: Format, paged: bool) -> Session<'a> {
        Session {
            asking,
            format,
            paged,
            history: History::open(),
        }
    }

    /// Asks and answers until whoever types leaves.
    pub(super) fn run(mut self, out: &mut dyn Write, err: &mut dyn Write) -> Result<(), Failure> {
        writeln!(out, "`.help` says what may be typed.")?;
        let term = Term::stdout();
        loop {
            let done = match self.typed(&term, out)? {
                Typed::End => break,
                Typed::Command(text) if text == ".quit" => break,
                Typed::Command(text) => self.command(&text, out),
                Typed::Question(sql) => self.question(&sql, out, err),
            };
            match done {
                Ok(()) => {}
                Err(Failure::Io(error)) => return Err(error.into()),
                // What is wrong with a question ends the question.
                Err(failure) => {
                    failure.end(err);
                }
            }
        }
        if let Err(error) = self.history.keep() {
            writeln!(err, "note: what was typed could not be kept: {error}")?;
        }
        Ok(())
    }

    fn question(
        &mut self,
        sql: &str,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> Result<(), Failure> {
        let result = self.asking.answer(sql, err)?;
        pager::write(self.format, self.paged, &result, out)
    }

    fn command(&mut self, text: &str, out: &mut dyn Write) -> Result<(), Failure> {
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        let words: Vec<String> = words.map(str::to_owned).collect();
        match (name, words.as_slice()) {
            (".help", []) => Ok(write!(out, "{HELP}")?),
            (".tables", names) => tables::describe(names, out),
            (".format", [format]) => {
                let format = Format::from_str(format, true)
                    .map_err(|error| Failure::usage(error, "`.help` lists the formats"))?;
                if format == Format::Parquet {
                    return Err(answer::no_text());
                }
                self.format = format;
                Ok(())
            }
            (".limit", []) => {
                self.asking.limit = None;
                Ok(())
            }
            (".limit", [number]) => {
                let limit = number.parse().map_err(|_| {
                    Failure::usage(
                        format!("`{number}` is no number of rows"),
                        "e.g. `.limit 20`",
                    )
                })?;
                self.asking.limit = Some(limit);
                Ok(())
            }
            _ => {
                let what = format!("`{}` is no command", visible(text));
                Err(Failure::usage(what, "`.help` lists the commands"))
            }
        }
    }

    /// What is typed next, to its end.
    fn typed(&mut self, term: &Term, out: &mut dyn Write) -> io::Result<Typed> {
        let mut question = String::new();
        loop {
            let prompt = if question.is_empty() { PROMPT } else { FURTHER };
            match self.line(prompt, term, out)? {
                Pressed::Ended => return Ok(Typed::End),
                Pressed::Entered(line) => {
                    self.history.add(&line);
                    let text = line.trim();
                    if question.is_empty() && text.starts_with('.') {
                        return Ok(Typed::Command(text.to_owned()));
                    }
                    question.push_str(&line);
                    if let Some(whole) = question.trim().strip_suffix(';') {
                        return Ok(Typed::Question(whole.to_owned()));
                    }
                    if !question.trim().is_empty() {
                        question.push('\n');
                    }
                }
                Pressed::Dropped | Pressed::Going => question.clear(),
            }
        }
    }

    /// One line, until a key ends it.
    fn line(&self, prompt: &str, term: &Term, out: &mut dyn Write) -> io::Result<Pressed> {
        let mut line = Line::default();
        loop {
            let room = usize::from(term.size().1).saturating_sub(prompt.len());
            let (shown, column) = line.shown(room);
            // To the first column, the line anew, what stood behind it away, the cursor to its place.
            write!(
                out,
                "\r{prompt}{shown}\u{1b}[K\r\u{1b}[{}C",
                prompt.len() + column
            )?;
            out.flush()?;
            let pressed = match term.read_key_raw() {
                Ok(key) => line.press(&key, self.history.lines()),
                // The terminal is gone, and with it whoever typed.
                Err(error) if is_gone(&error) => Pressed::Ended,
                Err(error) => return Err(error),
            };
            if pressed != Pressed::Going {
                writeln!(out)?;
                // What is said of it on standard error begins on a line of its own.
                out.flush()?;
                return Ok(pressed);
            }
        }
    }
}
