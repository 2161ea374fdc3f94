//! Whose a secret is, and whether the one who touched it is that owner.

use hashbrown::HashMap;

use crate::identity::{Directory, Facts, MountClass, Scope};
use crate::model::{System, id, kv};
use crate::table::row::half::Field;
use crate::table::row::operation::Told;

/// What an operation is about, and whose that is.
#[derive(Debug, Default)]
pub(super) struct Location {
    /// What the mount is for, if it is one that logins go to.
    pub(super) mount_class: Option<MountClass>,
    /// Path without the infix of KV version 2.
    pub(super) logical: String,
    /// What the same secret is called elsewhere.
    pub(super) secret_name: String,
    /// Its owner.
    pub(super) owner: String,
    /// Tier of its environment.
    pub(super) owner_environment: String,
}

/// The KV versions of mounts, which decide what the logical path of a request is.
pub(super) struct Ownership {
    kv_versions: HashMap<String, u8>,
}

impl Ownership {
    /// Learns the versions from the exported mounts.
    pub(super) fn new(directory: &Directory) -> Ownership {
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
    fn logical(&self, told: Told<'_>) -> String {
        let (namespace, mount) = (told.text(Field::Namespace), told.text(Field::Mount));
        let path = told.text(Field::Path);
        if told.record.system != System::Vault
            || mount.is_empty()
            || mount.starts_with("auth/")
            || mount == "sys/"
        {
            return String::new();
        }
        // A mount that was hashed or left out is told by the path, whose first segment it need not be.
        let mount = self.exported(namespace, mount, path);
        match self
            .kv_versions
            .get(&id::in_namespace(Some(namespace), mount))
        {
            Some(2) => kv::logical(mount, path),
            Some(_) => path.to_owned(),
            None if is_kv(told.text(Field::Service)) => kv::logical(mount, path),
            None => path.to_owned(),
        }
    }

    /// The mount of a path: the one named, unless no export holds it and one that the path begins
    /// with.
    fn exported<'p>(&self, namespace: &str, mount: &'p str, path: &'p str) -> &'p str {
        let known = |mount: &str| {
            let mount = id::in_namespace(Some(namespace), mount);
            self.kv_versions.contains_key(&mount)
        };
        if known(mount) {
            return mount;
        }
        let ends = path.match_indices('/').map(|(at, _)| at + 1);
        let mut begins = ends.filter_map(|end| path.get(..end));
        begins.find(|begin| known(begin)).unwrap_or(mount)
    }

    /// What an operation is about, and whose that is.
    pub(super) fn location(
        &self,
        directory: &Directory,
        scope: &Scope<'_>,
        told: Told<'_>,
    ) -> Location {
        let (namespace, mount) = (told.text(Field::Namespace), told.text(Field::Mount));
        let logical = self.logical(told);
        let (owner, owner_environment) = owner(directory, scope, namespace, &logical);
        let kv = is_kv(told.text(Field::Service));
        Location {
            mount_class: scope.mount_class(namespace, mount),
            secret_name: if kv {
                secret_name(&logical)
            } else {
                String::new()
            },
            logical,
            owner,
            owner_environment,
        }
    }
}

/// Whether an engine keeps secrets by name, or is not known.
fn is_kv(service: &str) -> bool {
    matches!(service, "kv" | "generic" | "")
}

/// What a secret is called wherever it is kept: its last path segment, spelled one way.
fn secret_name(logical: &str) -> String {
    let last = logical.rsplit('/').next().unwrap_or("");
    last.chars()
        .filter(|letter| !matches!(letter, '-' | '_' | '.'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The owner of a logical path, and the tier of its environment.
fn owner(
    directory: &Directory,
    scope: &Scope<'_>,
    namespace: &str,
    logical: &str,
) -> (String, String) {
    if logical.is_empty() {
        return (String::new(), String::new());
    }
    let Some(owner) = scope.owner(namespace, logical) else {
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
