//! What tools print for people around a log's records, in forms from which no record comes back as it
//! was logged: each is named with what to export instead.
//!
//! Logstash's `rubydebug` and the debug exporter of OpenTelemetry escape as their languages do,
//! Ansible mixes what it says with what a command printed, and a line of logfmt is a program's own
//! word, which quotes what it likes.

/// Lines of a file in which such a form shows.
const TRIED: usize = 64;

/// Why a text in one of these forms is not read, and what is.
pub(super) fn reason(head: &[u8]) -> Option<&'static str> {
    let mut lines = head
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty())
        .take(TRIED);
    let first = lines.next()?;
    let mut beside = |mark: &[u8]| lines.by_ref().any(|line| line.starts_with(mark));
    if first == b"{" {
        return beside(b"\"@timestamp\" => ")
            .then_some("what Logstash prints with rubydebug: write it with codec json_lines");
    }
    if is_ansible(first) {
        return Some(
            "what Ansible prints for people: set ANSIBLE_STDOUT_CALLBACK=json, or fetch the file",
        );
    }
    if first.starts_with(b"LogRecord #") || holds(first, b"\tResourceLogs #") {
        return beside(b"Body: ").then_some(
            "what OpenTelemetry's debug exporter prints: write it with the file exporter",
        );
    }
    is_logfmt(first).then_some("logfmt that quotes records: export the log itself")
}

fn holds(line: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(line, part).is_some()
}

/// A headline of a play, or what it says of a host before what a task answered.
fn is_ansible(line: &[u8]) -> bool {
    const BEGUN: [&[u8]; 5] = [b"PLAY [", b"TASK [", b"ok: [", b"changed: [", b"fatal: ["];
    const SAID: [&[u8]; 3] = [b" | CHANGED ", b" | SUCCESS ", b" | FAILED "];
    let told = holds(line, b" | rc=") || holds(line, b" => {");
    BEGUN.iter().any(|begun| line.starts_with(begun))
        || (told && SAID.iter().any(|said| holds(line, said)))
}

/// A line of keys and values of which one is a text that quotes an object.
fn is_logfmt(line: &[u8]) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let key = line.iter().take_while(|byte| word(byte)).count();
    let keyed = key > 0 && line.get(key) == Some(&b'=');
    keyed && (holds(line, b"=\"{\\\"") || holds(line, b"='{\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_print_for_people_is_named() {
        for (text, tool) in [
            (
                "{\n       \"message\" => \"{\\\"a\\\":1}\",\n    \"@timestamp\" => 2026-09-07T10:00:00Z\n}\n",
                "rubydebug",
            ),
            ("\nPLAY [all] ***\n\nTASK [cat] ***\n", "Ansible"),
            ("ok: [vault-0] => {\n    \"stdout\": \"\"\n}", "Ansible"),
            ("vault-0 | CHANGED | rc=0 >>\n{\"a\":1}\n", "Ansible"),
            ("vault-0 | SUCCESS => {\n", "Ansible"),
            (
                "LogRecord #0\nSeverityText: \nBody: Str({\"a\":1})\n",
                "OpenTelemetry",
            ),
            ("time=1 level=info msg=\"{\\\"a\\\":1}\"\n", "logfmt"),
            ("ts=1 line='{\"a\":1}'", "logfmt"),
        ] {
            assert!(
                reason(text.as_bytes()).is_some_and(|it| it.contains(tool)),
                "{text}"
            );
        }
        for text in [
            "",
            "{\n  \"message\": \"x\"\n}",
            "{\n  \"a\" => 1\n}",
            "LogRecord #0\n",
            "time=1 msg=\"read {x}\"",
            "a | b | rc=0",
            "see: msg=\"{\\\"a\\\":1}\"",
        ] {
            assert_eq!(reason(text.as_bytes()), None, "{text}");
        }
    }
}
