//! Secrets: by the logical or the API path, by the full name of a Google resource, or by its end.

use std::collections::{BTreeMap, BTreeSet};

use super::{Found, ambiguous, unknown, unknown_but};
use crate::estate::JoinedEstate;
use crate::model::{id, kv};
use crate::table::engine::EngineError;
use crate::table::row::{Batch, event};
use crate::trace::ask::{Ask, TraceError};

/// A secret: a logical path with its namespace, or a resource.
#[derive(Debug)]
pub(in crate::trace) struct Secret {
    pub(in crate::trace) id: String,
    logical: String,
    object: String,
}

impl Secret {
    fn of_path(logical: &str) -> Found {
        Found::Secret(Secret {
            id: id::vault_path(None, logical),
            logical: logical.to_owned(),
            object: String::new(),
        })
    }

    fn of_resource(name: &str) -> Found {
        Found::Secret(Secret {
            id: name.to_owned(),
            logical: String::new(),
            object: name.to_owned(),
        })
    }

    /// Whether an event acted on it.
    pub(in crate::trace) fn is(&self, batch: &Batch, row: usize) -> bool {
        if !self.object.is_empty() {
            let rest = batch.text(row, event::OBJECT).strip_prefix(&self.object);
            return rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("/versions/"));
        }
        let logical = batch.text(row, event::LOGICAL_PATH);
        self.logical.ends_with(logical)
            && !logical.is_empty()
            && id::in_namespace(Some(batch.text(row, event::NAMESPACE)), logical) == self.logical
    }
}

/// What the logs name, and what of it may be meant.
#[derive(Default)]
struct Seen {
    /// Logical paths.
    paths: BTreeSet<String>,
    /// Google resources, versions aside.
    resources: BTreeSet<String>,
    /// What was asked, taken as a logical path.
    as_itself: Option<String>,
    /// Logical paths whose API path was asked.
    as_api: BTreeSet<String>,
}

impl Seen {
    fn read(estate: &JoinedEstate, asked: &str) -> Result<Seen, EngineError> {
        let mut seen = Seen::default();
        let mut mounts: BTreeMap<String, String> = BTreeMap::new();
        for batch in estate.tabled.store.scan(&event::SCHEMA) {
            let batch = batch?;
            for row in 0..batch.len() {
                let text = |column| batch.text(row, column);
                let object = text(event::OBJECT);
                if object.starts_with("gcp:resource/") {
                    let name = object.split("/versions/").next().unwrap_or(object);
                    if !seen.resources.contains(name) {
                        seen.resources.insert(name.to_owned());
                    }
                    continue;
                }
                let (logical, path) = (text(event::LOGICAL_PATH), text(event::PATH));
                if logical.is_empty() {
                    continue;
                }
                let namespace = Some(text(event::NAMESPACE));
                let logical_id = id::in_namespace(namespace, logical);
                if path != logical {
                    let mount = id::in_namespace(namespace, text(event::MOUNT));
                    let meant = mounts
                        .entry(mount)
                        .or_insert_with_key(|mount| kv::logical(mount, asked));
                    if *meant == logical_id && *meant != asked {
                        seen.as_api.insert(logical_id.clone());
                    }
                }
                seen.paths.insert(logical_id);
            }
        }
        seen.as_itself = seen.paths.get(asked).cloned();
        Ok(seen)
    }
}

pub(super) fn find(estate: &JoinedEstate, ask: &Ask<'_>) -> Result<Found, TraceError> {
    let bare = ask.id.strip_prefix("vault:path/").unwrap_or(ask.id);
    let bare = bare.trim_start_matches('/');
    // The address of Vault's API begins with its version.
    let bare = bare.strip_prefix("v1/").unwrap_or(bare);
    let seen = Seen::read(estate, bare)?;
    if let Some(name) = seen.resources.get(ask.id) {
        return Ok(Secret::of_resource(name));
    }
    let mut found = seen.as_itself.iter().chain(&seen.as_api);
    match (found.next(), found.next()) {
        (Some(logical), None) => return Ok(Secret::of_path(logical)),
        (Some(_), Some(_)) => {
            let all = seen.as_itself.iter().chain(&seen.as_api);
            return Err(ambiguous(ask, all.cloned()));
        }
        (None, _) => {}
    }
    // A secret of Secret Manager by its end, such as `secrets/db` or `db`.
    let end = format!(
        "/{}",
        ask.id.strip_prefix("gcp:resource/").unwrap_or(ask.id)
    );
    let named: Vec<String> = seen
        .resources
        .iter()
        .filter(|name| name.contains("/secrets/") && end.len() > 1 && name.ends_with(&end))
        .cloned()
        .collect();
    match named.as_slice() {
        [one] => return Ok(Secret::of_resource(one)),
        [] => {}
        _ => return Err(ambiguous(ask, named)),
    }
    if ask.id.starts_with("gcp:resource/") {
        let known = seen.resources.iter().map(String::as_str);
        return Err(unknown(ask, ask.id, known));
    }
    let folder = format!("{}/", bare.trim_end_matches('/'));
    let logical = folder.replacen("/data/", "/", 1);
    let below = seen
        .paths
        .iter()
        .filter(|path| bare.len() > 1 && (path.starts_with(&folder) || path.starts_with(&logical)));
    let below = below.take(5).cloned();
    // The same path in a namespace.
    let suffix = format!("/{bare}");
    let elsewhere = seen.paths.iter();
    let elsewhere = elsewhere.filter(|path| bare.len() > 1 && path.ends_with(&suffix));
    let below: Vec<String> = below.chain(elsewhere.take(5).cloned()).collect();
    if below.is_empty() {
        Err(unknown(ask, bare, seen.paths.iter().map(String::as_str)))
    } else {
        Err(unknown_but(ask, below))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(namespace: &str, logical: &str, object: &str) -> Batch {
        let mut batch = Batch::new(&event::SCHEMA);
        batch
            .row()
            .text(event::NAMESPACE, namespace)
            .text(event::LOGICAL_PATH, logical)
            .text(event::OBJECT, object);
        batch
    }

    #[test]
    fn a_secret_is_itself_in_its_namespace_and_nothing_longer() {
        let secret = Secret {
            id: String::new(),
            logical: "team/secret/app/db".to_owned(),
            object: String::new(),
        };
        assert!(secret.is(&event("team", "secret/app/db", ""), 0));
        assert!(!secret.is(&event("", "secret/app/db", ""), 0));
        assert!(!secret.is(&event("team", "secret/app/db/old", ""), 0));
        assert!(!secret.is(&event("team", "", ""), 0));
    }

    #[test]
    fn a_resource_has_its_versions_and_not_its_neighbours() {
        let name = "gcp:resource/secretmanager.googleapis.com/projects/p/secrets/db";
        let secret = Secret {
            id: name.to_owned(),
            logical: String::new(),
            object: name.to_owned(),
        };
        assert!(secret.is(&event("", "", name), 0));
        assert!(secret.is(&event("", "", &format!("{name}/versions/3")), 0));
        assert!(!secret.is(&event("", "", &format!("{name}-old")), 0));
    }
}
