//! What one resource of the server states.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hcl_edit::structure::{Attribute as Written, Block};

use super::scope::Scope;
use super::stanza;
use super::value::{Text, Value};
use crate::model::{Place, PolicyText, Sink, id};
use crate::snapshot::redacted::redacted;
use crate::snapshot::vault::{auth_role, claim};

/// Kind of what grants something and is not read.
const NOT_READ: &str = "terraform-not-read";
/// Attributes by which resources of a server grant policies.
const GRANTING: [&str; 5] = [
    "allowed_policies",
    "policies",
    "policy",
    "policy_ids",
    "token_policies",
];

/// The attributes by which a kind of resource grants something that is not read.
pub(super) fn granting(kind: &str) -> &'static [&'static str] {
    if is_servers(kind) {
        &GRANTING
    } else if kind.starts_with("google_") && kind.contains("_iam_") {
        &["role", "policy_data"]
    } else if kind.starts_with("aws_iam_") {
        &["assume_role_policy", "policy", "policy_arn"]
    } else {
        &[]
    }
}

/// Whether a kind of resource is the server's, or is spelled to look like one.
fn is_servers(kind: &str) -> bool {
    ["vault_", "openbao_", "bao_"]
        .iter()
        .any(|provider| kind.starts_with(provider))
        || !kind.is_ascii()
}

/// One instance of a resource.
pub(super) struct Resource<'m> {
    pub(super) block: &'m Block,
    pub(super) address: String,
    pub(super) scope: Scope<'m>,
}

