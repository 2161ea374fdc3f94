//! Who may call whom: `TrafficPermission` of the 2.x schema, `MeshTrafficPermission` with `from`
//! (2.x) or `rules` (2.12 and later).
//!
//! Kind `mesh-permission`, object `mesh:permission/<mesh>/<name>`: `mesh`, `label.<key>`; `target`
//! and `target.<key>`, whom it protects (`mesh` for all); `allow`, `deny` and `shadow-deny`, each
//! with the callers: `mesh` for all, `Prefix <SPIFFE id>`, `Exact <SPIFFE id>`, or fewer; `created`
//! and `modified`, where the server's export has them.

use serde_json::{Map, Value};

use super::member::{object, objects, text};
use super::resource::{Pushed, Resource};
use super::target;
use super::thing::Thing;
use crate::model::{Place, Sink};

/// What a policy says, by name.
type Said = Vec<(String, String)>;

/// Pushes what a `MeshTrafficPermission` states.
pub(super) fn push(resource: &Resource<'_>, place: Place, sink: &mut dyn Sink) -> Pushed {
    let mut said = target::of_policy(resource)?;
    for from in objects(resource.spec, "from")? {
        let callers = target::of_reference(from, "targetRef")?;
        let Some(default) = object(from, "default")? else {
            continue;
        };
        let action = match text(default, "action")? {
            None => continue,
            Some("Allow" | "ALLOW") => "allow",
            Some("Deny" | "DENY") => "deny",
            Some("AllowWithShadowDeny" | "ALLOW_WITH_SHADOW_DENY") => "shadow-deny",
            Some(_) => return Err("`action` is none that Kuma knows".to_owned()),
        };
        let callers = callers.into_iter().take(1);
        said.extend(callers.map(|(_, who)| (action.to_owned(), who)));
    }
    for rule in objects(resource.spec, "rules")? {
        if let Some(default) = object(rule, "default")? {
            matches(default, "allow", "allow", &mut said)?;
            matches(default, "deny", "deny", &mut said)?;
            matches(default, "allowWithShadowDeny", "shadow-deny", &mut said)?;
        }
    }
    let id = resource.id("permission");
    Thing::new("mesh-permission", id, resource, place, sink).say_policy(resource, &said);
    Ok(())
}

/// The matches of one list of a rule.
fn matches(
    default: &Map<String, Value>,
    member: &str,
    action: &str,
    said: &mut Said,
) -> Result<(), String> {
    for one in objects(default, member)? {
        let caller = match object(one, "spiffeID")? {
            Some(id) => {
                let kind = text(id, "type")?.unwrap_or("Exact");
                let value = text(id, "value")?.ok_or("`spiffeID` without a value")?;
                format!("{kind} {value}")
            }
            // Matched by the name of the connection only: whoever calls.
            None if one.contains_key("sni") => "any caller by SNI".to_owned(),
            None => target::MESH.to_owned(),
        };
        said.push((action.to_owned(), caller));
    }
    Ok(())
}

/// Pushes what a `TrafficPermission` states.
pub(super) fn legacy(resource: &Resource<'_>, place: Place, sink: &mut dyn Sink) -> Pushed {
    let callers = target::of_tags(resource.spec, "sources")?;
    let called = target::of_tags(resource.spec, "destinations")?;
    if callers.is_empty() || called.is_empty() {
        return Err("`sources` or `destinations` says nobody".to_owned());
    }
    let whole = called.iter().any(|end| end == target::MESH);
    let called = if whole {
        target::MESH.to_owned()
    } else {
        called.join(" or ")
    };
    let mut said = vec![("target".to_owned(), called)];
    said.extend(callers.into_iter().map(|who| ("allow".to_owned(), who)));
    let id = resource.id("permission");
    Thing::new("mesh-permission", id, resource, place, sink).say_policy(resource, &said);
    Ok(())
}
