//! The offset from UTC at which a person reads times. Programs get UTC.

use crate::model::Timestamp;

/// A fixed offset from UTC; zero writes `Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Zone {
    minutes: i16,
}

/// The farthest offset that a clock on earth has.
const FARTHEST: i16 = 14 * 60;

impl Zone {
    /// Reads `+02:00`, `-0530`, `+2` or `UTC`; `None` when it is none of these.
    #[must_use]
    pub fn parse(text: &str) -> Option<Zone> {
        if matches!(text, "UTC" | "utc" | "Z" | "z") {
            return Some(Zone::default());
        }
        let (sign, digits) = match text.strip_prefix('+') {
            Some(rest) => (1, rest),
            None => (-1, text.strip_prefix('-')?),
        };
        let (hours, minutes) = match digits.split_once(':') {
            Some(parts) => parts,
            None if digits.len() == 4 => digits.split_at_checked(2)?,
            None => (digits, "00"),
        };
        let whole = |text: &str| {
            let digits = matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| text.parse::<i16>().ok()).flatten()
        };
        let (hours, minutes) = (
            whole(hours)?,
            whole(minutes).filter(|_| minutes.len() == 2)?,
        );
        let minutes = (minutes < 60).then_some(hours * 60 + minutes)?;
        (minutes <= FARTHEST).then_some(Zone {
            minutes: sign * minutes,
        })
    }

    /// A time as a clock of the zone shows it: RFC 3339 with the offset.
    #[must_use]
    pub fn time(self, at: Timestamp) -> String {
        if self.minutes == 0 {
            return at.to_string();
        }
        let there = at.plus_micros(i64::from(self.minutes) * 60_000_000);
        let (hours, minutes) = (self.minutes.abs() / 60, self.minutes.abs() % 60);
        let sign = if self.minutes < 0 { '-' } else { '+' };
        let text = there.to_string();
        format!(
            "{}{sign}{hours:02}:{minutes:02}",
            text.trim_end_matches('Z')
        )
    }

    /// The time, or `unknown`.
    pub(super) fn stated(self, at: Timestamp) -> String {
        if at == Timestamp::UNKNOWN {
            at.stated()
        } else {
            self.time(at)
        }
    }

    /// A fact, which is shown as a time where it is one.
    pub(super) fn fact(self, value: &str) -> String {
        match Timestamp::parse(value) {
            Some(at) if self.minutes != 0 => self.time(at),
            _ => value.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(zone: &str) -> String {
        let time = Timestamp::parse("2026-09-30T23:30:00.5Z").unwrap();
        Zone::parse(zone).unwrap().time(time)
    }

    #[test]
    fn a_time_is_what_the_clock_there_shows() {
        assert_eq!(at("UTC"), "2026-09-30T23:30:00.500000Z");
        assert_eq!(at("+02:00"), "2026-10-01T01:30:00.500000+02:00");
        assert_eq!(at("-0530"), "2026-09-30T18:00:00.500000-05:30");
        assert_eq!(at("+5"), "2026-10-01T04:30:00.500000+05:00");
        // It is the same moment.
        assert_eq!(
            Timestamp::parse(&at("+02:00")),
            Timestamp::parse(&at("UTC"))
        );
    }

    #[test]
    fn what_is_no_offset_is_refused() {
        for text in [
            "",
            "+",
            "02:00",
            "+2:5",
            "+15:00",
            "+02:60",
            "+1:000",
            "Berlin",
            "+0\u{661}:00",
        ] {
            assert_eq!(Zone::parse(text), None, "{text}");
        }
    }
}
