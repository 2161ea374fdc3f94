//! What Google's configuration exports have in common: envelopes, lists, and attributes to push.

use std::borrow::Cow;

use chrono::DateTime;
use serde_json::Value;

use super::SOURCE;
use crate::model::{About, Attribute, Place, Record, Sample, Sink, Timestamp, Verdict, id};
use crate::snapshot::exported::{self, Api};

/// Members under which list answers and wrappers hold their elements.
const LISTS: &[&str] = &[
    "accounts",
    "assets",
    "buckets",
    "cryptoKeyVersions",
    "cryptoKeys",
    "insights",
    "items",
    "jobs",
    "keys",
    "projects",
    "results",
    "revisions",
    "secrets",
    "services",
    "versions",
    "workerPools",
    "workloadIdentityPoolProviders",
];

/// One exported thing.
pub(super) struct Item<'v> {
    /// Its description.
    pub(super) body: &'v Value,
    /// The full resource name that the envelope gives it (asset exports, searches).
    pub(super) name: Option<&'v str>,
    /// When the export was taken, where the envelope says so.
    pub(super) taken_at: Option<Timestamp>,
}

impl<'v> Item<'v> {
    /// A text member of the description.
    pub(super) fn text(&self, member: &str) -> Option<&'v str> {
        self.body.get(member)?.as_str()
    }

    /// The resource name: the description's own, else the envelope's without its service.
    pub(super) fn resource_name(&self) -> Option<&'v str> {
        self.text("name").or_else(|| {
            let (_, name) = self.name?.trim_start_matches('/').split_once('/')?;
            Some(name)
        })
    }
}

/// The things that a value describes: itself, the elements of a list answer, the recorded body of
/// a response (`{headers, body}`), or the resource of an asset.
pub(super) fn items(value: &Value) -> Vec<Item<'_>> {
    let mut out = Vec::new();
    collect(value, None, &mut out);
    out
}

fn collect<'v>(value: &'v Value, taken_at: Option<Timestamp>, out: &mut Vec<Item<'v>>) {
    match value {
        Value::Array(elements) => {
            for element in elements {
                collect(element, taken_at, out);
            }
        }
        Value::Object(members) => {
            if let (Some(headers), Some(body)) = (members.get("headers"), members.get("body")) {
                return collect(body, recorded_at(headers).or(taken_at), out);
            }
            let list = LISTS.iter().find_map(|name| members.get(*name)?.as_array());
            // A described thing may have a member of that name; a list has no name itself.
            if let Some(list) = list
                && !members.contains_key("name")
                && !members.contains_key("bindings")
            {
                for element in list {
                    collect(element, taken_at, out);
                }
                return;
            }
            let name = members.get("name").and_then(Value::as_str);
            match members.get("resource").and_then(|asset| asset.get("data")) {
                Some(body) => out.push(Item {
                    body,
                    name,
                    taken_at,
                }),
                None => out.push(Item {
                    body: value,
                    name: None,
                    taken_at,
                }),
            }
        }
        _ => {}
    }
}

/// The `Date` of a recorded response.
fn recorded_at(headers: &Value) -> Option<Timestamp> {
    let date = headers
        .get("date")
        .or_else(|| headers.get("Date"))?
        .as_str()?;
    let date = DateTime::parse_from_rfc2822(date).ok()?;
    Timestamp::parse(&date.to_rfc3339())
}

/// Whether any thing in a sample is one that `matches`.
pub(super) fn recognises(sample: &Sample<'_>, matches: impl Fn(&Item<'_>) -> bool) -> bool {
    sample
        .value
        .is_some_and(|value| items(value).iter().any(matches))
}

/// Hands every thing of a record that `matches` to `each`; foreign when there is none.
pub(super) fn read(
    record: &Record<'_>,
    matches: impl Fn(&Item<'_>) -> bool,
    mut each: impl FnMut(&Item<'_>),
) -> Verdict {
    let Ok(value) = serde_json::from_slice::<Value>(record.bytes) else {
        return Verdict::Rejected(Cow::Borrowed("the record is not JSON"));
    };
    let mut verdict = Verdict::Foreign;
    for item in items(&value).iter().filter(|item| matches(item)) {
        each(item);
        verdict = Verdict::Parsed;
    }
    verdict
}

/// The answers of Google's APIs, its asset inventory's too.
pub(super) struct Answers;

/// A kind of thing among them.
pub(super) type Exported = exported::Exported<Answers>;

impl Api for Answers {
    type Told = fn(&Item<'_>) -> bool;
    type Push = fn(&Item<'_>, &Record<'_>, &mut dyn Sink);

    fn recognises(told: &Self::Told, sample: &Sample<'_>) -> bool {
        recognises(sample, told)
    }

    fn read(
        (told, push): (&Self::Told, &Self::Push),
        record: &Record<'_>,
        sink: &mut dyn Sink,
    ) -> Verdict {
        read(record, told, |item| push(item, record, sink))
    }
}

/// What is fixed about a format of exports in JSON.
pub(super) const fn about(title: &'static str) -> About {
    About::json(&SOURCE, title)
}

/// Pushes the attributes of one thing.
pub(super) struct Attributes<'s> {
    pub(super) kind: &'static str,
    pub(super) object: String,
    pub(super) valid_from: Option<Timestamp>,
    pub(super) place: Place,
    pub(super) sink: &'s mut dyn Sink,
}

impl<'s> Attributes<'s> {
    /// Starts the attributes of a Google resource, named as the audit log names it.
    pub(super) fn of_resource(
        kind: &'static str,
        service: &str,
        name: &str,
        item: &Item<'_>,
        place: Place,
        sink: &'s mut dyn Sink,
    ) -> Self {
        Attributes {
            kind,
            object: id::gcp_resource(service, name),
            valid_from: item.taken_at,
            place,
            sink,
        }
    }

    /// Pushes one attribute.
    pub(super) fn put(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.sink.attribute(Attribute {
            kind: self.kind,
            object: self.object.clone(),
            name: name.into(),
            value: value.into(),
            valid_from: self.valid_from,
            place: self.place,
        });
    }

    /// Pushes one attribute if the description has a value, not empty, at one of `pointers`.
    pub(super) fn put_first(&mut self, name: &str, body: &Value, pointers: &[&str]) {
        let found = pointers
            .iter()
            .filter_map(|pointer| scalar(body.pointer(pointer)?))
            .find(|value| !value.is_empty());
        if let Some(value) = found {
            self.put(name, value);
        }
    }

    /// Pushes one attribute `<prefix>.<key>` per entry of a map, in key order.
    pub(super) fn put_map(&mut self, prefix: &str, map: Option<&Value>) {
        let entries = map.and_then(Value::as_object).into_iter().flatten();
        let mut entries: Vec<(&String, String)> = entries
            .filter_map(|(key, value)| Some((key, scalar(value)?)))
            .collect();
        entries.sort();
        for (key, value) in entries {
            self.put(format!("{prefix}.{key}"), value);
        }
    }
}

/// A scalar as text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}
