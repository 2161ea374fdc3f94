//! Access-log formats as text: `[%START_TIME%] %KUMA_MESH% "%REQ(:METHOD)% ...`.
//!
//! A line is read by an expression made of the format. Header values hold whatever a caller sends,
//! quotes too, and nothing escapes them: the line is read twice, once with the headers as short and
//! once as long as can be, and where a field of the proxy's own differs, it says nothing.

use std::sync::LazyLock;

use regex::Regex;

use super::call::{Call, Told};
use super::command::{Part, parts, tells, time, time_format};

/// Kuma's own format for requests.
const REQUESTS: &str = r#"[%START_TIME%] %KUMA_MESH% "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-B3-TRACEID?X-DATADOG-TRACEID)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%KUMA_SOURCE_SERVICE%" "%KUMA_DESTINATION_SERVICE%" "%KUMA_SOURCE_ADDRESS_WITHOUT_PORT%" "%UPSTREAM_HOST%""#;
/// Kuma's own format for connections.
const CONNECTIONS: &str = "[%START_TIME%] %RESPONSE_FLAGS% %KUMA_MESH% %KUMA_SOURCE_ADDRESS_WITHOUT_PORT%(%KUMA_SOURCE_SERVICE%)->%UPSTREAM_HOST%(%KUMA_DESTINATION_SERVICE%) took %DURATION%ms, sent %BYTES_SENT% bytes, received: %BYTES_RECEIVED% bytes";

/// Formats that lines are read by, in the order in which they are tried.
pub(super) struct Layouts {
    formats: Vec<Layout>,
}

/// One format.
pub(super) struct Layout {
    /// The expression with what callers choose as short as can be, and as long.
    short: Regex,
    long: Regex,
    /// What each group tells, and whether a caller chooses it.
    groups: Vec<(Told, bool)>,
    /// How the time is written, unless as RFC 3339.
    time: Option<String>,
    /// What a line begins with before its time, and what follows that.
    opening: Option<(String, String)>,
    /// The mesh whose proxies write it, where the line does not say.
    mesh: Option<String>,
}

impl Layouts {
    /// Those that Kuma brings.
    pub(super) fn of_kuma() -> Option<&'static Layouts> {
        static KUMA: LazyLock<Option<Layouts>> = LazyLock::new(|| {
            let formats = [REQUESTS, CONNECTIONS].map(|text| Layout::of(text, None));
            let formats = formats.into_iter().collect::<Option<Vec<Layout>>>()?;
            Some(Layouts { formats })
        });
        KUMA.as_ref()
    }

    /// Formats of one's own.
    pub(super) fn of(formats: Vec<Layout>) -> Layouts {
        Layouts { formats }
    }

    /// What a line says.
    pub(super) fn call<'l>(&self, line: &'l str) -> Option<Call<'l>> {
        self.formats.iter().find_map(|format| format.call(line))
    }

    /// Whether a line begins as those of an access log do: with a time where a format has it. Behind
    /// that of Envoy's own messages stands another bracket.
    pub(super) fn begins(&self, line: &str) -> bool {
        self.formats.iter().any(|format| format.begins(line))
    }
}

impl Layout {
    /// The format that `text` writes out, of the proxies of `mesh`; none where it is no format.
    pub(super) fn of(text: &str, mesh: Option<&str>) -> Option<Layout> {
        let (mut short, mut long) = ("(?s-u:^)".to_owned(), "(?s-u:^)".to_owned());
        let mut groups = Vec::new();
        let mut time = None;
        let parts = parts(text)?;
        for part in &parts {
            let command = match part {
                Part::Literal(literal) => {
                    for side in [&mut short, &mut long] {
                        side.push_str(&regex::escape(literal));
                    }
                    continue;
                }
                Part::Command(command) => command,
            };
            let (told, chosen, expression) = tells(command);
            for (side, lazy) in [(&mut short, "?"), (&mut long, "")] {
                side.push('(');
                side.push_str(expression);
                // Alternatives of fixed words end by themselves.
                if expression.ends_with(['*', '+']) {
                    side.push_str(lazy);
                }
                side.push(')');
            }
            groups.push((told, chosen));
            time = time.or(time_format(command).map(str::to_owned));
        }
        for side in [&mut short, &mut long] {
            side.push('$');
        }
        Some(Layout {
            short: Regex::new(&short).ok()?,
            long: Regex::new(&long).ok()?,
            groups,
            time,
            opening: opening(&parts),
            mesh: mesh.map(str::to_owned),
        })
    }

    /// Whether a line of it tells `wanted`.
    pub(super) fn tells(&self, wanted: Told) -> bool {
        self.groups.iter().any(|(told, _)| *told == wanted)
            || (wanted == Told::Mesh && self.mesh.is_some())
    }

    /// What a line says; nothing where it is another's, or has no time where it should.
    pub(super) fn call<'l>(&self, line: &'l str) -> Option<Call<'l>> {
        let short = self.short.captures(line)?;
        let long = self.long.captures(line)?;
        let mut call = Call::default();
        for (index, (told, chosen)) in self.groups.iter().enumerate() {
            let said = |found: &regex::Captures<'l>| found.get(index + 1).map(|it| it.as_str());
            let (short, long) = (said(&short)?, said(&long)?);
            if short != long {
                call.is_ambiguous |= !chosen;
            } else if *told == Told::Start && self.time.is_some() {
                call.say(*told, time(short, self.time.as_deref())?);
            } else {
                call.say(*told, short);
            }
        }
        if let Some(mesh) = self
            .mesh
            .as_ref()
            .filter(|_| call.get(Told::Mesh).is_none())
        {
            call.say(Told::Mesh, mesh.clone());
        }
        Some(call)
    }

    /// Whether a line begins with a time, where this format has it first.
    fn begins(&self, line: &str) -> bool {
        let Some((before, behind)) = &self.opening else {
            return false;
        };
        let inside = line.strip_prefix(before.as_str());
        let inside = inside.and_then(|line| line.split_once(behind.as_str()));
        inside.is_some_and(|(text, _)| time(text, self.time.as_deref()).is_some())
    }
}

/// What stands before the time, if that comes first, and between it and what follows.
fn opening(parts: &[Part<'_>]) -> Option<(String, String)> {
    let (before, rest) = match parts {
        [Part::Literal(before), rest @ ..] => (*before, rest),
        rest => ("", rest),
    };
    match rest {
        [Part::Command(command), Part::Literal(behind), ..] if tells(command).0 == Told::Start => {
            Some((before.to_owned(), (*behind).to_owned()))
        }
        _ => None,
    }
}
