//! Lists and maps written as one text, for CSV cells and for columns that hold `key=value`.
//!
//! An item that holds the separator would otherwise read as two: a policy called `a;b` as the
//! policies `a` and `b`. What would be taken for structure is percent-encoded, so that splitting
//! at the separator is right without knowing of this, and any decoder of URLs gives the item back.

use std::borrow::Cow;

/// Separates the items of a list.
pub const SEPARATOR: char = ';';

/// Writes items as one text: `;` between them, in them `%3B` for `;` and `%25` for `%`.
#[must_use]
pub fn joined<'i>(items: impl IntoIterator<Item = &'i str>) -> String {
    let mut text = String::new();
    for (nth, item) in items.into_iter().enumerate() {
        if nth > 0 {
            text.push(SEPARATOR);
        }
        text.push_str(&escaped(item, SEPARATOR));
    }
    text
}

/// Writes an entry of a map as `key=value`: in the key `%3D` for `=` and `%25` for `%`, the value
/// as it is, so that the first `=` ends the key.
#[must_use]
pub fn entry(key: &str, value: &str) -> String {
    format!("{}={value}", escaped(key, '='))
}

/// Key and value of a text that [`entry`] wrote.
#[must_use]
pub fn pair(entry: &str) -> (Cow<'_, str>, &str) {
    let (key, value) = entry.split_once('=').unwrap_or((entry, ""));
    (plain(key, '='), value)
}

/// The items of a text that [`joined`] wrote.
pub fn items(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.split(SEPARATOR).map(|item| plain(item, SEPARATOR))
}

/// Adds a part to a key that is made of several: its length stands before it, so that no text of a
/// log passes for two parts, or two for one.
pub fn add_part(key: &mut String, part: &str) {
    key.push_str(&part.len().to_string());
    key.push(':');
    key.push_str(part);
}

fn escaped(item: &str, separator: char) -> Cow<'_, str> {
    if !item.contains(['%', separator]) {
        return Cow::Borrowed(item);
    }
    let escape = format!("%{:02X}", u32::from(separator));
    Cow::Owned(item.replace('%', "%25").replace(separator, &escape))
}

fn plain(item: &str, separator: char) -> Cow<'_, str> {
    if !item.contains('%') {
        return Cow::Borrowed(item);
    }
    let escape = format!("%{:02X}", u32::from(separator));
    let item = item.replace(&escape, separator.encode_utf8(&mut [0; 4]));
    Cow::Owned(item.replace("%25", "%"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_passes_for_two_parts_of_a_key() {
        let key = |parts: &[&str]| {
            let mut key = String::new();
            parts.iter().for_each(|part| add_part(&mut key, part));
            key
        };
        assert_ne!(key(&["a", "b"]), key(&["a\0b"]));
        assert_ne!(key(&["a", "1:b"]), key(&["a1:b"]));
        assert_eq!(key(&["a", ""]), "1:a0:");
    }

    #[test]
    fn an_item_that_holds_the_separator_stays_one_item() {
        for list in [
            vec!["a;b", "root"],
            vec!["100%", "%3B", "%253B", ";", "%;", "%%3B"],
            vec!["", "a", ""],
        ] {
            let text = joined(list.iter().copied());
            let naive = text.split(';').count();
            let back: Vec<String> = items(&text).map(Cow::into_owned).collect();
            assert_eq!(
                (naive, back),
                (list.len(), list.iter().map(|s| (*s).to_owned()).collect()),
                "{text}"
            );
        }
        assert_eq!(joined(["a;b", "c"]), "a%3Bb;c");
    }

    #[test]
    fn a_key_that_holds_an_equals_sign_names_no_other_key() {
        assert_eq!(entry("ref", "a=b"), "ref=a=b");
        assert_eq!(entry("project_id=101", "x"), "project_id%3D101=x");
        assert_eq!(entry("a%", "1"), "a%25=1");
        for (key, value) in [("a%", "1"), ("b=c", "d=e"), ("", ""), ("%3D", "=")] {
            let text = entry(key, value);
            assert_eq!(pair(&text), (Cow::Borrowed(key), value), "{text}");
        }
    }
}
