//! Policies in JSON, with the leniencies of HCL 1's JSON parser, flattened into the shape of HCL.

use super::error::Faults;
use super::lexer::{Lexer, Notation};
use super::token::{Spanned, Token};
use super::tree::{Item, Key, Kind, Node};

/// Deeper nesting than any policy needs; beyond it the text is refused instead of recursing.
const MAX_DEPTH: usize = 64;

/// Parses a text into its top-level items. What follows the object is not read.
///
/// The reference parser (`json/parser/parser.go` of HCL 1) is content with much: the text may end
/// after any key, value or brace that is not inside a list; behind a value that no comma follows,
/// each open object gives up one token and closes; and an error at a closing brace only drops the
/// entry before it. A server stores such a text and grants what was read so far.
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
        Err(_) => Vec::new(),
    }
}

/// Why an entry could not be read.
enum Stop {
    /// The text ended: the objects that are open close.
    End,
    /// The token does not fit; reported, unless it closes the object around it.
    Unfit,
}

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

    /// A fault about the last token. One that closes an object is none: see [`Parser::object`].
    fn unexpected(&mut self, wanted: &str, help: &str) -> Stop {
        if !matches!(self.last.token, Token::Illegal | Token::CloseBrace) {
            let message = format!("expected {wanted}, found {}", self.last.token.noun());
            let span = self.last.span;
            let value = self.lexer.slice(span);
            self.faults.add(span, message, value, help);
        }
        Stop::Unfit
    }

    fn deeper(&mut self) -> Result<(), Stop> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} deep");
            self.faults
                .add(self.last.span, message, "", "no policy needs such nesting");
            return Err(Stop::Unfit);
        }
        Ok(())
    }

    /// An object whose opening brace is the last token.
    fn object(&mut self) -> Result<Node, Stop> {
        let open = self.last.span;
        self.deeper()?;
        let mut items = Vec::new();
        loop {
            self.scan();
            match self.item() {
                Ok(item) => items.push(item),
                Err(Stop::End) => break,
                Err(Stop::Unfit) if self.last.token == Token::CloseBrace => break,
                Err(stop) => return Err(stop),
            }
            self.scan();
            // Whatever this token is, it is used up.
            if self.last.token != Token::Comma {
                break;
            }
        }
        self.depth -= 1;
        Ok(Node {
            kind: Kind::Object(items),
            span: open.to(self.last.span),
        })
    }

    /// One item whose first token is the last.
    fn item(&mut self) -> Result<Item, Stop> {
        let mut keys = Vec::new();
        loop {
            match &self.last.token {
                Token::End => return Err(Stop::End),
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
            Token::End => return Err(Stop::End),
            Token::OpenBrace => {
                let value = self.object()?;
                return Ok(Item { keys, value });
            }
            Token::OpenBracket => {
                let value = self.list()?;
                return Ok(Item { keys, value });
            }
            Token::Number(digits) => Kind::Number(digits.clone()),
            Token::Float(digits) => Kind::Float(digits.clone()),
            Token::Bool(value) => Kind::Bool(*value),
            // HCL's JSON parser turns null into the empty string.
            Token::Null => Kind::Text(String::new()),
            Token::Text(text) => Kind::Text(text.clone()),
            _ => return Err(self.unexpected("a value", "write a string, number, list or object")),
        };
        let value = Node { kind, span };
        Ok(Item { keys, value })
    }

    /// A list whose opening bracket is the last token; commas are not required, booleans and the
    /// brackets of a list inside are passed over, all as the reference parser does.
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
                Token::Comma | Token::Bool(_) | Token::OpenBracket => continue,
                Token::OpenBrace => {
                    nodes.push(self.object()?);
                    continue;
                }
                Token::Number(digits) => Kind::Number(digits.clone()),
                Token::Float(digits) => Kind::Float(digits.clone()),
                Token::Text(text) => Kind::Text(text.clone()),
                _ => {
                    self.depth -= 1;
                    return Err(self.unexpected("an item or `]`", "close the list with `]`"));
                }
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
