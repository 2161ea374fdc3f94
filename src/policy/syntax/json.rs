//! Policies in JSON, with the leniencies of HCL 1's JSON parser, flattened into the shape of HCL.

use super::error::Faults;
use super::lexer::{Lexer, Notation};
use super::token::{Spanned, Token};
use super::tree::{Item, Key, Kind, Node};

/// Deeper nesting than any policy needs; beyond it the text is refused instead of recursing.
const MAX_DEPTH: usize = 64;

/// Parses a text into its top-level items. What follows the closing brace is not read.
pub(super) fn parse(text: &str, faults: &mut Faults<'_>) -> Vec<Item> {
    let mut lexer = Lexer::new(text, Notation::Json);
    let first = lexer.next(faults);
    let mut parser = Parser {
        lexer,
        faults,
        last: first,
        depth: 0,
    };
    match parser.object() {
        Ok(node) => match node.kind {
            Kind::Object(items) => flatten(items),
            _ => Vec::new(),
        },
        Err(Stop) => Vec::new(),
    }
}

struct Stop;

/// Reads ahead by no token: a lexical fault behind the closing brace must go unseen.
struct Parser<'t, 'f, 'l> {
    lexer: Lexer<'t>,
    faults: &'f mut Faults<'l>,
    last: Spanned,
    depth: usize,
}

impl Parser<'_, '_, '_> {
    fn scan(&mut self) {
        self.last = self.lexer.next(self.faults);
    }

    fn unexpected(&mut self, wanted: &str, help: &str) -> Stop {
        if self.last.token != Token::Illegal {
            let message = format!("expected {wanted}, found {}", self.last.token.noun());
            let span = self.last.span;
            let value = self
                .lexer
                .text
                .get(span.start..span.end)
                .unwrap_or_default();
            self.faults.add(span, message, value, help);
        }
        Stop
    }

    fn deeper(&mut self) -> Result<(), Stop> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} deep");
            self.faults
                .add(self.last.span, message, "", "no policy needs such nesting");
            return Err(Stop);
        }
        Ok(())
    }

    /// An object whose opening brace is the last token. The reference parser is content with
    /// whatever stands before the closing brace, so a dangling key or comma there is dropped.
    fn object(&mut self) -> Result<Node, Stop> {
        let open = self.last.span;
        self.deeper()?;
        let mut items = Vec::new();
        loop {
            self.scan();
            match self.item()? {
                Some(item) => items.push(item),
                None => break,
            }
            self.scan();
            if self.last.token != Token::Comma {
                break;
            }
        }
        if self.last.token != Token::CloseBrace {
            return Err(self.unexpected("`,` or `}`", "close the object with `}`"));
        }
        self.depth -= 1;
        Ok(Node {
            kind: Kind::Object(items),
            span: open.to(self.last.span),
        })
    }

    /// One item whose first token is the last; `None` when the object closes before its value.
    fn item(&mut self) -> Result<Option<Item>, Stop> {
        let mut keys = Vec::new();
        loop {
            match &self.last.token {
                Token::CloseBrace => return Ok(None),
                Token::Text(text) => {
                    keys.push(Key {
                        text: text.clone(),
                        span: self.last.span,
                    });
                    self.scan();
                }
                Token::Colon if !keys.is_empty() => break,
                _ if keys.is_empty() => {
                    return Err(self.unexpected("a key in quotes", "JSON keys are quoted"));
                }
                _ => return Err(self.unexpected("`:`", "put a colon behind the key")),
            }
        }
        self.scan();
        let span = self.last.span;
        let kind = match &self.last.token {
            Token::CloseBrace => return Ok(None),
            Token::OpenBrace => {
                return Ok(Some(Item {
                    keys,
                    value: self.object()?,
                }));
            }
            Token::OpenBracket => {
                return Ok(Some(Item {
                    keys,
                    value: self.list()?,
                }));
            }
            Token::Number(digits) => Kind::Number(digits.clone()),
            Token::Float(digits) => Kind::Float(digits.clone()),
            Token::Bool(value) => Kind::Bool(*value),
            // HCL's JSON parser turns null into the empty string.
            Token::Null => Kind::Text(String::new()),
            Token::Text(text) => Kind::Text(text.clone()),
            _ => return Err(self.unexpected("a value", "write a string, number, list or object")),
        };
        Ok(Some(Item {
            keys,
            value: Node { kind, span },
        }))
    }

    /// A list whose opening bracket is the last token; commas are not required, booleans are
    /// dropped, both as the reference parser does.
    fn list(&mut self) -> Result<Node, Stop> {
        let open = self.last.span;
        self.deeper()?;
        let mut nodes = Vec::new();
        loop {
            self.scan();
            let span = self.last.span;
            let kind = match &self.last.token {
                Token::CloseBracket => {
                    self.depth -= 1;
                    return Ok(Node {
                        kind: Kind::List(nodes),
                        span: open.to(span),
                    });
                }
                Token::Comma | Token::Bool(_) => continue,
                Token::OpenBrace => {
                    nodes.push(self.object()?);
                    continue;
                }
                Token::Number(digits) => Kind::Number(digits.clone()),
                Token::Float(digits) => Kind::Float(digits.clone()),
                Token::Text(text) => Kind::Text(text.clone()),
                Token::OpenBracket => {
                    return Err(self.unexpected("an item", "lists within lists are not read"));
                }
                _ => return Err(self.unexpected("an item or `]`", "close the list with `]`")),
            };
            nodes.push(Node { kind, span });
        }
    }
}

/// Turns objects of objects, and lists of objects, into items with several keys.
fn flatten(items: Vec<Item>) -> Vec<Item> {
    let mut flat = Vec::with_capacity(items.len());
    for item in items {
        flatten_item(item, &mut flat);
    }
    flat
}

fn flatten_item(item: Item, flat: &mut Vec<Item>) {
    let Item {
        keys,
        value: Node { kind, span },
    } = item;
    match kind {
        Kind::Object(inner)
            if !inner.is_empty()
                && inner
                    .iter()
                    .all(|item| matches!(item.value.kind, Kind::Object(_))) =>
        {
            for below in inner {
                let keys = keys.iter().cloned().chain(below.keys).collect();
                flatten_item(
                    Item {
                        keys,
                        value: below.value,
                    },
                    flat,
                );
            }
        }
        Kind::List(nodes)
            if !nodes.is_empty()
                && nodes
                    .iter()
                    .all(|node| matches!(node.kind, Kind::Object(_))) =>
        {
            for node in nodes {
                flatten_item(
                    Item {
                        keys: keys.clone(),
                        value: node,
                    },
                    flat,
                );
            }
        }
        kind => flat.push(Item {
            keys,
            value: flatten_node(Node { kind, span }),
        }),
    }
}

fn flatten_node(node: Node) -> Node {
    let kind = match node.kind {
        Kind::Object(items) => Kind::Object(flatten(items)),
        Kind::List(nodes) => Kind::List(nodes.into_iter().map(flatten_node).collect()),
        kind => kind,
    };
    Node {
        kind,
        span: node.span,
    }
}
