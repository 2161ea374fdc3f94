//! Protected branches and tags: `GET /projects/:id/protected_branches`, `.../protected_tags`.
//!
//! Kind `protected-branch`, object `gitlab:branch/<project>/<name>` (or kind `protected-tag`,
//! object `gitlab:tag/<project>/<name>`); the name may be a wildcard (`release/*`). Attributes:
//! `project` (a URI, from the path), `name`, `allow_force_push`, `code_owner_approval_required`,
//! `inherited`; and, one per level, `push_access_level`, `merge_access_level`,
//! `unprotect_access_level`, `create_access_level`: the number (0 nobody, 30 developers,
//! 40 maintainers, 60 administrators), or `user:<id>`, `group:<id>`, `deploy_key:<id>`.

use crate::model::{Sink, Verdict};

use super::statement::{Exported, Statement, about, scalar};

/// The format of protected branches and tags.
pub(super) const PROTECTED_BRANCHES: Exported = Exported {
    about: about("GitLab protected branches"),
    told: &[
        (&["name", "push_access_levels"], HOOK),
        (&["name", "merge_access_levels"], HOOK),
        (&["name", "create_access_levels"], HOOK),
    ],
    push,
};

/// Webhooks have a kind.
const HOOK: &[&str] = &["object_kind"];

/// List in the API, attribute name.
const LEVELS: &[(&str, &str)] = &[
    ("push_access_levels", "push_access_level"),
    ("merge_access_levels", "merge_access_level"),
    ("unprotect_access_levels", "unprotect_access_level"),
    ("create_access_levels", "create_access_level"),
];

fn push(statement: &Statement, sink: &mut dyn Sink) -> Verdict {
    let has = |name: &str| statement.fields.contains_key(name);
    let is_branch = has("push_access_levels") || has("merge_access_levels");
    let Some(name) = statement.text("name") else {
        return Verdict::Rejected("GitLab protected branch without a name".into());
    };
    let prefix = statement.hint.prefix(&statement.path);
    let (kind, object) = if is_branch {
        ("protected-branch", format!("gitlab:branch/{prefix}/{name}"))
    } else {
        ("protected-tag", format!("gitlab:tag/{prefix}/{name}"))
    };
    let mut thing = statement.about(sink, kind, object);
    if let Some(owner) = statement.hint.owner() {
        thing.say("project", &owner);
    }
    let copied = [
        "name",
        "allow_force_push",
        "code_owner_approval_required",
        "inherited",
    ];
    statement.copy(&mut thing, &copied);
    for (list, attribute) in LEVELS {
        for level in statement.objects(list) {
            let field = |name: &str| level.get(name).and_then(scalar);
            let holder = [
                ("user", "user_id"),
                ("group", "group_id"),
                ("deploy_key", "deploy_key_id"),
            ]
            .into_iter()
            .find_map(|(word, name)| Some(format!("{word}:{}", field(name)?)));
            if let Some(value) = holder.or_else(|| field("access_level")) {
                thing.say(attribute, &value);
            }
        }
    }
    Verdict::Parsed
}
