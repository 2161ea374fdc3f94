//! Facts that configuration alone states and that rules in SQL read beside the log: what services
//! can reach of each other, and policies that differ from those of the repository.

use std::collections::{BTreeMap, BTreeSet};

use super::vault::{self, Held, Role};
use super::{Posture, VaultPolicy};
use crate::identity::{Mismatch, MismatchKind};
use crate::model::{Place, Timestamp, id};
use crate::policy::{DEFAULT_CAP, compare};

/// Every such fact, in the order of subjects and objects.
#[must_use]
pub fn stated_facts(input: &Posture<'_>) -> Vec<Mismatch> {
    let mut facts = service_reach(input);
    facts.extend(policy_drift(input));
    facts.sort_by(|a, b| (&a.subject, &a.object, a.place).cmp(&(&b.subject, &b.object, b.place)));
    facts
}

/// IM-5: the token of a service's role opens what `[[owner]]` gives to another service.
fn service_reach(input: &Posture<'_>) -> Vec<Mismatch> {
    let mut facts = Vec::new();
    let mut seen = BTreeSet::new();
    for role in vault::roles(input) {
        let services = services_of(&role, input);
        if services.is_empty() {
            continue;
        }
        let held = Held::of(&role, input);
        for owned in held.near(input) {
            let owner = owned.owner;
            let Some(name) = owner.service.as_deref().filter(|_| !owner.shared) else {
                continue;
            };
            let foreign = services
                .iter()
                .filter(|(_, own)| !own.eq_ignore_ascii_case(name));
            let foreign: Vec<&str> = foreign.map(|(service, _)| *service).collect();
            if foreign.is_empty() {
                continue;
            }
            let Some(rule) = held.reach(&owned, input) else {
                continue;
            };
            let place = place_of(&held.policies, &rule, role.thing.place());
            let object = id::vault_path(Some(&role.namespace), &owned.shown());
            for service in foreign {
                if let Some(place) = place
                    && seen.insert((service.to_owned(), object.clone()))
                {
                    facts.push(fact(
                        MismatchKind::ServiceReach,
                        (service, &object),
                        (
                            "no reach of another service's secrets",
                            &owner_id(name, input),
                        ),
                        (input.as_of, place),
                    ));
                }
            }
        }
    }
    facts
}

/// IM-9: the policy that the server answered with is not the one of the repository, in what it
/// decides; how either is written does not matter.
fn policy_drift(input: &Posture<'_>) -> Vec<Mismatch> {
    let mut by_name: BTreeMap<&str, (Vec<&VaultPolicy<'_>>, Vec<&VaultPolicy<'_>>)> =
        BTreeMap::new();
    for policy in &input.policies {
        let (live, kept) = by_name.entry(&policy.id).or_default();
        if policy.is_answer() {
            live.push(policy);
        } else {
            kept.push(policy);
        }
    }
    let mut facts = Vec::new();
    for (live, kept) in by_name.into_values() {
        // Several of one side contradict each other: which of them holds is not known.
        let ([live], [kept]) = (live.as_slice(), kept.as_slice()) else {
            continue;
        };
        let (now, wanted) = (vault::acl(&[live], input), vault::acl(&[kept], input));
        let comparison = compare(&wanted, &now, DEFAULT_CAP);
        let Some(change) = comparison.changes.first() else {
            continue;
        };
        let mut words = Vec::new();
        for (verb, capabilities) in [
            ("grants", change.gained),
            ("does not grant", change.lost),
            ("sets other conditions on", change.conditions),
        ] {
            if !capabilities.is_empty() {
                let names: Vec<String> = capabilities.iter().map(|c| c.to_string()).collect();
                words.push(format!("{verb} {} on {}", names.join(", "), change.path));
            }
        }
        let more = comparison.changes.len() - 1;
        if more > 0 {
            words.push(format!("{more} more difference(s)"));
        }
        facts.push(fact(
            MismatchKind::PolicyDrift,
            (&live.id, &format!("input:{}", kept.path)),
            ("what the repository's policy decides", &words.join("; ")),
            (input.as_of, live.place()),
        ));
    }
    facts
}

/// The services that log in with a role, by id, with their names: those whose account it binds.
fn services_of<'c>(role: &Role<'_>, input: &Posture<'c>) -> BTreeMap<&'c str, &'c str> {
    let emails = role.claims().filter(|(claim, _)| *claim == "email");
    let emails = emails.map(|(_, email)| email);
    let emails: Vec<&str> = emails
        .chain(role.thing.values("bound_service_accounts"))
        .collect();
    let services = input.services.iter();
    let bound = services.filter(|service| {
        let account = &service.service_account;
        !account.is_empty()
            && emails
                .iter()
                .any(|email| account.eq_ignore_ascii_case(email))
    });
    bound
        .map(|service| (service.id.as_str(), service.name.as_str()))
        .collect()
}

/// The id of an owner, where exactly one service has its name.
fn owner_id(name: &str, input: &Posture<'_>) -> String {
    let services = input.services.iter();
    let named = services.filter(|service| service.name.eq_ignore_ascii_case(name));
    let ids: BTreeSet<&str> = named.map(|service| service.id.as_str()).collect();
    match (ids.first(), ids.len()) {
        (Some(id), 1) => (*id).to_owned(),
        _ => format!("run:service/{name}"),
    }
}

/// The stanza that states a pattern, or the role where none does.
fn place_of(policies: &[&VaultPolicy<'_>], rule: &str, role: Option<Place>) -> Option<Place> {
    let stated = policies
        .iter()
        .find_map(|policy| Some((*policy, vault::stanza(policy, rule)?)));
    match stated {
        Some((policy, stanza)) => Some(policy.place_of(stanza.span)),
        None => role,
    }
}

fn fact(
    kind: MismatchKind,
    (subject, object): (&str, &str),
    (expected, observed): (&str, &str),
    (at, place): (Timestamp, Place),
) -> Mismatch {
    Mismatch::new(kind, (subject, object), (expected, observed), (at, place)).of_configuration(true)
}
