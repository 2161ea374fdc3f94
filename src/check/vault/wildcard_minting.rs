//! VLT-POL-013: credentials, certificates or plaintext of any role of an engine.

use std::collections::{BTreeMap, BTreeSet};

use super::whole_mount_read::patterns;
use super::{Check, Known, Verdict};
use crate::model::id;
use crate::policy::{Capability, Pattern};
use crate::posture::vault::Mounts;
use crate::posture::{Posture, vault};

pub(in crate::check) struct WildcardMinting;

/// By engine type: what comes before the name of a role or key, and behind it.
const MINTS: [(&str, &str, &str); 19] = [
    ("aws", "creds/", ""),
    ("aws", "sts/", ""),
    ("azure", "creds/", ""),
    ("consul", "creds/", ""),
    ("database", "creds/", ""),
    ("gcp", "roleset/", "/token"),
    ("gcp", "roleset/", "/key"),
    ("gcp", "static-account/", "/token"),
    ("gcp", "static-account/", "/key"),
    ("gcp", "impersonated-account/", "/token"),
    ("kubernetes", "creds/", ""),
    ("pki", "issue/", ""),
    ("pki", "sign/", ""),
    ("pki", "sign-verbatim/", ""),
    ("rabbitmq", "creds/", ""),
    ("ssh", "sign/", ""),
    ("transit", "decrypt/", ""),
    ("transit", "export/encryption-key/", ""),
    ("transit", "sign/", ""),
];

impl Check for WildcardMinting {
    fn name(&self) -> &'static str {
        "wildcard-minting"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let mut observations = Vec::new();
        for policy in &input.policies {
            let acl = vault::acl(&[policy], input);
            let mounts = Mounts::of(input, policy.namespace, policy.path);
            let mut by_rule: BTreeMap<String, String> = BTreeMap::new();
            for path in minting(mounts, &patterns(policy)) {
                let held = acl.grants(&path, false).capabilities;
                let opens = [Capability::Read, Capability::Update, Capability::Create];
                let Some(capability) = opens.into_iter().find(|c| held.has(*c)) else {
                    continue;
                };
                let rule = acl.deciding(&path, false);
                if let Some(rule) = rule.filter(|rule| !vault::is_global(rule)) {
                    let shown = path.replace(vault::CANARY, "<any>");
                    by_rule
                        .entry(rule)
                        .or_insert(format!("{capability} on {shown}"));
                }
            }
            for (rule, detail) in by_rule {
                let Some(stanza) = vault::stanza(policy, &rule) else {
                    continue;
                };
                let object = id::vault_path(Some(policy.namespace), &rule);
                let seen = policy.observe(object, stanza, stanza.path_span);
                observations.push(seen.with_detail(detail));
            }
        }
        Verdict::Looked {
            population: input.policies.len() as u64,
            observations,
        }
    }
}

/// A path of a role that is not there, for every way to mint: of listed engines by their type, of
/// others by the endpoint that a pattern names behind literal segments.
fn minting(mounts: &Mounts, patterns: &[Pattern]) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    let mut add = |mount: &str, before: &str, after: &str| {
        paths.insert(format!("{mount}{before}{}{after}", vault::CANARY));
    };
    for (mount, engine) in &mounts.types {
        for (_, before, after) in MINTS.iter().filter(|(known, ..)| known == engine) {
            add(mount, before, after);
        }
    }
    if mounts.types.is_empty() {
        for pattern in patterns.iter().filter(|pattern| !pattern.is_exact()) {
            for (_, before, after) in MINTS {
                let Some((mount, _)) = pattern.as_str().split_once(&format!("/{before}")) else {
                    continue;
                };
                let own =
                    ["sys", "auth", "identity"].contains(&mount.split('/').next().unwrap_or(""));
                if !own
                    && !mount.contains("/data")
                    && !mount.contains("/metadata")
                    && !mount.contains(['+', '*'])
                {
                    add(&format!("{mount}/"), before, after);
                }
            }
        }
    }
    paths
}
