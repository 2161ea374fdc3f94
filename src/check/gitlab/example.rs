//! Texts that a pattern takes, made from its syntax.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Examples of one pattern; alternatives multiply.
const MOST: usize = 24;
/// How often what may repeat stands in an example at most.
const REPEATED: u32 = 8;

/// A few short texts that a pattern takes, one for each of its alternatives; none for a pattern that
/// cannot be read. What looks around (`^`, `\b`) is passed over, so that an example may fail.
pub(super) fn examples(pattern: &str) -> Vec<String> {
    let parsed = regex_syntax::parse(pattern);
    parsed.map(|hir| of(&hir)).unwrap_or_default()
}

fn of(hir: &Hir) -> Vec<String> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![String::new()],
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0);
            text.map(str::to_owned).into_iter().collect()
        }
        HirKind::Class(class) => letter(class).map(String::from).into_iter().collect(),
        HirKind::Repetition(repeated) => {
            let least = repeated.min.min(REPEATED) as usize;
            let inner = of(&repeated.sub);
            let some = least.max(usize::from(repeated.max != Some(0)));
            let mut found: Vec<String> = inner.iter().map(|text| text.repeat(some)).collect();
            if least == 0 {
                found.push(String::new());
            }
            found
        }
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Concat(parts) => {
            let mut found = vec![String::new()];
            for part in parts {
                let next = of(part);
                let longer = found
                    .iter()
                    .flat_map(|before| next.iter().map(move |text| format!("{before}{text}")));
                found = longer.take(MOST).collect();
            }
            found
        }
        HirKind::Alternation(parts) => parts.iter().flat_map(of).take(MOST).collect(),
    }
}

/// A letter of a class, one that stands in names if it has any.
fn letter(class: &Class) -> Option<char> {
    let has = |letter: char| match class {
        Class::Unicode(class) => class
            .iter()
            .any(|range| (range.start()..=range.end()).contains(&letter)),
        Class::Bytes(class) => class
            .iter()
            .any(|range| (range.start()..=range.end()).contains(&(letter as u8))),
    };
    let mut usual = "x1X-_/."
        .chars()
        .chain('a'..='z')
        .chain('A'..='Z')
        .chain('0'..='9');
    usual.find(|&letter| has(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_made_of_every_alternative() {
        for (pattern, expected) in [
            ("^feat", &["feat"][..]),
            ("^(main|feature/.+)$", &["main", "feature/x"]),
            ("^[A-Z]+-[0-9]{2}", &["X-11"]),
            ("^a(b)?$", &["ab", "a"]),
            ("(?i)^q$", &["q"]),
            ("^.*$", &["x", ""]),
            ("(", &[]),
        ] {
            assert_eq!(examples(pattern), expected, "{pattern}");
        }
        assert!(examples(&"(a|b)".repeat(40)).len() <= MOST);
    }
}
