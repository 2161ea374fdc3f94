//! Roles of auth methods: `.../auth/<mount>/role/<name>.json` (or `roles`).
//!
//! Kind `vault-role`, object `vault:role/[<namespace>/]<mount>/<name>`. Attributes:
//! - `method`: `jwt`, `oidc`, `gcp`, `kubernetes`, `approle`, `aws`, `azure` or `token`, told by
//!   the fields that only this method's roles have; `mount` (without `auth/`); `name`;
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

use super::SOURCE;
use super::answer::{self, Object};
use super::attributes::Thing;
use crate::model::{Format, Framing, Record, Sample, Sink, Verdict, id};

pub(super) struct AuthRole;

/// Fields that roles of one method alone have, by method.
const SIGNATURES: [(&str, &[&str]); 6] = [
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

fn method(role: &Object) -> Option<&str> {
    if role.contains_key("user_claim") {
        return Some(answer::text(role, "role_type").unwrap_or("jwt"));
    }
    let found = SIGNATURES
        .iter()
        .find(|(_, fields)| answer::has_any(role, fields));
    found.map(|(method, _)| *method)
}

impl Format for AuthRole {
    fn source(&self) -> &'static str {
        SOURCE
    }

    fn title(&self) -> &'static str {
        "Vault auth role"
    }

    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let role = sample.value.and_then(answer::object);
        role.is_some_and(|role| method(role).is_some())
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let value = match answer::parse(record) {
            Ok(value) => value,
            Err(verdict) => return verdict,
        };
        let Some((role, method)) =
            answer::object(&value).and_then(|role| Some((role, method(role)?)))
        else {
            return Verdict::Foreign;
        };
        let Some(mount) = answer::mount_of_role(record.path) else {
            return Verdict::Rejected(Cow::Borrowed(
                "a Vault role whose path does not end in auth/<mount>/role/<name>.json",
            ));
        };
        let name = answer::stem(record.path);
        let namespace = answer::namespace(&value, record.path, "auth");
        let mut thing = Thing {
            kind: "vault-role",
            object: id::vault_role(namespace.as_deref(), &mount, name),
            place: record.place,
            sink,
        };
        thing.attribute("method", method.to_owned());
        thing.attribute("mount", mount);
        thing.attribute("name", name.to_owned());
        thing.fields(role, &["method", "mount", "name"]);
        for (old, present) in RENAMED {
            if let Some(value) = role.get(old)
                && !role.contains_key(present)
            {
                thing.value(present, value);
            }
        }
        Verdict::Parsed
    }
}
