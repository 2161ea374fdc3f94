//! Records of Vault's audit devices with `format=jsonx`: JSON written as XML (documentation of Vault,
//! "Audit devices"; the elements are those of DataPower's JSONx).
//!
//! One record a line. Text and names are escaped as XML escapes them.

use serde_json::{Map, Value};

use crate::model::replaced;

/// What tells such a line.
const NAMESPACE: &[u8] = b"http://www.ibm.com/xmlns/prod/2009/jsonx";
/// Objects in objects: files are hostile.
const DEPTH: usize = 128;

/// The record of a line, as JSON; none for one that is no JSONx.
pub(super) fn record(line: &[u8]) -> Option<Vec<u8>> {
    let start = memchr::memmem::find(line, b"<json:object")?;
    let head = line.get(start..)?;
    let first = memchr::memchr(b'>', head)?;
    memchr::memmem::find(head.get(..first)?, NAMESPACE)?;
    let text = std::str::from_utf8(head).ok()?;
    let mut reader = Reader { rest: text };
    let (_, value) = reader.element(0)?;
    reader
        .rest
        .trim()
        .is_empty()
        .then(|| value.to_string().into_bytes())
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    /// One element with its name, if it has one, and its value.
    fn element(&mut self, depth: usize) -> Option<(Option<String>, Value)> {
        if depth > DEPTH {
            return None;
        }
        let inner = self.rest.trim_start().strip_prefix("<json:")?;
        let (tag, rest) = inner.split_once('>')?;
        self.rest = rest;
        let (tag, empty) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let (kind, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        let name = attributes
            .split_once("name=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(name, _)| unescaped(name));
        let value = match kind {
            "object" | "array" if empty => Some(if kind == "object" {
                Value::Object(Map::new())
            } else {
                Value::Array(Vec::new())
            }),
            "object" => self.object(depth),
            "array" => self.array(depth),
            "null" => {
                if !empty {
                    self.text(kind)?;
                }
                Some(Value::Null)
            }
            "string" if empty => Some(Value::String(String::new())),
            "string" => Some(Value::String(unescaped(self.text(kind)?))),
            "boolean" | "number" => serde_json::from_str(self.text(kind)?.trim()).ok(),
            _ => None,
        };
        Some((name, value?))
    }

    /// Whether an element ends here.
    fn ends(&mut self, kind: &str) -> bool {
        let rest = self.rest.trim_start();
        let after = rest
            .strip_prefix("</json:")
            .and_then(|rest| rest.strip_prefix(kind)?.trim_start().strip_prefix('>'));
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut members = Map::new();
        while !self.ends("object") {
            let (name, value) = self.element(depth + 1)?;
            members.insert(name?, value);
        }
        Some(Value::Object(members))
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        let mut items = Vec::new();
        while !self.ends("array") {
            items.push(self.element(depth + 1)?.1);
        }
        Some(Value::Array(items))
    }

    /// The text up to the end of an element.
    fn text(&mut self, kind: &str) -> Option<&'t str> {
        let (text, rest) = self.rest.split_once("</json:")?;
        self.rest = rest.strip_prefix(kind)?.trim_start().strip_prefix('>')?;
        Some(text)
    }
}

/// A text with the entities of XML in it read.
fn unescaped(text: &str) -> String {
    replaced(text, '&', |after| {
        let (entity, behind) = after.split_once(';')?;
        let number = |digits: &str, radix| {
            u32::from_str_radix(digits, radix)
                .ok()
                .and_then(char::from_u32)
        };
        let letter = match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            entity => match entity.strip_prefix("#x") {
                Some(digits) => number(digits, 16)?,
                None => number(entity.strip_prefix('#')?, 10)?,
            },
        };
        Some((letter.to_string(), behind))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: &str = r#"<json:object xsi:schemaLocation="http://www.datapower.com/schemas/json jsonx.xsd" xmlns:json="http://www.ibm.com/xmlns/prod/2009/jsonx" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">"#;

    #[test]
    fn a_record_in_jsonx_is_the_same_in_json() {
        let line = format!(
            "{OPEN}<json:object name=\"auth\"><json:array name=\"policies\"><json:string>a&amp;b</json:string><json:string>&#34;&#xA;</json:string></json:array><json:number name=\"ttl\">-12</json:number><json:object name=\"none\"></json:object></json:object><json:boolean name=\"ok\">true</json:boolean><json:null name=\"n\" /><json:string name=\"t\"></json:string></json:object>"
        );
        let read = record(line.as_bytes()).map(|text| String::from_utf8(text).unwrap());
        let expected =
            r#"{"auth":{"none":{},"policies":["a&b","\"\n"],"ttl":-12},"n":null,"ok":true,"t":""}"#;
        assert_eq!(read.as_deref(), Some(expected));
        for text in [
            "<json:object></json:object>".to_owned(),
            OPEN.to_owned(),
            format!("{OPEN}<json:string>x</json:string></json:object>"),
            format!("{OPEN}</json:object>{OPEN}</json:object>"),
            format!("{OPEN}{}", "<json:object name=\"a\">".repeat(100_000)),
        ] {
            assert_eq!(record(text.as_bytes()), None);
        }
    }
}
