//! Commands of access-log formats: `%START_TIME%`, `%REQ(:METHOD)%`, `%KUMA_MESH%`.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};

use super::call::Told;

/// What stands in a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part<'f> {
    /// A text as it is.
    Literal(&'f str),
    /// A command, without its percent signs.
    Command(&'f str),
}

/// The parts of a format; none where a command does not end. An argument may hold percent signs
/// (`%START_TIME(%s)%`), and `%%` stands for one.
pub(super) fn parts(format: &str) -> Option<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    let mut rest = format;
    while let Some((literal, after)) = rest.split_once('%') {
        parts.push(Part::Literal(literal));
        if let Some(after) = after.strip_prefix('%') {
            parts.push(Part::Literal("%"));
            rest = after;
            continue;
        }
        let name = after.find(|it: char| !it.is_ascii_alphanumeric() && it != '_')?;
        let argument = after.get(name..)?;
        let inside = if argument.starts_with('(') {
            argument.find(')')? + 1
        } else {
            0
        };
        let length = argument.get(inside..)?;
        let more = length.find('%')?;
        let cut = length.get(..more)?.strip_prefix(':');
        let cut = cut.is_some_and(|cut| cut.bytes().all(|byte| byte.is_ascii_digit()));
        if name == 0 || (more > 0 && !cut) {
            return None;
        }
        let end = name + inside + more;
        parts.push(Part::Command(after.get(..end)?));
        rest = after.get(end + 1..)?;
    }
    parts.push(Part::Literal(rest));
    parts.retain(|part| *part != Part::Literal(""));
    Some(parts)
}

/// How the time is written, where a command says so: `%s` of `START_TIME(%s)`.
pub(super) fn time_format(command: &str) -> Option<&str> {
    let argument = command.strip_prefix("START_TIME(")?;
    let (format, _) = argument.rsplit_once(')')?;
    (!format.is_empty()).then_some(format)
}

/// A time as RFC 3339, from how it is written; nothing where it is not written so.
pub(super) fn time<'t>(text: &'t str, format: Option<&str>) -> Option<Cow<'t, str>> {
    let Some(format) = format else {
        return crate::model::Timestamp::parse(text).map(|_| Cow::Borrowed(text));
    };
    let read = match format {
        // Nothing stands between seconds and their fraction.
        "%s%3f" => text.parse().ok().and_then(DateTime::from_timestamp_millis),
        "%s%6f" => text.parse().ok().and_then(DateTime::from_timestamp_micros),
        zoned if zoned.contains("%z") => {
            let read = DateTime::parse_from_str(text, zoned).ok();
            read.map(|read| read.with_timezone(&Utc))
        }
        // Envoy writes them in UTC.
        format => {
            let read = NaiveDateTime::parse_from_str(text, format).ok();
            read.map(|read| read.and_utc())
        }
    };
    read.map(|read| Cow::Owned(read.to_rfc3339_opts(SecondsFormat::Nanos, true)))
}

/// Anything, as header values are.
const ANYTHING: &str = ".*";
/// A number, or nothing.
const NUMBER: &str = r"[0-9]+|-|";
/// What holds neither blank nor quote.
const WORD: &str = "[^ \"]*";
/// A name of a service, or an address.
const NAME: &str = "[^ \"()]*";

/// Parts of the names of commands whose values hold neither blank nor quote.
const WORDS: [&str; 9] = [
    "ADDRESS", "PORT", "DURATION", "BYTES", "CLUSTER", "_ID", "VERSION", "CIPHER", "HOST",
];

