//! Roles of AWS that Terraform makes: `aws_iam_role` with its trust, written as JSON, by `jsonencode`,
//! or as `data "aws_iam_policy_document"` (the registry's documentation of the `aws` provider).
//!
//! Kind `aws-role`, as exports have it: `name`, `account`, `trust` (a statement in JSON each),
//! `attached`, `boundary`, and `address`. A trust of which only Terraform knows more than who the
//! identity provider is, is named and not judged.

use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;
use serde_json::{Map, Value as Json};

use super::google_names::items;
use super::resource::{Resource, not_known, say};
use super::scope::Scope;
use super::value::Value;
use crate::model::Sink;
use crate::model::aws_policy::statements;

/// The kind of resource that is read here.
pub(super) const ROLE: &str = "aws_iam_role";
/// The data source that writes a policy out in blocks.
const DOCUMENT: &str = "aws_iam_policy_document";
/// Where a trust may name what only Terraform knows: the provider's ARN.
const PROVIDER: &str = "Federated";

impl Scope<'_> {
    /// The document that `data "aws_iam_policy_document"` is as JSON.
    pub(super) fn amazons(&self, block: &Block, name: &str) -> Option<Value> {
        let kind = block.labels.first()?.as_str();
        if kind == "aws_iam_openid_connect_provider" && name == "arn" {
            // Of which account it is, only a run tells; checks ask for the host.
            let url = self
                .value(&block.body.get_attribute("url")?.value)
                .known()?;
            let host = url.trim_start_matches("https://").trim_end_matches('/');
            return Some(Value::text(format!(
                "arn:aws:iam::unknown:oidc-provider/{host}"
            )));
        }
        if kind != DOCUMENT || !matches!(name, "json" | "minified_json") {
            return None;
        }
        let statements = block.body.blocks().map(|inner| match inner.ident.as_str() {
            "statement" => self.statement(inner),
            _ => Value::Unresolved(format!("a block `{}`", inner.ident.as_str())),
        });
        let mut found: Vec<Value> = statements.collect();
        let merged = ["source_policy_documents", "override_policy_documents"];
        if let Some(name) = merged.iter().find(|name| block.body.has_attribute(name)) {
            found.push(Value::Unresolved((*name).to_owned()));
        }
        Some(Value::Map(vec![(
            "Statement".to_owned(),
            Value::List(found),
        )]))
    }

    fn statement(&self, block: &Block) -> Value {
        const NAMES: [(&str, &str); 6] = [
            ("sid", "Sid"),
            ("effect", "Effect"),
            ("actions", "Action"),
            ("not_actions", "NotAction"),
            ("resources", "Resource"),
            ("not_resources", "NotResource"),
        ];
        let attribute = |block: &Block, name: &str| {
            let written = block.body.get_attribute(name)?;
            Some(self.value(&written.value))
        };
        let mut members: Vec<(String, Value)> = NAMES
            .iter()
            .filter_map(|(own, name)| Some(((*name).to_owned(), attribute(block, own)?)))
            .collect();
        if !block.body.has_attribute("effect") {
            members.push(("Effect".to_owned(), Value::text("Allow")));
        }
        for inner in block.body.blocks() {
            let (name, pair) = match inner.ident.as_str() {
                "principals" => (
                    "Principal",
                    [attribute(inner, "type"), attribute(inner, "identifiers")],
                ),
                "not_principals" => (
                    "NotPrincipal",
                    [attribute(inner, "type"), attribute(inner, "identifiers")],
                ),
                "condition" => {
                    let variable = attribute(inner, "variable").and_then(|name| name.known());
                    let values = variable.zip(attribute(inner, "values"));
                    let values =
                        values.map(|(variable, values)| Value::Map(vec![(variable, values)]));
                    ("Condition", [attribute(inner, "test"), values])
                }
                other => return Value::Unresolved(format!("a block `{other}`")),
            };
            let [Some(key), Some(value)] = pair else {
                return Value::Unresolved(name.to_owned());
            };
            let Some(key) = key.known() else {
                return Value::Unresolved(name.to_owned());
            };
            put(&mut members, name, key, value);
        }
        Value::Map(members)
    }
}

