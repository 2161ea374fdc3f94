//! The bindings of an IAM policy, as the API answers them and as `gcloud --flatten` takes them apart.
//!
//! `--flatten="bindings[]"` leaves one binding where the list was, `--flatten="bindings[].members"`
//! also one member, a text, where the list of members was (`gcloud topic projections`: the same
//! data, one record per item). What is neither is a problem, not an absent binding.

use serde_json::Value;

/// Who holds a role under which condition.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Binding<'v> {
    /// The role without what older readers append to it.
    pub(super) role: &'v str,
    /// Members as written.
    pub(super) members: Vec<&'v str>,
    /// The condition's expression, else its title, else what is known of it; empty without one.
    pub(super) condition: &'v str,
}

/// Members that a policy has; one with an etag and none but these is a policy, even an empty one.
const KNOWN: &[&str] = &[
    "auditConfigs",
    "bindings",
    "etag",
    "kind",
    "resourceId",
    "version",
];

/// What older readers append to a role instead of its condition, with a hash behind.
const HIDDEN_CONDITION: &str = "_withcond_";

/// Whether an object is a policy: one with bindings, or nothing beside an etag.
pub(super) fn is_policy(value: &Value) -> bool {
    let Some(members) = value.as_object() else {
        return false;
    };
    let bare =
        members.contains_key("etag") && members.keys().all(|name| KNOWN.contains(&name.as_str()));
    let is_binding = |value: &Value| {
        ["role", "members"]
            .iter()
            .any(|name| value.get(*name).is_some())
    };
    bare || is_lone(value)
        || members.get("bindings").is_some_and(|bindings| {
            is_binding(bindings)
                || bindings
                    .as_array()
                    .is_some_and(|list| list.iter().any(is_binding))
        })
}

/// Whether an object is one binding that stands for itself: an element of the list alone, or of
/// what `--flatten` made with `--format="json(bindings.role, ...)"` taken apart further.
fn is_lone(value: &Value) -> bool {
    let known = ["condition", "members", "role"];
    let role = value.get("role").and_then(Value::as_str).unwrap_or("");
    let is_role = role.starts_with("roles/") || role.contains("/roles/");
    let only = value
        .as_object()
        .is_some_and(|members| members.keys().all(|name| known.contains(&name.as_str())));
    is_role && only && value.get("members").is_some()
}

/// Every binding of a policy, or why they cannot be read.
pub(super) fn all(policy: &Value) -> Result<Vec<Binding<'_>>, &'static str> {
    if !policy.is_object() {
        return Err("IAM policy that is no object");
    }
    match policy.get("bindings") {
        None if is_lone(policy) => Ok(vec![one(policy)?]),
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(one).collect(),
        Some(flat @ Value::Object(_)) => Ok(vec![one(flat)?]),
        Some(_) => Err("IAM policy whose bindings are neither a list nor one binding"),
    }
}

fn one(binding: &Value) -> Result<Binding<'_>, &'static str> {
    let Some(logged_role) = binding.get("role").and_then(Value::as_str) else {
        return Err("IAM policy with a binding that names no role");
    };
    let members = match binding.get("members") {
        Some(Value::String(text)) => apart(text),
        Some(Value::Array(list)) => {
            let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            texts.ok_or("IAM policy with a member that is no text")?
        }
        // The export was told to leave them out: who holds the role is not known.
        _ => return Err("IAM policy with a binding that names no members"),
    };
    let (role, hidden) = match logged_role.split_once(HIDDEN_CONDITION) {
        Some((role, _)) => (role, "unknown: the policy was not read at version 3"),
        None => (logged_role, ""),
    };
    let condition = ["/condition/expression", "/condition/title"]
        .iter()
        .filter_map(|pointer| binding.pointer(pointer)?.as_str())
        .find(|text| !text.trim().is_empty());
    let condition = match (condition, binding.get("condition")) {
        (Some(text), _) => text,
        (None, None | Some(Value::Null)) => hidden,
        (None, Some(_)) => "unknown: the condition has no expression",
    };
    Ok(Binding {
        role,
        members,
        condition,
    })
}

