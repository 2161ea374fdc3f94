//! One JSON object of the API, and how its fields become attributes.

use serde_json::{Map, Value};

use super::SOURCE;
use crate::model::{
    About, GitlabPath, Place, Record, Sample, Sink, TAKEN_OUT_OF, Verdict, is_silent, is_taken_out,
};
use crate::snapshot::exported::{self, Api};
use crate::snapshot::redacted::redacted;
use crate::snapshot::typed::{self, Type};

/// Of which type the fields of the API are that anything is told by.
const TYPES: &[(&[&str], Type)] = &[
    (
        &[
            "active",
            "allow_force_push",
            "archived",
            "ci_forward_deployment_enabled",
            "ci_inbound_job_token_scope_enabled",
            "ci_job_token_scope_enabled",
            "code_owner_approval_required",
            "draft",
            "external",
            "group_runners_enabled",
            "hidden",
            "inherited",
            "is_admin",
            "is_auditor",
            "locked",
            "masked",
            "only_allow_merge_if_pipeline_succeeds",
            "protected",
            "public_jobs",
            "raw",
            "restrict_user_defined_variables",
            "revoked",
            "shared_runners_enabled",
            "two_factor_enabled",
        ],
        Type::Truth,
    ),
    (
        &[
            "access_level",
            "ci_config_path",
            "ci_pipeline_variables_minimum_override_role",
            "ci_restrict_pipeline_cancellation_role",
            "created_at",
            "default_branch",
            "email",
            "environment_scope",
            "expires_at",
            "id",
            "iid",
            "key",
            "last_used_at",
            "merged_at",
            "name",
            "path_with_namespace",
            "project_id",
            "required_approval_count",
            "sha",
            "source_branch",
            "state",
            "target_branch",
            "target_project_id",
            "user_id",
            "username",
            "variable_type",
            "visibility",
        ],
        Type::Scalar,
    ),
    (&["scopes", "path_history", "previous_paths"], Type::Scalars),
    (
        &[
            "approval_rules",
            "approved_by",
            "create_access_levels",
            "deploy_access_levels",
            "identities",
            "merge_access_levels",
            "push_access_levels",
            "unprotect_access_levels",
        ],
        Type::Objects,
    ),
];

/// The object of a record, the id hints of its path, and the thing it is about.
pub(super) struct Statement {
    pub(super) fields: Map<String, Value>,
    pub(super) hint: GitlabPath,
    pub(super) path: String,
    place: Place,
}

/// The attributes of one thing.
pub(super) struct Thing<'s> {
    sink: &'s mut dyn Sink,
    kind: &'static str,
    object: String,
    place: Place,
}

/// The answers of GitLab's API: any of these sets of fields tells a kind of object, with none of
/// the other fields.
pub(super) struct Answers;

/// A kind of object among them.
pub(super) type Exported = exported::Exported<Answers>;

impl Api for Answers {
    type Told = &'static [Told];
    type Push = fn(&Statement, &mut dyn Sink) -> Verdict;

    fn recognises(told: &Self::Told, sample: &Sample<'_>) -> bool {
        let has = |(with, without): &Told| has(sample, with, without);
        told.iter().any(has)
    }

    fn read(
        (told, push): (&Self::Told, &Self::Push),
        record: &Record<'_>,
        sink: &mut dyn Sink,
    ) -> Verdict {
        let mut foreign = Verdict::Foreign;
        for (with, without) in *told {
            match Statement::read(record, with, without) {
                Ok(statement) => return push(&statement, sink),
                Err(Verdict::Foreign) => {}
                Err(verdict) => foreign = verdict,
            }
        }
        foreign
    }
}

/// Fields that an object has, and fields that it has not.
pub(super) type Told = (&'static [&'static str], &'static [&'static str]);

/// What is fixed about a format of exports in JSON.
pub(super) const fn about(title: &'static str) -> About {
    About::json(&SOURCE, title)
}

/// Whether the sample's first record is an object with all of `with` and none of `without`.
pub(super) fn has(sample: &Sample<'_>, with: &[&str], without: &[&str]) -> bool {
    sample
        .value
        .and_then(Value::as_object)
        .is_some_and(|object| fits(object, with, without))
}

