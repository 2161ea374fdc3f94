//! VLT-POL-005: a policy reaches secrets of an owner that none of its holders is.

use std::collections::BTreeMap;

use super::{Check, Verdict};
use crate::config::Owner;
use crate::model::{id, kv};
use crate::policy::{Acl, Capability, MountKind};
use crate::rule::vault::{Mounts, Role};
use crate::rule::{Configuration, vault};

pub(super) struct CrossOwnerReach;

impl Check for CrossOwnerReach {
    fn name(&self) -> &'static str {
        "cross-owner-reach"
    }

    fn run(&self, input: &Configuration<'_>) -> Verdict {
        let (mut population, mut observations) = (0, Vec::new());
        let roles = vault::roles(input);
        for policy in &input.policies {
            let holders: Vec<Option<String>> = vault::holders(&roles, policy)
                .map(|role| owner_of(role, input))
                .collect();
            // A holder that maps to nobody, or holders of two owners, prove nothing.
            let Some(Some(own)) = holders.first() else {
                continue;
            };
            if holders.iter().any(|other| other.as_ref() != Some(own)) {
                continue;
            }
            population += 1;
            let acl = vault::acl(&[policy], input);
            let mounts = Mounts::of(input, policy.namespace, policy.path);
            let mut foreign: BTreeMap<String, String> = BTreeMap::new();
            for (prefix, owner) in vault::owners_near(&[policy], input) {
                let Some(name) = name(owner).filter(|name| name != own && !owner.shared) else {
                    continue;
                };
                if let Some(rule) = reach(&acl, mounts, prefix) {
                    foreign.entry(rule).or_insert(name);
                }
            }
            for (rule, name) in foreign {
                let object = id::vault_path(Some(policy.namespace), &rule);
                let seen = match vault::stanza(policy, &rule) {
                    Some(stanza) => policy.observe(object, stanza, stanza.path_span),
                    None => policy.observe_whole(object),
                };
                observations.push(seen.with_detail(format!("{name}, held by {own} alone")));
            }
        }
        if population == 0 {
            let reason = "no policy is held by roles that are bound to one owner by name";
            return Verdict::NotAssessed(reason.to_owned());
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

/// The pattern by which a set reads or writes below a logical prefix.
pub(super) fn reach(acl: &Acl, mounts: &Mounts, prefix: &str) -> Option<String> {
    let prefix = format!("{}/{}", prefix.trim_matches('/'), vault::CANARY);
    let mount = mounts.holding(&prefix);
    let guess = || prefix.split_once('/').map(|(first, _)| format!("{first}/"));
    let paths = match mount {
        Some((mount, MountKind::Kv2)) => vec![api(mount, &prefix)],
        Some(_) => vec![prefix.clone()],
        None => vec![api(&guess()?, &prefix), prefix.clone()],
    };
    let opens = [
        Capability::Read,
        Capability::Create,
        Capability::Update,
        Capability::Patch,
    ];
    paths.into_iter().find_map(|path| {
        let held = acl.grants(&path, false).capabilities;
        let open = opens.into_iter().any(|capability| held.has(capability));
        open.then(|| acl.deciding(&path, false)).flatten()
    })
}

fn api(mount: &str, logical: &str) -> String {
    let below = logical.strip_prefix(mount).unwrap_or(logical);
    format!("{mount}{}/{below}", kv::Endpoint::Data.segment())
}

fn name(owner: &Owner) -> Option<String> {
    let project = owner
        .project
        .as_ref()
        .map(|project| project.as_str().to_owned());
    project.or_else(|| owner.service.clone())
}

/// The owner that a role is bound to: the project it names, by path or by an exported id.
fn owner_of(role: &Role<'_>, input: &Configuration<'_>) -> Option<String> {
    let mut paths = role.claims().filter(|(claim, _)| *claim == "project_path");
    if let (Some((_, path)), None) = (paths.next(), paths.next()) {
        return (!path.contains('*')).then(|| path.to_owned());
    }
    let mut ids = role.claims().filter(|(claim, _)| *claim == "project_id");
    if let (Some((_, id)), None) = (ids.next(), ids.next()) {
        let object = format!("gitlab:project/{id}");
        let project = input.things.named("gitlab-project", &object).next()?;
        let path = project
            .value("path_with_namespace")
            .or_else(|| project.value("path"));
        return path.map(str::to_owned);
    }
    let accounts: Vec<&str> = role
        .claims()
        .filter(|(claim, _)| *claim == "email")
        .map(|(_, email)| email)
        .chain(role.thing.values("bound_service_accounts"))
        .collect();
    let [account] = accounts.as_slice() else {
        return None;
    };
    let mut running = input
        .services
        .iter()
        .filter(|service| service.service_account == **account);
    let first = running.next()?.name.clone();
    running
        .all(|service| service.name == first)
        .then_some(first)
}
