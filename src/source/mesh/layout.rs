//! Access-log formats as text: `[%START_TIME%] %KUMA_MESH% "%REQ(:METHOD)% ...`.
//!
//! A line is read by an expression made of the format. Header values hold whatever a caller sends,
//! quotes too, and nothing escapes them: the line is read twice, once with the headers as short and
//! once as long as can be, and where a field of the proxy's own differs, it says nothing.

use std::sync::LazyLock;

use regex::Regex;

use super::call::{Call, Told};

/// Kuma's own format for requests.
const REQUESTS: &str = r#"[%START_TIME%] %KUMA_MESH% "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-B3-TRACEID?X-DATADOG-TRACEID)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%KUMA_SOURCE_SERVICE%" "%KUMA_DESTINATION_SERVICE%" "%KUMA_SOURCE_ADDRESS_WITHOUT_PORT%" "%UPSTREAM_HOST%""#;
/// Kuma's own format for connections.
const CONNECTIONS: &str = "[%START_TIME%] %RESPONSE_FLAGS% %KUMA_MESH% %KUMA_SOURCE_ADDRESS_WITHOUT_PORT%(%KUMA_SOURCE_SERVICE%)->%UPSTREAM_HOST%(%KUMA_DESTINATION_SERVICE%) took %DURATION%ms, sent %BYTES_SENT% bytes, received: %BYTES_RECEIVED% bytes";

/// Formats that lines are read by, in the order in which they are tried.
pub(super) struct Layouts {
    formats: Vec<Layout>,
}

/// One format.
struct Layout {
    /// The expression with what callers choose as short as can be, and as long.
    short: Regex,
    long: Regex,
    /// What each group tells, and whether a caller chooses it.
    groups: Vec<(Told, bool)>,
}

impl Layouts {
    /// Those that Kuma brings.
    pub(super) fn of_kuma() -> Option<&'static Layouts> {
        static KUMA: LazyLock<Option<Layouts>> = LazyLock::new(|| {
            let formats = [REQUESTS, CONNECTIONS].map(Layout::of);
            let formats = formats.into_iter().collect::<Option<Vec<Layout>>>()?;
            Some(Layouts { formats })
        });
        KUMA.as_ref()
    }

    /// What a line says.
    pub(super) fn call<'l>(&self, line: &'l str) -> Option<Call<'l>> {
        self.formats.iter().find_map(|format| format.call(line))
    }

    /// Whether a line begins as those of an access log do: with a time in brackets. Behind that of
    /// Envoy's own messages stands another bracket.
    pub(super) fn begins(&self, line: &str) -> bool {
        let inside = line
            .strip_prefix('[')
            .and_then(|line| line.split_once("] "));
        inside.is_some_and(|(time, _)| crate::model::Timestamp::parse(time).is_some())
    }
}

impl Layout {
    /// The format that `text` writes out; none where it is no format.
    fn of(text: &str) -> Option<Layout> {
        let (mut short, mut long) = ("(?s-u:^)".to_owned(), "(?s-u:^)".to_owned());
        let mut groups = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('%') {
            let (command, after) = after.split_once('%')?;
            let (told, chosen, expression) = tells(command);
            for (side, lazy) in [(&mut short, "?"), (&mut long, "")] {
                side.push_str(&regex::escape(literal));
                side.push('(');
                side.push_str(expression);
                // Alternatives of fixed words end by themselves.
                if expression.ends_with(['*', '+']) {
                    side.push_str(lazy);
                }
                side.push(')');
            }
            groups.push((told, chosen));
            rest = after;
        }
        for side in [&mut short, &mut long] {
            side.push_str(&regex::escape(rest));
            side.push('$');
        }
        Some(Layout {
            short: Regex::new(&short).ok()?,
            long: Regex::new(&long).ok()?,
            groups,
        })
    }

    fn call<'l>(&self, line: &'l str) -> Option<Call<'l>> {
        let short = self.short.captures(line)?;
        let long = self.long.captures(line)?;
        let mut call = Call::default();
        for (index, (told, chosen)) in self.groups.iter().enumerate() {
            let said = |found: &regex::Captures<'l>| found.get(index + 1).map(|it| it.as_str());
            let (short, long) = (said(&short)?, said(&long)?);
            if short == long {
                call.say(*told, short);
            } else if !chosen {
                call.is_ambiguous = true;
            }
        }
        Some(call)
    }
}

/// Anything, as header values are.
const ANYTHING: &str = ".*";
/// A number, or nothing.
const NUMBER: &str = r"[0-9]+|-|";
/// What holds neither blank nor quote.
const WORD: &str = "[^ \"]*";

/// What a command tells, whether a caller chooses it, and how it looks.
fn tells(command: &str) -> (Told, bool, &'static str) {
    let upper = command.to_ascii_uppercase();
    let name = upper.split(['(', ':']).next().unwrap_or_default();
    match name {
        "START_TIME" => (Told::Start, false, r"[^\[\]]*"),
        "KUMA_MESH" => (Told::Mesh, false, WORD),
        "KUMA_SOURCE_SERVICE" => (Told::Source, false, "[^ \"()]*"),
        "KUMA_DESTINATION_SERVICE" => (Told::Destination, false, "[^ \"()]*"),
        "KUMA_SOURCE_ADDRESS" | "KUMA_SOURCE_ADDRESS_WITHOUT_PORT" => {
            (Told::SourceAddress, false, "[^ \"()]*")
        }
        "UPSTREAM_HOST" => (Told::Upstream, false, "[^ \"()]*"),
        "KUMA_TRAFFIC_DIRECTION" => (Told::Direction, false, WORD),
        "PROTOCOL" => (Told::Protocol, false, r"HTTP/[0-9.]+|-"),
        "RESPONSE_CODE" => (Told::Status, false, NUMBER),
        "RESPONSE_FLAGS" => (Told::Flags, false, "[A-Za-z0-9,_]+|-|"),
        "BYTES_RECEIVED" => (Told::Received, false, NUMBER),
        "BYTES_SENT" => (Told::Sent, false, NUMBER),
        "DURATION" => (Told::Milliseconds, false, NUMBER),
        "DOWNSTREAM_PEER_URI_SAN" => (Told::Peer, false, WORD),
        "REQ" => header(&upper),
        "RESP" if upper.contains("X-ENVOY-UPSTREAM-SERVICE-TIME") => (Told::Other, true, NUMBER),
        "RESP" | "TRAILER" => (Told::Other, true, ANYTHING),
        _ => (Told::Other, false, WORD),
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
