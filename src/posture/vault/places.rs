//! Places of secrets that a pattern of `[[owner]]` owns, with the name of the owner filled in.
//!
//! A pattern by itself names nobody. What fills it is stated elsewhere: literal parts of policies,
//! projects and environments of the exports, bound claims of roles, Cloud Run services, and paths
//! that a log shows to be in use. An owner that nothing names is not made up.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::mounts::Mounts;
use super::{CANARY, roles};
use crate::config::{Filling, Owner, Placeholders};
use crate::model::{id, kv};
use crate::policy::{MountKind, Pattern};
use crate::posture::{Posture, VaultPolicy};

/// One place, by its logical path with its namespace before it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Whose it is.
    pub(crate) owner: Owner,
    /// The pattern of `[[owner]]`, and what names the owner.
    pub(crate) derived: String,
}

/// The places of every pattern.
#[derive(Debug, Default)]
pub(crate) struct Places {
    by_path: BTreeMap<String, Place>,
}

/// What names an owner, by name.
type Named = BTreeMap<String, String>;

/// Names that configuration states.
#[derive(Default)]
struct Names {
    /// Full paths of projects.
    projects: Named,
    services: Named,
    /// Environments of a project, by its full path.
    environments: BTreeMap<String, Named>,
}

impl Places {
    /// Fills every pattern with what is named.
    pub(crate) fn new(input: &Posture<'_>) -> Places {
        let owners = &input.settings.owners;
        let wanted: Vec<Placeholders> = owners.placeholders().collect();
        let mut places = Places::default();
        if wanted.is_empty() {
            return places;
        }
        let names = Names::of(input);
        let texts: Vec<&str> = owners.patterns().map(|(text, _)| text).collect();
        for (at, (wanted, text)) in wanted.iter().zip(texts).enumerate() {
            let mut fillings: BTreeMap<Filling, String> = BTreeMap::new();
            for (filling, by) in stated(at, *wanted, &names, input) {
                for (filling, by) in names.complete(&filling, *wanted, &by) {
                    fillings.entry(filling).or_insert(by);
                }
            }
            // An environment that nothing names stands for all, unless one is named.
            let whole = |filling: &Filling| Filling {
                environment: None,
                ..filling.clone()
            };
            let known: BTreeSet<Filling> = fillings
                .keys()
                .filter(|filling| filling.environment.is_some())
                .map(whole)
                .collect();
            for (filling, by) in &fillings {
                let open = wanted.environment && filling.environment.is_none();
                if open && known.contains(filling) {
                    continue;
                }
                if let Some((path, owner)) = owners.fill(at, filling, CANARY) {
                    let derived = format!("`{text}`, {by}");
                    let place = Place { owner, derived };
                    places.by_path.entry(path).or_insert(place);
                }
            }
        }
        places
    }

    /// The places that begin with `path`, and those that it lies below.
    pub(crate) fn near<'o>(&'o self, path: &str) -> Vec<(&'o str, &'o Place)> {
        let from = (Bound::Included(path), Bound::Unbounded);
        let below = self.by_path.range::<str, _>(from);
        let below = below.take_while(|(place, _)| place.starts_with(path));
        let ends = path.match_indices('/').map(|(at, _)| at);
        let above = ends.filter_map(|end| self.by_path.get_key_value(path.get(..end)?));
        let near = below.chain(above);
        near.map(|(path, place)| (path.as_str(), place)).collect()
    }

    /// Every place, by path.
    #[cfg(test)]
    pub(crate) fn all(&self) -> &BTreeMap<String, Place> {
        &self.by_path
    }
}

/// What fills a pattern at least in part, each with what states it; the first says it best.
fn stated(
    at: usize,
    wanted: Placeholders,
    names: &Names,
    input: &Posture<'_>,
) -> Vec<(Filling, String)> {
    let owners = &input.settings.owners;
    let mut found = Vec::new();
    for policy in &input.policies {
        for (path, open) in logical_paths(policy, input) {
            let Some(filling) = owners.bind(at, &path, open) else {
                continue;
            };
            if filling != Filling::default() && !names.is_group(&filling) {
                found.push((filling, format!("named by {}", policy.id)));
            }
        }
    }
    // The log comes last: what configuration names needs no log.
    let mut last = vec![(Filling::default(), String::new())];
    for (project, environments) in &names.environments {
        for (environment, by) in environments {
            let filling = Filling {
                project: wanted.project.then(|| last_segment(project).to_owned()),
                project_path: wanted.project_path.then(|| project.clone()),
                environment: Some(environment.clone()),
                ..Filling::default()
            };
            if (wanted.project || wanted.project_path) && wanted.environment && !wanted.service {
                found.push((filling, by.clone()));
            }
        }
    }
    for path in &input.logged_paths {
        if let Some(filling) = owners.bind(at, path, false).filter(|f| !names.is_group(f)) {
            last.push((filling, "seen in the log".to_owned()));
        }
    }
    found.extend(last);
    found
}

