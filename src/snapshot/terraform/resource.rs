//! What the resources of a file state.

use super::expression::{Block, Value};
use crate::model::{Attribute, Place, PolicyText, Sink, id, secret};
use crate::snapshot::vault::claim;

/// Emits what the blocks of a file state.
pub(super) fn emit(blocks: &[Block], place: Place, sink: &mut dyn Sink) {
    let file = File { blocks, place };
    for block in blocks.iter().filter(|block| block.kind == "resource") {
        match block.labels.first().map(String::as_str) {
            Some("vault_policy") => file.policy(block, sink),
            Some("vault_jwt_auth_backend_role") => file.role(block, "role_name", "jwt", sink),
            Some("vault_gcp_auth_backend_role") => file.role(block, "role", "gcp", sink),
            Some("vault_jwt_auth_backend") => file.method(block, sink),
            _ => {}
        }
    }
}

struct File<'b> {
    blocks: &'b [Block],
    place: Place,
}

impl File<'_> {
    fn at(&self, line: u64) -> Place {
        Place { line, ..self.place }
    }

    /// A value with references to resources of the file replaced by what these state.
    fn resolved(&self, value: &Value) -> Value {
        match value {
            Value::Unresolved(expression) => {
                self.reference(expression).unwrap_or_else(|| value.clone())
            }
            Value::List(items) => {
                Value::List(items.iter().map(|item| self.resolved(item)).collect())
            }
            Value::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| (key.clone(), self.resolved(value)));
                Value::Map(entries.collect())
            }
            other => other.clone(),
        }
    }

    /// `vault_policy.app.name` and the like, where that is a literal.
    fn reference(&self, expression: &str) -> Option<Value> {
        let (address, name) = expression.rsplit_once('.')?;
        let block = self
            .blocks
            .iter()
            .find(|block| block.address() == address)?;
        let value = &block.attribute(name)?.value;
        value.scalar().is_some().then(|| value.clone())
    }

    /// A name: what it says, else its expression.
    fn name(&self, block: &Block, attribute: &str) -> Option<String> {
        let value = self.resolved(&block.attribute(attribute)?.value);
        match value {
            Value::Unresolved(expression) => Some(expression.replace('/', ".")),
            value => value.scalar().map(str::to_owned),
        }
    }

    fn policy(&self, block: &Block, sink: &mut dyn Sink) {
        let namespace = self.name(block, "namespace");
        let name = self.name(block, "name").unwrap_or_else(|| block.address());
        let Some(attribute) = block.attribute("policy") else {
            return;
        };
        let (text, place, first_line) = match self.resolved(&attribute.value) {
            Value::Heredoc(heredoc) => (
                heredoc.text,
                self.at(heredoc.first_line),
                Some(heredoc.first_line),
            ),
            Value::Text(text) => (text, self.at(attribute.line), None),
            Value::Unresolved(expression) => match self.document(&expression) {
                Some((text, line)) => (text, self.at(line), None),
                None => {
                    let object = format!("terraform:{}", block.address());
                    self.say(
                        sink,
                        "terraform-unresolved",
                        &object,
                        "expression",
                        &expression,
                        attribute.line,
                    );
                    return;
                }
            },
            _ => return,
        };
        sink.policy(PolicyText {
            namespace: namespace
                .as_deref()
                .unwrap_or_default()
                .trim_matches('/')
                .to_owned(),
            name,
            text,
            place,
            first_line,
        });
    }

    /// The policy of `data.vault_policy_document.<x>.hcl`, if every rule of it is literal.
    fn document(&self, expression: &str) -> Option<(String, u64)> {
        let address = expression.strip_suffix(".hcl")?;
        let block = self.blocks.iter().find(|block| {
            block.address() == address
                && block
                    .labels
                    .first()
                    .is_some_and(|l| l == "vault_policy_document")
        })?;
        let mut text = String::new();
        for rule in &block.blocks {
            if rule.kind != "rule" {
                return None;
            }
            let path = rule.attribute("path")?;
            let path = self.resolved(&path.value);
            let capabilities = self.resolved(&rule.attribute("capabilities")?.value);
            let Value::List(capabilities) = capabilities else {
                return None;
            };
            let names: Option<Vec<String>> = capabilities
                .iter()
                .map(|name| name.scalar().map(|name| format!("{name:?}")))
                .collect();
            let known = ["path", "capabilities", "description"];
            // Conditions on parameters change what is granted; they are not rendered.
            if rule
                .attributes
                .iter()
                .any(|a| !known.contains(&a.name.as_str()))
                || !rule.blocks.is_empty()
            {
                return None;
            }
            let line = format!(
                "path {:?} {{ capabilities = [{}] }}\n",
                path.scalar()?,
                names?.join(", ")
            );
            text.push_str(&line);
        }
        (!text.is_empty()).then_some((text, block.line))
    }

    fn role(&self, block: &Block, name: &str, mount: &str, sink: &mut dyn Sink) {
        let namespace = self.name(block, "namespace");
        let mount = self
            .name(block, "backend")
            .unwrap_or_else(|| mount.to_owned());
        let mount = mount.trim_matches('/');
        let name = self.name(block, name).unwrap_or_else(|| block.address());
        let object = id::vault_role(namespace.as_deref(), mount, &name);
        let gcp = block
            .labels
            .first()
            .is_some_and(|label| label.contains("gcp"));
        let kind = self.name(block, "role_type");
        // The provider's own default.
        let method = if gcp {
            "gcp"
        } else {
            kind.as_deref().unwrap_or("oidc")
        };
        let kind = "vault-role";
        for (key, value) in [("method", method), ("mount", mount), ("name", &name)] {
            self.say(sink, kind, &object, key, value, block.line);
        }
        for lifetime in ["token_max_ttl", "token_ttl"] {
            if block.attribute(lifetime).is_none() {
                self.say(sink, kind, &object, lifetime, "0", block.line);
            }
        }
        self.attributes(block, kind, &object, sink);
    }

    fn method(&self, block: &Block, sink: &mut dyn Sink) {
        let namespace = self.name(block, "namespace");
        let mount = self.name(block, "path").unwrap_or_else(|| "jwt".to_owned());
        let mount = mount.trim_matches('/');
        let object = id::vault_mount(namespace.as_deref(), &format!("auth/{mount}/"));
        let kind = "vault-auth-config";
        self.say(sink, kind, &object, "method", "jwt", block.line);
        self.say(sink, kind, &object, "mount", mount, block.line);
        self.attributes(block, kind, &object, sink);
    }

    fn attributes(&self, block: &Block, kind: &'static str, object: &str, sink: &mut dyn Sink) {
        let named = [
            "backend",
            "namespace",
            "role_name",
            "role",
            "path",
            "count",
            "for_each",
            "provider",
        ];
        for attribute in &block.attributes {
            let name = attribute.name.as_str();
            if named.contains(&name) {
                continue;
            }
            let value = self.resolved(&attribute.value);
            if !value.is_resolved() {
                self.say(sink, kind, object, "unresolved", name, attribute.line);
            }
            let value = self.claims(block, name, value);
            self.value(sink, kind, object, name, &value, attribute.line);
        }
    }

    /// The claims of a JWT role, named and listed as the provider sends them: a JSON pointer of one
    /// segment is the claim itself, and `bound_claims` takes a comma-separated text for a list,
    /// unless `disable_bound_claims_parsing` says otherwise.
    fn claims(&self, block: &Block, name: &str, value: Value) -> Value {
        let is_on = |name: &str| {
            let attribute = block.attribute(name);
            attribute.is_some_and(|on| self.resolved(&on.value).scalar() == Some("true"))
        };
        match (name, value) {
            ("user_claim", Value::Text(text)) if is_on("user_claim_json_pointer") => {
                Value::Text(claim::plain(&text))
            }
            ("groups_claim", Value::Text(text)) => Value::Text(claim::plain(&text)),
            ("bound_claims" | "claim_mappings", Value::Map(entries)) => {
                let lists = name == "bound_claims" && !is_on("disable_bound_claims_parsing");
                let named = entries.into_iter().map(|(key, value)| {
                    let value = match value {
                        Value::Text(text) if lists => Value::List(
                            text.split(',')
                                .map(|item| Value::Text(item.trim().to_owned()))
                                .collect(),
                        ),
                        value => value,
                    };
                    (claim::plain(&key), value)
                });
                Value::Map(named.collect())
            }
            (_, value) => value,
        }
    }

    fn value(
        &self,
        sink: &mut dyn Sink,
        kind: &'static str,
        object: &str,
        name: &str,
        value: &Value,
        line: u64,
    ) {
        match value {
            Value::List(items) => {
                for item in items {
                    self.value(sink, kind, object, name, item, line);
                }
            }
            Value::Map(entries) => {
                for (key, value) in entries {
                    let name = format!("{name}.{key}");
                    self.value(sink, kind, object, &name, value, line);
                }
            }
            // That something is bound is known, though not to what.
            Value::Unresolved(expression) => {
                self.say(
                    sink,
                    kind,
                    object,
                    name,
                    &format!("${{{expression}}}"),
                    line,
                );
            }
            scalar => {
                let text = scalar.scalar().filter(|text| *text != "null");
                self.say(sink, kind, object, name, text.unwrap_or_default(), line);
            }
        }
    }

    fn say(
        &self,
        sink: &mut dyn Sink,
        kind: &'static str,
        object: &str,
        name: &str,
        value: &str,
        line: u64,
    ) {
        if value.is_empty() {
            return;
        }
        sink.attribute(Attribute {
            kind,
            object: object.to_owned(),
            name: name.to_owned(),
            value: secret::redact(value),
            valid_from: None,
            place: self.at(line),
        });
    }
}