fn fits(object: &Map<String, Value>, with: &[&str], without: &[&str]) -> bool {
    with.iter().all(|name| object.contains_key(*name))
        && !without.iter().any(|name| object.contains_key(*name))
}

impl Statement {
    /// Reads a record that must be an object with all of `with` and none of `without`.
    pub(super) fn read(
        record: &Record<'_>,
        with: &[&str],
        without: &[&str],
    ) -> Result<Statement, Verdict> {
        match serde_json::from_slice(record.bytes) {
            Ok(Value::Object(fields)) if fits(&fields, with, without) => {
                if let Some(field) = typed::wrong(&fields, TYPES) {
                    let why = format!("an object of GitLab whose `{field}` is of another type");
                    return Err(Verdict::Rejected(why.into()));
                }
                let statement = Statement {
                    fields,
                    hint: GitlabPath::parse(record.path),
                    path: record.path.to_owned(),
                    place: record.place,
                };
                // What it is told by is what it is called by.
                match with.iter().find(|name| statement.is_taken_out(name)) {
                    Some(field) => {
                        let why = format!("an object of GitLab whose `{field}` was taken out");
                        Err(Verdict::Rejected(why.into()))
                    }
                    None => Ok(statement),
                }
            }
            Ok(_) => Err(Verdict::Foreign),
            Err(_) => Err(Verdict::Rejected("unreadable JSON".into())),
        }
    }

    /// A field as text; `None` when it is absent, null, empty, taken out, or not a scalar.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.fields.get(name).and_then(scalar)
    }

    /// A field of a nested object as text.
    pub(super) fn nested(&self, name: &str, inner: &str) -> Option<String> {
        self.fields.get(name)?.get(inner).and_then(scalar)
    }

    /// A positive id written as a number or a string.
    pub(super) fn id(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok().filter(|id| *id > 0)
    }

    /// The objects of a list, or the lone object in its place.
    pub(super) fn objects(&self, name: &str) -> Vec<&Map<String, Value>> {
        match self.fields.get(name) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_object).collect(),
            Some(Value::Object(object)) => vec![object],
            _ => Vec::new(),
        }
    }

    /// Begins to state the attributes of the thing `object`.
    pub(super) fn about<'s>(
        &self,
        sink: &'s mut dyn Sink,
        kind: &'static str,
        object: String,
    ) -> Thing<'s> {
        Thing {
            sink,
            kind,
            object,
            place: self.place,
        }
    }

    /// States the fields `names` as they are called in the API.
    pub(super) fn copy(&self, thing: &mut Thing<'_>, names: &[&str]) {
        for name in names {
            if let Some(value) = self.text(name) {
                thing.say(name, &value);
            } else if self.is_taken_out(name) {
                thing.say(TAKEN_OUT_OF, name);
            }
        }
    }

    /// Whether somebody took the value of a field out.
    fn is_taken_out(&self, name: &str) -> bool {
        let text = self.fields.get(name).and_then(Value::as_str);
        text.is_some_and(is_taken_out)
    }

    /// The scalar elements of a list.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        match self.fields.get(name) {
            Some(Value::Array(items)) => items.iter().filter_map(scalar).collect(),
            _ => Vec::new(),
        }
    }

    /// Reports a project id in the record that is not the one in the path.
    pub(super) fn compare_project(&self, thing: &mut Thing<'_>, said: Option<u64>) {
        if let (Some(expected), Some(said)) = (self.hint.project, said)
            && expected != said
        {
            thing.say(
                "path-contradiction",
                &format!("the path says gitlab:project/{expected}"),
            );
        }
    }
}

impl Thing<'_> {
    /// States one attribute; what looks like a secret in it is redacted.
    pub(super) fn say(&mut self, name: &str, value: &str) {
        let said = redacted(self.kind, &self.object, name, value, self.place);
        self.sink.attribute(said);
    }
}

/// A scalar as text; `None` when it is null, empty or taken out.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => (!is_silent(text)).then(|| text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
