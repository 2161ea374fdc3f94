//! The HCL 1 grammar, with the leniencies of its reference parser.

use super::error::Faults;
use super::lexer::{Lexer, Notation};
use super::token::{Spanned, Token};
use super::tree::{Item, Key, Kind, Node};
use crate::model::Span;

/// Deeper nesting than any policy needs; beyond it the text is refused instead of recursing.
const MAX_DEPTH: usize = 64;

/// Parses a text into its top-level items, going on at the next stanza behind a fault.
pub(super) fn parse(text: &str, faults: &mut Faults<'_>) -> Vec<Item> {
    let mut parser = Parser::new(text, faults);
    let mut items = Vec::new();
    loop {
        match parser.item() {
            Ok(Some(item)) => items.push(item),
            Ok(None) => return items,
            Err(Stop) => parser.recover(),
        }
        parser.eat(&Token::Comma);
    }
}

/// The parser cannot go on here; the fault has been reported.
struct Stop;

struct Parser<'t, 'f, 'l> {
    lexer: Lexer<'t>,
    faults: &'f mut Faults<'l>,
    next: Spanned,
    depth: usize,
}

impl<'t, 'f, 'l> Parser<'t, 'f, 'l> {
    fn new(text: &'t str, faults: &'f mut Faults<'l>) -> Self {
        let mut lexer = Lexer::new(text, Notation::Hcl);
        let next = lexer.next(faults);
        Parser {
            lexer,
            faults,
            next,
            depth: 0,
        }
    }

    fn take(&mut self) -> Spanned {
        let next = self.lexer.next(self.faults);
        std::mem::replace(&mut self.next, next)
    }

    fn eat(&mut self, token: &Token) -> bool {
        let found = self.next.token == *token;
        if found {
            self.take();
        }
        found
    }

    fn fault(&mut self, span: Span, message: impl Into<String>, help: &str) -> Stop {
        let value = self.lexer.slice(span);
        self.faults.add(span, message, value, help);
        Stop
    }

    /// A fault about the next token; an illegal character has been reported by the lexer.
    fn unexpected(&mut self, wanted: &str, help: &str) -> Stop {
        if self.next.token == Token::Illegal {
            return Stop;
        }
        let message = format!("expected {wanted}, found {}", self.next.token.noun());
        self.fault(self.next.span, message, help)
    }

    /// One item, or `None` at the end of the text.
    fn item(&mut self) -> Result<Option<Item>, Stop> {
        let mut keys: Vec<Key> = Vec::new();
        loop {
            match &self.next.token {
                Token::End if keys.is_empty() => return Ok(None),
                Token::Word(text) | Token::Text(text) => {
                    let text = text.clone();
                    let span = self.take().span;
                    keys.push(Key { text, span });
                }
                Token::Assign if keys.len() > 1 => {
                    let help = "a labelled block has no `=`: write `path \"...\" { ... }`";
                    return Err(self.unexpected("`{` behind the label", help));
                }
                Token::Assign if keys.len() == 1 => {
                    self.take();
                    // The reference parser drops a key whose value is missing at the very end.
                    if self.next.token == Token::End && self.depth == 0 {
                        return Ok(None);
                    }
                    let value = self.value()?;
                    return Ok(Some(Item { keys, value }));
                }
                Token::OpenBrace if !keys.is_empty() => {
                    let value = self.object()?;
                    return Ok(Some(Item { keys, value }));
                }
                _ if keys.is_empty() => {
                    let help = match self.next.token {
                        Token::CloseBrace => "there is one closing brace too many",
                        Token::Sign('-') => "this looks like YAML; policies are HCL or JSON",
                        _ => "a policy is a list of `path \"...\" { ... }` stanzas",
                    };
                    return Err(self.unexpected("a key", help));
                }
                _ => {
                    let help = "give the key a value, `= ...`, or a block, `{ ... }`";
                    return Err(self.unexpected("`=` or `{` behind the key", help));
                }
            }
        }
    }

    fn value(&mut self) -> Result<Node, Stop> {
        let span = self.next.span;
        let kind = match &self.next.token {
            Token::OpenBrace => return self.object(),
            Token::OpenBracket => return self.list(),
            Token::Number(digits) => Kind::Number(digits.clone()),
            Token::Float(digits) => Kind::Float(digits.clone()),
            Token::Bool(value) => Kind::Bool(*value),
            Token::Text(text) | Token::Heredoc(text) => Kind::Text(text.clone()),
            Token::Word(_) => return Err(self.unexpected("a value", "put the value in quotes")),
            _ => return Err(self.unexpected("a value", "write a string, number, list or object")),
        };
        self.take();
        Ok(Node { kind, span })
    }

    fn deeper(&mut self) -> Result<(), Stop> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} deep");
            return Err(self.fault(self.next.span, message, "no policy needs such nesting"));
        }
        Ok(())
    }

    fn object(&mut self) -> Result<Node, Stop> {
        let open = self.next.span;
        self.deeper()?;
        self.take();
        let mut items = Vec::new();
        while self.next.token != Token::CloseBrace {
            if self.next.token == Token::End {
                let help = "close the block that begins here with `}`";
                return Err(self.fault(open, "block not closed", help));
            }
            if let Some(item) = self.item()? {
                items.push(item);
            }
            self.eat(&Token::Comma);
        }
        let close = self.take().span;
        self.depth -= 1;
        Ok(Node {
            kind: Kind::Object(items),
            span: open.to(close),
        })
    }

    fn list(&mut self) -> Result<Node, Stop> {
        let open = self.next.span;
        self.deeper()?;
        self.take();
        let mut nodes = Vec::new();
        let mut needs_comma = false;
        loop {
            match &self.next.token {
                Token::CloseBracket => {
                    let close = self.take().span;
                    self.depth -= 1;
                    return Ok(Node {
                        kind: Kind::List(nodes),
                        span: open.to(close),
                    });
                }
                Token::Comma => {
                    self.take();
                    needs_comma = false;
                }
                _ if needs_comma => {
                    return Err(self.unexpected("`,` or `]`", "put a comma between the items"));
                }
                Token::Word(_) => {
                    return Err(self.unexpected("an item", "put the item in quotes"));
                }
                Token::End | Token::CloseBrace => {
                    return Err(self.unexpected("an item or `]`", "close the list with `]`"));
                }
                Token::OpenBracket => nodes.push(self.list()?),
                _ => {
                    nodes.push(self.value()?);
                    needs_comma = true;
                }
            }
        }
    }

    /// Goes on at the next `path` that begins a line or follows a closing brace.
    fn recover(&mut self) {
        self.depth = 0;
        let mut behind_brace = false;
        loop {
            let starts_line = || {
                let head = self.lexer.slice(Span {
                    start: 0,
                    end: self.next.span.start,
                });
                head.rsplit('\n')
                    .next()
                    .is_some_and(|line| line.trim().is_empty())
            };
            match &self.next.token {
                Token::End => return,
                Token::Word(word) if word == "path" && (behind_brace || starts_line()) => return,
                token => behind_brace = *token == Token::CloseBrace,
            }
            self.take();
        }
    }
}
