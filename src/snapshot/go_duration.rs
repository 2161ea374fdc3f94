//! Durations as programs in Go print them.

/// A duration as Go writes it (`24h0m0s`), in whole seconds, rounded up.
pub(super) fn go_seconds(text: &str) -> Option<u64> {
    const UNITS: [(&str, f64); 7] = [
        ("h", 3_600.0),
        ("ms", 1e-3),
        ("us", 1e-6),
        ("µs", 1e-6),
        ("ns", 1e-9),
        ("m", 60.0),
        ("s", 1.0),
    ];
    let (mut rest, mut seconds) = (text, 0.0);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, after) = rest.split_at_checked(end?)?;
        let (unit, size) = UNITS.iter().find(|(unit, _)| after.starts_with(unit))?;
        seconds += number.parse::<f64>().ok()? * size;
        rest = after.strip_prefix(unit)?;
    }
    let most = 1e12;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between zero and the bound above"
    )]
    (seconds <= most).then(|| seconds.ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::go_seconds;

    #[test]
    fn a_duration_of_go_may_have_several_units() {
        assert_eq!(go_seconds("24h0m0s"), Some(86_400));
        assert_eq!(go_seconds("1h30m"), Some(5_400));
        assert_eq!(go_seconds("1.5h"), Some(5_400));
        assert_eq!(go_seconds("250ms"), Some(1));
        for refused in ["", "24", "1d", "h", "1e9h"] {
            assert_eq!(go_seconds(refused), None, "{refused}");
        }
    }
}
