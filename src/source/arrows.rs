//! What Fluent Bit prints to its standard output where no format is set: `[0] tag: [[time, {}],
//! {"log"=>"..."}]` (`out_stdout`, `msgpack_object_print`).
//!
//! Releases differ in whether they escape quotes within a text; both are read.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// Keys under which the line stands that was logged.
const LINES: [&[u8]; 3] = [b"\"log\"=>\"", b"\"message\"=>\"", b"\"MESSAGE\"=>\""];

/// The record of such a line: what the program logged, or what Fluent Bit had parsed.
pub(super) fn record(line: &[u8]) -> Option<Vec<u8>> {
    let line = line.trim_ascii();
    let list = listed(line)?;
    memchr::memmem::find(list, b"\"=>")?;
    let written = std::str::from_utf8(list).ok().map(as_json);
    let value = written.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    if let Some(Value::Array(mut elements)) = value {
        let last = elements.pop().filter(Value::is_object)?;
        return Some(last.to_string().into_bytes());
    }
    LINES.iter().find_map(|key| {
        let at = memchr::memmem::find(list, key)? + key.len();
        let rest = list.get(at..)?;
        if !rest.starts_with(b"{") {
            return None;
        }
        let mut stream = serde_json::Deserializer::from_slice(rest);
        let object = <&RawValue>::deserialize(&mut stream).ok()?;
        Some(object.get().as_bytes().to_vec())
    })
}

/// The list behind `[0] tag: `.
fn listed(line: &[u8]) -> Option<&[u8]> {
    let (number, rest) = split(line.strip_prefix(b"[")?, b"] ")?;
    if number.is_empty() || !number.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (tag, list) = split(rest, b": ")?;
    let plain = !tag.is_empty() && !tag.iter().any(u8::is_ascii_whitespace);
    (plain && list.starts_with(b"[") && list.ends_with(b"]")).then_some(list)
}

fn split<'l>(text: &'l [u8], mark: &[u8]) -> Option<(&'l [u8], &'l [u8])> {
    let at = memchr::memmem::find(text, mark)?;
    Some((text.get(..at)?, text.get(at + mark.len()..)?))
}

/// The same in JSON: `:` for `=>` and `null` for `nil`, outside of texts.
fn as_json(list: &str) -> String {
    let mut out = String::with_capacity(list.len());
    let (mut quoted, mut escaped) = (false, false);
    let mut rest = list;
    while let Some(next) = rest.chars().next() {
        if !quoted {
            let replaced = [("=>", ":"), ("nil", "null")];
            let found = replaced
                .into_iter()
                .find(|(from, _)| rest.starts_with(from));
            if let Some((from, to)) = found {
                out.push_str(to);
                rest = rest.get(from.len()..).unwrap_or("");
                continue;
            }
        }
        quoted ^= next == '"' && !escaped;
        escaped = quoted && next == '\\' && !escaped;
        out.push(next);
        rest = rest.get(next.len_utf8()..).unwrap_or("");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fluent_bit_prints_is_taken_out_of_its_list() {
        let read =
            |line: &str| record(line.as_bytes()).map(|text| String::from_utf8(text).unwrap());
        for (line, expected) in [
            (
                r#"[0] a.b: [[1.5, {}], {"log"=>"{\"t\":\"x=>y\"}"}]"#,
                r#"{"log":"{\"t\":\"x=>y\"}"}"#,
            ),
            (
                r#"[12] a: [1.5, {"log"=>"{"t":"x","u":{"v":1}}"}]"#,
                r#"{"t":"x","u":{"v":1}}"#,
            ),
            (
                r#"[0] a: [1.5, {"stream"=>"stdout", "log"=>"{"t":"x"}", "k"=>{"p"=>"q"}}]"#,
                r#"{"t":"x"}"#,
            ),
            (
                r#"[0] a: [[1.5, {}], {"t"=>"x", "n"=>nil, "l"=>[1, true]}]"#,
                r#"{"l":[1,true],"n":null,"t":"x"}"#,
            ),
        ] {
            assert_eq!(read(line).as_deref(), Some(expected), "{line}");
        }
        for line in [
            "[0] a: [1.5, {\"t\":1}]",
            "[x] a: [1, {\"t\"=>1}]",
            "[0] a: text \"=>\" ]",
            "[0] a: [1.5, {\"log\"=>\"te\"xt\" }]",
            "",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
