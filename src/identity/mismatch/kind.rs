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
