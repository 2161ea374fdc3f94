//! `[thresholds]`: every number that a rule uses, by name.

use std::collections::BTreeMap;
use std::fmt;

use toml::de::DeValue;

use super::problem::choice;
use super::reading::{Document, Fields, kind};

/// A number that a rule uses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    /// A length of time in microseconds.
    Duration(i64),
    /// A plain number.
    Number(f64),
}

impl fmt::Display for Threshold {
    /// As the configuration writes it, in the largest unit that leaves no rest: `90d`, `36h`, `25`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = match self {
            Threshold::Number(number) => return write!(f, "{number}"),
            Threshold::Duration(micros) => *micros,
        };
        // One day reads as 24h, as rules write it.
        let units = [
            (48 * HOUR, 24 * HOUR, "d"),
            (HOUR, HOUR, "h"),
            (60 * SECOND, 60 * SECOND, "m"),
            (SECOND, SECOND, "s"),
        ];
        let fits = |(from, unit, _): &&(i64, i64, &str)| micros >= *from && micros % unit == 0;
        match units.iter().find(fits) {
            Some((_, unit, name)) => write!(f, "{}{name}", micros / unit),
            None => write!(f, "{}ms", micros / 1_000),
        }
    }
}

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;

/// The thresholds that joins and coverage use themselves; rules add theirs.
pub const BUILT_IN: [(&str, Threshold); 5] = [
    ("grace", Threshold::Duration(60 * SECOND)),
    ("min_sessions", Threshold::Number(30.0)),
    ("silence", Threshold::Duration(24 * HOUR)),
    ("skew", Threshold::Duration(30 * SECOND)),
    ("window_days", Threshold::Number(90.0)),
];

/// Every threshold in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds(BTreeMap<String, Threshold>);

impl Thresholds {
    /// The built-in thresholds and those of the rules, at their defaults.
    ///
    /// A rule cannot change the default of a built-in one.
    #[must_use]
    pub fn with(rules: &[(&str, Threshold)]) -> Thresholds {
        let all = rules.iter().chain(BUILT_IN.iter());
        Thresholds(
            all.map(|(name, value)| ((*name).to_owned(), *value))
                .collect(),
        )
    }

    /// The threshold of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Threshold> {
        self.0.get(name).copied()
    }

    /// A length of time in microseconds; `None` for an unknown name or a plain number.
    #[must_use]
    pub fn micros(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Threshold::Duration(micros) => Some(micros),
            Threshold::Number(_) => None,
        }
    }

    /// A plain number; `None` for an unknown name or a length of time.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.get(name)? {
            Threshold::Number(number) => Some(number),
            Threshold::Duration(_) => None,
        }
    }

    /// Every threshold, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Threshold)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds::with(&[])
    }
}

/// Reads `[thresholds]` over the defaults.
pub(super) fn read(fields: Fields<'_>, rules: &[(&str, Threshold)]) -> Thresholds {
    let document = fields.document;
    let mut thresholds = Thresholds::with(rules);
    for entry in fields.open() {
        let Some(default) = thresholds.get(&entry.key) else {
            let names: Vec<&str> = thresholds.0.keys().map(String::as_str).collect();
            document.complain(
                &entry.key_span,
                format!("unknown key `{}`", entry.dotted),
                choice(&entry.key, "thresholds that rules use", &names),
            );
            continue;
        };
        let span = entry.value.span();
        match (
            default,
            value(document, &entry.dotted, &span, entry.value.get_ref()),
        ) {
            (_, None) => {}
            (Threshold::Duration(_), Some(Threshold::Number(_))) => document.complain(
                &span,
                format!("`{}` is a plain number, not a length of time", entry.dotted),
                "write a number and a unit, e.g. \"60s\", \"10m\", \"24h\", \"90d\"",
            ),
            (Threshold::Number(_), Some(Threshold::Duration(_))) => document.complain(
                &span,
                format!("`{}` is a length of time, not a plain number", entry.dotted),
                "write a number without quotes",
            ),
            (_, Some(value)) => {
                thresholds.0.insert(entry.key, value);
            }
        }
    }
    thresholds
}

fn value(
    document: &Document<'_>,
    dotted: &str,
    span: &std::ops::Range<usize>,
    value: &DeValue<'_>,
) -> Option<Threshold> {
    let number = |text: &str| {
        text.parse::<f64>()
            .ok()
            .filter(|n| n.is_finite() && *n >= 0.0)
    };
    let (found, shown) = match value {
        DeValue::String(text) => (
            duration(text).map(Threshold::Duration),
            format!("\"{text}\""),
        ),
        DeValue::Integer(text) if text.radix() == 10 => (
            number(text.as_str()).map(Threshold::Number),
            text.to_string(),
        ),
        DeValue::Float(text) => (
            number(text.as_str()).map(Threshold::Number),
            text.to_string(),
        ),
        other => (None, kind(other).to_owned()),
    };
    if found.is_none() {
        document.complain(
            span,
            format!("`{dotted}` cannot be {shown}"),
            "write a number of 0 or more, or a length of time such as \"60s\", \"10m\", \"24h\", \"90d\"",
        );
    }
    found
}

/// Microseconds of `90d`, `24h`, `10m`, `60s`, `500ms`, or several one after another (`1h30m`).
fn duration(text: &str) -> Option<i64> {
    let mut rest = text.trim();
    let mut sum: i64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at_checked(digits)?;
        let letters = tail
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(tail.len());
        let (unit, after) = tail.split_at_checked(letters)?;
        let micros = match unit {
            "ms" => 1_000,
            "s" => SECOND,
            "m" => 60 * SECOND,
            "h" => HOUR,
            "d" => 24 * HOUR,
            _ => return None,
        };
        sum = sum.checked_add(number.parse::<i64>().ok()?.checked_mul(micros)?)?;
        rest = after;
    }
    Some(sum)
}
