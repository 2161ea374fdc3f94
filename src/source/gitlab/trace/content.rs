//! What lies where a trace should and is none: the answer of an API, a page, what is no text.
//!
//! `curl` without `--fail` writes `{"message":"404 Not Found"}` or a proxy's page into the file, and a
//! damaged archive is read as it is. A runner speaks before the job does, so that no trace is one value
//! of JSON.

use serde_json::Value;

use crate::model::unmarked;

/// The longest answer that is looked at.
const LONGEST: usize = 1 << 20;
/// Bytes that tell text from what is none.
const HEAD: usize = 64 * 1024;
/// Of so many bytes one may be none of a text.
const TEXT: usize = 8;
/// Bytes in which a page says that it is one.
const PAGE: usize = 512;

/// What was answered in place of a trace, if these bytes are none.
pub(super) fn answer(bytes: &[u8]) -> Option<&'static str> {
    let text = unmarked(bytes);
    let text = text.trim_ascii();
    if text.is_empty() {
        return None;
    }
    let value = || serde_json::from_slice::<Value>(text).ok();
    if text.len() <= LONGEST && value().is_some_and(|value| is_answer(&value)) {
        return Some("JSON where a trace lies: what an API answered");
    }
    let head = text.get(..PAGE.min(text.len())).unwrap_or(&[]);
    let head = head.to_ascii_lowercase();
    if head.starts_with(b"<!doctype html") || head.starts_with(b"<html") {
        return Some("a page where a trace lies: what a server answered");
    }
    None
}

/// Whether a value is what an API says in place of a trace. What a shipper wrote around the lines of
/// one names neither message nor error, and is searched as it is.
fn is_answer(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.is_empty()
                || ["message", "error"]
                    .iter()
                    .any(|name| members.contains_key(*name))
        }
        Value::Array(items) => items.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// Whether these bytes are text, but for what programs print beside it.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let head = bytes.get(..HEAD.min(bytes.len())).unwrap_or(&[]);
    foreign(head) * TEXT <= head.len()
}

/// Bytes that no terminal shows: those of no character, and control characters that none prints.
fn foreign(head: &[u8]) -> usize {
    let control = |text: &str| {
        let kept = |c: &char| matches!(c, '\t' | '\n' | '\r' | '\u{8}' | '\u{7}' | '\u{1b}');
        text.chars()
            .filter(|c| c.is_ascii_control() && !kept(c))
            .count()
    };
    let chunks = head.utf8_chunks();
    chunks
        .map(|chunk| control(chunk.valid()) + chunk.invalid().len())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_and_a_page_are_no_traces() {
        for (bytes, named) in [
            (&b"{\"message\":\"401 Unauthorized\"}\n"[..], "JSON"),
            (b"\xef\xbb\xbf[]", "JSON"),
            (b"null", "JSON"),
            (b"<html><body>502 Bad Gateway", "page"),
            (b"\n<!DOCTYPE HTML PUBLIC", "page"),
        ] {
            let answer = answer(bytes).unwrap_or("");
            assert!(answer.contains(named), "{named}: {answer}");
        }
        assert!(!is_text(b"\x8b\x08\x00\x00\x00\x00\x00\x02\xff\x7d\x92"));
        for trace in [
            &b""[..],
            b"  \n",
            b"{\"message\":\"a\"}\nJob succeeded\n",
            b"{\"streams\":[{\"values\":[[\"1\",\"Running with gitlab-runner 17.4.0\"]]}]}",
            b"Running with gitlab-runner 17.4.0\n<html>\n",
            b"caf\xe9 and gr\xfc\xdfe from a job of old\n",
            b"\x1b[0KRunning with gitlab-runner 17.4.0\x1b[0;m\n\x00\x00\n",
        ] {
            assert_eq!(answer(trace), None, "{}", String::from_utf8_lossy(trace));
            assert!(is_text(trace), "{}", String::from_utf8_lossy(trace));
        }
    }
}
