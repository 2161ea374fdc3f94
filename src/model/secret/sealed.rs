//! What a text holds packed or encrypted so that nothing here opens it, told by how it begins.
//!
//! bzip2 and XZ file formats; APPNOTE of ZIP, 4.3.7; 7-Zip; LZ4 frames; `openssl enc` (`Salted__`);
//! RFC 4880, section 6.2; the header of age. What a gzip, zlib or zstd stream holds is read.

use super::prefixes::Prefixes;
use super::typed::Body;
use std::sync::LazyLock;

/// How something sealed begins, in base64 and in hexadecimal, and what it is.
#[rustfmt::skip] // A row is a line.
const SEALS: &[(&str, &str)] = &[
    ("QlpoM", "bzip2"), ("QlpoN", "bzip2"), ("QlpoO", "bzip2"), ("425a6831", "bzip2"), ("425a6839", "bzip2"),
    ("/Td6WFo", "xz"), ("fd377a585a00", "xz"),
    ("XQAA", "lzma"), ("5d0000", "lzma"),
    ("UEsDB", "zip"), ("504b0304", "zip"),
    ("N3q8ryc", "7z"), ("377abcaf271c", "7z"),
    ("BCJNGE", "lz4"), ("BCJNGG", "lz4"), ("04224d18", "lz4"),
    ("U2FsdGVkX1", "openssl"), ("53616c7465645f5f", "openssl"),
    ("-----BEGIN PGP MESSAGE-----", "pgp"),
    ("-----BEGIN AGE ENCRYPTED FILE-----", "age"), ("YWdlLWVuY3J5cHRpb24ub3Jn", "age"),
];

/// The fewest digits behind a beginning; a secret of twenty characters takes more.
const LEAST: usize = 24;

/// Made of the beginnings themselves: none can be left out.
static BEGINNINGS: LazyLock<Prefixes> =
    LazyLock::new(|| Prefixes::new(SEALS.iter().map(|(begins, _)| begins.as_bytes())));

/// What kind of sealed thing a text holds, the first of them.
#[must_use]
pub fn sealed(text: &[u8]) -> Option<&'static str> {
    let mut from = 0;
    while let Some(at) = BEGINNINGS.find(text, from) {
        from = at + 1;
        let rest = text.get(at..)?;
        let digit = |byte: u8| Body::Base64.takes(byte) || Body::Url.takes(byte);
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        let mut seals = SEALS.iter();
        let Some((begins, kind)) = seals.find(|(begins, _)| rest.starts_with(begins.as_bytes()))
        else {
            continue;
        };
        if begins.starts_with('-') {
            return Some(kind);
        }
        // `=` ends digits; before them it is the sign of an assignment.
        let within = before.is_some_and(|byte| *byte != b'=' && digit(*byte));
        if within {
            // Before it is counted how many follow: of one run that would be done again and again.
            continue;
        }
        let run = rest.iter().take_while(|byte| digit(**byte)).count();
        if run >= begins.len() + LEAST {
            return Some(kind);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::sealed;

    #[test]
    fn what_is_sealed_is_told_by_how_it_begins() {
        for (text, kind) in [
            ("QlpoOTFBWSZTWQzBc5IAAAuZgEAQACAgQAAwTTIaaekTGmk", "bzip2"),
            ("$ x | base64: /Td6WFoAAATm1rRGBMAwLyEBFgAAAAAAAAAA", "xz"),
            ("X=UEsDBBQAAAAIAAAAIQBzb21ldGhpbmdzb21ldGhpbmc=", "zip"),
            ("U2FsdGVkX1+vupppZksvRf5pq5g5XjFRlipRkwB0K1Y=", "openssl"),
            (
                "425a683931415926535900000000000000000000000000000000",
                "bzip2",
            ),
            ("-----BEGIN PGP MESSAGE-----", "pgp"),
            ("x-----BEGIN PGP MESSAGE-----", "pgp"),
        ] {
            assert_eq!(sealed(text.as_bytes()), Some(kind), "{text}");
        }
    }

    /// Counted anew at each beginning, these are three hundred billion steps.
    #[test]
    fn a_run_of_beginnings_is_gone_through_once() {
        let run = format!("a{}", "QlpoM".repeat(1 << 18));
        assert_eq!(sealed(run.as_bytes()), None);
    }

    #[test]
    fn words_and_digests_are_not_sealed() {
        for text in [
            "QlpoOTFB",
            "aQlpoOTFBWSZTWQzBc5IAAAuZgEAQACAgQAAwTTIaaekTGmk",
            "sha512-UEsDBBQAAAAI and sha256:425a6839",
            "-----BEGIN PGP PUBLIC KEY BLOCK-----",
            "-----BEGIN CERTIFICATE-----",
            "H4sIAAAAAAAAA8soyygGAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(sealed(text.as_bytes()), None, "{text}");
        }
    }
}
