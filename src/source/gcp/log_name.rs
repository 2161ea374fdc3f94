//! What a log name says: whose log it is and which.

use std::borrow::Cow;

use crate::model::EventKind;

/// Undoes percent-encoding: `cloudaudit.googleapis.com%2Factivity`. What is not a valid escape, or
/// would not be UTF-8, stays as written.
pub(super) fn decode(name: &str) -> Cow<'_, str> {
    if !name.contains('%') {
        return Cow::Borrowed(name);
    }
    let mut out = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        match (byte, tail) {
            (b'%', [high, low, after @ ..])
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                out.push(nibble(*high) << 4 | nibble(*low));
                rest = after;
            }
            _ => {
                out.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(out).map_or(Cow::Borrowed(name), Cow::Owned)
}

fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit.saturating_sub(b'A').saturating_add(10),
    }
}

/// The log id of a decoded log name: `run.googleapis.com/requests`.
pub(super) fn log_id(decoded: &str) -> &str {
    decoded
        .split_once("/logs/")
        .map_or(decoded, |(_, log_id)| log_id)
}

/// The project of a decoded log name; `None` for logs of folders, organisations and accounts.
pub(super) fn project(decoded: &str) -> Option<&str> {
    let (project, _) = decoded.strip_prefix("projects/")?.split_once("/logs/")?;
    (!project.is_empty()).then_some(project)
}

/// Which audit log a log id is; `None` for every other log.
pub(super) fn audit_kind(log_id: &str) -> Option<EventKind> {
    match log_id.strip_prefix("cloudaudit.googleapis.com/")? {
        "activity" => Some(EventKind::AdminActivity),
        "data_access" => Some(EventKind::DataAccess),
        "system_event" => Some(EventKind::SystemEvent),
        "policy" => Some(EventKind::PolicyDenied),
        _ => None,
    }
}

/// The log id of the requests that Cloud Run served.
pub(super) const RUN_REQUESTS: &str = "run.googleapis.com/requests";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_log_name_is_decoded_and_taken_apart() {
        let name = decode("projects/p-1/logs/cloudaudit.googleapis.com%2fdata_access");
        assert_eq!(log_id(&name), "cloudaudit.googleapis.com/data_access");
        assert_eq!(project(&name), Some("p-1"));
        assert_eq!(audit_kind(log_id(&name)), Some(EventKind::DataAccess));
        assert_eq!(project("organizations/1/logs/x"), None);
    }

    #[test]
    fn a_broken_escape_stays_as_written() {
        for text in ["%", "%2", "%zz", "a%ff"] {
            assert_eq!(decode(text), text);
        }
    }
}
