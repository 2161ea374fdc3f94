//! Protected environments: `GET /projects/:id/protected_environments`.
//!
//! Kind `protected-environment`, object `gitlab:environment/<project>/<name>`. Attributes:
//! `project` (a URI, from the path), `name`, `required_approval_count`; and, one per level,
//! `deploy_access_level` (a number, `user:<id>` or `group:<id>`) and `approval_rule`
//! (`<holder>=<required approvals>`).

use crate::model::{Format, Framing, Record, Sample, Sink, Verdict};

use super::statement::{self, Statement, scalar};

/// The format of protected environments.
pub struct ProtectedEnvironments;

const WITH: &[&str] = &["name", "deploy_access_levels"];

impl Format for ProtectedEnvironments {
    fn source(&self) -> &'static str {
        "gitlab-config"
    }

    fn title(&self) -> &'static str {
        "GitLab protected environments"
    }

    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        statement::has(sample, WITH, &[])
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let statement = match Statement::read(record, WITH, &[]) {
            Ok(statement) => statement,
            Err(verdict) => return verdict,
        };
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
}
