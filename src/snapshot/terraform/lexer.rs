//! Tokens of HCL 2.

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, with dots and indices of a reference kept apart.
    Name(String),
    /// Digits as written.
    Number(String),
    /// A quoted string, escapes resolved.
    Text(String),
    /// A heredoc.
    Heredoc(Heredoc),
    /// A quoted string or heredoc with an interpolation, as written.
    Template(String),
    /// Punctuation.
    Mark(char),
    /// End of a line.
    Line,
}

/// A heredoc without interpolation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heredoc {
    pub(super) text: String,
    /// Line of the file on which the text begins.
    pub(super) first_line: u64,
}

/// A token and its line.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) line: u64,
    /// The token as written.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A fault of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: u64,
    pub(super) what: String,
}

/// Cuts a text into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut lexer = Lexer {
        text,
        at: 0,
        line: 1,
        tokens: Vec::new(),
    };
    if text.starts_with('\u{feff}') {
        lexer.at = '\u{feff}'.len_utf8();
    }
    while let Some(character) = lexer.peek() {
        lexer.one(character)?;
    }
    lexer.push(Kind::Line, lexer.at);
    Ok(lexer.tokens)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    line: u64,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn push(&mut self, kind: Kind, start: usize) {
        self.tokens.push(Token {
            kind,
            line: self.line,
            start,
            end: self.at,
        });
    }

    fn fault<T>(&self, what: &str) -> Result<T, Fault> {
        Err(Fault {
            line: self.line,
            what: what.to_owned(),
        })
    }

    fn one(&mut self, character: char) -> Result<(), Fault> {
        let start = self.at;
        match character {
            '\n' => {
                self.push(Kind::Line, start);
                self.at += 1;
                self.line += 1;
            }
            '#' => self.comment(),
            '/' if self.rest().starts_with("//") => self.comment(),
            '/' if self.rest().starts_with("/*") => {
                let Some(length) = self.rest().find("*/") else {
                    return self.fault("a comment does not end");
                };
                let lines = self
                    .rest()
                    .get(..length)
                    .unwrap_or_default()
                    .matches('\n')
                    .count();
                self.line += lines as u64;
                self.at += length + 2;
            }
            blank if blank.is_whitespace() => self.at += blank.len_utf8(),
            '"' => self.quoted()?,
            '<' if self.rest().starts_with("<<") => self.heredoc()?,
            digit if digit.is_ascii_digit() => {
                let length = self.run(|c| c.is_ascii_digit() || c == '.');
                let number = self
                    .text
                    .get(start..start + length)
                    .unwrap_or_default()
                    .to_owned();
                self.at += length;
                self.push(Kind::Number(number), start);
            }
            letter if letter.is_alphabetic() || letter == '_' => {
                let length = self.run(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
                let name = self
                    .text
                    .get(start..start + length)
                    .unwrap_or_default()
                    .to_owned();
                self.at += length;
                self.push(Kind::Name(name), start);
            }
            mark => {
                self.at += mark.len_utf8();
                self.push(Kind::Mark(mark), start);
            }
        }
        Ok(())
    }

    fn run(&self, part: impl Fn(char) -> bool) -> usize {
        let rest = self.rest();
        rest.find(|c: char| !part(c)).unwrap_or(rest.len())
    }

    fn comment(&mut self) {
        self.at += self.run(|c| c != '\n');
    }

    fn quoted(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let (mut text, mut depth, mut template) = (String::new(), 0usize, false);
        // Quotes of the strings inside `${...}`; the string ends with one outside.
        let mut inner = false;
        let mut characters = self.rest().char_indices().skip(1).peekable();
        let mut end = None;
        while let Some((at, character)) = characters.next() {
            let next = characters.peek().map(|(_, c)| *c);
            match character {
                '\n' => break,
                '\\' => {
                    let escaped = characters.next().map_or(' ', |(_, c)| c);
                    text.push(match escaped {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        other => other,
                    });
                }
                '$' | '%' if depth == 0 && next == Some(character) => {
                    // `$${` stands for `${`.
                    text.push(character);
                    let _ = characters.next();
                }
                '$' | '%' if depth == 0 && next == Some('{') => {
                    template = true;
                    depth = 1;
                    let _ = characters.next();
                }
                '"' if depth > 0 => inner = !inner,
                '{' if depth > 0 && !inner => depth += 1,
                '}' if depth > 0 && !inner => depth -= 1,
                '"' => {
                    end = Some(at + 1);
                    break;
                }
                other => text.push(other),
            }
        }
        let Some(end) = end else {
            return self.fault("a string does not end on its line");
        };
        self.at += end;
        let written = self.text.get(start..self.at).unwrap_or_default();
        let kind = if template {
            Kind::Template(written.trim_matches('"').to_owned())
        } else {
            Kind::Text(text)
        };
        self.push(kind, start);
        Ok(())
    }

    fn heredoc(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let whole = self.text;
        let rest = whole.get(start..).unwrap_or_default();
        let Some((first, body)) = rest.split_once('\n') else {
            return self.fault("a heredoc does not end");
        };
        let anchor = first.trim_start_matches("<<").trim();
        let indented = anchor.starts_with('-');
        let name = anchor.trim_start_matches('-');
        if name.is_empty() {
            return self.fault("a heredoc has no name");
        }
        let mut lines: Vec<&str> = Vec::new();
        let mut length = first.len() + 1;
        let mut closed = false;
        for line in body.split_inclusive('\n') {
            length += line.len();
            if line.trim() == name {
                closed = true;
                // The end of this line ends the statement.
                length -= line.len() - line.trim_end_matches(['\n', '\r']).len();
                break;
            }
            lines.push(line);
        }
        if !closed {
            return self.fault("a heredoc does not end");
        }
        let taken = lines.concat();
        let blank = |line: &&str| !line.trim().is_empty();
        let indent = lines.iter().filter(|line| blank(line));
        let indent = indent
            .map(|line| line.len() - line.trim_start().len())
            .min();
        let indent = indent.filter(|_| indented).unwrap_or(0);
        let text: String = lines
            .iter()
            .map(|line| {
                line.get(indent..)
                    .unwrap_or_else(|| line.trim_start_matches([' ', '\t']))
            })
            .collect();
        let template = taken.replace("$${", "").replace("%%{", "");
        let kind = if template.contains("${") || template.contains("%{") {
            Kind::Template("a heredoc with interpolation".to_owned())
        } else {
            Kind::Heredoc(Heredoc {
                text: text.replace("$${", "${").replace("%%{", "%{"),
                first_line: self.line + 1,
            })
        };
        self.at += length;
        self.push(kind, start);
        self.line += lines.len() as u64 + 1;
        Ok(())
    }
}
