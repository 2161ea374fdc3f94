//! Files and lines as relative URI references.

/// A path as a relative URI reference (RFC 3986): everything but unreserved characters and `/` is
/// escaped.
pub(super) fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

/// One line of a file, by the fragment of RFC 5147, which counts the places between lines.
pub(super) fn line(path: &str, line: u64) -> String {
    format!("{}#line={},{line}", uri(path), line.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_line_is_named_by_the_places_before_and_behind_it() {
        assert_eq!(super::line("a b/c:d.log", 7), "a%20b/c%3Ad.log#line=6,7");
    }
}
