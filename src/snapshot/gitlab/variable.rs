//! CI/CD variables of projects, groups and the instance. Their values are never kept.
//!
//! Kind `gitlab-variable`, object `gitlab:variable/<project>/<key>`, with `@<scope>` behind it
//! unless the scope is `*` (`group/<id>` or the file's path stand where no project is named).
//! Attributes: `project` (a URI of the owner, from the path), `key`, `variable_type`, `protected`,
//! `masked`, `hidden`, `raw`, `environment_scope`; `secret_like` = `true` or `false`, decided from
//! key and value; `pattern` = the name of the pattern that the value matched.

use crate::model::{Format, Framing, Record, Sample, Sink, Verdict, secret};

use super::statement::{self, Statement};

/// The format of CI/CD variables.
pub struct Variables;

const COPIED: &[&str] = &[
    "key",
    "variable_type",
    "protected",
    "masked",
    "hidden",
    "raw",
    "environment_scope",
];

impl Format for Variables {
    fn source(&self) -> &'static str {
        "gitlab-config"
    }

    fn title(&self) -> &'static str {
        "GitLab CI/CD variables"
    }

    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        statement::has(sample, &["key", "variable_type"], &[])
            || statement::has(sample, &["key", "protected", "masked"], &[])
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let statement = match Statement::read(record, &["key"], &["object_kind", "event_name"]) {
            Ok(statement) => statement,
            Err(verdict) => return verdict,
        };
        let has = |name: &str| statement.fields.contains_key(name);
        let is_variable = has("variable_type") || (has("protected") && has("masked"));
        if !is_variable {
            return Verdict::Foreign;
        }
        let Some(key) = statement.text("key") else {
            return Verdict::Rejected("GitLab variable without a key".into());
        };
        let scope = statement
            .text("environment_scope")
            .filter(|scope| scope != "*")
            .map(|scope| format!("@{scope}"))
            .unwrap_or_default();
        let prefix = statement.hint.prefix(&statement.path);
        let object = format!("gitlab:variable/{prefix}/{key}{scope}");
        let mut thing = statement.about(sink, "gitlab-variable", object);
        if let Some(owner) = statement.hint.owner() {
            thing.say("project", &owner);
        }
        statement.copy(&mut thing, COPIED);
        let value = statement.text("value").unwrap_or_default();
        let pattern = secret::literal_secret(&key, &value);
        let is_secret = pattern.is_some() || secret::is_secret_name(&key);
        thing.say("secret_like", if is_secret { "true" } else { "false" });
        if let Some(pattern) = pattern {
            thing.say("pattern", pattern);
        }
        Verdict::Parsed
    }
}
