//! What a policy is about: `targetRef` of the newer policies, in words that two of them share.

use serde_json::{Map, Value};

use super::member::{objects, some, text};
use super::resource::{Resource, strings};

/// Said of the whole mesh.
pub(super) const MESH: &str = "mesh";

/// What a policy as a whole is about: [`MESH`], its namespace, or fewer.
pub(super) fn of_policy(resource: &Resource<'_>) -> Result<Vec<(String, String)>, String> {
    let said = of_reference(resource.spec, "targetRef")?;
    Ok(match resource.namespace {
        Some(namespace) if said.first().is_some_and(|(_, value)| value == MESH) => {
            vec![("target".to_owned(), format!("namespace {namespace}"))]
        }
        _ => said,
    })
}

/// The reference of a member, as `target` and, of subsets, `target.<key>`.
pub(super) fn of_reference(
    fields: &Map<String, Value>,
    member: &str,
) -> Result<Vec<(String, String)>, String> {
    let whole = || vec![("target".to_owned(), MESH.to_owned())];
    let Some(reference) = super::member::object(fields, member)? else {
        return Ok(whole());
    };
    let kind = text(reference, "kind")?.unwrap_or("Mesh");
    let mut tags = strings(reference, "tags")?;
    tags.extend(strings(reference, "labels")?);
    let name = text(reference, "name")?;
    let proxies = some(reference, "proxyTypes").and_then(Value::as_array);
    let every = proxies.is_none_or(|types| types.is_empty() || types.len() > 1);
    let all = matches!(kind, "Mesh" | "MeshSubset" | "Dataplane") && tags.is_empty();
    if all && every && (name.is_none() || kind == "Mesh") && !reference.contains_key("sectionName")
    {
        return Ok(whole());
    }
    let pairs: Vec<String> = tags
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let words = [kind, name.unwrap_or_default(), &pairs.join(",")];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let mut said = vec![("target".to_owned(), words.join(" "))];
    let subset = name.is_none() && !tags.is_empty();
    let named = |(key, value): &(&str, &str)| (format!("target.{key}"), (*value).to_owned());
    said.extend(tags.iter().filter(|_| subset).map(named));
    Ok(said)
}

/// The ends that a policy of the 2.x schema names by tags (`sources`, `destinations`): [`MESH`] for
/// every service.
pub(super) fn of_tags(fields: &Map<String, Value>, member: &str) -> Result<Vec<String>, String> {
    let mut ends = Vec::new();
    for end in objects(fields, member)? {
        let tags = strings(end, "match")?;
        let all = tags.iter().all(|(_, value)| *value == "*");
        ends.push(if all {
            MESH.to_owned()
        } else {
            let pairs: Vec<String> = tags
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            pairs.join(",")
        });
    }
    Ok(ends)
}
