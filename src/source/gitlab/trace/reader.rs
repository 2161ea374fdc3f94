//! One pass over a trace: lines, segments, sections, facts, secrets.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use memchr::memchr;

use super::joined::Joined;
use super::line::{Line, Lines, Position};
use super::seam::Seam;
use super::section::{self, Sections};
use super::spread::{self, Spread};
use super::{ansi, fact};
use crate::model::{
    Attribute, Digest, Exposure, GitlabPath, Place, Record, Sink, Timestamp, id, secret,
};

const KIND: &str = "job-trace";

/// What the pass has found so far; the id of the job is known only at its end.
struct Reader<'r> {
    record: &'r Record<'r>,
    /// Facts of which one value holds.
    single: BTreeMap<&'static str, (String, Position)>,
    /// Facts of which every different value holds, each at its first line.
    several: BTreeMap<(&'static str, String), Position>,
    exposures: Vec<Exposure>,
    /// Where each of them begins, and of what pattern it is: there may be as many as lines.
    shown: BTreeSet<(u64, &'static str)>,
    sections: Sections,
    spread: Spread,
    seam: Seam,
    first_at: Option<(Timestamp, Position)>,
    last_at: Option<(Timestamp, Position)>,
    /// When a trace without times of its own begins.
    begins: Begins,
}

/// When a trace begins, by the first marker in it: the runner writes its own lines and that marker
/// before anything of the job runs.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Begins {
    /// No line has been read.
    #[default]
    Unread,
    /// The first line is the runner's, and no marker came yet.
    Runner,
    /// At that time, as the marker at that place says.
    At(Timestamp, Position),
    /// Nothing says so, or not the runner alone.
    Untold,
}

impl Begins {
    /// When, and where the marker stands that says so.
    fn told(self) -> Option<(Timestamp, Position)> {
        match self {
            Begins::At(at, position) => Some((at, position)),
            Begins::Unread | Begins::Runner | Begins::Untold => None,
        }
    }
}

/// The secrets of one line so far.
#[derive(Default)]
struct Seen {
    values: Vec<Vec<u8>>,
    /// Where they stand in its text.
    ranges: Vec<Range<usize>>,
}

/// Facts that may be told many times.
const SEVERAL: &[&str] = &["secret", "secret_resolver", "refusal", "sealed"];
/// Facts of which the last value holds: the runner has the last word. Of the others the first
/// does; a job may print the same words later.
const LAST_HOLDS: &[&str] = &["end_state", "end_reason", "truncated_at_bytes"];

/// Reads a whole trace and pushes what it says.
pub(super) fn read(record: &Record<'_>, sink: &mut dyn Sink) {
    let mut reader = Reader {
        record,
        single: BTreeMap::new(),
        several: BTreeMap::new(),
        exposures: Vec::new(),
        shown: BTreeSet::new(),
        sections: Sections::default(),
        spread: Spread::default(),
        seam: Seam::default(),
        first_at: None,
        last_at: None,
        begins: Begins::Unread,
    };
    for line in Lines::new(record.bytes) {
        reader.line(&line);
    }
    let last = reader.spread.finish();
    reader.expose_spread(last);
    reader.finish(sink);
}

