//! Terraform's JSON syntax (`*.tf.json`, `*.tofu.json`, `*.tfvars.json`), rewritten as the native
//! one, so that one reader reads both.
//!
//! Source: "JSON Configuration Syntax" of the Terraform language. Labels are nested keys; an object
//! may stand as an array of objects; strings are templates but where only literals are allowed
//! (variables, settings); `//` is a comment.

use std::fmt::{self, Write as _};
use std::str::FromStr as _;

use hcl_edit::template::{Element, Template};
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::labels;

/// Configuration in the native syntax, and the line of the JSON that each part of it comes from.
#[derive(Debug)]
pub(super) struct Transcript {
    pub(super) text: String,
    /// Byte of `text` from which on the line is that one, in order.
    pub(super) lines: Vec<(usize, u64)>,
}

/// Blocks inside of `vault_policy_document`; any other object there is an attribute.
const INNER: [&str; 5] = [
    "allowed_parameter",
    "content",
    "denied_parameter",
    "dynamic",
    "rule",
];

/// Rewrites `json`. `settings` says that it is a file of variables and no configuration.
///
/// # Errors
///
/// Says what is no Terraform, with its line.
pub(super) fn transcribe(json: &str, settings: bool) -> Result<Transcript, String> {
    let mut writer = Writer {
        json,
        ends: memchr::memchr_iter(b'\n', json.as_bytes()).collect(),
        out: Transcript {
            text: String::new(),
            lines: Vec::new(),
        },
    };
    let whole = serde_json::from_str(json).map_err(|error| error.to_string())?;
    if settings {
        for (name, value) in members(whole)? {
            writer.attribute(&name, value, Strings::Literal)?;
        }
    } else {
        writer.top(whole)?;
    }
    Ok(writer.out)
}

/// What strings are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strings {
    Templates,
    Literal,
}

type Members<'j> = Vec<(String, &'j RawValue)>;

struct Writer<'j> {
    json: &'j str,
    /// Where its lines end.
    ends: Vec<usize>,
    out: Transcript,
}

impl<'j> Writer<'j> {
    /// Notes that what is written next stands where `value` stands.
    fn mark(&mut self, value: &RawValue) {
        let start = self.json.as_ptr().addr();
        let at = value.get().as_ptr().addr().saturating_sub(start);
        let line = 1 + self.ends.partition_point(|end| *end < at) as u64;
        self.out.lines.push((self.out.text.len(), line));
    }

    fn top(&mut self, whole: &'j RawValue) -> Result<(), String> {
        for (kind, value) in bodies(whole)?.into_iter().flatten() {
            if kind == "//" {
                continue;
            }
            let Some(labels) = labels(&kind) else {
                return Err(format!("{kind:?} is no block of Terraform"));
            };
            self.blocks(&kind, labels, value)?;
        }
        Ok(())
    }

    /// The blocks of a kind; their labels are the keys down to the bodies.
    fn blocks(&mut self, header: &str, labels: usize, value: &'j RawValue) -> Result<(), String> {
        for body in bodies(value)? {
            let Some(left) = labels.checked_sub(1) else {
                self.block(header, value, &body)?;
                continue;
            };
            for (label, value) in body {
                if label != "//" {
                    self.blocks(&format!("{header} {}", quoted(&label)), left, value)?;
                }
            }
        }
        Ok(())
    }

    fn block(&mut self, header: &str, at: &RawValue, body: &Members<'j>) -> Result<(), String> {
        self.mark(at);
        let _ = writeln!(self.out.text, "{header} {{");
        let strings = match header.starts_with("variable ") {
            true => Strings::Literal,
            false => Strings::Templates,
        };
        let document = header.starts_with("data \"vault_policy_document\" ");
        for (name, value) in body {
            match name.as_str() {
                "//" => {}
                name if document && INNER.contains(&name) => self.inner(name, value)?,
                name => self.attribute(name, value, strings)?,
            }
        }
        self.out.text.push_str("}\n");
        Ok(())
    }

    /// The blocks of this name inside of a policy document.
    fn inner(&mut self, name: &str, value: &'j RawValue) -> Result<(), String> {
        let labels = usize::from(name == "dynamic");
        for body in bodies(value)? {
            let labelled = match labels {
                0 => vec![(name.to_owned(), body)],
                _ => {
                    let mut labelled = Vec::new();
                    for (label, value) in body {
                        let header = format!("{name} {}", quoted(&label));
                        labelled.extend(bodies(value)?.into_iter().map(|b| (header.clone(), b)));
                    }
                    labelled
                }
            };
            for (header, body) in labelled {
                self.mark(value);
                let _ = writeln!(self.out.text, "{header} {{");
                for (name, value) in body {
                    match name.as_str() {
                        "//" => {}
                        name if INNER.contains(&name) => self.inner(name, value)?,
                        name => self.attribute(name, value, Strings::Templates)?,
                    }
                }
                self.out.text.push_str("}\n");
            }
        }
        Ok(())
    }

