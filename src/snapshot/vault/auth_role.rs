//! Roles of auth methods: `.../auth/<mount>/role/<name>.json` (or `roles`, `cel/role`), and what
//! other methods give policies to: `users`, `groups`, `certs`.
//!
//! Kind `vault-role`, object `vault:role/[<namespace>/]<mount>/<name>`. Attributes:
//! - `method`: `jwt`, `oidc`, `jwt-cel`, `gcp`, `kubernetes`, `approle`, `aws`, `azure`, `cert` or
//!   `token`, told by the fields that only this method's roles have, `userpass` or `ldap`, told by
//!   the path; `mount` (without `auth/`); `name`;
//! - for jwt and oidc, a claim named by a JSON pointer of one segment has its plain name;
//! - `unanswered`: the bounds that were cut from a server's answer;
//! - every field of the answer under its own name. For jwt and oidc: `role_type`, `user_claim`,
//!   `bound_audiences`, `bound_subject`, `bound_claims_type`, `bound_claims.<claim>` (one per
//!   allowed value), `claim_mappings.<claim>` = metadata key, `groups_claim`, the leeways in
//!   seconds, `verbose_oidc_logging`; for gcp: `type`, `bound_service_accounts`,
//!   `bound_projects`, ...; for kubernetes: `bound_service_account_names`,
//!   `bound_service_account_namespaces`, `audience`; for all: `token_policies`, `token_ttl`,
//!   `token_max_ttl`, `token_explicit_max_ttl`, `token_period` (seconds), `token_num_uses`,
//!   `token_type`, `token_bound_cidrs`, `token_no_default_policy`;
//! - the fields that older servers call `policies`, `ttl`, `max_ttl`, `period`, `num_uses` and
//!   `bound_cidrs` also under their present name (`token_policies`, ...), where that is not set.

use std::borrow::Cow;

use serde_json::Value;

use super::answer::{self, Answer, Exported, Object, about};
use super::attributes::Thing;
use super::{claim, location};
use crate::model::{Place, Sink, Verdict, id};

pub(super) const AUTH_ROLE: Exported = Exported {
    about: about("Vault auth role"),
    told: |role, path| method(role, path).is_some(),
    push,
};

/// Fields that roles of one method alone have, by method.
const SIGNATURES: [(&str, &[&str]); 8] = [
    // A CEL role of a JWT method (OpenBao): an expression decides instead of bound claims.
    ("jwt-cel", &["cel_program", "auth_program"]),
    ("cert", &["allowed_common_names", "certificate"]),
    ("gcp", &["bound_service_accounts", "bound_projects"]),
    ("kubernetes", &["bound_service_account_names"]),
    ("approle", &["bind_secret_id"]),
    ("aws", &["bound_iam_principal_arn", "bound_ami_id"]),
    ("azure", &["bound_service_principal_ids"]),
    ("token", &["disallowed_policies"]),
];

/// Old field name -> present one (`token_*` since Vault 1.2).
const RENAMED: [(&str, &str); 6] = [
    ("policies", "token_policies"),
    ("ttl", "token_ttl"),
    ("max_ttl", "token_max_ttl"),
    ("period", "token_period"),
    ("num_uses", "token_num_uses"),
    ("bound_cidrs", "token_bound_cidrs"),
];

/// Fields that a server takes as a list, and as one text with commas (`TypeCommaStringSlice`).
const LISTS: [&str; 22] = [
    "allowed_common_names",
    "allowed_policies",
    "allowed_redirect_uris",
    "bound_ami_id",
    "bound_audiences",
    "bound_cidrs",
    "bound_group_ids",
    "bound_iam_principal_arn",
    "bound_instance_groups",
    "bound_labels",
    "bound_projects",
    "bound_regions",
    "bound_service_account_names",
    "bound_service_account_namespaces",
    "bound_service_accounts",
    "bound_service_principal_ids",
    "bound_zones",
    "disallowed_policies",
    "policies",
    "secret_id_bound_cidrs",
    "token_bound_cidrs",
    "token_policies",
];
/// Fields that hold seconds.
const SECONDS: [&str; 7] = [
    "max_ttl",
    "period",
    "token_explicit_max_ttl",
    "token_max_ttl",
    "token_period",
    "token_ttl",
    "ttl",
];

