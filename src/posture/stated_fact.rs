//! Facts that configuration alone states and that rules in SQL read beside the log: what services
//! can reach of each other, and policies that differ from those of the repository.

use std::collections::{BTreeMap, BTreeSet};

use super::vault::{self, Held, Role};
use super::{Posture, VaultPolicy};
use crate::identity::Mismatch;
use crate::model::{Confidence, Place, Timestamp, id};
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
                        ("IM-5", "service-reach"),
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
            ("IM-9", "policy-drift"),
            (&live.id, &format!("input:{}", kept.path)),
            ("what the repository's policy decides", &words.join("; ")),
            (input.as_of, live.place),
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
    (class, detail): (&'static str, &'static str),
    (subject, object): (&str, &str),
    (expected, observed): (&str, &str),
    (at, place): (Timestamp, Place),
) -> Mismatch {
    Mismatch {
        class,
        detail,
        subject: subject.to_owned(),
        object: object.to_owned(),
        expected: expected.to_owned(),
        observed: observed.to_owned(),
        at,
        confidence: Confidence::CERTAIN,
        place,
        of_configuration: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::example::with_configuration;
    use crate::rule::{Example, Rule};

    /// The facts of the files of an example that a rule file states.
    fn facts(example: &str) -> Vec<(&'static str, String, String, String)> {
        let text = format!(
            "{}\n[[example]]\nname = \"x\"\nexpect = \"pass\"\n{example}",
            include_str!("../../rules/vault/VLT-POL-005.toml")
                .split("[[example]]")
                .next()
                .unwrap()
        );
        let rule: Rule = crate::rule::parse("rules/vault/VLT-POL-005.toml", &text).unwrap();
        let example: &Example = rule.examples.first().unwrap();
        let facts = with_configuration(&rule, example, |input, _| stated_facts(input)).unwrap();
        facts
            .into_iter()
            .map(|fact| (fact.detail, fact.subject, fact.object, fact.observed))
            .collect()
    }

    fn estate(policy: &str) -> String {
        let service = |name: &str| {
            format!(
                "\"run/{name}.json\" = '{{\"apiVersion\": \"serving.knative.dev/v1\", \"kind\": \"Service\", \"metadata\": {{\"name\": \"{name}\", \"namespace\": \"p\", \"labels\": {{\"cloud.googleapis.com/location\": \"r\"}}}}, \"spec\": {{\"template\": {{\"spec\": {{\"serviceAccountName\": \"{name}@p.iam.gserviceaccount.com\", \"containers\": [{{\"image\": \"i\"}}]}}}}}}}}'\n"
            )
        };
        format!(
            "config = '''\n[[owner]]\nprefix = \"secret/a/\"\nservice = \"a\"\n[[owner]]\nprefix = \"secret/b/\"\nservice = \"b\"\n[[owner]]\nprefix = \"secret/common/\"\nservice = \"b\"\nshared = true\n'''\n[example.files]\n\"policies/a.hcl\" = '{policy}'\n\"auth/run/role/a.json\" = '{{\"request_id\": \"r\", \"data\": {{\"role_type\": \"jwt\", \"user_claim\": \"sub\", \"bound_audiences\": [\"x\"], \"token_policies\": [\"a\"], \"bound_claims\": {{\"email\": \"a@p.iam.gserviceaccount.com\"}}}}}}'\n{}{}",
            service("a"),
            service("b")
        )
    }

    #[test]
    fn a_service_whose_policy_opens_anothers_secrets_reaches_them() {
        let found = facts(&estate(
            "path \"secret/data/*\" { capabilities = [\"read\"] }",
        ));
        let reach = |object: &str| {
            let owner = "run:service/p/r/b".to_owned();
            let service = "run:service/p/r/a".to_owned();
            ("service-reach", service, object.to_owned(), owner)
        };
        assert_eq!(found, [reach("vault:path/secret/b")]);
    }

    #[test]
    fn its_own_and_shared_secrets_are_none_of_anothers() {
        let own = "path \"secret/data/a/*\" { capabilities = [\"read\"] } ";
        let shared = "path \"secret/data/common/*\" { capabilities = [\"read\"] }";
        assert_eq!(facts(&estate(&format!("{own}{shared}"))), []);
    }

    fn answer(name: &str, text: &str) -> String {
        let text = text.replace('"', "\\\"");
        format!(
            "\"sys/policies/acl/{name}.json\" = '{{\"request_id\": \"r\", \"data\": {{\"name\": \"{name}\", \"policy\": \"{text}\"}}}}'\n"
        )
    }

    #[test]
    fn a_policy_that_decides_otherwise_than_the_repositorys_has_drifted() {
        let kept =
            "\"policies/a.hcl\" = 'path \"secret/data/a/*\" { capabilities = [\"read\"] }'\n";
        let with = |live: &str| facts(&format!("[example.files]\n{kept}{}", answer("a", live)));
        let wider = with("path \"secret/data/*\" { capabilities = [\"read\"] }");
        assert_eq!(wider.len(), 1, "{wider:?}");
        assert_eq!(wider[0].0, "policy-drift");
        assert_eq!(wider[0].1, "vault:policy/a");
        assert!(
            wider[0].3.starts_with("grants read on secret/data/"),
            "{wider:?}"
        );
        // Written otherwise, decided alike.
        let alike = "path \"/secret/data/a/*\" { policy = \"deny\" capabilities = [\"list\"] }";
        assert_eq!(with(alike).len(), 1);
        let alike = "# by hand\\npath \"secret/data/a/*\" {\\n  capabilities = [\"read\"]\\n}";
        assert_eq!(with(alike), []);
    }

    #[test]
    fn a_policy_that_only_one_side_states_is_not_compared() {
        let live = answer("a", "path \"secret/*\" { capabilities = [\"read\"] }");
        assert_eq!(facts(&format!("[example.files]\n{live}")), []);
        let kept = "\"policies/a.hcl\" = 'path \"secret/a\" { capabilities = [\"read\"] }'\n";
        assert_eq!(facts(&format!("[example.files]\n{kept}")), []);
    }
}
