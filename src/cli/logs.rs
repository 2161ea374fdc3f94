//! Messages on standard error as JSON, one object a line, for whoever collects logs.

use std::ffi::OsString;
use std::io::{self, Write};
use std::time::Instant;

use clap::ValueEnum;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::model::Timestamp;
use crate::report::escaped;

/// The option that asks for them; it is looked for before the words are parsed, since what is wrong
/// with them is a message too.
const OPTION: &str = "--log-format";
const SCHEMA: &str = "piperoll/log/1";

/// How messages on standard error are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object a line; the last one says how the command ended, and what came of `report`
    Json,
}

/// Whether the words ask for JSON.
pub(super) fn are_json(words: &[OsString]) -> bool {
    let words = words.iter().take_while(|word| *word != "--");
    let words: Vec<&OsString> = words.collect();
    let apart = words
        .windows(2)
        .any(|pair| pair[0] == OPTION && pair[1] == "json");
    apart || words.iter().any(|word| **word == "--log-format=json")
}

/// A message.
#[derive(Serialize)]
struct Message<'a> {
    schema: &'static str,
    at: String,
    /// `error`, `warning`, `note`, `help` (to the message before), or `info`
    level: &'static str,
    message: &'a str,
}

/// The last line.
#[derive(Serialize)]
struct End<'a> {
    schema: &'static str,
    at: String,
    level: &'static str,
    command: &'a str,
    exit_code: u8,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a RawValue>,
}

/// Lines of text, written as JSON.
pub(super) struct JsonLines<'w> {
    to: &'w mut dyn Write,
    /// What of a line is there.
    line: Vec<u8>,
    started: Instant,
}

impl<'w> JsonLines<'w> {
    /// To a writer.
    pub(super) fn new(to: &'w mut dyn Write) -> JsonLines<'w> {
        JsonLines {
            to,
            line: Vec::new(),
            started: Instant::now(),
        }
    }

    /// Says how the command ended; `summary` is what came of it, as JSON.
    pub(super) fn end(
        mut self,
        words: &[OsString],
        exit_code: u8,
        summary: Option<&RawValue>,
    ) -> io::Result<()> {
        if !self.line.is_empty() {
            self.message()?;
        }
        let command = words.iter().skip(1).filter_map(|word| word.to_str());
        let command = command
            .into_iter()
            .find(|word| !word.starts_with('-') && *word != "json");
        let end = End {
            schema: SCHEMA,
            at: now(),
            level: "end",
            command: command.unwrap_or_default(),
            exit_code,
            seconds: (self.started.elapsed().as_secs_f64() * 1e3).round() / 1e3,
            summary,
        };
        self.object(&end)
    }

    /// Writes the line that is there.
    fn message(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        let text = line.trim_start();
        let levels = ["error", "warning", "note", "help"].into_iter();
        let mut told = levels.filter_map(|level| {
            let rest = text.strip_prefix(level)?.strip_prefix(": ")?;
            Some((level, rest))
        });
        let (level, message) = told.next_back().unwrap_or(("info", line.trim_end()));
        if message.is_empty() {
            return Ok(());
        }
        let at = now();
        self.object(&Message {
            schema: SCHEMA,
            at,
            level,
            message,
        })
    }

    /// One write a line: whoever reads sees whole ones.
    fn object(&mut self, object: &impl Serialize) -> io::Result<()> {
        let mut text = Vec::new();
        escaped::to_writer(&mut text, object)?;
        text.push(b'\n');
        self.to.write_all(&text)
    }
}

impl Write for JsonLines<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            match part.strip_suffix(b"\n") {
                Some(end) => {
                    self.line.extend_from_slice(end);
                    self.message()?;
                }
                None => self.line.extend_from_slice(part),
            }
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn now() -> String {
    Timestamp(chrono::Utc::now().timestamp_micros()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn the_option_is_seen_before_the_words_are_parsed() {
        for (line, json) in [
            ("piperoll report logs --log-format json", true),
            ("piperoll --log-format=json report --no-such-option", true),
            ("piperoll report logs --log-format text", false),
            ("piperoll query -- --log-format json", false),
        ] {
            assert_eq!(are_json(&words(line)), json, "{line}");
        }
    }

    #[test]
    fn every_line_is_an_object_and_the_last_one_says_how_it_ended() {
        let mut out = Vec::new();
        let mut lines = JsonLines::new(&mut out);
        write!(lines, "error: `a\u{1b}[2J` is ").unwrap();
        write!(
            lines,
            "wrong\n  help: do \"this\"\n\nread 2 files\nnote: half"
        )
        .unwrap();
        let summary = RawValue::from_string("{\"pack\":\"p\"}".to_owned()).unwrap();
        let command = words("piperoll --log-format json report x");
        lines.end(&command, 3, Some(&summary)).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(!out.contains('\u{1b}'), "{out}");
        let lines: Vec<Value> = out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let told: Vec<(&str, &str)> = lines
            .iter()
            .filter_map(|line| Some((line["level"].as_str()?, line["message"].as_str()?)))
            .collect();
        assert_eq!(
            told,
            [
                ("error", "`a\u{1b}[2J` is wrong"),
                ("help", "do \"this\""),
                ("info", "read 2 files"),
                ("note", "half"),
            ]
        );
        let end = lines.last().unwrap();
        assert_eq!(end["level"], "end");
        assert_eq!(end["command"], "report");
        assert_eq!(end["exit_code"], 3);
        assert_eq!(end["summary"]["pack"], "p");
        assert!(
            lines
                .iter()
                .all(|line| line["schema"] == SCHEMA && line["at"].is_string())
        );
    }
}
