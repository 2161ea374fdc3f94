//! The name of a file as text from which its bytes can be told: what is no UTF-8 and what a reader could
//! not see is `\xNN`, byte by byte, and a backslash is doubled. Two files never have one name.

use std::ffi::OsStr;
#[cfg(unix)]
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;

use super::is_hidden;

/// A name or path without the ending of the compression that it says.
#[must_use]
pub fn unpacked(name: &str) -> &str {
    let packed = [".gz", ".zst"];
    let mut plain = packed.iter().filter_map(|end| name.strip_suffix(end));
    plain.next().unwrap_or(name)
}

/// A name, or a path with its separators, as text.
#[must_use]
pub fn name_as_text(name: &OsStr) -> String {
    let mut out = String::new();
    let escape = |byte: u8, out: &mut String| {
        // Writing to a String cannot fail.
        let _ = write!(out, "\\x{byte:02x}");
    };
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' if cfg!(unix) => out.push_str("\\\\"),
                c if is_hidden(c) => {
                    let mut bytes = [0; 4];
                    for byte in c.encode_utf8(&mut bytes).bytes() {
                        escape(byte, &mut out);
                    }
                }
                c => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            escape(*byte, &mut out);
        }
    }
    out
}

/// The path that [`name_as_text`] wrote.
#[cfg(unix)]
#[must_use]
pub fn path_of_text(text: &str) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;

    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let (byte, next) = match (first, behind) {
            (b'\\', [b'\\', next @ ..]) => (b'\\', next),
            (b'\\', [b'x', high, low, next @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, next),
                _ => (*first, behind),
            },
            _ => (*first, behind),
        };
        bytes.push(byte);
        rest = next;
    }
    PathBuf::from(OsString::from_vec(bytes))
}

#[cfg(unix)]
fn digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

/// The path that [`name_as_text`] wrote, where a backslash parts folders and is none of a name.
#[cfg(not(unix))]
#[must_use]
pub fn path_of_text(text: &str) -> PathBuf {
    PathBuf::from(text)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::os::unix::ffi::OsStrExt as _;

    #[test]
    fn what_a_reader_could_not_see_is_spelled() {
        for (bytes, text) in [
            (&b"vault/a.log"[..], "vault/a.log"),
            (b"\xff.log", "\\xff.log"),
            (b"a\nb", "a\\x0ab"),
            (b"a\\xffb", "a\\\\xffb"),
            ("a\u{202e}b".as_bytes(), "a\\xe2\\x80\\xaeb"),
            (
                "\u{e9}\u{27e8}U+202E\u{27e9}".as_bytes(),
                "\u{e9}\u{27e8}U+202E\u{27e9}",
            ),
        ] {
            assert_eq!(name_as_text(OsStr::from_bytes(bytes)), text);
        }
    }

    proptest! {
        #[test]
        fn every_name_reads_back(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let text = name_as_text(OsStr::from_bytes(&bytes));
            prop_assert!(!text.chars().any(is_hidden));
            let back = path_of_text(&text);
            prop_assert_eq!(back.as_os_str().as_bytes(), bytes);
        }

        #[test]
        fn so_does_text_of_any_letters(text in "\\PC*|[\\\\x0-9a-f]{0,12}") {
            let back = path_of_text(&name_as_text(OsStr::new(&text)));
            prop_assert_eq!(back.as_os_str(), OsStr::new(&text));
        }
    }
}
