//! VLT-POL-005: a policy reaches secrets of an owner that none of its holders is.

use std::collections::BTreeMap;

use super::{Check, Known, Verdict};
use crate::config::Owner;
use crate::model::id;
use crate::posture::vault::{Held, Role};
use crate::posture::{Posture, vault};

pub(in crate::check) struct CrossOwnerReach;

impl Check for CrossOwnerReach {
    fn name(&self) -> &'static str {
        "cross-owner-reach"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let (mut population, mut unnamed, mut observations) = (0, 0_u64, Vec::new());
        let roles = vault::roles(input);
        for policy in &input.policies {
            let holders: Vec<Option<String>> = vault::holders(&roles, policy)
                .map(|role| owner_of(role, input))
                .collect();
            // A holder that maps to nobody, or holders of two owners, prove nothing.
            let Some(Some(own)) = holders.first() else {
                let mut holders = vault::holders(&roles, policy);
                unnamed += u64::from(holders.any(|role| role.binds("project_id")));
                continue;
            };
            if holders.iter().any(|other| other.as_ref() != Some(own)) {
                continue;
            }
            population += 1;
            let held = Held::one(policy, input);
            let mut foreign: BTreeMap<String, String> = BTreeMap::new();
            for place in held.near(input) {
                let owner = place.owner;
                let Some(name) = name(owner).filter(|_| !owner.shared && !is_own(owner, own))
                else {
                    continue;
                };
                if let Some(rule) = held.reach(&place, input) {
                    let name = || format!("{name}{}", place.derivation());
                    foreign.entry(rule).or_insert_with(name);
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
        let missing = (unnamed > 0).then(|| {
            format!("{unnamed} policy(ies) are held by roles bound to ids of projects that no export names")
        });
        Verdict::looked(population, observations, missing)
    }
}

fn name(owner: &Owner) -> Option<String> {
    let project = owner
        .project
        .as_ref()
        .map(|project| project.as_str().to_owned());
    project.or_else(|| owner.service.clone())
}

/// Whether an owner is the one of that name, as far as its own name tells: `{project}` is the last
/// segment of a path only.
fn is_own(owner: &Owner, own: &str) -> bool {
    match &owner.project {
        Some(project) => project.matches(own),
        None => owner.service.as_deref() == Some(own),
    }
}

/// The owner that a role is bound to: the project it names, by path or by an exported id.
fn owner_of(role: &Role<'_>, input: &Posture<'_>) -> Option<String> {
    if let Some(path) = role.project_path(input) {
        return Some(path);
    }
    if role.binds("project_path") || role.binds("project_id") {
        return None;
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
