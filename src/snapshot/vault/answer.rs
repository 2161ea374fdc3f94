//! The envelope of a Vault API answer.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{SOURCE, location};
use crate::model::{About, Record, Sample, Sink, Verdict};
use crate::snapshot::exported::{self, Api};

/// The object that an API answer carries.
pub(super) type Object = Map<String, Value>;

/// The keys of the envelope of `vault read -format=json`, any of which tells it from an object
/// that merely has a key `data`.
const ENVELOPE: [&str; 4] = ["request_id", "lease_id", "wrap_info", "lease_duration"];

/// The object inside an answer, or the value itself if it is a bare object.
///
/// An object with `data` alone is an answer too, cut down to what it carries.
pub(super) fn object(value: &Value) -> Option<&Object> {
    let outer = value.as_object()?;
    let enveloped = outer.len() == 1 || ENVELOPE.iter().any(|key| outer.contains_key(*key));
    match outer.get("data") {
        Some(Value::Object(data)) if enveloped => Some(data),
        Some(_) if enveloped && outer.len() > 1 => None,
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
        .or_else(|| location::namespace_of_path(path, api))
        .filter(|namespace| !namespace.is_empty() && namespace != "root")
}

/// One answer: the object that it carries, all of it, and the record that it was read from.
pub(super) struct Answer<'a> {
    pub(super) object: &'a Object,
    pub(super) value: &'a Value,
    pub(super) record: &'a Record<'a>,
}

impl Answer<'_> {
    /// The namespace that the answer or the path of its file states; `None` is root.
    pub(super) fn namespace(&self, api: &str) -> Option<String> {
        namespace(self.value, self.record.path, api)
    }
}

/// The answers of Vault's API; the object and the path of the file tell a kind.
pub(super) struct Answers;

/// A kind of object among them.
pub(super) type Exported = exported::Exported<Answers>;

impl Api for Answers {
    type Told = fn(&Object, &str) -> bool;
    type Push = fn(&Answer<'_>, &mut dyn Sink) -> Verdict;

    fn recognises(told: &Self::Told, sample: &Sample<'_>) -> bool {
        let found = sample.value.and_then(object);
        found.is_some_and(|object| told(object, sample.path))
    }

    fn read(
        (told, push): (&Self::Told, &Self::Push),
        record: &Record<'_>,
        sink: &mut dyn Sink,
    ) -> Verdict {
        let value = match parse(record) {
            Ok(value) => value,
            Err(verdict) => return verdict,
        };
        let Some(object) = object(&value).filter(|object| told(object, record.path)) else {
            return Verdict::Foreign;
        };
        let answer = Answer {
            object,
            value: &value,
            record,
        };
        push(&answer, sink)
    }
}

/// What is fixed about a format of answers.
pub(super) const fn about(title: &'static str) -> About {
    About::json(&SOURCE, title)
}
