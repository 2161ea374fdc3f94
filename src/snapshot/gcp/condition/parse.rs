//! The syntax of CEL that conditions use (`github.com/google/cel-spec`, "Syntax").

/// A parsed condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    /// A literal text.
    Text(String),
    /// A literal number.
    Number(i64),
    /// `true` or `false`.
    Bool(bool),
    /// `request.time`, `resource.name`, ...
    Path(String),
    /// `[a, b]`.
    List(Vec<Expression>),
    /// `f(a)`, or `target.f(a)`.
    Call(Option<Box<Expression>>, String, Vec<Expression>),
    /// `!a`.
    Not(Box<Expression>),
    /// Two expressions and what stands between.
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// `a ? b : c`.
    Choice(Box<Expression>, Box<Expression>, Box<Expression>),
}

/// What joins two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    In,
    Plus,
    Minus,
}

/// Brackets nest only so deep: policies are hostile.
const DEPTH: usize = 32;

/// Signs by their precedence, loosest first; the longer of two that begin alike comes first.
const LEVELS: [&[(&str, Operator)]; 4] = [
    &[("||", Operator::Or)],
    &[("&&", Operator::And)],
    &[
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<=", Operator::AtMost),
        ("<", Operator::Less),
        (">=", Operator::AtLeast),
        (">", Operator::Greater),
        ("in", Operator::In),
    ],
    &[("+", Operator::Plus), ("-", Operator::Minus)],
];

/// Parses a condition; none for what is no expression of the forms read here.
pub(super) fn expression(text: &str) -> Option<Expression> {
    let mut parser = Parser { rest: text };
    let found = parser.choice(0)?;
    parser.skip();
    parser.rest.is_empty().then_some(found)
}

struct Parser<'t> {
    rest: &'t str,
}

impl<'t> Parser<'t> {
    /// Blanks and comments.
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix("//") {
                Some(comment) => self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest),
                None => return,
            }
        }
    }

    fn takes(&mut self, sign: &str) -> bool {
        self.skip();
        let Some(rest) = self.rest.strip_prefix(sign) else {
            return false;
        };
        let is_word = sign.starts_with(char::is_alphabetic);
        if is_word && rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return false;
        }
        self.rest = rest;
        true
    }

    /// An expression of any kind: nothing binds more loosely than a choice.
    fn choice(&mut self, depth: usize) -> Option<Expression> {
        let condition = self.level(0, depth)?;
        if !self.takes("?") {
            return Some(condition);
        }
        let then = self.choice(depth + 1)?;
        if !self.takes(":") {
            return None;
        }
        let otherwise = self.choice(depth + 1)?;
        let [condition, then, otherwise] = [condition, then, otherwise].map(Box::new);
        Some(Expression::Choice(condition, then, otherwise))
    }

    fn level(&mut self, level: usize, depth: usize) -> Option<Expression> {
        let Some(signs) = LEVELS.get(level) else {
            return self.unary(depth);
        };
        let mut left = self.level(level + 1, depth)?;
        // A long chain is a deep tree to whoever walks it.
        for _ in 0..256 {
            let Some((_, operator)) = signs.iter().find(|(sign, _)| self.takes(sign)) else {
                return Some(left);
            };
            let right = self.level(level + 1, depth)?;
            left = Expression::Binary(*operator, Box::new(left), Box::new(right));
        }
        None
    }

    fn unary(&mut self, depth: usize) -> Option<Expression> {
        if depth >= DEPTH {
            return None;
        }
        self.skip();
        if !self.rest.starts_with("!=") && self.takes("!") {
            return Some(Expression::Not(Box::new(self.unary(depth + 1)?)));
        }
        let mut found = self.primary(depth)?;
        for _ in 0..DEPTH {
            if !self.takes(".") {
                return Some(found);
            }
            let name = self.name()?;
            found = match (self.takes("("), found) {
                (true, target) => {
                    let arguments = self.until(")", depth)?;
                    Expression::Call(Some(Box::new(target)), name, arguments)
                }
                (false, Expression::Path(path)) => Expression::Path(format!("{path}.{name}")),
                (false, _) => return None,
            };
        }
        None
    }

    fn primary(&mut self, depth: usize) -> Option<Expression> {
        if self.takes("(") {
            let found = self.choice(depth + 1)?;
            return self.takes(")").then_some(found);
        }
        if self.takes("[") {
            return Some(Expression::List(self.until("]", depth)?));
        }
        self.skip();
        let first = self.rest.chars().next()?;
        if matches!(first, '"' | '\'') {
            return self.text(false);
        }
        if matches!(first, 'r' | 'R') && self.rest.get(1..)?.starts_with(['"', '\'']) {
            self.rest = self.rest.get(1..)?;
            return self.text(true);
        }
        if first.is_ascii_digit() || first == '-' {
            let digits = self.rest.get(1..)?;
            let end = digits.find(|c: char| !c.is_ascii_digit());
            let (number, rest) = self.rest.split_at(1 + end.unwrap_or(digits.len()));
            self.rest = rest;
            return number.parse().ok().map(Expression::Number);
        }
        let name = self.name()?;
        Some(match name.as_str() {
            "true" => Expression::Bool(true),
            "false" => Expression::Bool(false),
            _ if self.takes("(") => Expression::Call(None, name, self.until(")", depth)?),
            _ => Expression::Path(name),
        })
    }

    fn until(&mut self, close: &str, depth: usize) -> Option<Vec<Expression>> {
        let mut items = Vec::new();
        while !self.takes(close) {
            items.push(self.choice(depth + 1)?);
            if !self.takes(",") {
                return self.takes(close).then_some(items);
            }
        }
        Some(items)
    }

    fn name(&mut self) -> Option<String> {
        self.skip();
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        begins.then(|| name.to_owned())
    }

    fn text(&mut self, raw: bool) -> Option<Expression> {
        let quote = self.rest.chars().next()?;
        let mut out = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, c)) = characters.next() {
            match c {
                c if c == quote => {
                    self.rest = self.rest.get(at + c.len_utf8()..)?;
                    return Some(Expression::Text(out));
                }
                '\\' if !raw => match characters.next()?.1 {
                    c @ ('"' | '\'' | '\\' | '`' | '?') => out.push(c),
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    // Escapes by number are not written in names.
                    _ => return None,
                },
                c => out.push(c),
            }
        }
        None
    }
}