/// The logical paths that the stanzas of a policy write, with `+` where they leave a segment open;
/// templates leave theirs open too. A stanza whose mount nobody can tell says nothing.
fn logical_paths(policy: &VaultPolicy<'_>, input: &Posture<'_>) -> Vec<(String, bool)> {
    let mounts = Mounts::of(input, policy.namespace, policy.path);
    let namespace = Some(policy.namespace).filter(|namespace| !namespace.is_empty());
    let stanzas = policy.stanzas().iter();
    let paths = stanzas.filter_map(|stanza| {
        let pattern = Pattern::new(&stanza.path, "");
        let stem: Vec<&str> = pattern.stem().split('/').collect();
        let stem: Vec<&str> = stem
            .into_iter()
            .map(|part| if part.contains("{{") { "+" } else { part })
            .collect();
        let first = stem.first()?;
        if matches!(*first, "sys" | "auth" | "identity" | "cubbyhole") {
            return None;
        }
        let path = without_endpoint(&stem, mounts)?;
        Some((id::in_namespace(namespace, &path), pattern.is_open()))
    });
    paths.collect()
}

/// A path of the API as owners write it, where its mount can be told.
fn without_endpoint(parts: &[&str], mounts: &Mounts) -> Option<String> {
    let path = parts.join("/");
    match mounts.holding(&path) {
        Some((mount, MountKind::Kv2)) => {
            let below = path.get(mount.len()..)?;
            let (_, rest) = below.split_once('/')?;
            Some(format!("{mount}{rest}"))
        }
        Some(_) => Some(path),
        // An open segment may be the endpoint of version 2.
        None => logical_by_shape(parts).or_else(|| (!parts.contains(&"+")).then_some(path)),
    }
}

/// The logical path of one that names an endpoint of version 2, the first such segment being it;
/// `None` for one that names none.
pub(crate) fn logical_by_shape(parts: &[&str]) -> Option<String> {
    let endpoint = |part: &&str| {
        let mut all = kv::Endpoint::ALL.into_iter();
        all.any(|endpoint| endpoint.segment() == *part)
    };
    let at = parts.iter().skip(1).position(endpoint)? + 1;
    let (mount, rest) = parts.split_at_checked(at)?;
    let kept = mount.iter().chain(rest.iter().skip(1)).copied();
    Some(kept.collect::<Vec<&str>>().join("/"))
}

impl Names {
    fn of(input: &Posture<'_>) -> Names {
        let mut names = Names::default();
        let mut by_id: BTreeMap<&str, &str> = BTreeMap::new();
        for project in input.things.of("gitlab-project") {
            if let Some(path) = input.things.project_path(project.object) {
                by_id.insert(project.object, path);
                let by = format!("named by {}", project.object);
                names.projects.entry(path.to_owned()).or_insert(by);
            }
        }
        for role in roles(input) {
            let by = format!("named by {}", role.id);
            let claims = |wanted: &'static str| {
                let claims = role.claims().filter(move |(claim, _)| *claim == wanted);
                claims.map(|(_, value)| value)
            };
            let paths = claims("project_path").filter(|path| !path.contains('*'));
            let ids = claims("project_id").map(|number| format!("gitlab:project/{number}"));
            let ids = ids.filter_map(|object| by_id.get(object.as_str()).copied());
            for path in paths.chain(ids) {
                let known = names.projects.entry(path.to_owned());
                known.or_insert_with(|| by.clone());
                for environment in claims("environment").filter(|name| !name.contains('*')) {
                    let all = names.environments.entry(path.to_owned()).or_default();
                    all.entry(environment.to_owned())
                        .or_insert_with(|| by.clone());
                }
            }
        }
        for environment in input.things.of("protected-environment") {
            let project = environment.value("project");
            let path = project.and_then(|project| by_id.get(project));
            if let (Some(path), Some(name)) = (path, environment.value("name")) {
                let all = names.environments.entry((*path).to_owned()).or_default();
                let by = format!("named by {}", environment.object);
                all.entry(name.to_owned()).or_insert(by);
            }
        }
        for service in input.services {
            let by = format!("named by {}", service.id);
            names.services.entry(service.name.clone()).or_insert(by);
        }
        names
    }

    /// Whether a filling takes a group for a project: a known project lies below it.
    fn is_group(&self, filling: &Filling) -> bool {
        filling.project_path.as_ref().is_some_and(|path| {
            let below = format!("{path}/");
            let mut next = self.projects.range(below.clone()..);
            next.next()
                .is_some_and(|(project, _)| project.starts_with(&below))
        })
    }

    /// The fillings with a name for every placeholder but `{environment}`. A project and a service
    /// that nothing names together are not put together.
    fn complete(
        &self,
        filling: &Filling,
        wanted: Placeholders,
        by: &str,
    ) -> Vec<(Filling, String)> {
        let project = (wanted.project && filling.project.is_none())
            || (wanted.project_path && filling.project_path.is_none());
        let service = wanted.service && filling.service.is_none();
        let joined = |more: &str| match by {
            "" => more.to_owned(),
            by => format!("{by} and {more}"),
        };
        let both = (wanted.project || wanted.project_path) && wanted.service;
        match (project, service) {
            (false, false) => vec![(filling.clone(), by.to_owned())],
            _ if both => Vec::new(),
            (true, _) => {
                let all = self.projects.iter().map(|(path, more)| {
                    let mut filled = filling.clone();
                    filled.project = wanted.project.then(|| last_segment(path).to_owned());
                    filled.project_path = wanted.project_path.then(|| path.clone());
                    (filled, joined(more))
                });
                all.collect()
            }
            (false, true) => {
                let all = self.services.iter().map(|(name, more)| {
                    let mut filled = filling.clone();
                    filled.service = Some(name.clone());
                    (filled, joined(more))
                });
                all.collect()
            }
        }
    }
}

fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
