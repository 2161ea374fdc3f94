//! IM-4: a person where a workload is expected, by use and by configuration.

use std::collections::{BTreeMap, BTreeSet};

use super::{Facts, Identity, Mismatch, MismatchKind, MountClass, Seen};
use crate::identity::scope::Scope;
use crate::model::{Attribute, Key, id};

/// A person's token on a path that belongs to a service or project. Break-glass people and
/// administrators are declared and no finding.
#[must_use]
pub fn person_on_workload_path(
    facts: &Facts,
    owner: &str,
    credential_id: &str,
    seen: Seen<'_>,
    declared: &Scope<'_>,
) -> Option<Mismatch> {
    // Without an export of users nobody is named; the name that the mount knows them by is the same.
    let name = match facts.person_id.as_str() {
        "" => &facts.alias,
        _ => &facts.person_id,
    };
    let person = facts.mount_class == Some(MountClass::Human) && !declared.is_exempt(name);
    let owned = owner.starts_with("run:service/") || owner.starts_with("gitlab:project/");
    if !person || !owned {
        return None;
    }
    let who = [&facts.person_id, &facts.login_id]
        .into_iter()
        .map(String::as_str)
        .chain([credential_id])
        .find(|id| !id.is_empty());
    Some(
        Mismatch::new(
            MismatchKind::PersonOnWorkloadPath,
            (who.unwrap_or("").to_owned(), seen.object.to_owned()),
            (owner.to_owned(), facts.mount.clone()),
            (seen.at, seen.place),
        )
        .with_confidence(facts.confidence.unwrap_or(Key::K2.confidence())),
    )
}

impl Identity {
    /// A policy of workloads that a person's entity holds, by itself or by a group: configuration
    /// alone says so. A policy that roles of human mounts carry too is made for everybody;
    /// administrators, break-glass people and policies declared so are exempt. Judged within the
    /// root namespace, where the entity's own export names no other.
    pub(super) fn persons_with_workload_policies(&self, declared: &Scope<'_>) -> Vec<Mismatch> {
        let (workloads, people) = self.role_policies(declared);
        let memberships = self.memberships();
        let mut found = Vec::new();
        for (entity, aliases) in self.aliases() {
            let classes: BTreeSet<Option<MountClass>> = aliases
                .iter()
                .map(|alias| declared.mount_class("", alias.mount))
                .collect();
            let of_person = classes.contains(&Some(MountClass::Human)) && classes.len() == 1;
            let Some(person) = aliases.first().map(|alias| self.principal(alias, declared)) else {
                continue;
            };
            if !of_person || declared.is_exempt(&person) {
                continue;
            }
            for (holder, held) in self.policies_of(entity, &memberships) {
                let policy = held.value.as_str();
                let Some(role) = workloads.get(policy) else {
                    continue;
                };
                if people.contains(policy) || policy == "default" || declared.is_exempt(policy) {
                    continue;
                }
                found.push(
                    Mismatch::new(
                        MismatchKind::WorkloadPolicyOnPerson,
                        (person.clone(), id::vault_policy(None, policy)),
                        (
                            format!("a policy of people; this one is {role}'s"),
                            format!("attached to {holder}"),
                        ),
                        (declared.as_of, held.place),
                    )
                    .of_configuration(true),
                );
            }
        }
        found
    }

    /// Policies that roles of CI and workload mounts carry, each with the first such role, and
    /// those that roles of human mounts carry.
    fn role_policies(&self, declared: &Scope<'_>) -> (BTreeMap<&str, &str>, BTreeSet<&str>) {
        let (mut workloads, mut people) = (BTreeMap::new(), BTreeSet::new());
        for held in self.directory.of_kind("vault-role") {
            let named = held.object.strip_prefix("vault:role/");
            let mount = named.and_then(|named| named.rsplit_once('/'));
            let (Some((mount, _)), "token_policies") = (mount, held.name.as_str()) else {
                continue;
            };
            match declared.mount_class("", &format!("auth/{mount}/")) {
                Some(MountClass::Human) => {
                    people.insert(held.value.as_str());
                }
                Some(_) => {
                    let role = held.object.as_str();
                    workloads.entry(held.value.as_str()).or_insert(role);
                }
                None => {}
            }
        }
        (workloads, people)
    }

    /// Groups by the entities that are exported as their members.
    fn memberships(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for held in self.directory.of_kind("vault-group") {
            if held.name == "member_entity_ids" {
                let known = groups.entry(held.value.as_str()).or_default();
                known.insert(held.object.as_str());
            }
        }
        groups
    }

