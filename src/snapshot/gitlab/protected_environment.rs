//! Protected environments: `GET /projects/:id/protected_environments`.
//!
//! Kind `protected-environment`, object `gitlab:environment/<project>/<name>`. Attributes:
//! `project` (a URI, from the path), `name`, `required_approval_count`; and, one per level,
//! `deploy_access_level` (a number, `user:<id>` or `group:<id>`) and `approval_rule`
//! (`<holder>=<required approvals>`).

use crate::model::{Sink, Verdict};

use super::statement::{Exported, Statement, about, scalar};

/// The format of protected environments.
pub(super) const PROTECTED_ENVIRONMENTS: Exported = Exported {
    about: about("GitLab protected environments"),
    told: &[(WITH, &[])],
    push,
};

const WITH: &[&str] = &["name", "deploy_access_levels"];

fn push(statement: &Statement, sink: &mut dyn Sink) -> Verdict {
    let Some(name) = statement.text("name") else {
        return Verdict::Rejected("GitLab protected environment without a name".into());
    };
    let prefix = statement.hint.prefix(&statement.path);
    let object = format!("gitlab:environment/{prefix}/{name}");
    let mut thing = statement.about(sink, "protected-environment", object);
    if let Some(owner) = statement.hint.owner() {
        thing.say("project", &owner);
    }
    statement.copy(&mut thing, &["name", "required_approval_count"]);
    for (list, attribute) in [
        ("deploy_access_levels", "deploy_access_level"),
        ("approval_rules", "approval_rule"),
    ] {
        for level in statement.objects(list) {
            let field = |name: &str| level.get(name).and_then(scalar);
            let holder = [("user", "user_id"), ("group", "group_id")]
                .into_iter()
                .find_map(|(word, name)| Some(format!("{word}:{}", field(name)?)))
                .or_else(|| field("access_level"));
            let Some(mut value) = holder else { continue };
            if attribute == "approval_rule" {
                let required = field("required_approvals").unwrap_or_else(|| "1".to_owned());
                value = format!("{value}={required}");
            }
            thing.say(attribute, &value);
        }
    }
    Verdict::Parsed
}
