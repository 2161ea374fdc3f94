//! The syntax of `rules:if` and `only:variables` (GitLab documentation, "CI/CD variable expressions";
//! the lexemes are those of `Gitlab::Ci::Pipeline::Expression`, patterns those of RE2), and why GitLab
//! refuses a text as one.

use std::cell::RefCell;
use std::collections::HashMap;

use regex::Regex;

/// One lexeme of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// `$NAME`.
    Variable(String),
    /// A text in quotes.
    Text(String),
    /// A pattern, its flags before it.
    Pattern(String),
    /// `null`.
    Null,
    /// An operator or a bracket.
    Sign(&'static str),
}

const SIGNS: [&str; 8] = ["&&", "||", "==", "!=", "=~", "!~", "(", ")"];
/// Brackets in brackets: files are hostile.
pub const DEPTH: usize = 32;

/// Patterns that are kept; a file has few, and asks for each with every name of a branch.
const KEPT: usize = 256;

thread_local! {
    static COMPILED: RefCell<HashMap<String, Option<Regex>>> = RefCell::default();
}

/// Compiles a pattern, once.
#[must_use]
pub fn compiled(pattern: &str) -> Option<Regex> {
    COMPILED.with_borrow_mut(|known| {
        if let Some(regex) = known.get(pattern) {
            return regex.clone();
        }
        if known.len() >= KEPT {
            known.clear();
        }
        let regex = Regex::new(pattern).or_else(|_| Regex::new(&literal_braces(pattern)));
        let regex = regex.ok();
        known.insert(pattern.to_owned(), regex.clone());
        regex
    })
}

/// A pattern with the braces escaped that count nothing: RE2 takes them for themselves.
fn literal_braces(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let inner = after.split_once('}').map_or("", |(inner, _)| inner);
        let (least, most) = inner.split_once(',').unwrap_or((inner, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let counts = !least.is_empty() && digits(least) && digits(most);
        let class = out.ends_with("\\p") || out.ends_with("\\P") || out.ends_with("\\x");
        if !counts && !class && !out.ends_with('\\') {
            out.push('\\');
        }
        out.push('{');
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The pattern that a whole text is: between slashes, with flags behind.
#[must_use]
pub fn whole_pattern(text: &str) -> Option<String> {
    let (pattern, rest) = pattern(text)?;
    rest.trim().is_empty().then_some(pattern)
}

/// The pattern of an entry of `only` or `except`, which ends at its last slash; what stands behind
/// `@` is the project that it is for.
#[must_use]
pub fn of_ref(word: &str) -> Option<String> {
    let word = word.split('@').next()?;
    let (inner, flags) = word.strip_prefix('/')?.rsplit_once('/')?;
    flagged(inner, flags)
}

/// A pattern at the head of a text, and the rest: it ends at the first slash that is not escaped.
fn pattern(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('/')?;
    let mut escaped = false;
    let end = inner.char_indices().find_map(|(at, c)| {
        let ends = c == '/' && !escaped;
        escaped = c == '\\' && !escaped;
        ends.then_some(at)
    })?;
    let (inner, after) = (inner.get(..end)?, inner.get(end + 1..)?);
    let is_flag = |c: char| matches!(c, 'i' | 's' | 'm' | 'U');
    let length = after.find(|c| !is_flag(c)).unwrap_or(after.len());
    let (flags, after) = after.split_at_checked(length)?;
    Some((flagged(inner, flags)?, after))
}

/// A pattern with its flags before it.
fn flagged(inner: &str, flags: &str) -> Option<String> {
    let known = flags.chars().all(|c| matches!(c, 'i' | 's' | 'm' | 'U'));
    match (inner.is_empty() || !known, flags.is_empty()) {
        (true, _) => None,
        (false, true) => Some(inner.to_owned()),
        (false, false) => Some(format!("(?{flags}){inner}")),
    }
}

/// The lexemes of a text; none where it holds something that is none.
#[must_use]
pub fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
        if let Some(sign) = sign {
            tokens.push(Token::Sign(sign));
            rest = rest.get(sign.len()..)?;
        } else if first == '"' || first == '\'' {
            let (inner, after) = rest.get(1..)?.split_once(first)?;
            tokens.push(Token::Text(inner.to_owned()));
            rest = after;
        } else if first == '/' {
            let (pattern, after) = pattern(rest)?;
            tokens.push(Token::Pattern(pattern));
            rest = after;
        } else if first == '$' {
            // Without braces: `Lexeme::Variable` is `/\$(?<name>\w+)/`.
            let name = rest.get(1..)?;
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = name.find(|c| !is_name(c)).unwrap_or(name.len());
            let (name, after) = name.split_at_checked(end)?;
            tokens.push(Token::Variable(
                (!name.is_empty()).then(|| name.to_owned())?,
            ));
            rest = after;
        } else {
            rest = rest.strip_prefix("null")?;
            tokens.push(Token::Null);
        }
        rest = rest.trim_start();
    }
    Some(tokens)
}

/// Why GitLab refuses a text as a condition; none for one that it evaluates. What only an include can
/// fill in (`$[[ inputs.x ]]`) is judged by nobody before.
#[must_use]
pub fn fault(text: &str) -> Option<&'static str> {
    if text.contains("$[[") || text.contains("${{") {
        return None;
    }
    let Some(tokens) = tokens(text) else {
        return Some("it is no condition: texts stand in quotes, variables behind `$`");
    };
    if brackets(&tokens) > DEPTH {
        return None;
    }
    let mut syntax = Syntax {
        tokens: &tokens,
        at: 0,
    };
    if !(syntax.joined(0) && syntax.at == tokens.len()) {
        return Some("it is no condition: an operator lacks a side, or a bracket its other half");
    }
    let patterns = tokens.iter().filter_map(|token| match token {
        Token::Pattern(pattern) => Some(pattern),
        _ => None,
    });
    let broken = |pattern: &String| compiled(pattern).is_none();
    patterns
        .into_iter()
        .any(broken)
        .then_some("its pattern is none that RE2 takes")
}

