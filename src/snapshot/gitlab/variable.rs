//! CI/CD variables of projects, groups and the instance. Their values are never kept.
//!
//! Kind `gitlab-variable`, object `gitlab:variable/<project>/<key>`, with `@<scope>` behind it
//! unless the scope is `*` (`group/<id>` or the file's path stand where no project is named).
//! Attributes: `project` (a URI of the owner, from the path), `key`, `variable_type`, `protected`,
//! `masked`, `hidden`, `raw`, `environment_scope`; `secret_like` = `true` or `false`, decided from
//! key and value; `pattern` = the name of the pattern that the value matched.

use crate::model::{Sink, Verdict, secret};

use super::statement::{Exported, Statement, about};

/// The format of CI/CD variables.
pub(super) const VARIABLES: Exported = Exported {
    about: about("GitLab CI/CD variables"),
    told: &[
        (&["key", "variable_type"], HOOK),
        (&["key", "protected", "masked"], HOOK),
        // One that lost a member on the way is a variable still, of which something is not known.
        (&["key", "value", "protected"], HOOK),
        (&["key", "value", "masked"], HOOK),
    ],
    push,
};

/// Webhooks and system hooks have a kind.
const HOOK: &[&str] = &["object_kind", "event_name"];

const COPIED: &[&str] = &[
    "key",
    "variable_type",
    "protected",
    "masked",
    "hidden",
    "raw",
    "environment_scope",
];

fn push(statement: &Statement, sink: &mut dyn Sink) -> Verdict {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kept;

    #[test]
    fn a_variable_whose_key_was_taken_out_is_refused_and_says_nothing() {
        let read = |key: &str| {
            let text = format!(
                r#"{{"key": {key}, "variable_type": "env_var", "value": "x", "protected": true, "masked": true}}"#
            );
            let (verdict, kept) = Kept::of(&VARIABLES, "gitlab/projects/7/variables.json", text);
            (verdict, kept.exports.attributes.len())
        };
        let gone = "an object of GitLab whose `key` was taken out";
        let none = "GitLab variable without a key";
        for (taken_out, why) in [
            ("\"***\"", gone),
            ("\"[REDACTED]\"", gone),
            ("null", none),
            ("\"\"", none),
        ] {
            let refused = Verdict::Rejected(why.into());
            assert_eq!(read(taken_out), (refused, 0), "{taken_out}");
        }
        let (verdict, said) = read("\"DEPLOY_TOKEN\"");
        assert!(verdict == Verdict::Parsed && said > 0);
    }
}