/// The role with what stands in one text as the list that it is.
fn with_lists(role: &Object) -> Object {
    let mut role = role.clone();
    for field in LISTS {
        if let Some(value) = role.get_mut(field)
            && let Some(text) = value.as_str()
            && text.contains(',')
        {
            let items = text.split(',').map(str::trim);
            let items = items.filter(|item| !item.is_empty()).map(Value::from);
            *value = Value::Array(items.collect());
        }
    }
    role
}

/// What a server answers of every JWT role, and nobody writes: only an answer has it.
const ANSWERED: &str = "clock_skew_leeway";
/// What bounds a JWT role: answered of every one, `null` where nothing is bound.
const BOUNDS: [&str; 3] = ["bound_audiences", "bound_claims", "bound_subject"];

/// The role with the names of those bounds that its server answered with and that were cut from the
/// answer, under `unanswered`, and as what nobody can resolve.
fn with_unanswered(role: &Object) -> Object {
    let mut role = role.clone();
    let missing = BOUNDS.iter().filter(|name| !role.contains_key(**name));
    let missing: Vec<Value> = missing.map(|name| Value::from(*name)).collect();
    if role.contains_key(ANSWERED) && !missing.is_empty() {
        for unknown in ["unanswered", "unresolved"] {
            role.insert(unknown.to_owned(), Value::Array(missing.clone()));
        }
    }
    role
}

/// Why a role is none that a server answers: a value of a type that its field never has. Passed over, a
/// bound of it would seem to be missing.
fn fault(role: &Object) -> Option<&'static str> {
    let lists = LISTS.into_iter().filter_map(|field| role.get(field));
    let claims = role.get("bound_claims").and_then(Value::as_object);
    let claims = claims.into_iter().flat_map(Object::values);
    let plain = |value: &Value| match value {
        Value::Object(_) => false,
        Value::Array(items) => !items.iter().any(|it| it.is_object() || it.is_array()),
        _ => true,
    };
    if !lists.chain(claims).all(plain) {
        return Some("a Vault role with an object where a text or a list of texts belongs");
    }
    let mut seconds = SECONDS.into_iter().filter_map(|field| role.get(field));
    let whole = |value: &Value| match value {
        Value::Number(number) => number.is_i64() || number.is_u64(),
        Value::Array(_) | Value::Object(_) | Value::Bool(_) => false,
        _ => true,
    };
    (!seconds.all(whole)).then_some("a Vault role with a lifetime that is no number of seconds")
}

fn method<'r>(role: &'r Object, path: &str) -> Option<&'r str> {
    if role.contains_key("user_claim") {
        return Some(answer::text(role, "role_type").unwrap_or("jwt"));
    }
    let found = SIGNATURES
        .iter()
        .find(|(_, fields)| answer::has_any(role, fields));
    found.map(|(method, _)| *method).or_else(|| {
        // Users and groups have no field of their own: that they give policies, and where they lie.
        let (_, holder, _) = location::method_thing(path)?;
        let gives = answer::has_any(role, &["token_policies", "policies"]);
        match holder {
            "users" if gives && role.contains_key("groups") => Some("ldap"),
            "users" if gives => Some("userpass"),
            "groups" if gives => Some("ldap"),
            _ => None,
        }
    })
}

/// The role with the claims of a JWT method under their plain names.
fn with_plain_claims(role: &Object) -> Object {
    let mut role = role.clone();
    let pointer = role.get("user_claim_json_pointer") == Some(&Value::Bool(true));
    for (field, is_pointer) in [("user_claim", pointer), ("groups_claim", true)] {
        if let Some(Value::String(name)) = role.get_mut(field)
            && is_pointer
        {
            *name = claim::plain(name);
        }
    }
    for field in ["bound_claims", "claim_mappings"] {
        if let Some(Value::Object(claims)) = role.get_mut(field) {
            *claims = claim::plain_keys(claims);
        }
    }
    role
}

