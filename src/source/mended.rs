//! Documents that end in the middle, closed where their last whole value ends: what one begins with
//! still says what it is, whatever it is called.

use serde_json::Value;

/// A JSON document as far as it goes, of a list the first object; none where it is no JSON from the
/// start.
pub(super) fn closed(text: &[u8]) -> Option<Value> {
    let mut open: Vec<u8> = Vec::new();
    let (mut end, mut quoted, mut escaped) = (0, false, false);
    for (at, &byte) in text.iter().enumerate() {
        if quoted {
            quoted = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        // Behind each of these the text may end, and what is open then be closed.
        match byte {
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' if open.last() == Some(&byte) => drop(open.pop()),
            b'}' | b']' => break,
            b',' => {}
            _ => {
                quoted = byte == b'"';
                continue;
            }
        }
        end = at + usize::from(byte != b',');
        if open.is_empty() {
            break;
        }
    }
    let mut whole = text.get(..end)?.to_vec();
    whole.extend(open.iter().rev());
    match serde_json::from_slice(&whole).ok()? {
        Value::Array(list) => list.into_iter().find(Value::is_object),
        document => Some(document),
    }
}

/// A text without its last line, where more is left.
pub(super) fn without_last_line(text: &[u8]) -> Option<&[u8]> {
    let end = text
        .trim_ascii_end()
        .iter()
        .rposition(|byte| *byte == b'\n')?;
    text.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_closed_where_its_last_whole_value_ends() {
        for (text, whole) in [
            (
                r#"{"a": 1, "b": [1, 2, {"c": "x"#,
                r#"{"a":1,"b":[1,2,{}]}"#,
            ),
            (r#"{"a": "}],\"", "b": tru"#, r#"{"a":"}],\""}"#),
            (r#"{"a": {"b": []}, "#, r#"{"a":{"b":[]}}"#),
            (r#"{"a": 1} {"b""#, r#"{"a":1}"#),
            (r#"{"a": [1, 2}, "b": 3"#, r#"{"a":[1]}"#),
            ("{", "{}"),
            (r#"["a", {"b": 1, "c": [2"#, r#"{"b":1,"c":[]}"#),
        ] {
            let closed = closed(text.as_bytes()).map(|value| value.to_string());
            assert_eq!(closed.as_deref(), Some(whole), "{text}");
        }
        for text in ["", "path \"a\" {", "{a: 1, b"] {
            assert_eq!(closed(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_text_loses_its_last_line_and_no_more() {
        let less = |text: &'static str| without_last_line(text.as_bytes());
        assert_eq!(less("a: 1\nb: 2\nc\n"), Some(&b"a: 1\nb: 2"[..]));
        assert_eq!(less("a: 1\n"), None);
    }
}
