//! The expressions of `rules:if` and `only:variables` (GitLab documentation, "CI/CD variable
//! expressions"; patterns are those of RE2).

use std::cell::RefCell;
use std::collections::HashMap;

use regex::Regex;

use super::trigger::Scene;
use crate::snapshot::gitlab::ci::Job;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Variable(String),
    Text(String),
    Pattern(String),
    Null,
    Sign(&'static str),
}

const SIGNS: [&str; 8] = ["&&", "||", "==", "!=", "=~", "!~", "(", ")"];

struct Expression<'e> {
    tokens: Vec<Token>,
    at: usize,
    scene: &'e Scene<'e>,
    /// What a comparison of a variable gives that the pipeline's starter chooses.
    chosen: bool,
}

/// Whether an `if` holds; none where that is unknown or the text is no expression. A comparison of
/// what the pipeline's starter chooses gives `chosen`: what he wants it to.
pub(super) fn decide(text: &str, scene: &Scene<'_>, chosen: bool) -> Option<bool> {
    let tokens = tokens(text)?;
    let count = tokens.len();
    let mut expression = Expression {
        tokens,
        at: 0,
        scene,
        chosen,
    };
    let value = expression.any(0);
    if expression.at == count { value } else { None }
}

/// The pattern that a text is: between slashes, with flags behind.
fn regex(text: &str) -> Option<Regex> {
    let (pattern, rest) = pattern(text)?;
    rest.trim().is_empty().then(|| compiled(&pattern))?
}

/// The patterns of an `if`: those that it holds, and those in variables of the job.
pub(super) fn patterns(text: &str, job: &Job) -> Vec<String> {
    let whole = |text: &str| {
        let (pattern, rest) = pattern(text)?;
        rest.trim().is_empty().then_some(pattern)
    };
    let tokens = tokens(text).unwrap_or_default().into_iter();
    let found = tokens.filter_map(|token| match token {
        Token::Pattern(pattern) => Some(pattern),
        Token::Text(text) => whole(&text),
        Token::Variable(name) => whole(&job.variable(&name)?),
        Token::Null | Token::Sign(_) => None,
    });
    found.collect()
}

/// The pattern of an entry of `only` or `except`, which ends at its last slash; what stands behind
/// `@` is the project that it is for.
pub(super) fn of_ref(word: &str) -> Option<String> {
    let word = word.split('@').next()?;
    let (inner, flags) = word.strip_prefix('/')?.rsplit_once('/')?;
    flagged(inner, flags)
}

/// Patterns that are kept; a file has few, and asks for each with every name of a branch.
const KEPT: usize = 256;

thread_local! {
    static COMPILED: RefCell<HashMap<String, Option<Regex>>> = RefCell::default();
}

/// A pattern, compiled once.
pub(super) fn compiled(pattern: &str) -> Option<Regex> {
    COMPILED.with_borrow_mut(|known| {
        if let Some(regex) = known.get(pattern) {
            return regex.clone();
        }
        if known.len() >= KEPT {
            known.clear();
        }
        let regex = Regex::new(pattern).ok();
        known.insert(pattern.to_owned(), regex.clone());
        regex
    })
}

impl Expression<'_> {
    fn takes(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(found)) if *found == sign);
        self.at += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Option<bool> {
        let mut value = self.all(depth);
        while self.takes("||") {
            value = match (value, self.all(depth)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), other) => other,
                (None, _) => None,
            };
        }
        value
    }

    fn all(&mut self, depth: usize) -> Option<bool> {
        let mut value = self.one(depth);
        while self.takes("&&") {
            value = match (value, self.one(depth)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), other) => other,
                (None, _) => None,
            };
        }
        value
    }

    fn one(&mut self, depth: usize) -> Option<bool> {
        // Files are hostile: brackets nest only so deep.
        if depth < 32 && self.takes("(") {
            let value = self.any(depth + 1);
            return if self.takes(")") { value } else { None };
        }
        let is_chosen = matches!(
            self.tokens.get(self.at),
            Some(Token::Variable(name)) if self.scene.is_chosen(name)
        );
        let left = self.operand()?;
        let sign = ["==", "!=", "=~", "!~"]
            .into_iter()
            .find(|sign| self.takes(sign));
        if is_chosen {
            if sign.is_some() {
                self.tokens.get(self.at)?;
                self.at += 1;
            }
            return Some(self.chosen);
        }
        let Some(sign) = sign else {
            return Some(left?.is_some_and(|text| !text.is_empty()));
        };
        if let Some(Token::Pattern(pattern)) = self.tokens.get(self.at) {
            let regex = compiled(pattern);
            self.at += 1;
            return matched(left?, &regex?, sign);
        }
        // Whoever starts a pipeline may set a variable, but not one that the file keeps a pattern
        // in: new projects let nobody override what is written there.
        let kept = match self.tokens.get(self.at) {
            Some(Token::Variable(name)) => self
                .scene
                .written(name)
                .filter(|text| regex(text).is_some()),
            _ => None,
        };
        let right = self.operand()?;
        let right = kept.map(|text| Some(Some(text))).unwrap_or(right);
        if sign == "==" || sign == "!=" {
            let (left, right) = (left?, right?);
            return Some((left == right) == (sign == "=="));
        }
        // A pattern may stand in a variable, or in quotes, slashes included. Any other text is itself
        // searched for the left side (`Lexeme::Matches` of GitLab: `String#scan`).
        let right = right??;
        match regex(&right) {
            Some(regex) => matched(left?, &regex, sign),
            None if right.starts_with('/') => None,
            None => Some(right.contains(&left?.unwrap_or_default()) == (sign == "=~")),
        }
    }

    /// Outer none: no operand stands here. Inner: unknown, null, or a text.
    #[allow(clippy::option_option, reason = "three states of one value")]
    fn operand(&mut self) -> Option<Option<Option<String>>> {
        let token = self.tokens.get(self.at)?;
        let value = match token {
            Token::Variable(name) => self.scene.value(name),
            Token::Text(text) => Some(Some(text.clone())),
            Token::Null => Some(None),
            Token::Pattern(_) | Token::Sign(_) => return None,
        };
        self.at += 1;
        Some(value)
    }
}

/// `null` matches nothing.
fn matched(left: Option<String>, regex: &Regex, sign: &str) -> Option<bool> {
    let found = left.is_some_and(|text| regex.is_match(&text));
    match sign {
        "=~" => Some(found),
        "!~" => Some(!found),
        _ => None,
    }
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

fn tokens(text: &str) -> Option<Vec<Token>> {
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
            let name = rest.get(1..)?.trim_start_matches('{');
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = name.find(|c| !is_name(c)).unwrap_or(name.len());
            tokens.push(Token::Variable(name.get(..end)?.to_owned()));
            rest = name.get(end..)?.trim_start_matches('}');
        } else {
            rest = rest.strip_prefix("null")?;
            tokens.push(Token::Null);
        }
        rest = rest.trim_start();
    }
    Some(tokens)
}