/// Adds `key: value` to the map of that name; equal keys hold the values of both.
fn put(members: &mut Vec<(String, Value)>, name: &str, key: String, value: Value) {
    let at = match members.iter().position(|(known, _)| known == name) {
        Some(at) => at,
        None => {
            members.push((name.to_owned(), Value::Map(Vec::new())));
            members.len() - 1
        }
    };
    let Some((_, Value::Map(entries))) = members.get_mut(at) else {
        return;
    };
    match entries.iter_mut().find(|(known, _)| *known == key) {
        None => entries.push((key, value)),
        Some((_, Value::Map(inner))) => {
            if let Value::Map(more) = value {
                inner.extend(more);
            }
        }
        Some((_, known)) => {
            let mut both = items(Some(known.clone()));
            both.extend(items(Some(value)));
            *known = Value::List(both);
        }
    }
}

/// Emits what a role says.
pub(super) fn emit(resource: &Resource<'_>, sink: &mut dyn Sink) {
    let Some(written) = resource.attribute("assume_role_policy") else {
        return;
    };
    let at = resource.at(written);
    // What is encoded is asked itself: one expression in it leaves the rest known.
    let stated = match &written.value {
        Expression::FuncCall(call) if call.name.name.as_str() == "jsonencode" => {
            call.args.iter().next()
        }
        _ => None,
    };
    let stated = resource.scope.value(stated.unwrap_or(&written.value));
    let Some(trust) = document(&stated) else {
        return not_known(&resource.address, "assume_role_policy", at, sink);
    };
    let label = resource
        .block
        .labels
        .get(1)
        .map_or("-", |label| label.as_str());
    let name = resource.name("name").unwrap_or_else(|| label.to_owned());
    let name = name.rsplit('/').next().unwrap_or(&name);
    let account = account(&trust).unwrap_or_else(|| "unknown".to_owned());
    let object = format!("aws:role/{account}/{name}");
    let mut put =
        |attribute: &str, value: &str| say(sink, "aws-role", &object, attribute, value, at);
    put("name", name);
    put("account", &account);
    put("address", &resource.address);
    match trust.get("Statement") {
        Some(Json::Array(list)) => list.iter().for_each(|one| put("trust", &one.to_string())),
        Some(one) => put("trust", &one.to_string()),
        None => {}
    }
    let value = |name: &str| Some(resource.scope.value(&resource.attribute(name)?.value));
    for arn in items(value("managed_policy_arns"))
        .iter()
        .filter_map(Value::known)
    {
        put("attached", &arn);
    }
    if let Some(arn) = value("permissions_boundary").and_then(|arn| arn.known()) {
        put("boundary", &arn);
    }
    if resource
        .block
        .body
        .get_blocks("inline_policy")
        .next()
        .is_some()
    {
        not_known(&resource.address, "inline_policy", at, sink);
    }
}

/// The document that a value is, where it can be judged.
fn document(value: &Value) -> Option<Json> {
    let document = match value {
        Value::Text(text) => {
            let shown = match text.known() {
                Some(text) => return sound(serde_json::from_str(&text).ok()?),
                None => text.shown(),
            };
            let read: Json = serde_json::from_str(&shown).ok()?;
            only_providers_are_open(&read).then_some(read)?
        }
        map @ Value::Map(_) => as_json(map, false)?,
        _ => return None,
    };
    sound(document)
}

fn sound(document: Json) -> Option<Json> {
    statements(&document).is_ok().then_some(document)
}

/// Whether the ARN of a provider says which one it is, whatever account it is of.
fn is_named(arn: &str) -> bool {
    let host = arn.split_once("-provider/").map_or(arn, |(_, host)| host);
    !host.contains("${")
}

/// Whether expressions stand only where the ARN of an identity provider does.
fn only_providers_are_open(value: &Json) -> bool {
    match value {
        Json::String(text) => !text.contains("${"),
        Json::Array(items) => items.iter().all(only_providers_are_open),
        Json::Object(members) => members.iter().all(|(name, value)| match value {
            Json::String(text) if name == PROVIDER => is_named(text),
            value => only_providers_are_open(value),
        }),
        _ => true,
    }
}

fn as_json(value: &Value, provider: bool) -> Option<Json> {
    Some(match value {
        Value::Text(text) => Json::String(match text.known() {
            Some(text) => text,
            None => Some(text.shown()).filter(|shown| provider && is_named(shown))?,
        }),
        Value::Plain(text) => serde_json::from_str(text).ok()?,
        Value::List(items) => {
            let items = items.iter().map(|item| as_json(item, provider));
            Json::Array(items.collect::<Option<Vec<Json>>>()?)
        }
        Value::Map(members) => {
            let pairs = members
                .iter()
                .map(|(name, value)| Some((name.clone(), as_json(value, name == PROVIDER)?)));
            Json::Object(pairs.collect::<Option<Map<String, Json>>>()?)
        }
        Value::Unresolved(_) => return None,
    })
}

