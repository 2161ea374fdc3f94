//! The request lines that `policy decide` reads.

use std::io::BufRead;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// One request line; what else it holds is not read.
#[derive(Deserialize)]
pub(super) struct Line<'l> {
    pub(super) policies: Vec<String>,
    pub(super) operation: String,
    pub(super) path: String,
    #[serde(default)]
    pub(super) parameters: Option<Map<String, Value>>,
    #[serde(default)]
    pub(super) namespace: Option<String>,
    #[serde(default)]
    pub(super) wrap_ttl: Option<i64>,
    /// Kept as text: it names the compiled set, and few sets need it.
    #[serde(borrow, default)]
    pub(super) entity: Option<&'l RawValue>,
}

/// The lines of a source, numbered, without their terminators.
pub(super) struct Lines<'r> {
    reader: &'r mut dyn BufRead,
    buffer: Vec<u8>,
    number: u64,
}

impl<'r> Lines<'r> {
    pub(super) fn new(reader: &'r mut dyn BufRead) -> Lines<'r> {
        Lines {
            reader,
            buffer: Vec::new(),
            number: 0,
        }
    }

    /// The next line that is not blank.
    pub(super) fn next(&mut self) -> std::io::Result<Option<(u64, &[u8])>> {
        loop {
            self.buffer.clear();
            if self.reader.read_until(b'\n', &mut self.buffer)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if !self.buffer.trim_ascii().is_empty() {
                return Ok(Some((self.number, self.buffer.trim_ascii())));
            }
        }
    }
}
