//! Where one of several short literals begins: one pass over a text, without setting anything up.
//!
//! Most texts that are searched have less than forty bytes, and every text of every record is
//! searched. A search of a regular expression costs more to begin than such a text is long.

use std::borrow::Cow;

/// How many of a literal's first bytes are looked at in the pass.
const LOOKED_AT: usize = 3;

/// Literals to look for. Each has a bit; those beyond the sixty-fourth share one.
pub(super) struct Prefixes {
    /// By their first byte: hardly a place in a text begins like one, and then like few.
    literals: Vec<Vec<Cow<'static, [u8]>>>,
    /// By position and byte: the literals that have this byte there, or are shorter.
    bits: [[u64; 256]; LOOKED_AT],
}

impl Prefixes {
    /// A search for `literals`. Nothing begins with an empty one.
    pub(super) fn new<L>(literals: impl IntoIterator<Item = L>) -> Prefixes
    where
        L: Into<Cow<'static, [u8]>>,
    {
        let mut prefixes = Prefixes {
            literals: vec![Vec::new(); 256],
            bits: [[0; 256]; LOOKED_AT],
        };
        let filled = literals.into_iter().map(Into::into);
        let filled = filled.filter(|literal: &Cow<'_, [u8]>| !literal.is_empty());
        for (number, literal) in filled.enumerate() {
            let bit = 1u64 << (number % 64);
            for (position, bits) in prefixes.bits.iter_mut().enumerate() {
                for (byte, bits) in (0u8..=u8::MAX).zip(bits) {
                    if literal.get(position).is_none_or(|own| *own == byte) {
                        *bits |= bit;
                    }
                }
            }
            if let Some(alike) = literal
                .first()
                .and_then(|first| prefixes.literals.get_mut(usize::from(*first)))
            {
                alike.push(literal);
            }
        }
        prefixes
    }

    /// The first place from `from` on where one of the literals begins.
    pub(super) fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        let rest = text.get(from..)?;
        let [first, second, third] = &self.bits;
        let windows = rest.windows(LOOKED_AT);
        let whole = windows.len();
        for (at, window) in windows.enumerate() {
            let &[a, b, c] = window else {
                continue;
            };
            let bits = first[usize::from(a)] & second[usize::from(b)] & third[usize::from(c)];
            if bits != 0 && self.begins(rest, at) {
                return Some(from + at);
            }
        }
        // What is too near to the end for all of these bytes.
        (whole..rest.len())
            .find(|at| self.begins(rest, *at))
            .map(|at| from + at)
    }

    fn begins(&self, text: &[u8], at: usize) -> bool {
        let rest = text.get(at..).unwrap_or_default();
        let alike = rest
            .first()
            .and_then(|first| self.literals.get(usize::from(*first)));
        alike
            .into_iter()
            .flatten()
            .any(|literal| rest.starts_with(literal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LITERALS: [&[u8]; 7] = [
        b"s.",
        b"hvs.",
        b"eyJ",
        b"eyJ0eXA",
        b"-",
        b"private_key",
        b"",
    ];

    #[test]
    fn literals_are_found_up_to_the_last_byte() {
        let prefixes = Prefixes::new(LITERALS);
        for (text, from, found) in [
            ("hvs.", 0, Some(0)),
            ("hvs.", 1, Some(2)),
            ("hvs.", 3, None),
            ("abc-", 0, Some(3)),
            ("", 0, None),
            ("eyj", 0, None),
            ("-", 7, None),
            ("\u{e9}eyJ", 0, Some(2)),
        ] {
            assert_eq!(prefixes.find(text.as_bytes(), from), found, "{text} {from}");
        }
    }

    #[test]
    fn more_literals_than_bits_are_all_found() {
        let words: Vec<&'static [u8]> = (0u8..100)
            .map(|n| &*Box::leak(format!("<{n:02}>").into_bytes().into_boxed_slice()))
            .collect();
        let prefixes = Prefixes::new(words.iter().copied());
        for word in words {
            let text = [b"<1<", word].concat();
            assert_eq!(prefixes.find(&text, 0), Some(3));
        }
    }

    proptest::proptest! {
        #[test]
        fn the_first_place_is_the_one_that_a_plain_search_finds(
            text in "[hvs.eyJ0X-private_kA ]{0,60}",
            from in 0usize..70,
        ) {
            let bytes = text.as_bytes();
            let plain = (from..bytes.len()).find(|at| {
                let mut full = LITERALS.iter().filter(|literal| !literal.is_empty());
                full.any(|literal| bytes[*at..].starts_with(literal))
            });
            assert_eq!(Prefixes::new(LITERALS).find(bytes, from), plain);
        }
    }
}