impl Reader<'_> {
    /// The place of the physical line at `position`, with its own digest.
    fn place(&self, position: Position) -> Place {
        let first = self.record.place;
        let rest = usize::try_from(position.byte)
            .ok()
            .and_then(|byte| self.record.bytes.get(byte..))
            .unwrap_or_default();
        let line = rest
            .get(..memchr(b'\n', rest).unwrap_or(rest.len()))
            .unwrap_or_default();
        Place {
            file: first.file,
            line: first.line + position.index,
            byte: first.byte + position.byte,
            sha256: Digest::of(without_terminator(line)),
        }
    }

    /// Whether only the runner has spoken: its first line, and those that go on with it.
    fn begin(&mut self, line: &Line<'_>) {
        let own = ansi::visible(&line.text);
        let text = own.trim_ascii();
        let begun = match self.begins {
            Begins::Unread if text.is_empty() => Begins::Unread,
            Begins::Unread if line.at.is_some() => Begins::Untold,
            Begins::Unread if text.starts_with(b"Running with gitlab-runner ") => Begins::Runner,
            Begins::Runner if own.starts_with(b"  ") || text.starts_with(b"section_start:") => {
                Begins::Runner
            }
            told @ Begins::At(..) => told,
            _ => Begins::Untold,
        };
        self.begins = begun;
    }

    fn line(&mut self, line: &Line<'_>) {
        self.begin(line);
        if let Some(at) = line.at {
            let position = line.position(0);
            self.first_at.get_or_insert((at, position));
            if self.last_at.is_none_or(|(last, _)| last < at) {
                self.last_at = Some((at, position));
            }
        }
        let known = self.exposures.len();
        let mut seen = Seen::default();
        let mut offset = 0;
        for raw in line.text.split(|byte| *byte == b'\r') {
            self.segment(line, offset, raw, &mut seen);
            offset += raw.len() + 1;
        }
        self.expose_split(line, &mut seen);
        for found in secret::spelled(&line.text) {
            let known = |range: &Range<usize>| {
                range.start < found.range.end && found.range.start < range.end
            };
            if seen.ranges.iter().any(known) {
                continue;
            }
            let position = line.position(found.range.start);
            self.keep(found.pattern, found.redacted, line.at, position);
        }
        // One place is one exposure, whichever reading of the line found it.
        let mut places = BTreeSet::new();
        let found = self.exposures.split_off(known);
        let once = found.into_iter().filter(|exposure| {
            let text = (exposure.pattern.clone(), exposure.redacted.clone());
            places.insert((exposure.place.byte, text))
        });
        self.exposures.extend(once);
        let visible = ansi::visible(&line.text);
        if let Some(kind) = secret::sealed(&visible) {
            self.fact("sealed", kind.to_owned(), line, 0);
        }
        let seam = self.seam.take(&visible, line);
        self.expose_spread(seam);
        let spread = self.spread.take(&visible, line);
        self.expose_spread(spread);
    }

    /// Keeps the secrets that several lines hold together, unless the first of them shows one.
    fn expose_spread(&mut self, found: Vec<spread::Found>) {
        for found in found {
            let byte = self.record.place.byte + found.position.byte;
            if !self.shown.contains(&(byte, found.pattern)) {
                self.keep(found.pattern, found.redacted, found.at, found.position);
            }
        }
    }

    /// Keeps the secrets of a line that characters nobody sees cut in pieces.
    fn expose_split(&mut self, line: &Line<'_>, seen: &mut Seen) {
        let Some(joined) = Joined::new(&line.text) else {
            return;
        };
        for found in secret::find(&joined.text) {
            let value = joined.text.get(found.range.clone()).unwrap_or_default();
            let raw = joined.raw(&found.range);
            let known = seen
                .ranges
                .iter()
                .any(|range| range.start < raw.end && raw.start < range.end)
                || seen.values.iter().any(|known| value.starts_with(known));
            if !known {
                let position = line.position(raw.start);
                seen.ranges.push(raw);
                self.keep(
                    found.pattern,
                    found.redacted(&joined.text),
                    line.at,
                    position,
                );
            }
        }
    }

    /// What stands between two carriage returns: a marker, a progress bar, or the line's text.
    fn segment(&mut self, line: &Line<'_>, offset: usize, raw: &[u8], seen: &mut Seen) {
        if raw.is_empty() {
            return;
        }
        let shown = ansi::visible(raw);
        let (text, marker) = match section::marker(&shown) {
            Some((before, marker)) => (before, Some(marker)),
            None => (shown.as_ref(), None),
        };
        self.expose(line, offset, raw, &shown, seen);
        for (name, value) in fact::facts(text) {
            self.fact(name, value, line, offset);
        }
        for class in fact::refusals(text) {
            self.fact("refusal", class.to_owned(), line, offset);
        }
        if let Some(marker) = marker {
            if self.begins == Begins::Runner {
                let at = marker.at.filter(|_| marker.starts);
                let position = line.position(offset);
                self.begins = at.map_or(Begins::Untold, |at| Begins::At(at, position));
            }
            self.sections.take(marker, line.position(offset));
        }
    }

    fn fact(&mut self, name: &'static str, value: String, line: &Line<'_>, offset: usize) {
        let value = secret::redact(&value);
        let position = line.position(offset);
        if SEVERAL.contains(&name) {
            self.several.entry((name, value)).or_insert(position);
        } else if LAST_HOLDS.contains(&name) {
            self.single.insert(name, (value, position));
        } else {
            self.single.entry(name).or_insert((value, position));
        }
    }

    /// Keeps the redacted form of every secret in a segment, raw or as shown.
    fn expose(
        &mut self,
        line: &Line<'_>,
        offset: usize,
        raw: &[u8],
        shown: &[u8],
        seen: &mut Seen,
    ) {
        for found in secret::find(raw) {
            let value = raw.get(found.range.clone()).unwrap_or_default();
            seen.values.push(value.to_vec());
            let start = offset + found.range.start;
            seen.ranges.push(start..offset + found.range.end);
            self.keep(
                found.pattern,
                found.redacted(raw),
                line.at,
                line.position(start),
            );
        }
        let text = std::str::from_utf8(shown).ok();
        let text = text.filter(|_| seen.values.is_empty());
        let listed = text.and_then(|text| {
            let named = || text.get(secret::named(text).into_iter().next()?);
            secret::exported(text).or_else(named)
        });
        if let Some(value) = listed {
            seen.values.push(value.as_bytes().to_vec());
            let redacted = "****".to_owned();
            self.keep(
                secret::NAMED_LITERAL,
                redacted,
                line.at,
                line.position(offset),
            );
        }
        if shown.len() == raw.len() {
            return;
        }
        for found in secret::find(shown) {
            let value = shown.get(found.range.clone()).unwrap_or_default();
            if !seen.values.iter().any(|known| known == value) {
                seen.values.push(value.to_vec());
                let position = line.position(offset);
                self.keep(found.pattern, found.redacted(shown), line.at, position);
            }
        }
    }

    fn keep(
        &mut self,
        pattern: &'static str,
        redacted: String,
        at: Option<Timestamp>,
        position: Position,
    ) {
        let place = self.place(position);
        self.shown.insert((place.byte, pattern));
        self.exposures.push(Exposure {
            job: String::new(),
            pattern: pattern.to_owned(),
            redacted,
            at,
            section: self.sections.current().to_owned(),
            place,
        });
    }

    /// Pushes what was found, now that the job is known.
    fn finish(self, sink: &mut dyn Sink) {
        let hint = GitlabPath::parse(self.record.path);
        let printed = self
            .single
            .get("project_id")
            .and_then(|(id, position)| Some((id.parse::<u64>().ok()?, *position)));
        let project = hint.project.or(printed.map(|(project, _)| project));
        let object = match (project, hint.job) {
            (Some(project), Some(job)) => id::gitlab_job(project, job),
            _ => format!("gitlab:trace/{}", self.record.path),
        };
        let mut say = |name: &str, value: String, position: Position| {
            sink.attribute(Attribute {
                kind: KIND,
                object: object.clone(),
                name: name.to_owned(),
                value,
                valid_from: None,
                place: self.place(position),
            });
        };
        if let (Some(expected), Some((printed, position))) = (hint.project, printed)
            && expected != printed
        {
            let value = format!("the path says gitlab:project/{expected}");
            say("path-contradiction", value, position);
        }
        self.say_facts(&mut say);
        self.say_times(&mut say);
        let begins = self.begins.told().map(|(at, _)| at);
        for exposure in &self.exposures {
            sink.exposure(Exposure {
                job: object.clone(),
                at: exposure.at.or(begins),
                ..exposure.clone()
            });
        }
    }

    /// Says what lines of the trace tell.
    fn say_facts(&self, say: &mut dyn FnMut(&str, String, Position)) {
        for (name, (value, position)) in &self.single {
            say(name, value.clone(), *position);
        }
        if !self.single.contains_key("end_state") {
            say("end_state", "absent".to_owned(), Position::default());
        }
        for ((name, value), position) in &self.several {
            say(name, value.clone(), *position);
        }
    }

    /// Says from when to when each section, and the whole trace, ran.
    fn say_times(&self, say: &mut dyn FnMut(&str, String, Position)) {
        for (name, span) in self.sections.spans() {
            let mut tell = |what: &str, value: String, position: Position| {
                say(&format!("section.{name}.{what}"), value, position);
            };
            if let Some(at) = span.started_at {
                tell("started_at", at.to_string(), span.start);
            }
            if let Some(at) = span.finished_at {
                tell("finished_at", at.to_string(), span.end);
            }
            if !span.closed {
                tell("unclosed", "true".to_owned(), span.start);
            }
        }
        let begins = self.begins.told();
        let (first, last) = (self.first_at.or(begins), self.last_at.or(begins));
        for (name, time) in [("first_at", first), ("last_at", last)] {
            if let Some((at, position)) = time {
                say(name, at.to_string(), position);
            }
        }
    }
}

/// A line without the `\r` that a DOS line ending leaves.
fn without_terminator(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}
