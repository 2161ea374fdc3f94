//! Points in time: UTC, microseconds, nothing else.

use std::fmt;

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeZone, Utc};
use serde::{Deserialize, Serialize};

/// A point in time in microseconds since 1970-01-01T00:00:00Z.
///
/// Finer fractions are truncated, never rounded, so the text of a time is a prefix of the text
/// that was logged.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The earliest time that can be written as RFC 3339 with a four-digit year.
    pub const MIN: Timestamp = Timestamp(-62_135_596_800_000_000);
    /// The latest time that can be written as RFC 3339 with a four-digit year.
    pub const MAX: Timestamp = Timestamp(253_402_300_799_999_999);

    /// Reads an RFC 3339 time of any fraction width and offset; `None` when it is not one.
    ///
    /// A fast path reads the usual `YYYY-MM-DDTHH:MM:SS[.f]Z`; everything else goes to chrono.
    pub fn parse(text: &str) -> Option<Timestamp> {
        parse_zulu(text.as_bytes()).or_else(|| {
            let parsed = DateTime::parse_from_rfc3339(text).ok()?;
            Timestamp::checked(parsed.with_timezone(&Utc).timestamp_micros_floor())
        })
    }

    /// Reads a time as a person writes it: RFC 3339, or a bare date meaning midnight UTC.
    pub fn parse_date_or_time(text: &str) -> Option<Timestamp> {
        if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            let midnight = date.and_hms_opt(0, 0, 0)?;
            return Timestamp::checked(Utc.from_utc_datetime(&midnight).timestamp_micros());
        }
        Timestamp::parse(text)
    }

    /// The time `micros` after this one, kept inside the representable range.
    #[must_use]
    pub fn plus_micros(self, micros: i64) -> Timestamp {
        Timestamp(
            self.0
                .saturating_add(micros)
                .clamp(Self::MIN.0, Self::MAX.0),
        )
    }

    /// The moment of a run that no record tells a time.
    pub const UNKNOWN: Timestamp = Timestamp(0);

    /// The time for people and programs, or `unknown`: the start of 1970 is never a run's moment.
    #[must_use]
    pub fn stated(self) -> String {
        if self == Self::UNKNOWN {
            "unknown".to_owned()
        } else {
            self.to_string()
        }
    }

    /// The start of the UTC hour this time lies in.
    #[must_use]
    pub fn hour(self) -> Timestamp {
        Timestamp(self.0.div_euclid(3_600_000_000) * 3_600_000_000)
    }

    /// The start of the UTC day this time lies in.
    #[must_use]
    pub fn day(self) -> Timestamp {
        Timestamp(self.0.div_euclid(86_400_000_000) * 86_400_000_000)
    }

    /// The UTC date, as `YYYY-MM-DD`.
    pub fn date(self) -> String {
        self.to_string().chars().take(10).collect()
    }

    fn checked(micros: i64) -> Option<Timestamp> {
        (Self::MIN.0..=Self::MAX.0)
            .contains(&micros)
            .then_some(Timestamp(micros))
    }
}

/// Microseconds since the epoch, floored (chrono truncates towards zero before 1970).
trait FloorMicros {
    fn timestamp_micros_floor(&self) -> i64;
}

impl FloorMicros for DateTime<Utc> {
    fn timestamp_micros_floor(&self) -> i64 {
        self.timestamp() * 1_000_000 + i64::from(self.timestamp_subsec_micros().min(999_999))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::<Utc>::from_timestamp_micros(self.0) {
            Some(time) => f.write_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true)),
            None => write!(f, "{}us", self.0),
        }
    }
}

/// `YYYY-MM-DDTHH:MM:SS[.fraction]Z`, the form all three systems log.
fn parse_zulu(text: &[u8]) -> Option<Timestamp> {
    let n = text.len();
    if n < 20 || text[n - 1] != b'Z' {
        return None;
    }
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if separators.iter().any(|&(at, byte)| text[at] != byte) {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<i64> {
        text[from..to].iter().try_fold(0i64, |sum, byte| {
            byte.is_ascii_digit()
                .then(|| sum * 10 + i64::from(byte - b'0'))
        })
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 59 || year == 0 {
        return None;
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let month_days = [
        31,
        if leap { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    if day < 1 || day > month_days[month as usize - 1] {
        return None;
    }
    let mut micros = 0;
    if n > 20 {
        if text[19] != b'.' || n == 21 {
            return None;
        }
        let fraction = &text[20..n - 1];
        if !fraction.iter().all(u8::is_ascii_digit) {
            return None;
        }
        for place in 0..6 {
            micros = micros * 10
                + fraction
                    .get(place)
                    .map_or(0, |digit| i64::from(digit - b'0'));
        }
    }
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(Timestamp(seconds * 1_000_000 + micros))
}

/// Days since 1970-01-01 of a proleptic Gregorian date (Hinnant's algorithm).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nanosecond_fraction_is_truncated_not_rounded() {
        let time = Timestamp::parse("2026-11-21T07:47:12.214239981Z").map(|t| t.to_string());
        assert_eq!(time.as_deref(), Some("2026-11-21T07:47:12.214239Z"));
    }

    #[test]
    fn an_offset_is_turned_into_utc() {
        let time = Timestamp::parse("2026-11-21T09:47:12.5+02:00").map(|t| t.to_string());
        assert_eq!(time.as_deref(), Some("2026-11-21T07:47:12.500000Z"));
    }

    #[test]
    fn the_fast_path_agrees_with_chrono_over_four_centuries() {
        for day in (-80_000..120_000).step_by(37) {
            let time = Timestamp(day * 86_400_000_000 + 12_345_678_901);
            let text = time.to_string();
            assert_eq!(parse_zulu(text.as_bytes()), Some(time), "{text}");
        }
    }

    #[test]
    fn impossible_dates_are_refused() {
        for text in [
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "soon",
            "",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_bare_date_means_midnight() {
        let time = Timestamp::parse_date_or_time("2026-01-02").map(|t| t.to_string());
        assert_eq!(time.as_deref(), Some("2026-01-02T00:00:00.000000Z"));
    }
}
