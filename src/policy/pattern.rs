//! Path patterns: which paths one stands for, and which of two wins.

use std::cmp::Ordering;

/// The pattern of a stanza, normalised.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern {
    text: String,
    kind: PatternKind,
}

/// How a pattern matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum PatternKind {
    /// The path itself.
    Exact,
    /// Every path that begins with the text before the final `*`.
    Prefix,
    /// `+` stands for one segment; a final `*` for any rest.
    Segments,
}

impl Pattern {
    /// Normalises a path label of a policy that lives in `namespace` (empty, or ending in `/`).
    ///
    /// One leading slash goes; the namespace comes before the path, so a `+` that begins the label
    /// is a whole segment there only if it is one in the whole pattern (`parsePaths`).
    #[must_use]
    pub fn new(label: &str, namespace: &str) -> Pattern {
        let mut text = namespace.to_owned();
        text.push_str(label.strip_prefix('/').unwrap_or(label));
        let kind = if text == "+" || text.starts_with("+/") || text.contains("/+") {
            PatternKind::Segments
        } else if text.ends_with('*') {
            PatternKind::Prefix
        } else {
            PatternKind::Exact
        };
        Pattern { text, kind }
    }

    /// The pattern as a policy writes it, without a leading slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The pattern without its final `*`, where that is a wildcard.
    #[must_use]
    pub fn stem(&self) -> &str {
        match self.kind {
            PatternKind::Exact => &self.text,
            _ => self.text.strip_suffix('*').unwrap_or(&self.text),
        }
    }

    /// Says whether a final `*` lets any rest follow.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.kind != PatternKind::Exact && self.text.ends_with('*')
    }

    /// Says whether the pattern stands for its own text alone.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.kind == PatternKind::Exact
    }

    /// Says whether some `+` stands for a segment.
    #[must_use]
    pub fn has_segment_wildcards(&self) -> bool {
        self.wildcards() > 0
    }

    /// Says whether `path` is one of the paths the pattern stands for.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        match self.kind {
            PatternKind::Exact => path == self.text,
            PatternKind::Prefix => path.starts_with(self.stem()),
            PatternKind::Segments => matches_segments(self.stem(), self.is_open(), path),
        }
    }

    /// Orders two non-exact patterns that match one path: the greater wins.
    #[must_use]
    pub fn precedence(&self, other: &Pattern) -> Ordering {
        self.first_wildcard()
            .cmp(&other.first_wildcard())
            .then_with(|| other.is_open().cmp(&self.is_open()))
            .then_with(|| other.wildcards().cmp(&self.wildcards()))
            .then_with(|| self.stem().len().cmp(&other.stem().len()))
            .then_with(|| self.stem().cmp(other.stem()))
    }

    pub(super) fn kind(&self) -> PatternKind {
        self.kind
    }

    /// Where the first wildcard stands: the first `+`, even one that is literal, of a pattern with
    /// segment wildcards, else the final `*`.
    pub(super) fn first_wildcard(&self) -> usize {
        match self.kind {
            PatternKind::Segments => self.text.find('+').unwrap_or(0),
            _ => self.stem().len(),
        }
    }

    fn wildcards(&self) -> usize {
        match self.kind {
            PatternKind::Segments => self.stem().split('/').filter(|part| *part == "+").count(),
            _ => 0,
        }
    }
}

/// Compares segment by segment; of an open pattern the last is a prefix and more may follow.
pub(super) fn matches_segments(stem: &str, open: bool, path: &str) -> bool {
    let mut parts = stem.split('/').peekable();
    let mut segments = path.split('/');
    while let Some(part) = parts.next() {
        let Some(segment) = segments.next() else {
            return false;
        };
        let last = parts.peek().is_none();
        if part == "+" || part == segment {
            continue;
        }
        if !(open && last && segment.starts_with(part)) {
            return false;
        }
    }
    open || segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Pattern::new(pattern, "").matches(path)
    }

    #[test]
    fn a_star_is_a_wildcard_only_at_the_end() {
        assert!(matches("secret/*", "secret/"));
        assert!(matches("secret/a*", "secret/ab/c"));
        assert!(!matches("secret/*/db", "secret/x/db"));
        assert!(matches("secret/*/db", "secret/*/db"));
        assert!(matches("*", ""));
    }

    #[test]
    fn a_plus_is_one_whole_segment_that_may_be_empty() {
        assert!(matches("secret/+/db", "secret/x/db"));
        assert!(!matches("secret/+/db", "secret/x/y/db"));
        assert!(matches("secret/+", "secret/"));
        assert!(matches("+/db", "/db"));
        assert!(!matches("secret/a+", "secret/ab"));
        assert!(matches("secret/+a", "secret/+a"));
        assert!(!matches("secret/+a", "secret/xa"));
    }

    #[test]
    fn plus_and_star_together_leave_the_rest_open() {
        assert!(matches("secret/+/db*", "secret/x/db"));
        assert!(matches("secret/+/db*", "secret/x/db2/y/z"));
        assert!(!matches("secret/+/db*", "secret/x"));
        assert!(matches("secret/+/*", "secret/x/"));
    }

    #[test]
    fn the_later_wildcard_wins_then_the_closed_pattern() {
        let wins = |a: &str, b: &str| {
            let (a, b) = (Pattern::new(a, ""), Pattern::new(b, ""));
            assert_eq!(a.precedence(&b), Ordering::Greater, "{a:?} over {b:?}");
            assert_eq!(b.precedence(&a), Ordering::Less);
        };
        wins("foo/bar/+/baz", "foo/+/bar/baz");
        wins("foo/+", "foo/*");
        wins("foo/a*", "foo/+");
        wins("foo/+/bar", "foo/+/ba*");
        wins("foo/+/bar", "foo/+/+");
        wins("foo/+/bar/ba*", "foo/+/bar/b*");
    }

    #[test]
    fn a_namespace_can_turn_a_leading_plus_into_a_segment() {
        assert_eq!(Pattern::new("+a", "").kind(), PatternKind::Exact);
        assert_eq!(Pattern::new("+a", "ns/").kind(), PatternKind::Segments);
    }
}
