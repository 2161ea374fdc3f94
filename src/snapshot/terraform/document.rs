//! The policy that the data source `vault_policy_document` renders.

use std::collections::BTreeMap;

use hcl_edit::structure::{Block, Body};

use super::scope::{Scope, entries};
use super::value::{Piece, Text, Value};

impl Scope<'_> {
    /// The text, with a hole for every rule that is not known.
    pub(super) fn document(&self, block: &Block) -> Text {
        let mut pieces = Vec::new();
        for rule in block.body.blocks() {
            match rule.ident.as_str() {
                "rule" => pieces.extend(stanza(&rule.body, self)),
                "dynamic" => pieces.extend(dynamic(rule, self)),
                other => pieces.push(Piece::Hole(other.to_owned())),
            }
        }
        Text {
            pieces,
            place: None,
        }
    }
}

/// `dynamic "rule" { for_each = ... content { ... } }`.
fn dynamic(block: &Block, scope: &Scope<'_>) -> Vec<Piece> {
    let rules = || {
        let collection = &block.body.get_attribute("for_each")?.value;
        let name = match block.body.get_attribute("iterator") {
            Some(name) => super::scope::written(&name.value),
            None => "rule".to_owned(),
        };
        let content = block.body.get_blocks("content").next()?;
        let rules = entries(&scope.value(collection))?
            .into_iter()
            .flat_map(|(key, value)| {
                let pair = vec![
                    ("key".to_owned(), Value::text(key)),
                    ("value".to_owned(), value),
                ];
                stanza(&content.body, &scope.with(&name, Value::Map(pair)))
            });
        Some(rules.collect())
    };
    rules().unwrap_or_else(|| vec![Piece::Hole("dynamic rule".to_owned())])
}

fn stanza(rule: &Body, scope: &Scope<'_>) -> Vec<Piece> {
    rendered(rule, scope).unwrap_or_else(|| vec![Piece::Hole("rule".to_owned())])
}

/// One stanza; its path alone may have a hole, which then is none of the stanza's form.
fn rendered(rule: &Body, scope: &Scope<'_>) -> Option<Vec<Piece>> {
    let known = [
        "capabilities",
        "description",
        "max_wrapping_ttl",
        "min_wrapping_ttl",
        "path",
        "required_parameters",
        "subscribe_event_types",
    ];
    if !rule.attributes().all(|a| known.contains(&a.key.as_str())) {
        return None;
    }
    let value = |name: &str| Some(scope.value(&rule.get_attribute(name)?.value));
    let mut pieces = vec![Piece::Known("path \"".to_owned())];
    match value("path")? {
        Value::Text(text) => pieces.extend(text.pieces.into_iter().map(|piece| match piece {
            Piece::Known(text) => Piece::Known(text.escape_debug().to_string()),
            hole => hole,
        })),
        Value::Unresolved(expression) => pieces.push(Piece::Hole(expression)),
        _ => return None,
    }
    let mut text = "\" {\n".to_owned();
    let listed = [
        "capabilities",
        "required_parameters",
        "subscribe_event_types",
    ];
    for name in listed {
        match value(name) {
            Some(value) => text.push_str(&format!("  {name} = [{}]\n", quoted(&value)?)),
            None if name == "capabilities" => return None,
            None => {}
        }
    }
    for name in ["min_wrapping_ttl", "max_wrapping_ttl"] {
        if let Some(value) = value(name) {
            text.push_str(&format!("  {name} = {:?}\n", value.known()?));
        }
    }
    text.push_str(&parameters(rule, scope)?);
    text.push_str("}\n");
    pieces.push(Piece::Known(text));
    Some(pieces)
}

/// What a rule says of parameters, block by block.
fn parameters(rule: &Body, scope: &Scope<'_>) -> Option<String> {
    let mut text = String::new();
    let mut blocks: BTreeMap<&str, String> = BTreeMap::new();
    for block in rule.blocks() {
        let name = match block.ident.as_str() {
            "allowed_parameter" => "allowed_parameters",
            "denied_parameter" => "denied_parameters",
            _ => return None,
        };
        let value = |name: &str| Some(scope.value(&block.body.get_attribute(name)?.value));
        let line = format!(
            "    {:?} = [{}]\n",
            value("key")?.known()?,
            quoted(&value("value")?)?
        );
        blocks.entry(name).or_default().push_str(&line);
    }
    for (name, lines) in blocks {
        text.push_str(&format!("  {name} = {{\n{lines}  }}\n"));
    }
    Some(text)
}

/// The items of a list of texts, in quotes.
fn quoted(list: &Value) -> Option<String> {
    let Value::List(items) = list else {
        return None;
    };
    let items: Option<Vec<String>> = items
        .iter()
        .map(|item| item.known().map(|item| format!("{item:?}")))
        .collect();
    Some(items?.join(", "))
}