/// What a command tells, whether a caller chooses it, and how it looks.
pub(super) fn tells(command: &str) -> (Told, bool, &'static str) {
    let upper = command.to_ascii_uppercase();
    let name = upper.split(['(', ':']).next().unwrap_or_default();
    match name {
        "START_TIME" => (Told::Start, false, r"[^\[\]]*"),
        "KUMA_MESH" => (Told::Mesh, false, WORD),
        "KUMA_SOURCE_SERVICE" => (Told::Source, false, NAME),
        "KUMA_DESTINATION_SERVICE" => (Told::Destination, false, NAME),
        "KUMA_SOURCE_ADDRESS"
        | "KUMA_SOURCE_ADDRESS_WITHOUT_PORT"
        | "DOWNSTREAM_REMOTE_ADDRESS"
        | "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT" => (Told::SourceAddress, false, NAME),
        "UPSTREAM_HOST" => (Told::Upstream, false, NAME),
        "KUMA_TRAFFIC_DIRECTION" => (Told::Direction, false, WORD),
        "PROTOCOL" => (Told::Protocol, false, r"HTTP/[0-9.]+|-"),
        "RESPONSE_CODE" => (Told::Status, false, NUMBER),
        "RESPONSE_CODE_DETAILS" => (Told::Details, false, WORD),
        "RESPONSE_FLAGS" => (Told::Flags, false, "[A-Za-z0-9,_]+|-|"),
        "BYTES_RECEIVED" => (Told::Received, false, NUMBER),
        "BYTES_SENT" => (Told::Sent, false, NUMBER),
        "DURATION" => (Told::Milliseconds, false, NUMBER),
        "DOWNSTREAM_PEER_URI_SAN" => (Told::Peer, false, WORD),
        "TRACE_ID" => (Told::Trace, false, WORD),
        "REQ" | "REQ_WITHOUT_QUERY" => header(&upper),
        "RESP" if upper.contains("X-ENVOY-UPSTREAM-SERVICE-TIME") => (Told::Other, true, NUMBER),
        "RESP" | "TRAILER" => (Told::Other, true, ANYTHING),
        _ if WORDS.iter().any(|part| name.contains(part)) => (Told::Other, false, WORD),
        // What another filter or the other end had to say may hold anything.
        _ => (Told::Other, true, ANYTHING),
    }
}

fn header(upper: &str) -> (Told, bool, &'static str) {
    let names = |name: &str| upper.contains(name);
    let told = match () {
        () if names("(:METHOD") => return (Told::Method, true, "[A-Za-z]+|-"),
        () if names(":PATH") => Told::Path,
        () if names("USER-AGENT") => Told::Agent,
        () if names("X-REQUEST-ID") => Told::Request,
        () if names(":AUTHORITY") => Told::Authority,
        () if names("TRACEID") || names("TRACEPARENT") => Told::Trace,
        () => Told::Other,
    };
    (told, true, ANYTHING)
}

#[cfg(test)]
mod tests {
    use super::{Part, parts, time};

    #[test]
    fn an_argument_may_hold_percent_signs() {
        let found = parts("a %START_TIME(%s.%3f)% %REQ(X-A?:B):9%%% b%C%").unwrap();
        assert_eq!(
            found,
            [
                Part::Literal("a "),
                Part::Command("START_TIME(%s.%3f)"),
                Part::Literal(" "),
                Part::Command("REQ(X-A?:B):9"),
                Part::Literal("%"),
                Part::Literal(" b"),
                Part::Command("C"),
            ]
        );
        for damaged in ["50 % of", "50 %a b%", "%START_TIME", "%REQ(:PATH%"] {
            assert_eq!(parts(damaged), None, "{damaged}");
        }
    }

    #[test]
    fn a_time_is_read_as_the_format_writes_it() {
        let at = "2026-03-02T10:00:00.123000000Z";
        for (format, text) in [
            ("%s.%3f", "1772445600.123"),
            ("%s%3f", "1772445600123"),
            ("%Y/%m/%d %H:%M:%S.%3f", "2026/03/02 10:00:00.123"),
            ("%Y-%m-%dT%H:%M:%S.%3f%z", "2026-03-02T11:00:00.123+0100"),
        ] {
            assert_eq!(time(text, Some(format)).as_deref(), Some(at), "{format}");
            assert_eq!(time("-", Some(format)), None);
        }
        assert_eq!(
            time("2026-03-02T10:00:00Z", None).unwrap(),
            "2026-03-02T10:00:00Z"
        );
        assert_eq!(time("1772445600", None), None);
    }
}