fn push(answer: &Answer<'_>, sink: &mut dyn Sink) -> Verdict {
    let Some(method) = method(answer.object, answer.record.path) else {
        return Verdict::Foreign;
    };
    let Some(named) = location::method_thing(answer.record.path) else {
        return Verdict::Rejected(Cow::Borrowed(
            "a Vault role whose path does not end in auth/<mount>/role/<name>.json",
        ));
    };
    if let Some(fault) = fault(answer.object) {
        return Verdict::Rejected(Cow::Borrowed(fault));
    }
    let namespace = answer.namespace("auth");
    let role = with_unanswered(answer.object);
    say(
        &role,
        Some(method),
        namespace.as_deref(),
        named,
        answer.record.place,
        sink,
    );
    Verdict::Parsed
}

/// What a write to the path of a role states, e.g. of `auth/gitlab/role/orders`; `None` of the role
/// where it is not known. Says whether the path is that of a role.
pub(in crate::snapshot) fn written(
    path: &str,
    namespace: &str,
    role: Option<&Object>,
    place: Place,
    sink: &mut dyn Sink,
) -> bool {
    let file = format!("{path}.json");
    let Some((before, _)) = path.split_once("auth/") else {
        return false;
    };
    let Some(named) = location::method_thing(&file) else {
        return false;
    };
    let within = format!("{}/{before}", namespace.trim_matches('/'));
    let unknown = Object::from_iter([("unresolved".to_owned(), Value::from("data_json"))]);
    let mut stated = role.cloned().unwrap_or(unknown);
    if role.is_some() {
        // What is not written has the server's own value.
        for lifetime in ["token_max_ttl", "token_ttl"] {
            if !stated.contains_key(lifetime) && !stated.contains_key(&lifetime["token_".len()..]) {
                stated.insert(lifetime.to_owned(), Value::from(0));
            }
        }
    }
    let method = role.and_then(|role| method(role, &file));
    say(
        &stated,
        method,
        Some(within.trim_matches('/')),
        named,
        place,
        sink,
    );
    true
}

fn say(
    role: &Object,
    method: Option<&str>,
    namespace: Option<&str>,
    (mount, _, name): (String, &str, &str),
    place: Place,
    sink: &mut dyn Sink,
) {
    let role = &with_lists(role);
    let mut thing = Thing {
        kind: "vault-role",
        object: id::vault_role(namespace, &mount, name),
        place,
        sink,
    };
    thing.attribute("method", method.unwrap_or_default().to_owned());
    thing.attribute("mount", mount);
    thing.attribute("name", name.to_owned());
    thing.fields(&with_plain_claims(role), &["method", "mount", "name"]);
    for (old, present) in RENAMED {
        if let Some(value) = role.get(old)
            && !role.contains_key(present)
        {
            thing.value(present, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: &Value) -> Object {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn a_list_in_one_text_is_a_list() {
        let role = object(&json!({"token_policies": "default, admin,", "name": "a,b"}));
        let role = with_lists(&role);
        assert_eq!(role["token_policies"], json!(["default", "admin"]));
        assert_eq!(role["name"], json!("a,b"));
    }

    #[test]
    fn a_value_of_another_type_is_damage() {
        for sound in [
            json!({"token_ttl": 600, "ttl": "20m", "bound_claims": {"a": ["b", 1, true]}}),
            json!({"bound_claims": null, "bound_audiences": null, "token_policies": [7]}),
        ] {
            assert_eq!(fault(&object(&sound)), None, "{sound}");
        }
        for damaged in [
            json!({"token_max_ttl": 3600.5}),
            json!({"token_max_ttl": 1e30}),
            json!({"ttl": [1]}),
            json!({"bound_claims": {"project_id": {"value": "101"}}}),
            json!({"bound_audiences": {"value": "a"}}),
            json!({"token_policies": [["a"]]}),
        ] {
            assert!(fault(&object(&damaged)).is_some(), "{damaged}");
        }
    }
}