impl Resource<'_> {
    /// Where a node of the block stands.
    pub(super) fn at(&self, node: &impl hcl_edit::Span) -> Place {
        let byte = node.span().map_or(0, |span| span.start);
        self.scope.module.place(self.scope.file, byte)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&Written> {
        self.block.body.get_attribute(name)
    }

    /// A name: what it says, else its expression.
    pub(super) fn name(&self, attribute: &str) -> Option<String> {
        Some(match self.scope.value(&self.attribute(attribute)?.value) {
            Value::Unresolved(expression) => expression.replace('/', "."),
            // A slash of an expression is none of the name.
            Value::Text(text) => text.shown_with(|expression| expression.replace('/', ".")),
            value => value.known().filter(|text| text != "null")?,
        })
    }

    pub(super) fn policy(&self, sink: &mut dyn Sink) {
        let namespace = self.name("namespace");
        let name = self.name("name").unwrap_or_else(|| self.address.clone());
        let namespace = namespace.unwrap_or_default();
        let namespace = namespace.trim_matches('/').to_owned();
        let Some(attribute) = self.attribute("policy") else {
            return;
        };
        let value = self.scope.value(&attribute.value);
        self.granted(value, [namespace, name], self.at(attribute), sink);
    }

    /// A write to any path of the API: some write a policy or a role.
    pub(super) fn endpoint(&self, sink: &mut dyn Sink) {
        let (Some(path), Some(data)) = (self.attribute("path"), self.attribute("data_json")) else {
            return;
        };
        let at = self.at(data);
        let data = self.scope.value(&data.value);
        let path = match self.scope.value(&path.value) {
            Value::Text(text) => text.shown(),
            Value::Unresolved(expression) => {
                // It may be any path of the server, those of policies too.
                let names = [String::new(), self.address.clone()];
                return self.say_unresolved(&expression, &names, true, at, sink);
            }
            _ => return,
        };
        // The provider cleans the path, as the server's client does.
        let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let path = segments.join("/");
        let path = path.as_str();
        let Some((before, name)) = id::POLICY_PATHS
            .iter()
            .find_map(|api| path.split_once(api))
            .filter(|(before, _)| before.is_empty() || before.ends_with('/'))
        else {
            return self.role_endpoint(path, &data, at, sink);
        };
        let namespace = self.name("namespace").unwrap_or_default();
        let namespace = format!("{}/{before}", namespace.trim_matches('/'));
        let names = [namespace.trim_matches('/').to_owned(), name.to_owned()];
        let policy = match &data {
            Value::Text(text) => match text.known().map(|text| serde_json::from_str(&text)) {
                Some(Ok(serde_json::Value::Object(members))) => {
                    let policy = members.get("policy").or_else(|| members.get("rules"));
                    policy
                        .and_then(|policy| policy.as_str())
                        .map_or_else(|| Value::Unresolved("data_json".to_owned()), Value::text)
                }
                _ => Value::Unresolved(text.shown()),
            },
            Value::Unresolved(_) => data,
            _ => return,
        };
        self.granted(policy, names, at, sink);
    }

    /// A write to the path of a role: its fields are the ones of the API.
    fn role_endpoint(&self, path: &str, data: &Value, at: Place, sink: &mut dyn Sink) {
        let namespace = self.name("namespace").unwrap_or_default();
        let fields = data.known().and_then(|text| {
            let value: serde_json::Value = serde_json::from_str(&text).ok()?;
            value.as_object().cloned()
        });
        if auth_role::written(path, &namespace, fields.as_ref(), at, sink) {
            return;
        }
        let of_identity = path
            .split('/')
            .any(|part| part == "identity" || part == "auth");
        let granted = GRANTING.iter().copied().find(|name| match &fields {
            Some(fields) => fields.contains_key(*name),
            None => of_identity,
        });
        if let Some(granted) = granted {
            not_read(&self.address, granted, at, sink);
        }
    }

    /// A policy's text, and what of it is not known.
    fn granted(&self, value: Value, names: [String; 2], at: Place, sink: &mut dyn Sink) {
        match value {
            Value::Text(text) => {
                let place = text.place.unwrap_or(at);
                let first_line = text.place.map(|place| place.line);
                let known = text.known().map(served);
                if known.is_none() {
                    self.unresolved(&text, &names, at, sink);
                }
                let text = known.unwrap_or_else(|| stanza::literal(&text.pieces));
                let [namespace, name] = names;
                if !text.trim().is_empty() {
                    sink.policy(PolicyText {
                        namespace,
                        name,
                        text,
                        place,
                        first_line,
                    });
                }
            }
            Value::Unresolved(expression) => {
                self.say_unresolved(&expression, &names, true, at, sink);
            }
            _ => {}
        }
    }

    /// Says which parts of a policy's text are not known.
    fn unresolved(&self, text: &Text, names: &[String; 2], place: Place, sink: &mut dyn Sink) {
        let mut holes: Vec<&str> = text.holes().collect();
        holes.sort_unstable();
        holes.dedup();
        let holes: Vec<String> = holes.iter().map(|hole| format!("${{{hole}}}")).collect();
        let open = stanza::is_open(&text.pieces);
        self.say_unresolved(&holes.join(", "), names, open, place, sink);
    }

    /// `open` says that what is not known may be whole stanzas.
    fn say_unresolved(
        &self,
        expression: &str,
        [namespace, policy]: &[String; 2],
        open: bool,
        place: Place,
        sink: &mut dyn Sink,
    ) {
        let kind = "terraform-unresolved";
        let object = format!("terraform:{}", self.address);
        let said = [
            ("expression", expression),
            ("policy", policy),
            ("namespace", namespace),
        ];
        for (name, value) in said {
            say(sink, kind, &object, name, value, place);
        }
        if open {
            say(sink, kind, &object, "stanzas", "true", place);
        }
    }

    pub(super) fn role(&self, name: &str, mount: &str, sink: &mut dyn Sink) {
        let namespace = self.name("namespace");
        let gcp = mount == "gcp";
        let mount = self.name("backend").unwrap_or_else(|| mount.to_owned());
        let mount = mount.trim_matches('/');
        let name = self.name(name).unwrap_or_else(|| self.address.clone());
        let object = id::vault_role(namespace.as_deref(), mount, &name);
        let kind = self.name("role_type");
        // The provider's own default.
        let method = if gcp {
            "gcp"
        } else {
            kind.as_deref().unwrap_or("oidc")
        };
        let (kind, at) = ("vault-role", self.at(self.block));
        for (key, value) in [("method", method), ("mount", mount), ("name", &name)] {
            say(sink, kind, &object, key, value, at);
        }
        for lifetime in ["token_max_ttl", "token_ttl"] {
            if self.attribute(lifetime).is_none() {
                say(sink, kind, &object, lifetime, "0", at);
            }
        }
        self.attributes(kind, &object, sink);
    }

    pub(super) fn method(&self, sink: &mut dyn Sink) {
        let namespace = self.name("namespace");
        let mount = self.name("path").unwrap_or_else(|| "jwt".to_owned());
        let mount = mount.trim_matches('/');
        let object = id::vault_mount(namespace.as_deref(), &format!("auth/{mount}/"));
        let (kind, at) = ("vault-auth-config", self.at(self.block));
        say(sink, kind, &object, "method", "jwt", at);
        say(sink, kind, &object, "mount", mount, at);
        self.attributes(kind, &object, sink);
    }

    fn attributes(&self, kind: &'static str, object: &str, sink: &mut dyn Sink) {
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
        for attribute in self.block.body.attributes() {
            let name = attribute.key.as_str();
            if named.contains(&name) {
                continue;
            }
            let value = self.scope.value(&attribute.value);
            let at = self.at(attribute);
            if !value.is_resolved() {
                say(sink, kind, object, "unresolved", name, at);
            }
            let value = self.claims(name, value);
            emit_value(sink, kind, object, name, &value, at);
        }
    }

    /// The claims of a JWT role, named and listed as the provider sends them: a JSON pointer of one
    /// segment is the claim itself, and `bound_claims` takes a comma-separated text for a list,
    /// unless `disable_bound_claims_parsing` says otherwise.
    fn claims(&self, name: &str, value: Value) -> Value {
        let is_on = |name: &str| {
            let on = self.attribute(name).map(|on| self.scope.value(&on.value));
            on.and_then(|on| on.known()).as_deref() == Some("true")
        };
        match (name, value) {
            ("user_claim", Value::Text(text)) if is_on("user_claim_json_pointer") => {
                Value::text(claim::plain(&text.shown()))
            }
            ("groups_claim", Value::Text(text)) => Value::text(claim::plain(&text.shown())),
            ("bound_claims" | "claim_mappings", Value::Map(entries)) => {
                let lists = name == "bound_claims" && !is_on("disable_bound_claims_parsing");
                let named = entries.into_iter().map(|(key, value)| {
                    let value = match value {
                        Value::Text(text) if lists => {
                            let text = text.shown();
                            let items = text.split(',').map(|item| Value::text(item.trim()));
                            Value::List(items.collect())
                        }
                        value => value,
                    };
                    (claim::plain(&key), value)
                });
                Value::Map(named.collect())
            }
            (_, value) => value,
        }
    }
}

