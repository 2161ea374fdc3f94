//! Which owners a set of policies can reach at all, and by which of its patterns.

use std::collections::BTreeMap;

use super::{CANARY, Mounts, Role, acl};
use crate::config::Owner;
use crate::model::{id, kv};
use crate::policy::{Acl, Capability, MountKind, Pattern};
use crate::posture::{Posture, VaultPolicy};

/// A place of secrets that some policies open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnedPlace<'c> {
    /// Its logical path below the namespace.
    pub(crate) path: &'c str,
    /// Whose it is.
    pub(crate) owner: &'c Owner,
    /// The pattern of `[[owner]]` and what names the owner; none for a prefix.
    pub(crate) derived: Option<&'c str>,
}

/// Policies that decide together, in one namespace.
pub(crate) struct Held<'p, 'c> {
    pub(crate) policies: Vec<&'p VaultPolicy<'c>>,
    pub(crate) acl: Acl,
    namespace: &'p str,
    mounts: &'p Mounts,
    patterns: Vec<Pattern>,
}

impl<'p, 'c> Held<'p, 'c> {
    /// One policy by itself.
    pub(crate) fn one(policy: &'p VaultPolicy<'c>, input: &'p Posture<'c>) -> Held<'p, 'c> {
        Held::new(vec![policy], policy.namespace, policy.path, input)
    }

    /// All that a role gives.
    pub(crate) fn of(role: &'p Role<'_>, input: &'p Posture<'c>) -> Held<'p, 'c> {
        let policies = role.token(input);
        Held::new(policies, &role.namespace, role.path(input), input)
    }

    fn new(
        policies: Vec<&'p VaultPolicy<'c>>,
        namespace: &'p str,
        path: &str,
        input: &'p Posture<'c>,
    ) -> Held<'p, 'c> {
        let stanzas = policies.iter().flat_map(|policy| policy.stanzas());
        let opens = stanzas.filter(|stanza| !stanza.capabilities.has(Capability::Deny));
        Held {
            acl: acl(&policies, input),
            namespace,
            mounts: Mounts::of(input, namespace, path),
            patterns: opens.map(|stanza| Pattern::new(&stanza.path, "")).collect(),
            policies,
        }
    }

    /// The places that some pattern may reach, by path: with thousands of owners and of policies
    /// not every pair can be decided. No pattern reaches what is left out; what is in,
    /// [`Held::reach`] tells.
    pub(crate) fn near(&self, input: &'p Posture<'c>) -> Vec<OwnedPlace<'p>> {
        let (owners, places) = (&input.settings.owners, input.places());
        let mut near = BTreeMap::new();
        for head in self.patterns.iter().flat_map(|p| heads(p.as_str())) {
            let head = self.absolute(&head);
            let prefixes = owners.near(&head).into_iter();
            let prefixes = prefixes.map(|(path, owner)| (path, owner, None));
            let filled = places.near(&head).into_iter();
            let filled =
                filled.map(|(path, place)| (path, &place.owner, Some(place.derived.as_str())));
            for (path, owner, derived) in prefixes.chain(filled) {
                let Some(path) = self.below_namespace(path) else {
                    continue;
                };
                near.entry(path).or_insert(OwnedPlace {
                    path,
                    owner,
                    derived,
                });
            }
        }
        near.into_values().collect()
    }

    fn absolute(&self, path: &str) -> String {
        id::in_namespace(Some(self.namespace), path)
    }

    fn below_namespace<'a>(&self, path: &'a str) -> Option<&'a str> {
        match self.namespace {
            "" => Some(path),
            namespace => path.strip_prefix(namespace)?.strip_prefix('/'),
        }
    }

    /// The pattern by which the policies read or write in a place: any path of it, or one that a
    /// stanza singles out and that nobody else owns.
    pub(crate) fn reach(&self, place: &OwnedPlace<'_>, input: &Posture<'_>) -> Option<String> {
        let regions = regions(self.mounts, place.path);
        let anywhere = regions
            .iter()
            .find_map(|region| self.opens(&format!("{region}/{CANARY}")));
        if anywhere.is_some() {
            return anywhere;
        }
        let depth = self.absolute(place.path).split('/').count();
        let owners = &input.settings.owners;
        regions.iter().find_map(|region| {
            self.patterns.iter().find_map(|pattern| {
                let path = common(region, pattern)?;
                let below = path.get(region.len()..)?;
                let logical = self.absolute(&format!("{}{below}", place.path));
                let own = owners.depth(&logical).is_none_or(|told| told <= depth);
                own.then(|| self.opens(&path))?
            })
        })
    }

    /// The pattern that reads or writes a path of the API.
    fn opens(&self, path: &str) -> Option<String> {
        let held = self.acl.grants(path, false).capabilities;
        let opens = [
            Capability::Read,
            Capability::Create,
            Capability::Update,
            Capability::Patch,
        ];
        let open = opens.into_iter().any(|capability| held.has(capability));
        open.then(|| self.acl.deciding(path, false)).flatten()
    }
}

impl OwnedPlace<'_> {
    /// The path as people write it, with the placeholder where no environment is named.
    pub(crate) fn shown(&self) -> String {
        self.path.replace(CANARY, "{environment}")
    }

    /// The place, its pattern and what names its owner, in brackets; empty for a prefix.
    pub(crate) fn derivation(&self) -> String {
        self.derived.map_or_else(String::new, |derived| {
            format!(" ({} by pattern {derived})", self.shown())
        })
    }
}

