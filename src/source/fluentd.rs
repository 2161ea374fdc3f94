//! What Fluentd writes for people: the time, the tag and the record of a line.
//!
//! `out_file` puts tabs between them, `out_stdout` blanks and a colon (`lib/fluent/plugin/
//! formatter_out_file.rb`, `formatter_stdout.rb`). A line that no parser took stands in the one member
//! `message`; by itself such a record would be any program's.

use serde_json::Value;

/// Members that hold a line which nothing parsed.
const LINES: [&str; 3] = ["message", "log", "MESSAGE"];

/// The record of such a line: what the program logged, or what Fluentd had parsed.
pub(super) fn record(line: &[u8]) -> Option<Vec<u8>> {
    let json = tabbed(line.trim_ascii()).or_else(|| printed(line.trim_ascii()))?;
    let members = match serde_json::from_slice::<Value>(json).ok()? {
        Value::Object(members) => members,
        _ => return None,
    };
    let one = members.iter().next().filter(|_| members.len() == 1);
    let line = one.filter(|(name, _)| LINES.contains(&name.as_str()));
    match line.and_then(|(_, line)| line.as_str()) {
        Some(line) => Some(line.trim_end().as_bytes().to_vec()),
        None => Some(json.to_vec()),
    }
}

/// `2026-09-29T22:05:01+00:00<tab>vault.audit<tab>{...}`.
fn tabbed(line: &[u8]) -> Option<&[u8]> {
    let mut fields = line.splitn(3, |&byte| byte == b'\t');
    let time = std::str::from_utf8(fields.next()?).ok()?;
    let tag = fields.next()?;
    let json = fields.next()?;
    chrono::DateTime::parse_from_rfc3339(time).ok()?;
    (is_tag(tag) && json.starts_with(b"{")).then_some(json)
}

/// `2026-09-29 22:05:01.000000000 +0000 vault.audit: {...}`.
fn printed(line: &[u8]) -> Option<&[u8]> {
    let at = memchr::memmem::find(line, b": {")?;
    let (header, rest) = line.split_at(at);
    let header = std::str::from_utf8(header).ok()?;
    let (time, tag) = header.rsplit_once(' ')?;
    chrono::DateTime::parse_from_str(time, "%Y-%m-%d %H:%M:%S%.f %z").ok()?;
    is_tag(tag.as_bytes()).then(|| rest.get(2..))?
}

fn is_tag(tag: &[u8]) -> bool {
    !tag.is_empty()
        && !tag
            .iter()
            .any(|byte| byte.is_ascii_whitespace() || *byte == b'{')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<String> {
        record(line.as_bytes()).map(|text| String::from_utf8_lossy(&text).into_owned())
    }

    #[test]
    fn a_line_is_told_by_its_time_and_tag() {
        for before in [
            "2026-09-29T22:05:01+00:00\tvault.audit\t",
            "2026-09-29 22:05:01.000000000 +0000 vault.audit: ",
        ] {
            let told = of(&format!("{before}{{\"message\":\"{{\\\"a\\\":1}}\\n\"}}"));
            assert_eq!(told.as_deref(), Some("{\"a\":1}"), "{before}");
            let parsed = "{\"a\": {\"b\": 1}}";
            assert_eq!(of(&format!("{before}{parsed}")).as_deref(), Some(parsed));
        }
        for other in [
            "{\"message\":\"{}\"}",
            "2026-09-29T22:05:01+00:00 vault.audit {\"message\":\"{}\"}",
            "yesterday\tvault.audit\t{\"message\":\"{}\"}",
            "2026-09-29T22:05:01+00:00\tvault.audit\tstarted",
            "2026-09-29 22:05:01 +0000 the answer was: {\"message\":\"{}\"}",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
