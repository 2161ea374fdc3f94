//! Where secrets engines and auth methods are mounted: as listed, or as policies let guess.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Confidence;
use crate::policy::{MountKind, Pattern};
use crate::posture::{Posture, Thing};

/// The mounts of one namespace.
#[derive(Debug, Default)]
pub(crate) struct Mounts {
    /// Secrets engines by path (with its final slash), listed ones only.
    pub(crate) listed: BTreeMap<String, MountKind>,
    /// Engine types by path, as listed.
    pub(crate) types: BTreeMap<String, String>,
    /// Auth methods by path below `auth/`, listed ones only.
    pub(crate) auth: BTreeSet<String>,
    /// Whether some list belongs to the file that asks.
    pub(crate) belongs: bool,
}

/// A part of a secrets engine that holds values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Region {
    /// The mount, with its final slash.
    pub(crate) mount: String,
    /// The prefix of values: `<mount>data/` or the mount itself.
    pub(crate) values: String,
    /// The prefix of names: `<mount>metadata/` or the mount itself.
    pub(crate) names: String,
    /// How sure it is that this holds secrets.
    pub(crate) confidence: Confidence,
}

impl Mounts {
    /// The mounts listed for a namespace, by the lists that belong to the file at `path`: those of
    /// another server say nothing about it.
    pub(crate) fn of<'i>(input: &'i Posture<'_>, namespace: &str, path: &str) -> &'i Mounts {
        input.mounts().of(namespace, path)
    }

    /// The regions of key-value engines: listed ones, or those that the patterns name where no
    /// engine is listed. `<x>/data/...` tells version 2; a bare `<x>/*` may be anything.
    pub(crate) fn regions(&self, patterns: &[Pattern]) -> Vec<Region> {
        if !self.listed.is_empty() {
            let regions = self.listed.iter().filter_map(|(mount, kind)| match kind {
                MountKind::Kv2 => Some(version2(mount, Confidence::CERTAIN)),
                MountKind::Kv1 => Some(version1(mount, Confidence::CERTAIN)),
                _ => None,
            });
            return regions.collect();
        }
        let mut found: BTreeMap<String, Region> = BTreeMap::new();
        for pattern in patterns {
            let text = pattern.as_str();
            // Whatever engine stands for a `+`, it is of version 2 where `data/` is below it.
            if own(text) && !text.starts_with("+/") {
                continue;
            }
            for infix in ["/data/", "/metadata/"] {
                if let Some((mount, _)) = text.split_once(infix)
                    && (!mount.contains(['+', '*']) || mount.split('/').all(|part| part == "+"))
                {
                    let mount = format!("{mount}/");
                    found.insert(mount.clone(), version2(&mount, Confidence(95)));
                }
            }
        }
        for pattern in patterns {
            let text = pattern.as_str();
            if let Some(mount) = text.strip_suffix('*')
                && pattern.is_open()
                && mount.ends_with('/')
                && !mount.trim_end_matches('/').contains('/')
                && !mount.contains('+')
                && !own(text)
            {
                let guess = version1(mount, Confidence(60));
                found.entry(mount.to_owned()).or_insert(guess);
            }
        }
        found.into_values().collect()
    }

    /// The list in which no mount holds any path of the pattern, if one was supplied that should:
    /// that of auth methods says nothing of engines, and the other way round.
    pub(crate) fn lacking(&self, pattern: &Pattern) -> Option<&'static str> {
        let text = pattern.as_str();
        let of_auth = text.starts_with("auth/");
        if own(text) && !of_auth {
            return None;
        }
        let (by, listed) = match of_auth {
            true => ("vault-auth-mount", !self.auth.is_empty()),
            false => ("vault-secret-mount", !self.listed.is_empty()),
        };
        let engines = self.listed.keys().filter(|_| !of_auth);
        let mut mounts = engines.chain(&self.auth);
        (listed && !mounts.any(|mount| meets(pattern, mount))).then_some(by)
    }

    /// The listed engine that a pattern lies in as a whole.
    pub(crate) fn holding(&self, pattern: &str) -> Option<(&str, MountKind)> {
        let holding = self
            .listed
            .iter()
            .filter(|(mount, _)| pattern.starts_with(mount.as_str()));
        holding
            .max_by_key(|(mount, _)| mount.len())
            .map(|(mount, kind)| (mount.as_str(), *kind))
    }
}

/// Paths of the server itself, present in every namespace.
fn own(text: &str) -> bool {
    let first = text.split('/').next().unwrap_or_default();
    matches!(
        first,
        "sys"
            | "sys*"
            | "auth"
            | "auth*"
            | "identity"
            | "identity*"
            | "cubbyhole"
            | "cubbyhole*"
            | ""
            | "*"
            | "+"
    )
}

/// Whether a pattern stands for the mount itself or some path below it, segment by segment.
fn meets(pattern: &Pattern, mount: &str) -> bool {
    let mount = mount.trim_end_matches('/');
    let mut parts = pattern.stem().split('/').peekable();
    for segment in mount.split('/') {
        let Some(part) = parts.next() else {
            return false;
        };
        let last = parts.peek().is_none();
        if last && pattern.is_open() {
            return segment.starts_with(part) || part.is_empty();
        }
        if part != "+" && part != segment {
            return false;
        }
    }
    true
}

fn version2(mount: &str, confidence: Confidence) -> Region {
    Region {
        mount: mount.to_owned(),
        values: format!("{mount}data/"),
        names: format!("{mount}metadata/"),
        confidence,
    }
}

fn version1(mount: &str, confidence: Confidence) -> Region {
    Region {
        mount: mount.to_owned(),
        values: mount.to_owned(),
        names: mount.to_owned(),
        confidence,
    }
}

pub(crate) fn kind(thing: &Thing<'_>) -> MountKind {
    match thing.value("type").unwrap_or_default() {
        "kv" | "generic" if thing.value("options.version") == Some("2") => MountKind::Kv2,
        "kv" | "generic" => MountKind::Kv1,
        "pki" => MountKind::Pki,
        "transit" => MountKind::Transit,
        "ssh" => MountKind::Ssh,
        "aws" | "azure" | "database" | "gcp" | "rabbitmq" | "consul" | "nomad" | "ldap"
        | "kubernetes" | "mongodbatlas" | "terraform" | "alicloud" | "openldap" => {
            MountKind::Dynamic
        }
        _ => MountKind::Other,
    }
}
