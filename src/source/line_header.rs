//! What syslog writes before a record, and how it is told from what a program writes.

/// The record of a line out of a wrapper: the whole line, or what follows a header of syslog.
///
/// Any other text before it is a program's, which may quote what it likes.
pub(super) fn unprefixed(line: &str) -> Option<&[u8]> {
    let line = line.trim_start();
    if line.starts_with('{') {
        return Some(line.as_bytes());
    }
    let (header, _) = line.split_at_checked(line.find('{')?)?;
    is_syslog(header).then(|| line.as_bytes().get(header.len()..))?
}

/// `<134>Nov 21 07:47:12 host vault[1]: `, the same of RFC 5424, `@cee: `.
fn is_syslog(header: &str) -> bool {
    let header = header.trim_end();
    if header.len() > 512 {
        return false;
    }
    // A count of octets may stand before the priority (RFC 6587).
    let counted = header.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let counted = counted.trim_start_matches(' ');
    if let Some(priority) = counted.strip_prefix('<') {
        let digits = priority.split_once('>').map_or("", |(digits, _)| digits);
        return !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    }
    let tagged = header
        .strip_suffix("@cee:")
        .map_or(header, str::trim_end)
        .strip_suffix(':');
    let fields = header.split_whitespace().count();
    header == "@cee:" || (tagged.is_some() && (4..=6).contains(&fields) && is_dated(header))
}

/// Whether a header begins with a time of syslog: `Nov 21 07:47:12`, or RFC 3339.
fn is_dated(header: &str) -> bool {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let mut fields = header.split_whitespace();
    let first = fields.next().unwrap_or("");
    let day = fields.next().unwrap_or("");
    let month = first.len() == 3
        && MONTHS.find(first).is_some_and(|at| at % 3 == 0)
        && day.parse::<u8>().is_ok();
    month || chrono::DateTime::parse_from_rfc3339(first).is_ok()
}