/// What the server makes of a policy's text: it takes one in base64 for what that says.
fn served(text: String) -> String {
    let inside = STANDARD
        .decode(text.trim())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    inside
        .filter(|inside| inside.contains("path"))
        .unwrap_or(text)
}

/// Emits a value as one attribute per element.
pub(super) fn emit_value(
    sink: &mut dyn Sink,
    kind: &'static str,
    object: &str,
    name: &str,
    value: &Value,
    at: Place,
) {
    match value {
        Value::List(items) => {
            for item in items {
                emit_value(sink, kind, object, name, item, at);
            }
        }
        Value::Map(entries) => {
            for (key, value) in entries {
                let name = format!("{name}.{key}");
                emit_value(sink, kind, object, &name, value, at);
            }
        }
        // That something is bound is known, though not to what.
        Value::Unresolved(expression) => {
            say(sink, kind, object, name, &format!("${{{expression}}}"), at);
        }
        Value::Text(text) => say(sink, kind, object, name, &text.shown(), at),
        Value::Plain(text) if text == "null" => {}
        Value::Plain(text) => say(sink, kind, object, name, text, at),
    }
}

/// Says that what a resource of a kind that is not read grants by an attribute is not judged.
pub(super) fn not_read(address: &str, attribute: &str, at: Place, sink: &mut dyn Sink) {
    let object = format!("terraform:{address}");
    say(sink, NOT_READ, &object, "attribute", attribute, at);
}

/// Says that only Terraform knows an attribute by which a resource grants something.
pub(super) fn not_known(address: &str, attribute: &str, at: Place, sink: &mut dyn Sink) {
    let object = format!("terraform:{address}");
    say(sink, NOT_READ, &object, "unresolved", attribute, at);
}

pub(super) fn say(
    sink: &mut dyn Sink,
    kind: &'static str,
    object: &str,
    name: &str,
    value: &str,
    place: Place,
) {
    if !value.is_empty() {
        sink.attribute(redacted(kind, object, name, value, place));
    }
}
