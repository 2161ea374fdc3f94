//! The policy that the data source `vault_policy_document` renders.

use hcl_edit::structure::{Block, Body};

use super::scope::{Scope, entries};
use super::value::{Piece, Text, Value};

impl Scope<'_> {
    /// The text, with a hole for every rule that is not known or says more than path and
    /// capabilities.
    pub(super) fn document(&self, block: &Block) -> Text {
        let mut pieces = Vec::new();
        for rule in block.body.blocks() {
            match rule.ident.as_str() {
                "rule" => pieces.push(stanza(&rule.body, self)),
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
            .map(|(key, value)| {
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

fn stanza(rule: &Body, scope: &Scope<'_>) -> Piece {
    rendered(rule, scope).map_or_else(|| Piece::Hole("rule".to_owned()), Piece::Known)
}

fn rendered(rule: &Body, scope: &Scope<'_>) -> Option<String> {
    // Conditions on parameters change what is granted; they are not rendered.
    let plain = |name: &str| ["path", "capabilities", "description"].contains(&name);
    if !rule.attributes().all(|a| plain(a.key.as_str())) || rule.blocks().next().is_some() {
        return None;
    }
    let path = scope.value(&rule.get_attribute("path")?.value).known()?;
    let Value::List(capabilities) = scope.value(&rule.get_attribute("capabilities")?.value) else {
        return None;
    };
    let names: Option<Vec<String>> = capabilities
        .iter()
        .map(|name| name.known().map(|name| format!("{name:?}")))
        .collect();
    Some(format!(
        "path {path:?} {{ capabilities = [{}] }}\n",
        names?.join(", ")
    ))
}