/// The account that the provider of a trust is of.
fn account(trust: &Json) -> Option<String> {
    let text = trust.to_string();
    let (_, rest) = text.split_once("arn:aws:iam::")?;
    let (account, rest) = rest.split_once(':')?;
    let provider = rest.starts_with("oidc-provider/") || rest.starts_with("saml-provider/");
    let plain = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    (provider && plain).then(|| account.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;

    fn said(text: &str) -> Vec<String> {
        let (_, kept) = read(text);
        let attributes = kept.exports.attributes.iter();
        attributes
            .map(|said| format!("{} {}={}", said.object, said.name, said.value))
            .collect()
    }

    #[test]
    fn a_trust_says_the_same_however_it_is_written() {
        let json = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/gitlab.example"},"Condition":{"StringLike":{"gitlab.example:sub":"project_path:mill/*"}}}]}"#;
        let heredoc = format!(
            "resource \"aws_iam_role\" \"r\" {{\n  name = \"ci\"\n  assume_role_policy = <<EOT\n{json}\nEOT\n}}\n"
        );
        let encoded = "locals { arn = \"arn:aws:iam::111122223333:oidc-provider/gitlab.example\" }\nresource \"aws_iam_role\" \"r\" {\n  name = \"ci\"\n  assume_role_policy = jsonencode({ Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", Action = \"sts:AssumeRoleWithWebIdentity\", Principal = { Federated = local.arn }, Condition = { StringLike = { \"gitlab.example:sub\" = \"project_path:mill/*\" } } }] })\n}\n";
        let data = "resource \"aws_iam_role\" \"r\" {\n  name = \"ci\"\n  assume_role_policy = data.aws_iam_policy_document.t.json\n}\ndata \"aws_iam_policy_document\" \"t\" {\n  statement {\n    actions = [\"sts:AssumeRoleWithWebIdentity\"]\n    principals {\n      type = \"Federated\"\n      identifiers = [\"arn:aws:iam::111122223333:oidc-provider/gitlab.example\"]\n    }\n    condition {\n      test = \"StringLike\"\n      variable = \"gitlab.example:sub\"\n      values = [\"project_path:mill/*\"]\n    }\n  }\n}\n";
        for text in [heredoc.as_str(), encoded, data] {
            let said = said(text);
            let trust = said.iter().find(|one| one.contains(" trust=")).unwrap();
            assert!(
                trust.starts_with("aws:role/111122223333/ci trust={"),
                "{trust}"
            );
            for part in [
                "project_path:mill/*",
                "sts:AssumeRoleWithWebIdentity",
                "StringLike",
            ] {
                assert!(trust.contains(part), "{trust}");
            }
        }
    }

    #[test]
    fn what_only_terraform_knows_of_a_trust_is_named() {
        let of = |trust: &str| {
            said(&format!(
                "variable \"x\" {{}}\nresource \"aws_iam_role\" \"r\" {{\n  assume_role_policy = {trust}\n}}\n"
            ))
        };
        let open = of(
            "jsonencode({ Statement = [{ Effect = \"Allow\", Action = \"sts:AssumeRoleWithWebIdentity\", Principal = { Federated = \"arn:aws:iam::${var.x}:oidc-provider/gitlab.example\" } }] })",
        );
        assert!(
            open.iter()
                .any(|one| one.starts_with("aws:role/unknown/r trust=")),
            "{open:?}"
        );
        for trust in [
            "var.x",
            "jsonencode({ Statement = [{ Effect = \"Allow\", Action = \"sts:AssumeRoleWithWebIdentity\", Principal = { Federated = var.x } }] })",
            "jsonencode({ Statement = [{ Effect = \"Allow\", Action = \"sts:AssumeRole\", Principal = { AWS = var.x } }] })",
            "jsonencode({ Statement = [{ Effect = \"Allow\", Action = \"sts:AssumeRole\", Principal = { AWS = \"*\" }, Condition = var.x }] })",
        ] {
            let said = of(trust);
            assert_eq!(
                said,
                ["terraform:aws_iam_role.r unresolved=assume_role_policy"],
                "{trust}"
            );
        }
    }
}
