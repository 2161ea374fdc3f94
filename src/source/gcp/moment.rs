//! Times as the exports write them.

use crate::model::Timestamp;

/// Reads RFC 3339 (sinks, gcloud), `2024-01-02 03:04:05.678 UTC` (BigQuery text) and epoch seconds
/// with a fraction (BigQuery JSON, which may use an exponent).
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text)
        .or_else(|| spaced(text))
        .or_else(|| epoch(text))
}

fn spaced(text: &str) -> Option<Timestamp> {
    let (date, time) = text.trim().split_once([' ', 'T'])?;
    let time = time.strip_suffix("UTC").unwrap_or(time).trim_end();
    let time = time.strip_suffix("+00").unwrap_or(time);
    Timestamp::parse(&format!("{date}T{time}"))
        .or_else(|| Timestamp::parse(&format!("{date}T{time}Z")))
}

fn epoch(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let micros = if !whole.is_empty() && whole.len() <= 12 && digits(whole) && digits(fraction) {
        let seconds: i64 = whole.parse().ok()?;
        let padded: String = fraction
            .chars()
            .chain(std::iter::repeat('0'))
            .take(6)
            .collect();
        seconds
            .checked_mul(1_000_000)?
            .checked_add(padded.parse().ok()?)?
    } else {
        let seconds: f64 = text.parse().ok()?;
        let micros = (seconds * 1e6).round();
        // Seconds of a year after 9999 or before 1 are no time of a log.
        if !micros.is_finite() || micros.abs() > Timestamp::MAX.0 as f64 {
            return None;
        }
        micros as i64
    };
    (Timestamp::MIN.0..=Timestamp::MAX.0)
        .contains(&micros)
        .then_some(Timestamp(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_export_of_one_instant_is_one_time() {
        let expected = Timestamp::parse("2024-01-02T03:04:05.678Z");
        assert!(expected.is_some());
        for text in [
            "2024-01-02 03:04:05.678 UTC",
            "2024-01-02 03:04:05.678",
            "2024-01-02 03:04:05.678+00",
            "2024-01-02 04:04:05.678+01:00",
            "1704164645.678",
            "1.704164645678E9",
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "soon", "NaN", "1e400", "99999999999999999999", "-", "."] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
