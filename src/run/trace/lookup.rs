//! Finds what an id names, in any of the ways people write it.

use std::collections::{BTreeMap, BTreeSet};

use super::ask::{Ask, Kind, TraceError};
use super::near::near;
use super::token::Token;
use crate::identity::Declared;
use crate::model::{id, kv};
use crate::run::{Estate, Scope};
use crate::table::row::half::metadata_value;
use crate::table::row::{Batch, NONE, Sym, event};

/// Digits of a hash that must be given at least.
const DIGITS: usize = 12;

/// What was found.
pub(super) enum Found {
    /// A job, by number in the directory.
    Job(u32),
    /// A job that only tokens name: its id, and their logins.
    ClaimedJob(String, Vec<u32>),
    /// A token.
    Token(Token),
    /// A secret.
    Secret(Secret),
    /// A person, by id.
    Person(String),
    /// A service, by id.
    Service(String),
}

/// A secret: a logical path with its namespace, or a resource.
#[derive(Debug)]
pub(super) struct Secret {
    pub(super) id: String,
    logical: String,
    object: String,
}

impl Secret {
    /// Whether an event acted on it.
    pub(super) fn is(&self, batch: &Batch, row: usize) -> bool {
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

pub(super) fn find(
    estate: &mut Estate,
    scope: &Scope<'_>,
    ask: &Ask<'_>,
) -> Result<Found, TraceError> {
    match ask.kind {
        Kind::Job => job(estate, ask),
        Kind::Token => token(estate, ask),
        Kind::Secret => secret(estate, ask),
        Kind::Person => person(estate, scope, ask),
        Kind::Service => service(estate, ask),
    }
}

fn unknown<'k>(ask: &Ask<'_>, bare: &str, known: impl Iterator<Item = &'k str>) -> TraceError {
    TraceError::Unknown {
        kind: ask.kind,
        asked: ask.id.to_owned(),
        near: near(bare, known),
    }
}

fn ambiguous(ask: &Ask<'_>, found: impl IntoIterator<Item = String>) -> TraceError {
    TraceError::Ambiguous {
        kind: ask.kind,
        asked: ask.id.to_owned(),
        found: found.into_iter().collect(),
    }
}

fn job(estate: &Estate, ask: &Ask<'_>) -> Result<Found, TraceError> {
    let bare = ask.id.strip_prefix("gitlab:job/").unwrap_or(ask.id);
    let (project, number) = match bare.split_once('/') {
        Some((project, number)) => (Some(project), number),
        None => (None, bare),
    };
    let directory = &estate.identity.directory;
    let in_project = |other: u64| project.is_none_or(|project| project.parse() == Ok(other));
    let number: Option<u64> = number.parse().ok();
    let found: Vec<u32> = number
        .map_or(&[][..], |number| directory.jobs_with_id(number))
        .iter()
        .copied()
        .filter(|&job| {
            directory
                .job(job)
                .is_some_and(|job| in_project(job.project_id))
        })
        .collect();
    let name = |&job: &u32| {
        directory
            .job(job)
            .map(|job| id::gitlab_job(job.project_id, job.id))
    };
    match found.as_slice() {
        [one] => return Ok(Found::Job(*one)),
        [] => {}
        several => return Err(ambiguous(ask, several.iter().filter_map(name))),
    }
    let ledger = &estate.identity.ledger;
    let claims = ledger.logins.iter().zip(0u32..).filter(|(login, _)| {
        let value = |key| {
            metadata_value(ledger.text(login.metadata), key)
                .parse()
                .ok()
        };
        let of_project = value("project_id").is_none_or(in_project);
        !login.child && number.is_some() && value("job_id") == number && of_project
    });
    let claims: Vec<u32> = claims.map(|(_, position)| position).collect();
    if !claims.is_empty() {
        return Ok(Found::ClaimedJob(format!("gitlab:job/{bare}"), claims));
    }
    let known: Vec<String> = directory
        .jobs
        .iter()
        .map(|job| match project {
            Some(_) => format!("{}/{}", job.project_id, job.id),
            None => job.id.to_string(),
        })
        .collect();
    Err(unknown(ask, bare, known.iter().map(String::as_str)))
}

fn token(estate: &mut Estate, ask: &Ask<'_>) -> Result<Found, TraceError> {
    let names = &estate.names;
    let ledger = &mut estate.identity.ledger;
    let count = u32::try_from(ledger.logins.len()).unwrap_or(u32::MAX);
    // Every hash by the one that stands for its token, and the logins by it.
    let mut handles: BTreeSet<Sym> = ledger.handles.linked().into_iter().collect();
    handles.extend(ledger.ops.iter().map(|op| op.accessor));
    handles.extend(ledger.logins.iter().map(|login| login.accessor));
    handles.remove(&NONE);
    if let Some(request) = ask.id.strip_prefix("vault:login/") {
        let position = (0..count).zip(&ledger.logins);
        let mut position = position.filter(|(_, login)| ledger.text(login.id) == request);
        let Some((position, accessor)) = position.next().map(|(n, login)| (n, login.accessor))
        else {
            let known = ledger.logins.iter().map(|login| ledger.text(login.id));
            return Err(unknown(ask, request, known));
        };
        let handles = if accessor == NONE {
            BTreeSet::new()
        } else {
            BTreeSet::from([accessor])
        };
        return Ok(Found::Token(Token {
            id: estate.identity.issued_id(position, names),
            logins: vec![position],
            handles,
        }));
    }
    let bare = ask.id.strip_prefix("vault:accessor/").unwrap_or(ask.id);
    let digits = bare
        .strip_prefix("hmac-sha256:")
        .unwrap_or(bare)
        .to_lowercase();
    let prefix = digits.len() >= DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let matching: Vec<Sym> = handles
        .iter()
        .copied()
        .filter(|&handle| {
            let text = ledger.text(handle);
            let hash = text.strip_prefix("hmac-sha256:");
            text == bare || prefix && hash.is_some_and(|hash| hash.starts_with(&digits))
        })
        .collect();
    let roots: BTreeSet<Sym> = matching
        .iter()
        .map(|&found| ledger.handles.root(found))
        .collect();
    let mut roots_in_order = roots.iter();
    let (Some(&root), None) = (roots_in_order.next(), roots_in_order.next()) else {
        if roots.is_empty() {
            // Hashes are compared by as many digits as were given.
            let known = handles.iter().map(|&handle| {
                let text = ledger.text(handle);
                let hash = text.strip_prefix("hmac-sha256:").unwrap_or(text);
                let length = digits.len().max(DIGITS);
                hash.chars().take(length).collect()
            });
            let known: BTreeSet<String> = known.collect();
            return Err(unknown(ask, &digits, known.iter().map(String::as_str)));
        }
        let ids = roots
            .iter()
            .map(|&root| estate.identity.credential_id(root, names));
        return Err(ambiguous(ask, ids));
    };
    let same: BTreeSet<Sym> = handles
        .into_iter()
        .filter(|&handle| ledger.handles.root(handle) == root)
        .collect();
    let logins = (0..count).zip(&ledger.logins);
    let logins = logins.filter(|(_, login)| same.contains(&login.accessor));
    let logins = logins.map(|(position, _)| position).collect();
    Ok(Found::Token(Token {
        id: estate.identity.credential_id(root, names),
        logins,
        handles: same,
    }))
}

fn secret(estate: &Estate, ask: &Ask<'_>) -> Result<Found, TraceError> {
    let resource = ask.id.starts_with("gcp:resource/");
    let bare = ask.id.strip_prefix("vault:path/").unwrap_or(ask.id);
    let bare = bare.trim_start_matches('/');
    let mut known: BTreeSet<String> = BTreeSet::new();
    // Logical paths that what was asked may mean: as itself, or as an API path.
    let (mut as_itself, mut as_api) = (BTreeSet::new(), BTreeSet::new());
    let mut mounts: BTreeMap<String, String> = BTreeMap::new();
    for batch in estate.store.scan(&event::SCHEMA) {
        let batch = batch?;
        for row in 0..batch.len() {
            let text = |column| batch.text(row, column);
            let object = text(event::OBJECT);
            if resource {
                let name = object.split("/versions/").next().unwrap_or(object);
                if object.starts_with("gcp:resource/") && !known.contains(name) {
                    known.insert(name.to_owned());
                }
                continue;
            }
            let (logical, path) = (text(event::LOGICAL_PATH), text(event::PATH));
            if logical.is_empty() {
                continue;
            }
            let namespace = Some(text(event::NAMESPACE));
            let logical_id = id::in_namespace(namespace, logical);
            if logical_id == bare {
                as_itself.insert(logical_id.clone());
            }
            if path != logical {
                let mount = id::in_namespace(namespace, text(event::MOUNT));
                let asked = mounts
                    .entry(mount)
                    .or_insert_with_key(|mount| kv::logical(mount, bare));
                if *asked == logical_id && *asked != bare {
                    as_api.insert(logical_id.clone());
                }
            }
            known.insert(logical_id);
        }
    }
    if resource {
        if known.contains(ask.id) {
            return Ok(Found::Secret(Secret {
                id: ask.id.to_owned(),
                logical: String::new(),
                object: ask.id.to_owned(),
            }));
        }
        return Err(unknown(ask, ask.id, known.iter().map(String::as_str)));
    }
    let mut found = as_itself.union(&as_api);
    match (found.next(), found.next()) {
        (Some(logical), None) => Ok(Found::Secret(Secret {
            id: id::vault_path(None, logical),
            logical: logical.clone(),
            object: String::new(),
        })),
        (None, _) => {
            let slashed = format!("{bare}/");
            let folder = known.iter().any(|path| path.starts_with(&slashed));
            let known = known.iter().map(String::as_str);
            let below = known.clone().filter(|path| path.starts_with(&slashed));
            if folder {
                return Err(TraceError::Unknown {
                    kind: ask.kind,
                    asked: ask.id.to_owned(),
                    near: below.take(5).map(str::to_owned).collect(),
                });
            }
            Err(unknown(ask, bare, known))
        }
        _ => Err(ambiguous(ask, as_itself.union(&as_api).cloned())),
    }
}

fn person(estate: &Estate, scope: &Scope<'_>, ask: &Ask<'_>) -> Result<Found, TraceError> {
    let people = &scope.settings.people;
    let directory = &estate.identity.directory;
    if let Some(person) = scope.person(ask.id) {
        return Ok(Found::Person(person.to_owned()));
    }
    if people.ids_of(ask.id).next().is_some() {
        return Ok(Found::Person(ask.id.to_owned()));
    }
    let bare = ask.id.strip_prefix("gitlab:user/").unwrap_or(ask.id);
    let user = id::gitlab_user(bare);
    if directory.user(bare).is_some() {
        let person = scope.person(&user).map_or(user.clone(), str::to_owned);
        return Ok(Found::Person(person));
    }
    let aliases: BTreeSet<&str> = directory
        .usernames()
        .chain(scope.settings.people.persons())
        .collect();
    Err(unknown(ask, bare, aliases.into_iter()))
}

fn service(estate: &Estate, ask: &Ask<'_>) -> Result<Found, TraceError> {
    let services = &estate.identity.directory.services;
    let found: BTreeSet<&str> = services
        .iter()
        .filter(|service| service.id == ask.id || service.name == ask.id)
        .map(|service| service.id.as_str())
        .collect();
    let mut in_order = found.iter();
    match (in_order.next(), in_order.next()) {
        (Some(one), None) => Ok(Found::Service((*one).to_owned())),
        (None, _) => {
            let whole = ask.id.starts_with("run:service/");
            let name = |service: &'_ crate::model::Service| {
                if whole {
                    service.id.clone()
                } else {
                    service.name.clone()
                }
            };
            let known: BTreeSet<String> = services.iter().map(name).collect();
            Err(unknown(ask, ask.id, known.iter().map(String::as_str)))
        }
        _ => Err(ambiguous(ask, found.into_iter().map(str::to_owned))),
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
