//! Service accounts of the Google Cloud secrets engine: `.../<mount>/impersonated-account/<name>.json`
//! (or `static-account`, `roleset`).
//!
//! Kind `vault-gcp-account`, object `vault:path/[<namespace>/]<mount>/<what>/<name>`, `<what>` being
//! `impersonated-account`, `static-account` or `roleset`: the path that a token or key is read
//! below. The mount is the one folder before `<what>`. Attributes: `account_type` = `<what>`,
//! `mount`, `name`, and every field: `service_account_email`, `service_account_project` or
//! `project`, `secret_type`, `token_scopes`, `ttl`, `bindings.<resource>` = role.

use std::borrow::Cow;

use super::answer::{self, Answer, Exported, Object, about};
use super::attributes::Thing;
use super::location;
use crate::model::{Sink, Verdict, id};

pub(super) const GCP_ACCOUNT: Exported = Exported {
    about: about("Vault Google Cloud account"),
    told: |object, _| is_account(object),
    push,
};

const KINDS: [(&str, &str); 6] = [
    ("impersonated-account", "impersonated-account"),
    ("impersonated-accounts", "impersonated-account"),
    ("static-account", "static-account"),
    ("static-accounts", "static-account"),
    ("roleset", "roleset"),
    ("rolesets", "roleset"),
];

fn is_account(object: &Object) -> bool {
    object.contains_key("service_account_email")
        && answer::has_any(object, &["token_scopes", "secret_type"])
}

/// Mount and kind of account that a path names.
fn location(path: &str) -> Option<(&str, &'static str)> {
    let folders: Vec<&str> = path.rsplit('/').skip(1).take(2).collect();
    let [what, mount] = folders.as_slice() else {
        return None;
    };
    let (_, what) = KINDS.iter().find(|(folder, _)| folder == what)?;
    Some((mount, what))
}

fn push(answer: &Answer<'_>, sink: &mut dyn Sink) -> Verdict {
    let Some((mount, what)) = location(answer.record.path) else {
        return Verdict::Rejected(Cow::Borrowed(
            "a Google account of Vault whose path does not end in <mount>/impersonated-account/<name>.json, static-account or roleset",
        ));
    };
    let name = location::stem(answer.record.path);
    let namespace = answer.namespace(mount);
    let mut thing = Thing {
        kind: "vault-gcp-account",
        object: id::vault_path(namespace.as_deref(), &format!("{mount}/{what}/{name}")),
        place: answer.record.place,
        sink,
    };
    thing.attribute("account_type", what.to_owned());
    thing.attribute("mount", mount.to_owned());
    thing.attribute("name", name.to_owned());
    thing.fields(answer.object, &["account_type", "mount", "name"]);
    Verdict::Parsed
}
