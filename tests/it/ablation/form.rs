//! Nothing is taken away here: the same records in another form say the same.
//!
//! Members in any order, letters escaped, times in another zone or to more digits, lines in any order or
//! shipped twice, returns, blank lines and the mark of an encoding: whoever exports or ships a log chooses
//! these, and none of them is evidence of anything.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::files::{self, Files};
use super::said::{Found, Said, rules, say};
use super::{SEED, asked, hard_estate};
use crate::estate::generator::random::Random;

/// Forms drawn of each estate where nobody asks for more.
const FORMS: u64 = 2;

/// One way to write JSON.
struct Form {
    random: Random,
    /// Of a thousand letters of a text, so many are escaped.
    escaped: u64,
    /// Of a thousand members and elements, so many have white space before them.
    spaced: u64,
    /// What stands in place of the `Z` of a time that is shifted by the hours of the zone; `None`
    /// leaves times as they are.
    zone: Option<i64>,
}

impl Form {
    fn draw(seed: u64) -> Form {
        let mut random = Random::new(seed);
        let [escaped, spaced] = [random.below(200), random.below(300)];
        let zone = (random.below(3) > 0).then(|| random.between(-11, 13));
        Form {
            random,
            escaped,
            spaced,
            zone,
        }
    }

    fn once_in(&mut self, count: u64) -> bool {
        self.random.below(count) == 0
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.random.below(at as u64 + 1) as usize);
        }
    }

    fn space(&mut self, out: &mut String) {
        if self.random.below(1_000) < self.spaced {
            out.push_str(if self.once_in(2) { " " } else { "\t " });
        }
    }

    fn text(&mut self, text: &str, out: &mut String) {
        out.push('"');
        for c in text.chars() {
            let code = u32::from(c);
            let must = c == '"' || c == '\\' || code < 0x20;
            if code < 0x1_0000 && (must || self.random.below(1_000) < self.escaped) {
                out.push_str(&format!("\\u{code:04x}"));
            } else {
                out.push(c);
            }
        }
        out.push('"');
    }

    /// A time in this form's zone; any other text as it is.
    fn moment(&self, text: &str) -> Option<String> {
        let zone = self.zone?;
        let bytes = text.as_bytes();
        let is_time = bytes.len() >= 20 && bytes.get(10) == Some(&b'T') && text.ends_with('Z');
        let at = chrono::DateTime::parse_from_rfc3339(text).ok();
        let at = at.filter(|_| is_time)?;
        let zone = chrono::FixedOffset::east_opt(i32::try_from(zone * 3_600).unwrap())?;
        let at = at.with_timezone(&zone);
        Some(at.to_rfc3339_opts(chrono::SecondsFormat::Nanos, false))
    }

    fn value(&mut self, value: &Value, out: &mut String) {
        match value {
            Value::String(text) => {
                let moved = self.moment(text);
                self.text(moved.as_deref().unwrap_or(text), out);
            }
            Value::Array(items) => {
                out.push('[');
                for (position, item) in items.iter().enumerate() {
                    out.push_str(if position > 0 { "," } else { "" });
                    self.space(out);
                    self.value(item, out);
                }
                out.push(']');
            }
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                self.shuffle(&mut members);
                out.push('{');
                for (position, (name, value)) in members.into_iter().enumerate() {
                    out.push_str(if position > 0 { "," } else { "" });
                    self.space(out);
                    self.text(name, out);
                    out.push(':');
                    self.space(out);
                    self.value(value, out);
                }
                out.push('}');
            }
            other => out.push_str(&other.to_string()),
        }
    }

    /// The lines of a log in any order, some of them twice.
    fn lines(&mut self, bytes: &[u8]) -> Vec<u8> {
        let lines = bytes.split(|&byte| byte == b'\n');
        let lines = lines.filter(|line| !line.trim_ascii().is_empty());
        let mut written = Vec::new();
        for line in lines {
            let Ok(record) = serde_json::from_slice::<Value>(line) else {
                written.push(line.to_vec());
                continue;
            };
            for _ in 0..1 + u64::from(self.once_in(7)) {
                let mut out = String::new();
                self.value(&record, &mut out);
                written.push(out.into_bytes());
            }
        }
        // Exactly so many are what a limit may have let through.
        if written.len().is_multiple_of(50) {
            written.extend(written.first().cloned());
        }
        self.shuffle(&mut written);
        let (mark, end) = (self.once_in(2), self.once_in(2));
        let mut out = if mark { "\u{feff}" } else { "" }.as_bytes().to_vec();
        for line in written {
            out.extend(line);
            out.extend(if end { b"\r\n".as_slice() } else { b"\n" });
            if self.once_in(9) {
                out.push(b'\n');
            }
        }
        out
    }

    fn document(&mut self, value: &Value) -> Vec<u8> {
        let mut out = if self.once_in(2) { "\u{feff}" } else { "" }.to_owned();
        self.value(value, &mut out);
        out.into_bytes()
    }

    /// The same files in this form; what is no JSON stays as it is.
    fn of(&mut self, whole: &Files) -> Files {
        let written = whole.iter().map(|(name, bytes)| {
            let log = name.contains("/sink/")
                || name.contains(".log")
                || name.ends_with(".jsonl") && !name.contains("asset");
            let object = bytes.trim_ascii_start().starts_with(b"{");
            let bytes = match serde_json::from_slice::<Value>(bytes) {
                Ok(value) if value.is_object() || value.is_array() => self.document(&value),
                Err(_) if log && object => self.lines(bytes),
                _ => bytes.clone(),
            };
            (name.clone(), bytes)
        });
        written.collect()
    }
}

fn committed(estate: &str) -> Files {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    files::read(&fixtures.join(estate))
}

/// What two runs say differently.
fn differences(one: &Said, other: &Said) -> Vec<String> {
    let mut found = Vec::new();
    for (id, answer) in &one.rules {
        let now = &other.rules[id];
        if answer != now {
            found.push(format!("{id}: {answer:?} is now {now:?}"));
        }
    }
    let told =
        |said: &Said| -> BTreeSet<String> { said.findings.values().map(Found::told).collect() };
    let (before, now) = (told(one), told(other));
    let changed = before.symmetric_difference(&now);
    found.extend(changed.map(|found| format!("said by one of both alone: {found}")));
    found
}

fn holds(whole: &Files) {
    let rules = rules();
    let all = say(whole, &rules).unwrap();
    let count = asked("ABLATIONS", FORMS);
    for seed in (0..count).map(|number| asked("SEED", SEED) * 1_000 + number) {
        let files = Form::draw(seed).of(whole);
        assert!(files != *whole);
        let found = differences(&all, &say(&files, &rules).unwrap());
        assert!(found.is_empty(), "form {seed}:\n{}", found.join("\n"));
    }
}

#[test]
fn the_estate_in_another_form_says_the_same() {
    holds(&committed("estate"));
}

#[test]
fn the_estate_of_changes_in_another_form_says_the_same() {
    holds(&committed("estate-changes"));
}

#[test]
fn the_estate_beyond_in_another_form_says_the_same() {
    holds(&committed("estate-beyond"));
}

#[test]
fn a_hard_estate_in_another_form_says_the_same() {
    holds(&hard_estate());
}
