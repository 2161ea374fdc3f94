//! IM-4: a person where a workload is expected.

use super::{Facts, Mismatch, MountClass, Seen};
use crate::identity::declared::Declared;
use crate::model::Key;

/// A person's token on a path that belongs to a service or project. Break-glass people and
/// administrators are declared and no finding.
#[must_use]
pub fn person_on_workload_path(
    facts: &Facts,
    owner: &str,
    credential_id: &str,
    seen: Seen<'_>,
    declared: &dyn Declared,
) -> Option<Mismatch> {
    let person =
        facts.mount_class == Some(MountClass::Human) && !declared.is_exempt(&facts.person_id);
    let owned = owner.starts_with("run:service/") || owner.starts_with("gitlab:project/");
    if !person || !owned {
        return None;
    }
    let who = [&facts.person_id, &facts.login_id]
        .into_iter()
        .map(String::as_str)
        .chain([credential_id])
        .find(|id| !id.is_empty());
    Some(Mismatch {
        class: "IM-4",
        detail: "person-on-workload-path",
        subject: who.unwrap_or("").to_owned(),
        object: seen.object.to_owned(),
        expected: owner.to_owned(),
        observed: facts.mount.clone(),
        at: seen.at,
        confidence: facts.confidence.unwrap_or(Key::K2.confidence()),
        place: seen.place,
        of_configuration: false,
    })
}

#[cfg(test)]
mod tests {
    use super::person_on_workload_path;
    use crate::identity::sample::{World, seen};
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
        let found = person_on_workload_path(&facts, owner, "vault:accessor/a", seen, &world);
        found.map(|mismatch| mismatch.subject)
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
}
