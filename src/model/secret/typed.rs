//! A kind of token that its beginning tells.

/// The bytes a body may hold.
#[derive(Clone, Copy)]
pub(super) enum Body {
    /// Letters and digits.
    Alnum,
    /// Upper-case letters and digits.
    Upper,
    /// Lower-case letters and digits.
    Lower,
    /// Lower-case hexadecimal digits.
    Hex,
    /// `A-Za-z0-9_.~-`.
    UrlTilde,
    /// `A-Za-z0-9_-`.
    Url,
    /// `A-Za-z0-9+/=`.
    Base64,
    /// `A-Za-z0-9_-.`, dots at the end left out.
    UrlDots,
    /// `A-Za-z0-9_-=`.
    UrlEquals,
    /// `A-Za-z0-9_-/`.
    UrlSlash,
}

impl Body {
    pub(super) fn takes(self, byte: u8) -> bool {
        match self {
            Body::Alnum => byte.is_ascii_alphanumeric(),
            Body::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Body::Lower => byte.is_ascii_lowercase() || byte.is_ascii_digit(),
            Body::Hex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Body::UrlTilde => Body::UrlDots.takes(byte) || byte == b'~',
            Body::Url => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Body::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
            Body::UrlEquals => Body::Url.takes(byte) || byte == b'=',
            Body::UrlSlash => Body::Url.takes(byte) || byte == b'/',
            Body::UrlDots => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
        }
    }
}

/// How many bytes of a text are taken before another one.
pub(super) fn run(text: &[u8], takes: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|byte| takes(**byte)).count()
}

/// A token with a telling prefix.
pub(super) struct Typed {
    pub(super) name: &'static str,
    pub(super) prefix: &'static str,
    pub(super) body: Body,
    /// Least and most bytes behind the prefix.
    pub(super) length: (usize, usize),
    /// Whether other random characters of the token stand before the prefix.
    pub(super) within: bool,
}

impl Typed {
    /// Whether the prefix ends with a sign and is too long to end a word by chance.
    pub(super) fn tells_itself(&self) -> bool {
        self.prefix.len() > 3 && self.prefix.ends_with(['.', '-', '_'])
    }
}

/// A token of at least so many bytes behind its prefix.
pub(super) const fn typed(
    name: &'static str,
    prefix: &'static str,
    body: Body,
    least: usize,
) -> Typed {
    Typed {
        name,
        prefix,
        body,
        length: (least, usize::MAX),
        within: false,
    }
}

/// A token of exactly so many.
pub(super) const fn exact(
    name: &'static str,
    prefix: &'static str,
    body: Body,
    length: usize,
) -> Typed {
    Typed {
        length: (length, length),
        ..typed(name, prefix, body, length)
    }
}

/// A token whose telling part stands within it; at least so many bytes follow.
pub(super) const fn within(
    name: &'static str,
    prefix: &'static str,
    body: Body,
    least: usize,
) -> Typed {
    Typed {
        within: true,
        ..typed(name, prefix, body, least)
    }
}