/// Where a logical path lies in the API: below `data/` for version 2, both ways where no list of
/// mounts tells.
fn regions(mounts: &Mounts, place: &str) -> Vec<String> {
    let place = place.trim_matches('/');
    let below = format!("{place}/");
    let api = |mount: &str| {
        let rest = below.strip_prefix(mount).unwrap_or(&below);
        let path = format!("{mount}{}/{rest}", kv::Endpoint::Data.segment());
        path.trim_end_matches('/').to_owned()
    };
    match mounts.holding(&below) {
        Some((mount, MountKind::Kv2)) => vec![api(mount)],
        Some(_) => vec![place.to_owned()],
        None => {
            let first = below.split_once('/').map(|(first, _)| format!("{first}/"));
            let guess = first.map(|mount| api(&mount));
            guess.into_iter().chain([place.to_owned()]).collect()
        }
    }
}

/// A path in a region that a pattern stands for; `None` when they have none in common.
fn common(region: &str, pattern: &Pattern) -> Option<String> {
    let parts: Vec<&str> = pattern.stem().split('/').collect();
    let mut path: Vec<String> = Vec::new();
    let mut all = parts.iter().enumerate();
    for segment in region.split('/') {
        let (at, part) = all.next()?;
        let tail = at + 1 == parts.len() && pattern.is_open();
        if tail {
            return segment
                .starts_with(part)
                .then(|| format!("{region}/{CANARY}"));
        }
        if *part != "+" && *part != segment {
            return None;
        }
        path.push(segment.to_owned());
    }
    for (at, part) in all {
        let tail = at + 1 == parts.len() && pattern.is_open();
        path.push(match (*part, tail) {
            ("+", _) => CANARY.to_owned(),
            (part, true) => format!("{part}{CANARY}"),
            (part, false) => part.to_owned(),
        });
    }
    Some(path.join("/"))
}

/// What logical paths that a pattern matches begin with: its literal part as it is, and without
/// `data/` wherever a mount may end before it.
fn heads(pattern: &str) -> Vec<String> {
    let end = pattern.find(['+', '*', '{']).unwrap_or(pattern.len());
    let head = pattern.get(..end).unwrap_or_default();
    let data = format!("{}/", kv::Endpoint::Data.segment());
    let mounts = head.match_indices('/').filter_map(|(at, _)| {
        let (mount, below) = head.split_at_checked(at + 1)?;
        if data.starts_with(below) {
            return Some(mount.to_owned());
        }
        Some(format!("{mount}{}", below.strip_prefix(&data)?))
    });
    [head.to_owned()].into_iter().chain(mounts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    /// Every path by which a prefix is asked for, whichever of its segments the mount ends at.
    fn asked(prefix: &str) -> Vec<String> {
        let below = format!("{prefix}/x");
        let mounts = below.match_indices('/').map(|(at, _)| at + 1);
        let version2 = mounts.map(|at| format!("{}data/{}", &below[..at], &below[at..]));
        version2.chain([below.clone()]).collect()
    }

    #[test]
    fn whatever_a_pattern_matches_is_near() {
        let prefixes = [
            "secret",
            "secret/a",
            "secret/a/prod",
            "secret/ab",
            "kv/t/a",
            "data/a",
        ];
        let text: String = prefixes
            .iter()
            .map(|prefix| format!("[[owner]]\nprefix = \"{prefix}/\"\nproject = \"g/p\"\n"))
            .collect();
        let settings = Settings::parse("piperoll.toml", &text, &[]).unwrap();
        let mut met = 0;
        for pattern in [
            "*",
            "+/data/a/*",
            "secret/*",
            "secret/data/*",
            "secret/da*",
            "secret/data/a*",
            "secret/data/a/prod/x",
            "secret/data/a/+/x",
            "secret/a/x",
            "kv/+/data/a/*",
            "kv/t/data/a/*",
            "kv/t/data/a/x",
            "data/data/a/*",
            "data/*",
            "secret/data/data/*",
            "secret/data/{{identity.entity.name}}/*",
            "s*",
        ] {
            let pattern = Pattern::new(pattern, "");
            let found = heads(pattern.as_str());
            let near: Vec<&str> = found
                .iter()
                .flat_map(|head| settings.owners.near(head))
                .map(|(prefix, _)| prefix)
                .collect();
            for prefix in prefixes {
                if asked(prefix).iter().any(|path| pattern.matches(path)) {
                    met += 1;
                    assert!(
                        near.contains(&prefix),
                        "{pattern:?} reaches {prefix}: {near:?}"
                    );
                }
            }
        }
        assert!(met > 30, "{met}");
    }

    #[test]
    fn what_lies_elsewhere_is_not_near() {
        let text = "[[owner]]\nprefix = \"secret/a/\"\nproject = \"g/p\"\n";
        let settings = Settings::parse("piperoll.toml", text, &[]).unwrap();
        for pattern in ["secret/data/b/*", "kv/data/a/*", "auth/token/renew-self"] {
            let found = heads(pattern);
            assert!(
                found
                    .iter()
                    .all(|head| settings.owners.near(head).is_empty())
            );
        }
    }
}
