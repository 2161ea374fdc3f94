//! Blocks and attributes of HCL 2.

use super::expression::{Attribute, Block, Value};
use super::lexer::{Fault, Kind, Token, tokens};

/// Nesting beyond which a text is refused.
const DEPTH: usize = 64;

/// Reads a text.
pub(super) fn parse(text: &str) -> Result<Vec<Block>, Fault> {
    let tokens = tokens(text)?;
    let mut parser = Parser {
        text,
        tokens: &tokens,
        at: 0,
    };
    let (attributes, blocks) = parser.body(0, false)?;
    match attributes.first() {
        // A variables file or the like: nothing of it is a resource.
        Some(_) | None => Ok(blocks),
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: &'t [Token],
    at: usize,
}

impl Parser<'_> {
    fn kind(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn line(&self) -> u64 {
        let token = self.tokens.get(self.at).or(self.tokens.last());
        token.map_or(1, |token| token.line)
    }

    fn is(&self, mark: char) -> bool {
        self.kind() == Some(&Kind::Mark(mark))
    }

    fn fault<T>(&self, what: &str) -> Result<T, Fault> {
        Err(Fault {
            line: self.line(),
            what: what.to_owned(),
        })
    }

    fn skip_lines(&mut self) {
        while self.kind() == Some(&Kind::Line) {
            self.at += 1;
        }
    }

    fn body(&mut self, depth: usize, inner: bool) -> Result<(Vec<Attribute>, Vec<Block>), Fault> {
        if depth > DEPTH {
            return self.fault("blocks are nested too deep");
        }
        let (mut attributes, mut blocks) = (Vec::new(), Vec::new());
        loop {
            self.skip_lines();
            let line = self.line();
            let name = match self.kind() {
                None if inner => return self.fault("a block does not end"),
                None => return Ok((attributes, blocks)),
                Some(Kind::Mark('}')) if inner => {
                    self.at += 1;
                    return Ok((attributes, blocks));
                }
                Some(Kind::Name(name)) => name.clone(),
                Some(_) => return self.fault("expected the name of a block or attribute"),
            };
            self.at += 1;
            if self.is('=') {
                self.at += 1;
                let value = self.value(depth)?;
                attributes.push(Attribute { name, value, line });
                continue;
            }
            let mut labels = Vec::new();
            while let Some(Kind::Text(label) | Kind::Name(label)) = self.kind() {
                labels.push(label.clone());
                self.at += 1;
            }
            if !self.is('{') {
                return self.fault("expected `=` or a block");
            }
            self.at += 1;
            let (inner_attributes, inner_blocks) = self.body(depth + 1, true)?;
            blocks.push(Block {
                kind: name,
                labels,
                attributes: inner_attributes,
                blocks: inner_blocks,
                line,
            });
        }
    }

    /// A value; what is more than one literal is taken whole and left unresolved.
    fn value(&mut self, depth: usize) -> Result<Value, Fault> {
        if depth > DEPTH {
            return self.fault("values are nested too deep");
        }
        let start = self.at;
        let value = match self.kind().cloned() {
            Some(Kind::Text(text)) => self.take(Value::Text(text)),
            Some(Kind::Heredoc(heredoc)) => self.take(Value::Heredoc(heredoc)),
            Some(Kind::Template(text)) => self.take(Value::Unresolved(text)),
            Some(Kind::Number(number)) => self.number(number),
            Some(Kind::Name(name)) if matches!(name.as_str(), "true" | "false" | "null") => {
                self.take(Value::Plain(name))
            }
            Some(Kind::Mark('[')) => self.list(depth)?,
            Some(Kind::Mark('{')) => self.map(depth)?,
            _ => Value::Unresolved(String::new()),
        };
        if value != Value::Unresolved(String::new()) && self.ends() {
            return Ok(value);
        }
        self.at = start;
        self.expression()
    }

    fn take(&mut self, value: Value) -> Value {
        self.at += 1;
        value
    }

    /// A number, or a product of numbers such as `8 * 60 * 60`.
    fn number(&mut self, number: String) -> Value {
        self.at += 1;
        let mut product = number.parse::<i64>().ok();
        let mut factors = 0;
        while self.is('*') {
            let Some(Kind::Number(factor)) = self.tokens.get(self.at + 1).map(|t| &t.kind) else {
                break;
            };
            let factor = factor.parse::<i64>().ok();
            product = product.zip(factor).and_then(|(a, b)| a.checked_mul(b));
            factors += 1;
            self.at += 2;
        }
        match (factors, product) {
            (0, _) => Value::Plain(number),
            (_, Some(product)) => Value::Plain(product.to_string()),
            (_, None) => Value::Unresolved(String::new()),
        }
    }

    fn ends(&self) -> bool {
        match self.kind() {
            None | Some(Kind::Line) => true,
            Some(Kind::Mark(mark)) => matches!(mark, ',' | ']' | '}' | ')'),
            Some(_) => false,
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, Fault> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_lines();
            match self.kind() {
                None => return self.fault("a list does not end"),
                Some(Kind::Mark(']')) => {
                    self.at += 1;
                    return Ok(Value::List(items));
                }
                Some(Kind::Mark(',')) => self.at += 1,
                Some(_) => items.push(self.value(depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Value, Fault> {
        self.at += 1;
        let mut entries = Vec::new();
        loop {
            self.skip_lines();
            let key = match self.kind().cloned() {
                None => return self.fault("a map does not end"),
                Some(Kind::Mark('}')) => {
                    self.at += 1;
                    return Ok(Value::Map(entries));
                }
                Some(Kind::Mark(',')) => {
                    self.at += 1;
                    continue;
                }
                Some(Kind::Name(key) | Kind::Text(key)) => key,
                // `(expression) = ...`, `for ...`: left to Terraform as a whole.
                Some(_) => return self.rest_of_map(),
            };
            self.at += 1;
            if !(self.is('=') || self.is(':')) {
                return self.rest_of_map();
            }
            self.at += 1;
            entries.push((key, self.value(depth + 1)?));
        }
    }

    /// Skips to behind the brace that closes the map.
    fn rest_of_map(&mut self) -> Result<Value, Fault> {
        let mut depth = 1usize;
        while depth > 0 {
            match self.kind() {
                None => return self.fault("a map does not end"),
                Some(Kind::Mark('{')) => depth += 1,
                Some(Kind::Mark('}')) => depth -= 1,
                Some(_) => {}
            }
            self.at += 1;
        }
        Ok(Value::Unresolved("a map built by an expression".to_owned()))
    }

    /// An expression as written, up to the end of its line or the bracket that holds it.
    fn expression(&mut self) -> Result<Value, Fault> {
        let start = self.tokens.get(self.at).map_or(0, |token| token.start);
        let (mut depth, mut end) = (0usize, start);
        loop {
            match self.kind() {
                None => break,
                Some(Kind::Line) if depth == 0 && !self.goes_on() => break,
                Some(Kind::Mark(',')) if depth == 0 => break,
                Some(Kind::Mark('(' | '[' | '{')) => depth += 1,
                Some(Kind::Mark(')' | ']' | '}')) => {
                    if depth == 0 {
                        break;
                    }
                    depth -= 1;
                }
                Some(_) => {}
            }
            if let Some(token) = self.tokens.get(self.at) {
                end = token.end;
            }
            self.at += 1;
        }
        if depth > 0 {
            return self.fault("a bracket does not close");
        }
        if end == start {
            return self.fault("expected a value");
        }
        let written = self.text.get(start..end).unwrap_or_default();
        let words: Vec<&str> = written.split_whitespace().collect();
        Ok(Value::Unresolved(words.join(" ")))
    }

    /// Whether an operator at the line's end, or at the next one's start, carries it on.
    fn goes_on(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        let after = self.tokens.get(self.at + 1);
        let joins = |token: Option<&Token>| {
            matches!(
                token.map(|t| &t.kind),
                Some(Kind::Mark(
                    '?' | ':' | '+' | '-' | '*' | '/' | '%' | '&' | '|' | '.'
                ))
            )
        };
        joins(before) || joins(after)
    }
}