    fn attribute(
        &mut self,
        name: &str,
        value: &'j RawValue,
        strings: Strings,
    ) -> Result<(), String> {
        let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        if name.is_empty() || !name.chars().all(part) {
            return Err(format!("{name:?} is no name of an attribute"));
        }
        self.mark(value);
        let value: serde_json::Value =
            serde_json::from_str(value.get()).map_err(|error| error.to_string())?;
        let _ = write!(self.out.text, "{name} = ");
        expression(&value, strings, &mut self.out.text);
        self.out.text.push('\n');
        Ok(())
    }
}

fn expression(value: &serde_json::Value, strings: Strings, out: &mut String) {
    match value {
        serde_json::Value::String(text) if strings == Strings::Templates => template(text, out),
        serde_json::Value::String(text) => out.push_str(&quoted(text)),
        serde_json::Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                expression(item, strings, out);
            }
            out.push(']');
        }
        serde_json::Value::Object(members) => {
            out.push('{');
            for (at, (key, value)) in members.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                match strings {
                    Strings::Templates => template(key, out),
                    Strings::Literal => out.push_str(&quoted(key)),
                }
                out.push_str(" = ");
                expression(value, strings, out);
            }
            out.push('}');
        }
        plain => {
            let _ = write!(out, "{plain}");
        }
    }
}

/// A string that is a template, in quotes.
fn template(text: &str, out: &mut String) {
    let Ok(template) = Template::from_str(text) else {
        out.push_str(&quoted(text));
        return;
    };
    out.push('"');
    for element in &template {
        match element {
            Element::Literal(literal) => escaped(literal, out),
            Element::Interpolation(part) => {
                let _ = write!(out, "${{{}}}", part.expr);
            }
            Element::Directive(_) => {
                let _ = write!(out, "{}", Template::from(vec![element.clone()]));
            }
        }
    }
    out.push('"');
}

/// A string in quotes that is taken as it is.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    escaped(text, &mut out);
    out.push('"');
    out
}

fn escaped(text: &str, out: &mut String) {
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if rest.peek() == Some(&'{') => out.extend([c, c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
}

/// The objects that stand at a place: one, or an array of them.
fn bodies(value: &RawValue) -> Result<Vec<Members<'_>>, String> {
    if value.get().starts_with('[') {
        let items: Vec<&RawValue> =
            serde_json::from_str(value.get()).map_err(|error| error.to_string())?;
        let mut all = Vec::new();
        for item in items {
            all.extend(bodies(item)?);
        }
        return Ok(all);
    }
    Ok(vec![members(value)?])
}

/// The members of an object, in order, with those that are repeated.
fn members(value: &RawValue) -> Result<Members<'_>, String> {
    struct InOrder;
    impl<'de> Visitor<'de> for InOrder {
        type Value = Members<'de>;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }
    let mut json = serde_json::Deserializer::from_str(value.get());
    json.deserialize_map(InOrder)
        .map_err(|error| format!("expected an object of Terraform: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_json_is_written_natively_with_its_lines() {
        let json = r#"{
  "//": "a comment",
  "variable": {"p": {"default": "${x}"}},
  "resource": {
    "vault_policy": [{"a": {
      "name": "a",
      "policy": "path \"${var.p}\" {\n}\n%{ if x }y%{ endif }"
    }}]
  },
  "data": {"vault_policy_document": {"d": {"rule": [{"path": "x"}, {"path": "y"}]}}}
}"#;
        let transcript = transcribe(json, false).unwrap();
        let text = &transcript.text;
        for part in [
            "variable \"p\" {\ndefault = \"$${x}\"\n}\n",
            "resource \"vault_policy\" \"a\" {\nname = \"a\"\n",
            "policy = \"path \\\"${var.p}\\\" {\\n}\\n%{ if x }y%{ endif }\"\n",
            "rule {\npath = \"x\"\n}\nrule {\npath = \"y\"\n}\n",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        hcl_edit::parser::parse_body(text).unwrap();
        let at = text.find("policy =").unwrap();
        let line = transcript.lines.iter().rev().find(|(byte, _)| *byte <= at);
        assert_eq!(line.unwrap().1, 7);
    }

    #[test]
    fn what_is_no_terraform_is_refused() {
        for json in [
            "{\"path\": {\"*\": {}}}",
            "{\"resource\": 1}",
            "{\"locals\": {\"a b\": 1}}",
            "[1]",
        ] {
            assert!(transcribe(json, false).is_err(), "{json}");
        }
    }
}