/// The members in one text: a list joined by commas, semicolons or blanks is taken apart where
/// every part is a member by itself; a subject may hold any of them.
fn apart(text: &str) -> Vec<&str> {
    let separators = [',', ';', ' ', '\n'];
    let parts: Vec<&str> = text
        .split(separators)
        .filter(|part| !part.is_empty())
        .collect();
    let is_member = |part: &&str| {
        matches!(*part, "allUsers" | "allAuthenticatedUsers")
            || part.split_once(':').is_some_and(|(kind, name)| {
                !name.is_empty()
                    && [
                        "deleted",
                        "domain",
                        "group",
                        "principal",
                        "principalSet",
                        "projectEditor",
                        "projectOwner",
                        "projectViewer",
                        "serviceAccount",
                        "user",
                    ]
                    .contains(&kind)
            })
    };
    match parts.len() > 1 && parts.iter().all(is_member) {
        true => parts,
        false => vec![text.trim()],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(policy: &Value) -> Result<Vec<(String, Vec<String>)>, &'static str> {
        let own = |binding: &Binding<'_>| {
            let members = binding.members.iter().map(|text| (*text).to_owned());
            (binding.role.to_owned(), members.collect())
        };
        Ok(all(policy)?.iter().map(own).collect())
    }

    #[test]
    fn a_flattened_binding_says_what_the_list_said() {
        let whole = json!({"bindings": [{"role": "r", "members": ["user:a@x.example"]}]});
        let flat = json!({"bindings": {"role": "r", "members": ["user:a@x.example"]}});
        let flatter = json!({"bindings": {"role": "r", "members": "user:a@x.example"}});
        let listed = json!({"bindings": [{"role": "r", "members": "user:a@x.example"}]});
        for policy in [&flat, &flatter, &listed] {
            assert!(is_policy(policy));
            assert_eq!(read(policy), read(&whole), "{policy}");
        }
        let joined = json!({"bindings": {"role": "r", "members": "user:a@x.example, allUsers"}});
        let members = read(&joined).unwrap_or_default();
        let expected = ["user:a@x.example", "allUsers"].map(str::to_owned);
        assert_eq!(members, [("r".to_owned(), expected.to_vec())]);
    }

    #[test]
    fn a_binding_by_itself_is_read() {
        for members in [json!("user:a@x.example"), json!(["user:a@x.example"])] {
            let lone = json!({"role": "roles/owner", "members": members});
            assert!(is_policy(&lone));
            let expected = (
                "roles/owner".to_owned(),
                vec!["user:a@x.example".to_owned()],
            );
            assert_eq!(read(&lone), Ok(vec![expected]));
        }
        for other in [
            json!({"role": "maintainer", "members": ["ada"]}),
            json!({"role": "roles/owner", "members": [], "team": "x"}),
            json!({"role": "roles/owner"}),
        ] {
            assert!(!is_policy(&other), "{other}");
        }
    }

    #[test]
    fn a_subject_with_commas_is_one_member() {
        let subject = "principal://iam.googleapis.com/projects/1/subject/a,b c";
        let policy = json!({"bindings": {"role": "r", "members": subject}});
        let members = read(&policy).unwrap_or_default();
        assert_eq!(members, [("r".to_owned(), vec![subject.to_owned()])]);
    }

    #[test]
    fn what_says_nobody_by_its_type_alone_is_refused() {
        for policy in [
            json!({"etag": "x", "bindings": "none"}),
            json!({"etag": "x", "bindings": 3}),
            json!({"etag": "x", "bindings": [7]}),
            json!({"etag": "x", "bindings": {}}),
            json!({"bindings": [{"members": ["user:a@x.example"]}]}),
            json!({"bindings": [{"role": "r"}]}),
            json!({"bindings": {"role": "r"}}),
            json!({"bindings": [{"role": "r", "members": [7]}]}),
            json!({"bindings": [{"role": "r", "members": {"user": "a"}}]}),
            json!({"bindings": [{"role": 3, "members": ["user:a@x.example"]}]}),
        ] {
            assert!(is_policy(&policy), "{policy}");
            assert!(read(&policy).is_err(), "{policy}");
        }
        assert_eq!(read(&json!({"etag": "ACAB"})), Ok(Vec::new()));
        assert!(read(&json!("text")).is_err());
    }

    #[test]
    fn a_condition_without_an_expression_is_still_one() {
        let of = |condition: Value| {
            let policy =
                json!({"bindings": [{"role": "r", "members": [], "condition": condition}]});
            all(&policy).map(|found| found.first().map(|one| one.condition.to_owned()))
        };
        let text = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(of(Value::Null), text(""));
        assert_eq!(of(json!({"title": "t", "expression": ""})), text("t"));
        let unknown = "unknown: the condition has no expression";
        assert_eq!(of(json!({})), text(unknown));
    }
}
