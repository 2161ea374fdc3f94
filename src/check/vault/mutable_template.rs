//! VLT-POL-012: a template that resolves to what its holder can influence.

use std::collections::BTreeSet;

use super::{Check, Known, Verdict};
use crate::model::id;
use crate::posture::Posture;

pub(in crate::check) struct MutableTemplate;

/// Claims and metadata keys whose values are renamed by people or chosen by the caller.
const MUTABLE: [&str; 14] = [
    "branch",
    "email",
    "environment",
    "group",
    "groups",
    "namespace_path",
    "preferred_username",
    "project_path",
    "ref",
    "ref_path",
    "user",
    "user_email",
    "user_login",
    "username",
];

impl Check for MutableTemplate {
    fn name(&self) -> &'static str {
        "mutable-template"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let accessors: BTreeSet<&str> = input
            .things
            .of("vault-auth-mount")
            .filter_map(|mount| mount.value("accessor"))
            .collect();
        let (mut population, mut observations) = (0, Vec::new());
        for policy in &input.policies {
            for stanza in policy.stanzas() {
                let path = stanza.path.trim_start_matches('/');
                population += 1;
                // A token that looks itself up by name finds itself, whatever the name.
                if path.starts_with("identity/") {
                    continue;
                }
                let mut templates = path.split("{{").skip(1);
                let found = templates.find_map(|rest| {
                    let (name, _) = rest.split_once("}}")?;
                    fault(name.trim(), &accessors)
                });
                if let Some(fault) = found {
                    let object = id::vault_path(Some(policy.namespace), path);
                    let seen = policy.observe(object, stanza, stanza.path_span);
                    observations.push(seen.with_detail(fault));
                }
            }
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

fn fault(name: &str, accessors: &BTreeSet<&str>) -> Option<String> {
    if let Some(rest) = name.strip_prefix("identity.entity.aliases.") {
        let (accessor, field) = rest.split_once('.').unwrap_or((rest, ""));
        if !accessors.is_empty() && !accessors.contains(accessor) {
            return Some(format!("no auth method has the accessor `{accessor}`"));
        }
        let key = field.rsplit('.').next().unwrap_or(field);
        let chosen = field.starts_with("custom_metadata.");
        return (chosen || MUTABLE.contains(&key))
            .then(|| format!("`{field}` of the alias can be renamed or chosen"));
    }
    match name {
        "identity.entity.name" => Some("the entity's name can be changed".to_owned()),
        _ => {
            let key = name.strip_prefix("identity.entity.metadata.")?;
            MUTABLE
                .contains(&key)
                .then(|| format!("metadata `{key}` of the entity can be changed"))
        }
    }
}
