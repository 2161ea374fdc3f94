//! `[vault]`: which auth mounts serve CI jobs, workloads and people, and the policy dialect.

use std::collections::BTreeMap;

use super::reading::Fields;

/// Who logs in through an auth mount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MountClass {
    /// CI jobs (`ci_mounts`).
    Ci,
    /// Services and machines (`workload_mounts`).
    Workload,
    /// People (`human_mounts`).
    Human,
}

impl MountClass {
    const KEYS: [(MountClass, &'static str); 3] = [
        (MountClass::Ci, "ci_mounts"),
        (MountClass::Workload, "workload_mounts"),
        (MountClass::Human, "human_mounts"),
    ];
}

/// The server whose policy language is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Dialect {
    /// HashiCorp Vault.
    #[default]
    Vault,
    /// OpenBao.
    OpenBao,
}

/// The auth mounts by class.
///
/// A mount may be written `auth/gitlab/`, `auth/gitlab`, `gitlab/` or `gitlab` and then matches in
/// every namespace; `team/auth/gitlab/` (the namespace before `auth/`) matches in `team` only, and
/// wins there over an entry without namespace.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Mounts {
    /// (namespace or `None` for every one, mount without `auth/` and outer slashes) -> class.
    classes: BTreeMap<(Option<String>, String), MountClass>,
}

impl Mounts {
    /// The class of the auth mount `mount` in `namespace` (`None` or empty for root).
    #[must_use]
    pub fn class(&self, namespace: Option<&str>, mount: &str) -> Option<MountClass> {
        let (written, mount) = split(mount);
        let namespace = written.or_else(|| namespace.map(tidy)).unwrap_or_default();
        self.classes
            .get(&(Some(namespace), mount.clone()))
            .or_else(|| self.classes.get(&(None, mount)))
            .copied()
    }

    /// The mounts of one class as (namespace or `None` for every one, mount), sorted; the mount
    /// without `auth/` and outer slashes.
    pub fn of(&self, class: MountClass) -> impl Iterator<Item = (Option<&str>, &str)> {
        self.classes
            .iter()
            .filter(move |(_, found)| **found == class)
            .map(|((namespace, mount), _)| (namespace.as_deref(), mount.as_str()))
    }
}

/// Reads `[vault]`.
pub(super) fn read(mut fields: Fields<'_>) -> (Mounts, Dialect) {
    let mut classes: BTreeMap<(Option<String>, String), MountClass> = BTreeMap::new();
    for (class, key) in MountClass::KEYS {
        let mounts = fields.strings(key).unwrap_or_default();
        if mounts.is_empty() {
            // Without a mount nobody logs in by it: rules about such logins would pass on nothing.
            fields.unset(key);
        }
        for (text, span) in mounts {
            let (namespace, mount) = split(&text);
            if mount.is_empty() {
                fields.document.complain(
                    &span,
                    format!("`{}` names no mount: \"{text}\"", fields.dotted(key)),
                    "write the mount path, e.g. \"auth/gitlab/\"",
                );
                continue;
            }
            let before = classes.insert((namespace, mount), class);
            if let Some(before) = before.filter(|before| *before != class) {
                let other = MountClass::KEYS.iter().find(|(found, _)| *found == before);
                let other = other.map_or("", |(_, key)| key);
                fields.document.complain(
                    &span,
                    format!("mount \"{text}\" stands in both `{other}` and `{key}`"),
                    "a mount has one class; keep it in one list",
                );
            }
        }
    }
    let dialect = match fields.one_of("dialect", &["vault", "openbao"]) {
        Some("openbao") => Dialect::OpenBao,
        _ => Dialect::Vault,
    };
    fields.finish();
    (Mounts { classes }, dialect)
}

/// Namespace (if written) and bare mount of a mount path.
fn split(text: &str) -> (Option<String>, String) {
    let text = tidy(text);
    if text == "auth" {
        return (None, String::new());
    }
    if let Some(mount) = text.strip_prefix("auth/") {
        return (None, tidy(mount));
    }
    match text.split_once("/auth/") {
        Some((namespace, mount)) => (Some(tidy(namespace)), tidy(mount)),
        None => (None, text),
    }
}

fn tidy(text: &str) -> String {
    text.trim().trim_matches('/').to_owned()
}
