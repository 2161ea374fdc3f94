//! Durations and moments as the servers read them.

use crate::model::Timestamp;

const SECOND: i64 = 1_000_000_000;

/// Reads a duration string into nanoseconds: seconds, `15d`, or Go's `1h30m`, `250ms`, `-2h`.
pub(in crate::policy) fn parse(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    if let Ok(seconds) = text.parse::<i64>() {
        return seconds.checked_mul(SECOND);
    }
    if let Some(days) = text
        .strip_suffix('d')
        .and_then(|days| days.parse::<i64>().ok())
    {
        return days.checked_mul(86_400)?.checked_mul(SECOND);
    }
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest.is_empty() {
        return None;
    }
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (digits, behind) = rest.split_at_checked(number)?;
        let unit = behind
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at_checked(unit)?;
        total = total.checked_add(nanoseconds(digits, unit)?)?;
        rest = behind;
    }
    Some(if negative { -total } else { total })
}

/// The whole seconds of a number with a fraction or an exponent.
pub(super) fn whole_seconds(text: &str) -> Option<i64> {
    let seconds = text.parse::<f64>().ok()?.trunc();
    format!("{seconds:.0}").parse().ok()
}

fn nanoseconds(digits: &str, unit: &str) -> Option<i64> {
    let scale = match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => SECOND,
        "m" => 60 * SECOND,
        "h" => 3_600 * SECOND,
        _ => return None,
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = if whole.is_empty() {
        0
    } else {
        whole.parse::<i64>().ok()?
    };
    value = value.checked_mul(scale)?;
    let mut place = scale;
    for digit in fraction.chars() {
        place /= 10;
        value = value.checked_add(i64::from(digit.to_digit(10)?).checked_mul(place)?)?;
    }
    Some(value)
}

/// Reads an absolute time: RFC 3339, or seconds since 1970; the outer `None` is a fault, the inner
/// the empty string, which sets nothing.
pub(super) fn moment(text: &str) -> Option<Option<Timestamp>> {
    if text.is_empty() {
        return Some(None);
    }
    if let Some(at) = Timestamp::parse(text) {
        return Some(Some(at));
    }
    let seconds = text.parse::<i64>().ok()?;
    Some(Some(Timestamp(seconds.checked_mul(1_000_000)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_go_reads() {
        for (text, seconds) in [
            ("90", 90),
            ("1h", 3600),
            ("1h30m", 5400),
            ("2d", 172_800),
            ("-1h", -3600),
            ("", 0),
        ] {
            assert_eq!(parse(text), Some(seconds * SECOND), "{text}");
        }
        for (text, seconds) in [
            ("1.9", Some(1)),
            (".5", Some(0)),
            ("-1.5", Some(-1)),
            ("1e+5", Some(100_000)),
            ("1e-400", Some(0)),
            ("1e309", None),
            ("1e", None),
        ] {
            assert_eq!(whole_seconds(text), seconds, "{text}");
        }
        assert_eq!(parse("1.5s"), Some(1_500_000_000));
        assert_eq!(parse("250ms"), Some(250_000_000));
        for text in ["soon", "5 m", "5x", "-", "h", ".s", "1h 2m"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn reads_moments() {
        assert_eq!(moment("1"), Some(Some(Timestamp(1_000_000))));
        assert_eq!(
            moment("2020-01-01T00:00:00Z"),
            Some(Some(Timestamp(1_577_836_800_000_000)))
        );
        assert_eq!(moment(""), Some(None));
        assert_eq!(moment("soon"), None);
    }
}
