//! On which lines the keys at the top of a CI file stand.

use std::collections::HashMap;

use crate::model::unmarked_text;

/// Names the line, from 1, of every key at the top of a file; the first where one stands twice.
#[must_use]
pub fn top_lines(text: &str) -> HashMap<&str, usize> {
    let mut lines = HashMap::new();
    for (line, number) in unmarked_text(text).lines().zip(1..) {
        if let Some(key) = key(line) {
            lines.entry(key).or_insert(number);
        }
    }
    lines
}

/// The key that a line begins with, without its quotes.
fn key(line: &str) -> Option<&str> {
    if let Some(quote) = line.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let (key, rest) = line.get(1..)?.split_once(quote)?;
        return rest.trim_start().starts_with(':').then_some(key);
    }
    if line.starts_with([' ', '\t', '#', '-']) {
        return None;
    }
    let colons = line.match_indices(':').map(|(at, _)| at);
    let mut ends = colons.filter(|at| {
        let next = line.get(at + 1..).and_then(|rest| rest.chars().next());
        next.is_none_or(char::is_whitespace)
    });
    Some(line.get(..ends.next()?)?.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_quotes_and_with_colons_within() {
        let text = "a: 1\n\"b c\" :\n  a: 2\n'd':\ntest:unit:\n#e: x\n- f: x\ntest: 1\na: 3\ng : h: i\n\"j\n";
        let lines = top_lines(text);
        let mut found: Vec<(&str, usize)> = lines.into_iter().collect();
        found.sort_unstable();
        let expected = [
            ("a", 1),
            ("b c", 2),
            ("d", 4),
            ("g", 10),
            ("test", 8),
            ("test:unit", 5),
        ];
        assert_eq!(found, expected);
    }
}
