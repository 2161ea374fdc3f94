//! Whose a secret is, and whether the one who touched it is that owner.

use hashbrown::HashMap;

use crate::identity::Scope;
use crate::identity::{Directory, Facts};
use crate::model::{id, kv};
use crate::table::row::{Batch, event};

/// The KV versions of mounts, which decide what the logical path of a request is.
pub(crate) struct Ownership {
    kv_versions: HashMap<String, u8>,
}

impl Ownership {
    /// Learns the versions from the exported mounts.
    pub(crate) fn new(directory: &Directory) -> Ownership {
        let kv_versions = directory
            .of_kind("vault-secret-mount")
            .filter(|attribute| attribute.name == "options.version" || attribute.name == "type")
            .map(|attribute| {
                let version = if attribute.name == "type" {
                    u8::from(attribute.value == "kv" || attribute.value == "generic")
                } else {
                    attribute.value.parse().unwrap_or(1)
                };
                let mount = attribute
                    .object
                    .strip_prefix("vault:mount/")
                    .unwrap_or("")
                    .to_owned();
                (mount, version)
            })
            .fold(
                HashMap::new(),
                |mut versions: HashMap<String, u8>, (mount, version)| {
                    let known = versions.entry(mount).or_insert(version);
                    *known = (*known).max(version);
                    versions
                },
            );
        Ownership { kv_versions }
    }

    /// Logical path of a Vault path, by the exported version of its mount, else by its shape.
    pub(crate) fn logical(&self, batch: &Batch, row: usize) -> String {
        let (namespace, mount) = (
            batch.text(row, event::NAMESPACE),
            batch.text(row, event::MOUNT),
        );
        let path = batch.text(row, event::PATH);
        if batch.text(row, event::SYSTEM) != "vault"
            || mount.is_empty()
            || mount.starts_with("auth/")
            || mount == "sys/"
        {
            return String::new();
        }
        let service = batch.text(row, event::SERVICE);
        let kv = service.is_empty() || service == "kv" || service == "generic";
        match self
            .kv_versions
            .get(&id::in_namespace(Some(namespace), mount))
        {
            Some(2) => kv::logical(mount, path),
            Some(_) => path.to_owned(),
            None if kv => kv::logical(mount, path),
            None => path.to_owned(),
        }
    }

    pub(crate) fn owner(
        &self,
        directory: &Directory,
        scope: &Scope<'_>,
        batch: &Batch,
        row: usize,
    ) -> (String, String) {
        let logical = self.logical(batch, row);
        if logical.is_empty() {
            return (String::new(), String::new());
        }
        let Some(owner) = scope.owner(batch.text(row, event::NAMESPACE), &logical) else {
            return (String::new(), String::new());
        };
        let id = if owner.shared {
            "shared".to_owned()
        } else if let Some(project) = &owner.project {
            match directory.project_named(project) {
                Some(number) => id::gitlab_project(number),
                None => format!("gitlab:project/{project}"),
            }
        } else if let Some(service) = &owner.service {
            directory
                .service_named(service)
                .map_or_else(|| format!("run:service/{service}"), str::to_owned)
        } else {
            String::new()
        };
        let environment = owner.environment.unwrap_or_default();
        let tier = scope
            .tier(&environment)
            .map_or_else(|| environment.clone(), str::to_owned);
        (id, tier)
    }
}

/// `same` when the origin is the owner, `other` when it is surely not.
pub(crate) fn owner_match(facts: &Facts, owner: &str) -> &'static str {
    if owner == "shared" {
        return "shared";
    }
    if owner.is_empty() || facts.origin_kind.is_empty() {
        return "";
    }
    match facts.origin_kind {
        "job" if facts.project_id.is_empty() => "",
        "service" if facts.service_id.is_empty() => "",
        "job" if facts.project_id == owner => "same",
        "job" => match owner.strip_prefix("gitlab:project/") {
            // Not exported, so known by path only.
            Some(path) if same_project(path, &facts.project_path) => "same",
            _ => "other",
        },
        "service" if facts.service_id == owner => "same",
        "service" => match owner.strip_prefix("run:service/") {
            Some(name) if name == facts.service_name => "same",
            _ => "other",
        },
        _ => "other",
    }
}

fn same_project(owner: &str, path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or(path);
    owner.eq_ignore_ascii_case(path) || (!owner.contains('/') && owner.eq_ignore_ascii_case(last))
}
