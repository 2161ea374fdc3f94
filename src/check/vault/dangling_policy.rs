//! VLT-POL-014: a policy that is named and not there, or there and of no effect.

use std::collections::BTreeSet;

use super::{Check, Known, Verdict};
use crate::model::{Severity, id};
use crate::policy::{Capability, Policy, Subsumption, differ_at, subsumes};
use crate::posture::{Posture, VaultPolicy, vault};
use crate::rule::Observation;
use crate::usage::Usage;

pub(in crate::check) struct DanglingPolicy;

/// Policies that every server has.
const BUILT_IN: [&str; 2] = ["default", "root"];

/// What would clear what the configuration alone shows.
const STATED: &str = "vault-policy";

/// Stanzas beyond which a policy's own redundancy is not looked for.
const STANZAS: usize = 60;

impl Check for DanglingPolicy {
    fn name(&self) -> &'static str {
        "dangling-policy"
    }

    fn run(&self, input: &Posture<'_>, known: &Known<'_>) -> Verdict {
        let mut stated = missing(input);
        for policy in &input.policies {
            if policy.name != "default" && policy.stanzas().len() <= STANZAS {
                stated.extend(redundant(policy, input));
            }
        }
        let stated = stated.into_iter();
        let mut observations: Vec<Observation> =
            stated.map(|seen| seen.with_counterpart(STATED)).collect();
        observations.extend(known.usage.iter().flat_map(|usage| unheld(usage, input)));
        let population = (input.policies.len() + vault::roles(input).len()) as u64;
        let missing = match known.usage {
            None => Some(Usage::NO_LOG.to_owned()),
            Some(usage) => usage.too_few(usage.logins, input),
        };
        let missing = missing.map(|why| format!("whether a policy is held by nobody: {why}"));
        Verdict::looked(population, observations, missing)
    }
}

/// Policies that roles and entities name and nobody states. Without any policy stated, or in a
/// namespace of which none is, the export does not have them and says nothing.
fn missing(input: &Posture<'_>) -> Vec<Observation> {
    let stated = vault::policy_names(input);
    let namespaces: BTreeSet<&str> = stated.iter().map(|(namespace, _)| *namespace).collect();
    let mut observations = Vec::new();
    for role in vault::roles(input) {
        for name in role.policies() {
            let namespace = role.namespace.as_str();
            let unknown = namespaces.contains(namespace)
                && !BUILT_IN.contains(&name)
                && !name.contains("{{")
                && !name.contains("${")
                && !stated.contains(&(namespace, name));
            if unknown {
                let object = id::vault_policy(Some(namespace), name);
                let seen = role.observe(object, "token_policies", input);
                observations.push(seen.with_detail("is named and not stated anywhere"));
            }
        }
    }
    for entity in input.things.of("vault-entity") {
        let Some(place) = entity
            .place_of("policies")
            .filter(|_| namespaces.contains(""))
        else {
            continue;
        };
        for name in entity.values("policies") {
            let root = entity.value("namespace_id").is_none_or(|id| id == "root");
            if root && !BUILT_IN.contains(&name) && !stated.contains(&("", name)) {
                let object = id::vault_policy(None, name);
                let seen = Observation::of(entity.object, object, input.evidence(place));
                observations.push(seen.with_detail("is named and not stated anywhere"));
            }
        }
    }
    observations
}

/// Policies that no exported role or entity gives and no token of the window had.
fn unheld(usage: &Usage, input: &Posture<'_>) -> Vec<Observation> {
    let asked = usage.allowed + usage.logins > 0;
    if !asked || usage.too_few(usage.logins, input).is_some() {
        return Vec::new();
    }
    let entities: BTreeSet<&str> = input
        .things
        .of("vault-entity")
        .flat_map(|entity| entity.values("policies").collect::<Vec<_>>())
        .collect();
    let unheld = input.policies.iter().filter(|policy| {
        !BUILT_IN.contains(&policy.name)
            && usage.requests(policy) == 0
            && policy.holders.is_empty()
            && !entities.contains(policy.name)
    });
    let seen = unheld.map(|policy| {
        let detail = format!(
            "is given by no exported role or entity, and no token of {} login(s) had it, {}",
            usage.logins,
            usage.window_in_words()
        );
        let seen = policy.observe_whole(policy.id.as_str());
        usage.absent(seen.with_severity(usage.worth(input)).with_detail(detail))
    });
    seen.collect()
}

/// Stanzas without which the policy decides the same. A denial is never one: it holds against the
/// token's other policies.
fn redundant(policy: &VaultPolicy<'_>, input: &Posture<'_>) -> Vec<Observation> {
    let whole = vault::acl(&[policy], input);
    let context = crate::policy::AclContext {
        dialect: input.dialect(),
        keep_templates: true,
        as_of: Some(input.as_of),
        ..crate::policy::AclContext::default()
    };
    let stanzas = policy.stanzas();
    let mut observations = Vec::new();
    for (index, stanza) in stanzas.iter().enumerate() {
        let equal = stanzas
            .iter()
            .filter(|other| other.path == stanza.path)
            .count();
        let later = stanzas
            .iter()
            .skip(index + 1)
            .any(|other| other.path == stanza.path);
        if stanza.capabilities.has(Capability::Deny) || (equal > 1 && later) {
            continue;
        }
        let mut rest = stanzas.to_vec();
        rest.remove(index);
        let without = Policy {
            name: None,
            stanzas: rest,
            ..Policy::default()
        };
        let without = crate::policy::Acl::new(&[(policy.name, &without)], context);
        // One path on which it shows spares the walk over every kind of path.
        if differ_at(&whole, &without, &one_path(&stanza.path)) {
            continue;
        }
        if subsumes(&without, &whole, vault::CELL_CAP) == Subsumption::Yes
            && subsumes(&whole, &without, vault::CELL_CAP) == Subsumption::Yes
        {
            let object =
                id::vault_path(Some(policy.namespace), stanza.path.trim_start_matches('/'));
            let seen = policy
                .observe(object, stanza, stanza.path_span)
                .with_severity(Severity::Low)
                .with_detail("changes nothing: the rest of the policy decides the same");
            observations.push(seen);
        }
    }
    observations
}

/// A path that the pattern of a stanza matches.
fn one_path(pattern: &str) -> String {
    const SEGMENT: &str = "0";
    let segments = pattern.trim_start_matches('/').split('/');
    let segments = segments.map(|segment| match segment {
        "+" => SEGMENT.to_owned(),
        segment => segment.to_owned(),
    });
    let path = segments.collect::<Vec<String>>().join("/");
    match path.strip_suffix('*') {
        Some(prefix) => format!("{prefix}{SEGMENT}"),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::one_path;

    #[test]
    fn the_path_is_one_that_the_pattern_matches() {
        for (pattern, path) in [
            ("secret/data/app", "secret/data/app"),
            ("secret/data/*", "secret/data/0"),
            ("secret/+/app*", "secret/0/app0"),
            ("+/+/", "0/0/"),
            ("*", "0"),
            ("/sys/auth", "sys/auth"),
        ] {
            assert_eq!(one_path(pattern), path);
        }
    }
}
