//! JSON whose texts act on nobody who looks at them: every hidden character is written as `\uXXXX`.
//!
//! JSON itself escapes the characters below U+0020 only. A terminal acts on the C1 controls, DEL and
//! the bidi controls as well, and a CI job's log is a terminal. The values stay exact: whoever parses
//! the text reads the same characters.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

use super::visible::{is_hidden, is_plain};

/// Writes a value on one line.
///
/// # Errors
///
/// Fails when the writer fails.
pub fn to_writer(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(out, Escaped(CompactFormatter));
    value.serialize(&mut serializer).map_err(io::Error::from)
}

/// Writes a value over several lines, for people as well.
///
/// # Errors
///
/// Fails when the writer fails.
pub fn to_writer_pretty(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(out, Escaped(PrettyFormatter::new()));
    value.serialize(&mut serializer).map_err(io::Error::from)
}

/// A formatter whose texts are escaped.
struct Escaped<F>(F);

/// Passes the structure on to the inner formatter.
macro_rules! pass {
    ($($name:ident($($argument:ident: $kind:ty),*);)*) => {$(
        fn $name<W: ?Sized + Write>(&mut self, out: &mut W $(, $argument: $kind)*) -> io::Result<()> {
            self.0.$name(out $(, $argument)*)
        }
    )*};
}

impl<F: Formatter> Formatter for Escaped<F> {
    pass! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if is_plain(fragment) {
            return out.write_all(fragment.as_bytes());
        }
        let mut kept = 0;
        for (at, hidden) in fragment.char_indices().filter(|(_, c)| is_hidden(*c)) {
            out.write_all(fragment.get(kept..at).unwrap_or_default().as_bytes())?;
            for unit in hidden.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            kept = at + hidden.len_utf8();
        }
        out.write_all(fragment.get(kept..).unwrap_or_default().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_escaped_in_keys_and_values_and_reads_back_exactly() {
        let text = "a\u{7f}\u{85}\u{9b}\u{202e}\u{200b}\u{e0001}\u{1b}é\n\"\\東";
        let value = serde_json::json!({ text: [text, 1, null], "plain": "x" });
        for pretty in [false, true] {
            let mut out = Vec::new();
            match pretty {
                false => to_writer(&mut out, &value).unwrap(),
                true => to_writer_pretty(&mut out, &value).unwrap(),
            }
            let shown = String::from_utf8(out).unwrap();
            let hidden = shown.chars().find(|c| is_hidden(*c) && *c != '\n');
            assert_eq!(hidden, None, "{shown}");
            assert!(
                shown.contains("\\u202e") && shown.contains("\\udb40\\udc01"),
                "{shown}"
            );
            assert!(shown.contains("é") && shown.contains('東'), "{shown}");
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(&shown).unwrap(),
                value
            );
        }
    }
}
