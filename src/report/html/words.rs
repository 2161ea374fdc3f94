//! How numbers, times and long text are put for people.

use crate::model::Timestamp;

/// A whole number in groups of three, parted by a narrow no-break space.
pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + 6);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202F}');
        }
        text.push(digit);
    }
    text
}

/// A count and its noun, in the plural unless it is one: `2 files`.
pub(super) fn count(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", number(count))
}

/// A time to the second, or to the day and minute at midnight: `2026-07-01 00:00Z`.
pub(super) fn time(time: Timestamp) -> String {
    let text = time.to_string();
    let date = text.get(..10).unwrap_or_default();
    match text.get(11..19) {
        Some("00:00:00") => format!("{date} 00:00Z"),
        Some(clock) => format!("{date} {clock}Z"),
        None => text,
    }
}

/// A moment of the run, which may be unknown.
pub(super) fn moment(at: Timestamp) -> String {
    if at == Timestamp::UNKNOWN {
        at.stated()
    } else {
        time(at)
    }
}

/// A time that may be missing.
pub(super) fn optional_time(at: Option<Timestamp>) -> String {
    at.map(time).unwrap_or_default()
}

/// A length of time in its two largest units: `10 d`, `26 h`, `3 min`.
pub(super) fn duration(seconds: u64) -> String {
    match seconds {
        172_800.. if (seconds / 3_600).is_multiple_of(24) => format!("{} d", seconds / 86_400),
        172_800.. => format!("{} d {} h", seconds / 86_400, seconds / 3_600 % 24),
        3_600.. if (seconds / 60).is_multiple_of(60) => format!("{} h", seconds / 3_600),
        3_600.. => format!("{} h {:02} min", seconds / 3_600, seconds / 60 % 60),
        60.. => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

/// A share in per cent, rounded down so that 100 % means all of it; `–` when there is nothing.
pub(super) fn share(part: u64, whole: u64) -> String {
    let hundredths = (u128::from(part) * 10_000).checked_div(u128::from(whole));
    match hundredths {
        None => "\u{2013}".to_owned(),
        Some(10_000) => "100 %".to_owned(),
        Some(hundredths) => format!("{}.{:02} %", hundredths / 100, hundredths % 100),
    }
}

/// The text, or its beginning and a note of its length when it is longer than `most` characters.
///
/// A log line may be megabytes; the page says what it leaves out and the CSV has the whole.
pub(super) fn clip(text: &str, most: usize) -> String {
    clip_of(text, most, "data/findings.csv")
}

/// The same, of a text that stands whole in `file`.
pub(super) fn clip_of(text: &str, most: usize, file: &str) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => {
            let all = number(text.chars().count() as u64);
            let head = text.get(..end).unwrap_or_default();
            format!("{head}\u{2026} [cut here; all {all} characters are in {file}]")
        }
    }
}

/// The beginning and end of an id that is longer than `most` characters.
pub(super) fn middle(text: &str, most: usize) -> String {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() <= most {
        return text.to_owned();
    }
    let tail = most * 2 / 3;
    let head = most.saturating_sub(tail + 1);
    let start: String = characters.iter().take(head).collect();
    let end: String = characters.iter().skip(characters.len() - tail).collect();
    format!("{start}\u{2026}{end}")
}

/// Characters of a hash that are shown where its whole stands beside.
const HASH_SHOWN: usize = 12;

/// A text with every hash in it cut to its beginning: `hmac-sha256:0391e07dbaa0…`.
pub(super) fn short(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|char: char| char.is_ascii_hexdigit()) {
        let (before, from) = rest.split_at(start);
        let length = from.find(|char: char| !char.is_ascii_hexdigit());
        let (run, behind) = from.split_at(length.unwrap_or(from.len()));
        shown.push_str(before);
        match run.get(..HASH_SHOWN) {
            Some(head) if run.len() >= 40 => {
                shown.push_str(head);
                shown.push('\u{2026}');
            }
            _ => shown.push_str(run),
        }
        rest = behind;
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_times_and_lengths_read_well() {
        assert_eq!(number(0), "0");
        assert_eq!(number(1_234_567), "1\u{202F}234\u{202F}567");
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(2, "file"), "2 files");
        assert_eq!(duration(864_000), "10 d");
        assert_eq!(duration(180_000), "2 d 2 h");
        assert_eq!(duration(86_400), "24 h");
        assert_eq!(duration(3_720), "1 h 02 min");
        let at = Timestamp::parse("2026-07-01T03:04:05.999999Z").unwrap();
        assert_eq!(time(at), "2026-07-01 03:04:05Z");
    }

    #[test]
    fn a_share_is_100_only_when_nothing_is_missing() {
        assert_eq!(share(99_999, 100_000), "99.99 %");
        assert_eq!(share(999_999, 1_000_000), "99.99 %");
        assert_eq!(share(3, 3), "100 %");
        assert_eq!(share(0, 0), "\u{2013}");
    }

    #[test]
    fn only_hashes_are_shortened() {
        let hash = "0391e07dbaa02d41c4893a0e387c1596a1ca859bd3c50656be553c74403d43b1";
        let id = format!("vault:accessor/hmac-sha256:{hash}/x");
        assert_eq!(
            short(&id),
            "vault:accessor/hmac-sha256:0391e07dbaa0\u{2026}/x"
        );
        for whole in ["gitlab:project/102", "decade-facade é", ""] {
            assert_eq!(short(whole), whole);
        }
    }

    #[test]
    fn a_cut_says_so_and_keeps_both_ends_of_an_id() {
        assert_eq!(clip("abc", 3), "abc");
        assert!(clip("abcd", 3).starts_with("abc\u{2026} [cut here; all 4 characters"));
        assert_eq!(middle("abcdefghijkl", 7), "ab\u{2026}ijkl");
        assert_eq!(middle("日本", 7), "日本");
    }
}
