//! What tools write before a line of a program: container runtimes, Compose, `kubectl`, syslog.
//!
//! Only a whole header counts: any other text before a line is a program's, which may quote what it
//! likes, a line of an access log too.

use std::sync::LazyLock;

use regex::Regex;

/// Headers as they begin a line, the blank behind them included.
const HEADERS: [&str; 5] = [
    // A container runtime: time, stream, whether the line goes on; `kubectl logs --timestamps` the
    // time alone.
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) (?:(?:stdout|stderr) [FP] )?",
    // `docker compose logs`.
    r"[\w.-]+ +\| ",
    // `kubectl logs --prefix`.
    r"\[pod/[\w./-]+\] ",
    // RFC 3164, with or without a priority, and what `journalctl` prints.
    r"(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)) [\w.-]+ [\w./-]+(?:\[\d+\])?: ",
    // RFC 5424: version, time, host, program, process, message and structured data.
    r"<\d{1,3}>1 (?:\S+ ){5}(?:-|(?:\[[^\[\]]*\])+) (?:\x{feff})?",
];

/// What `read` makes of a line, as it stands or behind the header that a tool wrote before it.
pub(super) fn behind<'l, T>(line: &'l str, read: impl Fn(&'l str) -> Option<T>) -> Option<T> {
    let line = line.trim_end();
    read(line).or_else(|| {
        let bare = bare(line);
        (bare.len() < line.len()).then(|| read(bare)).flatten()
    })
}

/// A line without the header that a tool wrote before it, if it has one.
pub(super) fn bare(line: &str) -> &str {
    static HEADER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let any = HEADERS.join("|");
        Regex::new(&format!("^(?:{any})")).ok()
    });
    let line = line.trim_end();
    let header = HEADER.as_ref().and_then(|header| header.find(line));
    header.and_then(|it| line.get(it.end()..)).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_headers_are_taken_off_and_nothing_else() {
        for header in [
            "",
            "2026-03-02T10:00:00.123456789Z stdout F ",
            "2026-03-02T10:00:00Z ",
            "kuma-sidecar-1  | ",
            "[pod/web-7/kuma-sidecar] ",
            "<14>Mar  2 10:00:00 host envoy[7]: ",
            "Mar 12 10:00:00 host envoy: ",
            "2026-03-02T10:00:00+0000 host envoy[7]: ",
            "<14>1 2026-03-02T10:00:00Z host envoy 7 - - ",
            "<14>1 2026-03-02T10:00:00Z host envoy 7 - [x@1 a=\"b\"] \u{feff}",
        ] {
            assert_eq!(bare(&format!("{header}[x] y\n")), "[x] y", "{header}");
        }
        for line in ["said: [x] y", "<14>1 a b [x] y", "a b | [x] y"] {
            assert_eq!(bare(line), line);
        }
    }
}
