//! What the conditions of `rules:if` and `only:variables` say of one start of a pipeline.

use regex::Regex;

use super::trigger::Scene;
use crate::snapshot::gitlab::ci::condition::{DEPTH, Token, compiled, tokens, whole_pattern};
use crate::snapshot::gitlab::ci::{Variables, valued};

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
    compiled(&whole_pattern(text)?)
}

/// The patterns of an `if`: those that it holds, and those in variables.
pub(super) fn patterns(text: &str, variables: &Variables) -> Vec<String> {
    let tokens = tokens(text).unwrap_or_default().into_iter();
    let found = tokens.filter_map(|token| match token {
        Token::Pattern(pattern) => Some(pattern),
        Token::Text(text) => whole_pattern(&text),
        Token::Variable(name) => whole_pattern(&valued(variables, &name)?),
        Token::Null | Token::Sign(_) => None,
    });
    found.collect()
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
        if depth < DEPTH && self.takes("(") {
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
