//! Lists of auth methods and secrets engines: `vault auth|secrets list -detailed -format=json`.
//!
//! Kind `vault-auth-mount`, object `vault:mount/[<namespace>/]auth/<path>/`, and kind
//! `vault-secret-mount`, object `vault:mount/[<namespace>/]<path>/`. An auth method is told from an
//! engine by its accessor, which begins with `auth_`. Attributes: `path` (as in the object, without
//! namespace), and every field: `type`, `accessor`, `description`, `local`, `seal_wrap`,
//! `options.version` (KV), `config.default_lease_ttl`, `config.max_lease_ttl` (seconds, 0 = the
//! server's), `config.token_type`, `config.audit_non_hmac_request_keys`,
//! `config.audit_non_hmac_response_keys`, `config.listing_visibility`, `plugin_version`, `uuid`, ...

use serde_json::Value;

use super::answer::{self, Answer, Exported, Object, about};
use super::attributes::Thing;
use super::location;
use crate::model::{Sink, Verdict, id};

pub(super) const MOUNTS: Exported = Exported {
    about: about("Vault mount list"),
    told: |list, _| is_list(list),
    push,
};

/// Whether an object is such a list: every key a path, every value with a type and an accessor.
fn is_list(list: &Object) -> bool {
    !list.is_empty()
        && list.iter().all(|(path, mount)| {
            path.ends_with('/')
                && mount.as_object().is_some_and(|mount| {
                    answer::text(mount, "type").is_some()
                        && answer::text(mount, "accessor").is_some()
                })
        })
}

fn push(answer: &Answer<'_>, sink: &mut dyn Sink) -> Verdict {
    let namespace = answer
        .namespace("sys")
        .or_else(|| location::namespace_of_list(answer.record.path));
    for (path, mount) in answer.object {
        let Some(mount) = mount.as_object() else {
            continue;
        };
        let accessor = mount.get("accessor").and_then(Value::as_str);
        let is_auth = accessor.is_some_and(|accessor| accessor.starts_with("auth_"));
        let (kind, path) = match is_auth {
            true => ("vault-auth-mount", format!("auth/{path}")),
            false => ("vault-secret-mount", path.clone()),
        };
        let mut thing = Thing {
            kind,
            object: id::vault_mount(namespace.as_deref(), &path),
            place: answer.record.place,
            sink: &mut *sink,
        };
        thing.attribute("path", path);
        thing.fields(mount, &["path"]);
    }
    Verdict::Parsed
}
