//! Takes records out of the envelopes of container runtimes, and rejoins the parts of one line.
//!
//! Docker's `json-file` driver writes `{"log":"...\n","stream":"stdout","time":"..."}` and cuts
//! lines at 16 KiB: only the last part ends with a line feed. CRI runtimes (containerd, CRI-O)
//! write `<time> stdout F <text>` with `P` for parts and `F` for the last one.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The envelope of a file's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Envelope {
    /// Docker `json-file`.
    Docker,
    /// Kubernetes CRI.
    Cri,
}

#[derive(Deserialize)]
struct DockerLine {
    log: String,
    stream: String,
}

/// One line without its envelope.
struct Content {
    stream: String,
    text: Vec<u8>,
    complete: bool,
}

impl Envelope {
    /// The envelope of a line, if it is in one.
    pub(super) fn of(line: &[u8]) -> Option<Envelope> {
        if serde_json::from_slice::<DockerLine>(line).is_ok() {
            return Some(Envelope::Docker);
        }
        cri(line).map(|_| Envelope::Cri)
    }

    fn open(self, line: &[u8]) -> Option<Content> {
        match self {
            Envelope::Docker => {
                let line: DockerLine = serde_json::from_slice(line).ok()?;
                let complete = line.log.ends_with('\n');
                let text = line.log.trim_end_matches(['\n', '\r']).as_bytes().to_vec();
                Some(Content {
                    stream: line.stream,
                    text,
                    complete,
                })
            }
            Envelope::Cri => cri(line),
        }
    }
}

/// `2026-11-21T07:47:12.214239981Z stdout F text`.
fn cri(line: &[u8]) -> Option<Content> {
    let mut fields = line.splitn(4, |&byte| byte == b' ');
    let time = std::str::from_utf8(fields.next()?).ok()?;
    let stream = fields.next()?;
    let tag = fields.next()?;
    let text = fields.next().unwrap_or(&[]);
    let streams: [&[u8]; 2] = [b"stdout", b"stderr"];
    let full = tag.split(|&byte| byte == b':').next()? == b"F";
    let partial = tag.split(|&byte| byte == b':').next()? == b"P";
    if !streams.contains(&stream) || !(full || partial) {
        return None;
    }
    chrono::DateTime::parse_from_rfc3339(time).ok()?;
    let stream = String::from_utf8_lossy(stream).into_owned();
    Some(Content {
        stream,
        text: text.to_vec(),
        complete: full,
    })
}

/// Where a rejoined record began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rejoined {
    /// The record's text.
    pub(super) text: Vec<u8>,
    /// Line of its first part.
    pub(super) line: u64,
    /// Byte of its first part.
    pub(super) byte: u64,
    /// The first part as it stands in the file, for the digest.
    pub(super) first: Vec<u8>,
    /// How many lines it took.
    pub(super) units: u64,
}

/// Opens the envelopes of a file's lines in order.
#[derive(Debug)]
pub(super) struct Unwrapper {
    envelope: Envelope,
    waiting: BTreeMap<String, Rejoined>,
}

impl Unwrapper {
    pub(super) fn new(envelope: Envelope) -> Unwrapper {
        Unwrapper {
            envelope,
            waiting: BTreeMap::new(),
        }
    }

    /// Takes one line; gives a record when it is complete. A line outside any envelope is a record
    /// by itself.
    pub(super) fn line(&mut self, bytes: &[u8], line: u64, byte: u64) -> Option<Rejoined> {
        let whole = |text: Vec<u8>| Rejoined {
            text,
            line,
            byte,
            first: bytes.to_vec(),
            units: 1,
        };
        let Some(content) = self.envelope.open(bytes) else {
            return Some(whole(bytes.to_vec()));
        };
        let record = match self.waiting.remove(&content.stream) {
            None => whole(content.text),
            Some(mut begun) => {
                begun.text.extend_from_slice(&content.text);
                begun.units += 1;
                begun
            }
        };
        if content.complete {
            return Some(record);
        }
        self.waiting.insert(content.stream, record);
        None
    }

    /// Gives what still waits for its last part, in stream order.
    pub(super) fn finish(&mut self) -> Vec<Rejoined> {
        std::mem::take(&mut self.waiting).into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(envelope: Envelope, lines: &[&str]) -> Vec<(String, u64, u64)> {
        let mut unwrapper = Unwrapper::new(envelope);
        let mut records: Vec<Rejoined> = lines
            .iter()
            .zip(1..)
            .filter_map(|(line, number)| unwrapper.line(line.as_bytes(), number, 0))
            .collect();
        records.extend(unwrapper.finish());
        records
            .into_iter()
            .map(|record| {
                (
                    String::from_utf8(record.text).unwrap(),
                    record.line,
                    record.units,
                )
            })
            .collect()
    }

    #[test]
    fn docker_parts_of_one_line_are_rejoined_per_stream() {
        let lines = [
            r#"{"log":"{\"a\":","stream":"stdout","time":"t"}"#,
            r#"{"log":"warn\n","stream":"stderr","time":"t"}"#,
            r#"{"log":"1}\n","stream":"stdout","time":"t"}"#,
        ];
        assert_eq!(
            texts(Envelope::Docker, &lines),
            [("warn".to_owned(), 2, 1), ("{\"a\":1}".to_owned(), 1, 2)]
        );
    }

    #[test]
    fn cri_parts_of_one_line_are_rejoined() {
        let lines = [
            "2026-11-21T07:47:12.214239981Z stdout P {\"a\":",
            "2026-11-21T07:47:12.214239982Z stdout F 1}",
        ];
        assert_eq!(Envelope::of(lines[0].as_bytes()), Some(Envelope::Cri));
        assert_eq!(
            texts(Envelope::Cri, &lines),
            [("{\"a\":1}".to_owned(), 1, 2)]
        );
    }

    #[test]
    fn a_last_part_that_never_comes_is_not_lost() {
        let lines = ["2026-11-21T07:47:12Z stdout P {\"a\":"];
        assert_eq!(texts(Envelope::Cri, &lines), [("{\"a\":".to_owned(), 1, 1)]);
    }

    #[test]
    fn an_audit_line_is_in_no_envelope() {
        assert_eq!(Envelope::of(br#"{"time":"t","type":"request"}"#), None);
        assert_eq!(Envelope::of(b"Nov 21 07:47:12 host vault: {}"), None);
    }
}