    /// The policies of an entity and of the groups it is in, with who holds them.
    fn policies_of(
        &self,
        entity: &str,
        memberships: &BTreeMap<&str, BTreeSet<&str>>,
    ) -> Vec<(String, &Attribute)> {
        let held = |kind, object: &str| {
            let found = self.directory.stated(kind, object, "policies").iter();
            let object = object.to_owned();
            found.map(move |held| (object.clone(), held))
        };
        let number = entity.strip_prefix("vault:entity/").unwrap_or(entity);
        let of_entity = self.directory.values("vault-entity", entity, "group_ids");
        let mut groups: BTreeSet<String> = of_entity
            .map(|group| format!("vault:group/{group}"))
            .collect();
        let members = memberships.get(number).into_iter().flatten();
        groups.extend(members.map(|group| (*group).to_owned()));
        let of_groups = groups.iter().flat_map(|group| held("vault-group", group));
        held("vault-entity", entity).chain(of_groups).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::person_on_workload_path;
    use crate::identity::sample::{Sample, World, seen};
    use crate::identity::{Facts, MountClass};

    fn found(class: Option<MountClass>, person: &str, owner: &str) -> Option<String> {
        let facts = Facts {
            mount_class: class,
            person_id: person.to_owned(),
            ..Facts::default()
        };
        let world = World {
            exempt: vec!["hanna"],
            ..World::default()
        };
        let seen = seen("vault:path/secret/data/x", "", 1);
        let found =
            person_on_workload_path(&facts, owner, "vault:accessor/a", seen, &world.scope());
        found.map(|mismatch| mismatch.subject)
    }

    /// No export of users is at hand: the name of the alias is all there is.
    #[test]
    fn who_is_exempt_by_name_stays_so_without_an_export_of_users() {
        let judged = |alias: &str| {
            let facts = Facts {
                mount_class: Some(MountClass::Human),
                alias: alias.to_owned(),
                ..Facts::default()
            };
            let world = World {
                exempt: vec!["hanna"],
                ..World::default()
            };
            let seen = seen("vault:path/secret/data/x", "", 1);
            let owner = "run:service/p/r/app";
            person_on_workload_path(&facts, owner, "vault:accessor/a", seen, &world.scope())
                .is_some()
        };
        assert!(judged("dimitra") && !judged("hanna"));
    }

    #[test]
    fn a_person_on_a_workloads_path_is_a_fact() {
        let human = Some(MountClass::Human);
        assert_eq!(
            found(human, "bob", "run:service/p/r/a"),
            Some("bob".to_owned())
        );
        assert_eq!(
            found(human, "", "gitlab:project/7"),
            Some("vault:accessor/a".to_owned())
        );
    }

    #[test]
    fn break_glass_shared_paths_workloads_and_unknown_owners_are_silent() {
        let human = Some(MountClass::Human);
        assert_eq!(found(human, "hanna", "run:service/p/r/a"), None);
        assert_eq!(found(human, "bob", "shared"), None);
        assert_eq!(found(human, "bob", ""), None);
        assert_eq!(
            found(Some(MountClass::Ci), "bob", "run:service/p/r/a"),
            None
        );
        assert_eq!(found(None, "bob", "run:service/p/r/a"), None);
    }

    /// The person's entity `e` and what is attached to it and to group `g`; role `app` of a CI
    /// mount carries `ci-app`, `ops` and `default`.
    fn attached(alias: &str, entity: &[&str], group: &[&str], member: bool) -> Vec<String> {
        let mut sample = Sample::default();
        let say = |sample: &mut Sample, kind, object: &str, name: &str, values: &[&str]| {
            for value in values {
                sample.says(kind, object, name, value);
            }
        };
        let role = "vault:role/gitlab/app";
        let carried = ["ci-app", "ops", "default", "all"];
        say(&mut sample, "vault-role", role, "token_policies", &carried);
        let human = "vault:role/oidc/staff";
        say(&mut sample, "vault-role", human, "token_policies", &["all"]);
        let me = "vault:entity/e";
        say(&mut sample, "vault-entity", me, "alias.0.name", &[alias]);
        let mount = if alias.contains('/') {
            "auth/gitlab/"
        } else {
            "auth/oidc/"
        };
        say(
            &mut sample,
            "vault-entity",
            me,
            "alias.0.mount_path",
            &[mount],
        );
        say(&mut sample, "vault-entity", me, "policies", entity);
        let group_id = "vault:group/g";
        say(&mut sample, "vault-group", group_id, "policies", group);
        if member {
            say(
                &mut sample,
                "vault-group",
                group_id,
                "member_entity_ids",
                &["e"],
            );
        }
        let world = World {
            exempt: vec!["gitlab:user/hanna", "ops"],
            ..World::default()
        };
        let found = sample.join(&world).mismatches_ever(&world);
        let facts = found
            .iter()
            .filter(|fact| fact.kind.as_str() == "workload-policy-on-person");
        facts
            .map(|fact| format!("{} {} {}", fact.subject, fact.object, fact.observed))
            .collect()
    }

    #[test]
    fn a_workloads_policy_on_a_person_is_a_fact_by_entity_and_by_group() {
        assert_eq!(
            attached("bruno", &["ci-app"], &[], false),
            ["gitlab:user/bruno vault:policy/ci-app attached to vault:entity/e"]
        );
        assert_eq!(
            attached("bruno", &[], &["ci-app"], true),
            ["gitlab:user/bruno vault:policy/ci-app attached to vault:group/g"]
        );
    }

    #[test]
    fn exempt_people_and_policies_and_those_of_everybody_are_silent() {
        let nothing = Vec::<String>::new();
        assert_eq!(attached("hanna", &["ci-app"], &[], false), nothing);
        for policy in ["ops", "default", "all", "people-only"] {
            assert_eq!(
                attached("bruno", &[policy], &[], false),
                nothing,
                "{policy}"
            );
        }
        // Not a member, and a workload's own entity.
        assert_eq!(attached("bruno", &[], &["ci-app"], false), nothing);
        assert_eq!(attached("acme/p7", &["ci-app"], &[], false), nothing);
    }
}
