//! Policies as the API returns them: `.../sys/policies/acl/<name>.json` (field `policy`) and
//! `.../sys/policy/<name>.json` (field `rules`); also `vault policy read -format=json`.
//!
//! Emits the policy's text. Its name is the answer's `name`, else what the path says.

use super::answer::{self, Object};
use super::{SOURCE, location, policy};
use crate::model::{Format, Framing, PolicyText, Record, Sample, Sink, Verdict};

pub(super) struct PolicyAnswer;

/// The text of an answer; an empty one counts only beside a name.
fn policy_text(object: &Object) -> Option<&str> {
    let field = |key| object.get(key).and_then(serde_json::Value::as_str);
    let text = field("policy").or_else(|| field("rules"))?;
    let named = answer::text(object, "name").is_some();
    let json = || serde_json::from_str(text).is_ok_and(|value| policy::is_json_policy(&value));
    ((named && text.trim().is_empty()) || policy::is_policy(text) || json()).then_some(text)
}

impl Format for PolicyAnswer {
    fn source(&self) -> &'static str {
        SOURCE
    }

    fn title(&self) -> &'static str {
        "Vault policy, as the API returns it"
    }

    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let object = sample.value.and_then(answer::object);
        object.is_some_and(|object| policy_text(object).is_some())
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let value = match answer::parse(record) {
            Ok(value) => value,
            Err(verdict) => return verdict,
        };
        let Some((object, text)) =
            answer::object(&value).and_then(|object| Some((object, policy_text(object)?)))
        else {
            return Verdict::Foreign;
        };
        let place = location::policy_place(record.path);
        let namespace = answer::namespace(&value, record.path, "sys")
            .or_else(|| place.as_ref().map(|place| place.namespace.clone()));
        let name = answer::text(object, "name").map(str::to_owned);
        let name = name.or_else(|| place.map(|place| place.name));
        sink.policy(PolicyText {
            namespace: namespace.unwrap_or_default(),
            name: name.unwrap_or_else(|| location::stem(record.path).to_owned()),
            text: text.to_owned(),
            place: record.place,
            first_line: None,
        });
        Verdict::Parsed
    }
}