/// How many brackets are open at once at most.
fn brackets(tokens: &[Token]) -> usize {
    let (mut open, mut most) = (0usize, 0);
    for token in tokens {
        match token {
            Token::Sign("(") => open += 1,
            Token::Sign(")") => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// A walk over lexemes by the grammar: comparisons, joined by `&&` and `||`.
struct Syntax<'t> {
    tokens: &'t [Token],
    at: usize,
}

impl Syntax<'_> {
    fn takes(&mut self, signs: &[&str]) -> bool {
        let found =
            matches!(self.tokens.get(self.at), Some(Token::Sign(sign)) if signs.contains(sign));
        self.at += usize::from(found);
        found
    }

    fn joined(&mut self, depth: usize) -> bool {
        let mut sound = self.side(depth);
        while sound && self.takes(&["&&", "||", "==", "!=", "=~", "!~"]) {
            sound = self.side(depth);
        }
        sound
    }

    fn side(&mut self, depth: usize) -> bool {
        if self.takes(&["("]) {
            return depth < DEPTH && self.joined(depth + 1) && self.takes(&[")"]);
        }
        let operand = !matches!(self.tokens.get(self.at), None | Some(Token::Sign(_)));
        self.at += usize::from(operand);
        operand
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gitlab_refuses_as_a_condition_is_told_from_what_it_evaluates() {
        for text in [
            "$A",
            "$A == \"x\" && ($B != null || $C =~ /^a\\/b$/i)",
            "$A =~ $B",
            "\"x\"",
            "$A =~ /a{,3}{b}/",
            "$A == $[[ inputs.x ]]",
            "$A =~ /^v\\d{1,3}\\.x$/ || $B =~ '/x/'",
            "($A == \"x\") == ($B == \"y\")",
        ] {
            assert_eq!(fault(text), None, "{text}");
        }
        for text in [
            "",
            "$A == main",
            "$A == true",
            "true",
            "$A ==",
            "$A = \"x\"",
            "== \"x\"",
            "($A",
            "$A)",
            "$A $B",
            "$A == \"x\" and $B",
            "!$A",
            "$A == \"x",
            "$A =~ /(/",
            "$A =~ /^(?!main)/",
            "$A =~ /a",
            "${A}",
            "${A} == \"x\"",
            "$A && && $B",
        ] {
            assert!(fault(text).is_some(), "{text}");
        }
        assert_eq!(fault(&"(".repeat(100_000)), None);
    }
}
