//! Settings of auth methods: `.../auth/<mount>/config.json`.
//!
//! Kind `vault-auth-config`, object `vault:mount/[<namespace>/]auth/<mount>/` (the same as the
//! mount's). Attributes: `method` (`jwt` for jwt and oidc, `kubernetes`, `gcp`, `ldap`, `okta`,
//! `github`, `azure`, `aws`), `mount` (without `auth/`), and every field of the answer; for jwt
//! `bound_issuer`, `default_role`, `jwks_url`, `oidc_discovery_url`, `jwt_validation_pubkeys`,
//! `jwt_supported_algs`, `provider_config.<key>`; for gcp `iam_alias`, `iam_metadata`, `gce_alias`,
//! `gce_metadata`. Client secrets, bind passwords, reviewer tokens and keys are redacted.

use std::borrow::Cow;

use super::SOURCE;
use super::answer::{self, Object};
use super::attributes::Thing;
use super::location;
use crate::model::{About, Format, Framing, Record, Sample, Sink, Verdict, id};
use crate::snapshot::typed::{self, Type};

pub(super) struct AuthConfig;

/// Fields of which the settings of a method have at least one, and those of no other thing any.
const SIGNATURES: [(&str, &[&str]); 8] = [
    (
        "jwt",
        &[
            "bound_issuer",
            "oidc_discovery_url",
            "jwt_validation_pubkeys",
        ],
    ),
    ("kubernetes", &["kubernetes_host"]),
    ("gcp", &["iam_alias", "gce_alias"]),
    ("ldap", &["userdn", "binddn"]),
    ("okta", &["org_name", "bypass_okta_mfa"]),
    ("github", &["organization_id"]),
    ("azure", &["tenant_id"]),
    ("aws", &["iam_server_id_header_value"]),
];

/// Of which type the settings are that anything is told by.
const TYPES: &[(&[&str], Type)] = &[
    (
        &[
            "bound_issuer",
            "default_role",
            "gce_alias",
            "iam_alias",
            "jwks_url",
            "kubernetes_host",
            "oidc_discovery_url",
        ],
        Type::Scalar,
    ),
    (
        &[
            "gce_metadata",
            "iam_metadata",
            "jwt_supported_algs",
            "jwt_validation_pubkeys",
        ],
        Type::Scalars,
    ),
    (&["provider_config"], Type::Map),
];

fn method(config: &Object) -> Option<&'static str> {
    let found = SIGNATURES
        .iter()
        .find(|(_, fields)| answer::has_any(config, fields));
    found.map(|(method, _)| *method)
}

impl Format for AuthConfig {
    fn about(&self) -> &About {
        &About {
            source: &SOURCE,
            title: "Vault auth method settings",
            framing: Framing::Json,
        }
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let Some(config) = sample.value.and_then(answer::object) else {
            return false;
        };
        // `tenant_id` and the like also stand in other systems' exports, which are not answers of
        // this API; those of jwt, kubernetes and gcp are plain enough to stand alone.
        match method(config) {
            Some("jwt" | "kubernetes" | "gcp") => true,
            Some(_) => location::mount_of_config(sample.path).is_some(),
            None => false,
        }
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let value = match answer::parse(record) {
            Ok(value) => value,
            Err(verdict) => return verdict,
        };
        let Some((config, method)) =
            answer::object(&value).and_then(|config| Some((config, method(config)?)))
        else {
            return Verdict::Foreign;
        };
        let Some(mount) = location::mount_of_config(record.path) else {
            return Verdict::Rejected(Cow::Borrowed(
                "settings of a Vault auth method whose path does not end in auth/<mount>/config.json",
            ));
        };
        if let Some(field) = typed::wrong(config, TYPES) {
            let why = format!("settings of a Vault auth method whose `{field}` is of another type");
            return Verdict::Rejected(why.into());
        }
        let namespace = answer::namespace(&value, record.path, "auth");
        let mut thing = Thing {
            kind: "vault-auth-config",
            object: id::vault_mount(namespace.as_deref(), &format!("auth/{mount}/")),
            place: record.place,
            sink,
        };
        thing.attribute("method", method.to_owned());
        thing.attribute("mount", mount);
        thing.fields(config, &["method", "mount"]);
        Verdict::Parsed
    }
}
