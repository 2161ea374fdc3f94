//! AWS secrets engines: `.../<mount>/config/root.json`, `.../<mount>/config/lease.json` and
//! `.../<mount>/roles/<name>.json`.
//!
//! Kinds `vault-aws-root` (object `vault:path/[<namespace>/]<mount>/config/root`), `vault-aws-lease`
//! (object `vault:mount/[<namespace>/]<mount>/`) and `vault-aws-role` (object
//! `vault:path/[<namespace>/]<mount>/roles/<name>`). Attributes: `mount` and every field; of a lease
//! setting also `lease_seconds` and `lease_max_seconds`. The mount is the one folder before
//! `config` or `roles`. An access key's id is no secret.

use std::borrow::Cow;

use super::answer::{self, Answer, Exported, about};
use super::attributes::Thing;
use super::location;
use crate::model::{Sink, Verdict, id};
use crate::snapshot::go_duration::go_seconds;

pub(super) const ROOT: Exported = Exported {
    about: about("Vault AWS engine, root configuration"),
    told: |object, _| {
        object.contains_key("access_key")
            && answer::has_any(object, &["iam_endpoint", "sts_endpoint", "max_retries"])
    },
    push: |answer, sink| push("vault-aws-root", ("config", "root"), answer, sink),
};

pub(super) const LEASE: Exported = Exported {
    about: about("Vault AWS engine, lease settings"),
    told: |object, path| {
        object.contains_key("lease")
            && object.contains_key("lease_max")
            && folders(path).is_some_and(|(_, folder)| folder == "config")
    },
    push: |answer, sink| push("vault-aws-lease", ("config", "lease"), answer, sink),
};

pub(super) const ROLE: Exported = Exported {
    about: about("Vault AWS engine, role"),
    told: |object, _| {
        answer::has_any(object, &["credential_type", "credential_types"])
            && answer::has_any(object, &["role_arns", "policy_arns", "policy_document"])
    },
    push: |answer, sink| {
        let name = location::stem(answer.record.path);
        push("vault-aws-role", ("roles", name), answer, sink)
    },
};

/// Mount and folder that a file lies in.
fn folders(path: &str) -> Option<(&str, &str)> {
    let mut above = path.rsplit('/').skip(1);
    let folder = above.next()?;
    Some((above.next()?, folder))
}

fn push(
    kind: &'static str,
    (folder, name): (&str, &str),
    answer: &Answer<'_>,
    sink: &mut dyn Sink,
) -> Verdict {
    let Some((mount, _)) = folders(answer.record.path).filter(|(_, found)| *found == folder) else {
        return Verdict::Rejected(Cow::Owned(format!(
            "settings of an AWS engine of Vault whose path does not end in <mount>/{folder}/<name>.json"
        )));
    };
    let namespace = answer.namespace(mount);
    let namespace = namespace.as_deref();
    let about = if kind == "vault-aws-lease" {
        id::vault_mount(namespace, &format!("{mount}/"))
    } else {
        id::vault_path(namespace, &format!("{mount}/{folder}/{name}"))
    };
    let mut thing = Thing {
        kind,
        object: about,
        place: answer.record.place,
        sink,
    };
    thing.attribute("mount", mount.to_owned());
    thing.fields(answer.object, &["mount"]);
    for field in ["lease", "lease_max"] {
        if let Some(text) = answer::text(answer.object, field).filter(|_| kind == "vault-aws-lease")
        {
            let Some(seconds) = go_seconds(text) else {
                return Verdict::Rejected(Cow::Owned(format!("`{field}` is no duration")));
            };
            thing.attribute(&format!("{field}_seconds"), seconds.to_string());
        }
    }
    Verdict::Parsed
}
