//! The envelope of a Vault API answer, and what the path of its file says.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::model::{Record, Verdict};

/// The object that an API answer carries.
pub(super) type Object = Map<String, Value>;

/// The keys of the envelope of `vault read -format=json`, any of which tells it from an object
/// that merely has a key `data`.
const ENVELOPE: [&str; 4] = ["request_id", "lease_id", "wrap_info", "lease_duration"];

/// The object inside an answer, or the value itself if it is a bare object.
pub(super) fn object(value: &Value) -> Option<&Object> {
    let outer = value.as_object()?;
    match outer.get("data") {
        Some(data) if ENVELOPE.iter().any(|key| outer.contains_key(*key)) => data.as_object(),
        _ => Some(outer),
    }
}

/// Parses a record.
pub(super) fn parse(record: &Record<'_>) -> Result<Value, Verdict> {
    serde_json::from_slice(record.bytes)
        .map_err(|_| Verdict::Rejected(Cow::Borrowed("not valid JSON")))
}

/// A string field that is not empty.
pub(super) fn text<'v>(object: &'v Object, key: &str) -> Option<&'v str> {
    object
        .get(key)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// Whether the object has any of the keys.
pub(super) fn has_any(object: &Object, keys: &[&str]) -> bool {
    keys.iter().any(|key| object.contains_key(*key))
}

/// The namespace an answer or the path of its file states; `None` is root.
pub(super) fn namespace(value: &Value, path: &str, api: &str) -> Option<String> {
    let stated = [value.as_object(), object(value)]
        .into_iter()
        .flatten()
        .find_map(|object| text(object, "namespace_path").or_else(|| text(object, "namespace")));
    stated
        .map(|namespace| namespace.trim_matches('/').to_owned())
        .or_else(|| namespace_of_path(path, api))
        .filter(|namespace| !namespace.is_empty() && namespace != "root")
}

/// What stands between the last folder `v1` and the folder `api`, of a path like a URL's.
pub(super) fn namespace_of_path(path: &str, api: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').collect();
    let start = segments.iter().rposition(|segment| *segment == "v1")? + 1;
    let below = segments.get(start..)?;
    let length = below.iter().position(|segment| *segment == api)?;
    below.get(..length).map(|namespace| namespace.join("/"))
}

/// The name of the thing that a file holds: its file name without extension.
pub(super) fn stem(path: &str) -> &str {
    let mut name = path.rsplit('/').next().unwrap_or(path);
    for packed in [".gz", ".zst"] {
        name = name.strip_suffix(packed).unwrap_or(name);
    }
    let known = [".json", ".hcl", ".policy", ".pol", ".txt"];
    known
        .iter()
        .find_map(|extension| name.strip_suffix(extension))
        .unwrap_or(name)
}

/// The mount of `.../auth/<mount>/role/<name>.json` (or `roles`).
pub(super) fn mount_of_role(path: &str) -> Option<String> {
    let (above, _) = path.rsplit_once('/')?;
    let (above, leaf) = above.rsplit_once('/')?;
    matches!(leaf, "role" | "roles").then(|| auth_mount(above))?
}

/// The mount of `.../auth/<mount>/config.json`.
pub(super) fn mount_of_config(path: &str) -> Option<String> {
    let (above, _) = path.rsplit_once('/')?;
    (stem(path) == "config").then(|| auth_mount(above))?
}

/// What follows the last folder `auth`: a mount may span several folders.
fn auth_mount(folders: &str) -> Option<String> {
    let segments: Vec<&str> = folders.split('/').collect();
    let start = segments.iter().rposition(|segment| *segment == "auth")? + 1;
    let mount = segments.get(start..)?.join("/");
    (!mount.is_empty()).then_some(mount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_is_read_off_the_end_of_the_path() {
        let role = |path| mount_of_role(path).unwrap_or_default();
        assert_eq!(role("x/auth/gitlab/role/a.json"), "gitlab");
        assert_eq!(role("auth/team/jwt/roles/role.json.gz"), "team/jwt");
        assert_eq!(role("auth/export/auth/jwt/role/a.json"), "jwt");
        for path in [
            "gitlab/role/a.json",
            "auth/role/a.json",
            "auth/jwt/role/x/a.json",
            "a.json",
        ] {
            assert_eq!(role(path), "", "{path}");
        }
        let config = |path| mount_of_config(path).unwrap_or_default();
        assert_eq!(config("vault/config/auth/gitlab/config.json"), "gitlab");
        assert_eq!(config("auth/gitlab/settings.json"), "");
    }

    #[test]
    fn only_a_path_like_a_url_states_a_namespace() {
        assert_eq!(namespace_of_path("ns1/auth/jwt/role/a.json", "auth"), None);
        let stated = namespace_of_path("x/v1/ns1/sub/auth/jwt/role/a.json", "auth");
        assert_eq!(stated.as_deref(), Some("ns1/sub"));
        assert_eq!(namespace_of_path("v1/auth/a", "auth").as_deref(), Some(""));
    }

    #[test]
    fn a_stem_keeps_the_dots_of_a_name() {
        assert_eq!(stem("policies/app.prod.hcl.gz"), "app.prod");
        assert_eq!(stem("app.prod"), "app.prod");
    }
}
