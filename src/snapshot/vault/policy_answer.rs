//! Policies as the API returns them: `.../sys/policies/acl/<name>.json` (field `policy`) and
//! `.../sys/policy/<name>.json` (field `rules`); also `vault policy read -format=json`.
//!
//! Emits the policy's text. Its name is the answer's `name`, else what the path says.

use super::answer::{self, Answer, Exported, Object, about};
use super::{location, policy};
use crate::model::{PolicyText, Sink, Verdict};

pub(super) const POLICY_ANSWER: Exported = Exported {
    about: about("Vault policy, as the API returns it"),
    told: |object, _| policy_text(object).is_some(),
    push,
};

/// The text of an answer; an empty one counts only beside a name.
fn policy_text(object: &Object) -> Option<&str> {
    let field = |key| object.get(key).and_then(serde_json::Value::as_str);
    let text = field("policy").or_else(|| field("rules"))?;
    let named = answer::text(object, "name").is_some();
    let json = || serde_json::from_str(text).is_ok_and(|value| policy::is_json_policy(&value));
    ((named && text.trim().is_empty()) || policy::is_policy(text) || json()).then_some(text)
}

fn push(answer: &Answer<'_>, sink: &mut dyn Sink) -> Verdict {
    let Some(text) = policy_text(answer.object) else {
        return Verdict::Foreign;
    };
    let place = location::policy_place(answer.record.path);
    let namespace = answer
        .namespace("sys")
        .or_else(|| place.as_ref().map(|place| place.namespace.clone()));
    let name = answer::text(answer.object, "name").map(str::to_owned);
    let name = name.or_else(|| place.map(|place| place.name));
    sink.policy(PolicyText {
        namespace: namespace.unwrap_or_default(),
        name: name.unwrap_or_else(|| location::stem(answer.record.path).to_owned()),
        text: text.to_owned(),
        place: answer.record.place,
        first_line: None,
    });
    Verdict::Parsed
}
