//! Configuration of the identity-aware proxy hoop.dev: connections, machine identities, access
//! request rules (`GET /api/connections`, `/machine-identities`, `/access-request-rules`). What a
//! connection holds as `secret` is not read.
//!
//! - `hoop-connection`, object `hoop:connection/<name>`: `type`, `subtype`, `resource`, `reviewer`
//!   and `attribute` for each, `min_review_approvals`, `tag.<key>`.
//! - `hoop-machine`, object `hoop:machine/<id>`: `name`, `connection` and `attribute` for each.
//! - `hoop-access-rule`, object `hoop:access-rule/<name>`: `access_type`, `connection`, `attribute`,
//!   `reviewers_group` and `skip_review_group` for each, `min_approvals`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::model::{About, Attribute, Format, Holds, Record, Sample, Sink, Source, Verdict};

/// What its files are records of.
const SOURCE: Source = Source {
    name: "hoop-config",
    holds: Holds::Configuration,
};

/// Every format of the proxy's configuration.
pub const FORMATS: &[&dyn Format] = &[
    &Exported {
        about: About::json(&SOURCE, "hoop.dev connections"),
        kind: "hoop-connection",
        word: "connection",
        named_by: "name",
        with: &["name", "type", "reviewers"],
        without: &["start_date", "access_type"],
        texts: &[
            ("type", "type"),
            ("subtype", "subtype"),
            ("resource_name", "resource"),
            ("min_review_approvals", "min_review_approvals"),
        ],
        lists: &[("reviewers", "reviewer"), ("attributes", "attribute")],
        map: Some(("connection_tags", "tag")),
    },
    &Exported {
        about: About::json(&SOURCE, "hoop.dev access request rules"),
        kind: "hoop-access-rule",
        word: "access-rule",
        named_by: "name",
        with: &["name", "access_type", "reviewers_groups"],
        without: &[],
        texts: &[
            ("access_type", "access_type"),
            ("min_approvals", "min_approvals"),
        ],
        lists: &[
            ("connection_names", "connection"),
            ("attributes", "attribute"),
            ("reviewers_groups", "reviewers_group"),
            ("skip_review_groups", "skip_review_group"),
        ],
        map: None,
    },
    &Exported {
        about: About::json(&SOURCE, "hoop.dev machine identities"),
        kind: "hoop-machine",
        word: "machine",
        named_by: "id",
        with: &["id", "name", "connection_names"],
        without: &["access_type"],
        texts: &[("name", "name")],
        lists: &[
            ("connection_names", "connection"),
            ("attributes", "attribute"),
        ],
        map: None,
    },
];

/// One kind of exported thing, and which of its members become attributes under which name.
struct Exported {
    about: About,
    kind: &'static str,
    word: &'static str,
    named_by: &'static str,
    with: &'static [&'static str],
    without: &'static [&'static str],
    texts: &'static [(&'static str, &'static str)],
    lists: &'static [(&'static str, &'static str)],
    map: Option<(&'static str, &'static str)>,
}

/// The things of a value: itself, or the elements of an answer.
fn things(value: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    let list = value.get("data").or_else(|| value.get("items"));
    let list = list.and_then(Value::as_array);
    let lone = list.is_none().then_some(value);
    let all = list.into_iter().flatten().chain(lone);
    all.filter_map(Value::as_object)
}

impl Exported {
    fn fits(&self, thing: &Map<String, Value>) -> bool {
        self.with.iter().all(|name| thing.contains_key(*name))
            && !self.without.iter().any(|name| thing.contains_key(*name))
    }

    fn push(
        &self,
        thing: &Map<String, Value>,
        record: &Record<'_>,
        sink: &mut dyn Sink,
    ) -> Verdict {
        let Some(name) = thing.get(self.named_by).and_then(scalar) else {
            return Verdict::Rejected(Cow::Borrowed("a thing of the proxy without its name"));
        };
        let object = format!("hoop:{}/{name}", self.word);
        let mut say = |name: &str, value: String| {
            sink.attribute(Attribute {
                kind: self.kind,
                object: object.clone(),
                name: name.to_owned(),
                value,
                valid_from: None,
                place: record.place,
            });
        };
        // It is stated, even where it says nothing else.
        say("id", name);
        for (member, attribute) in self.texts {
            if let Some(value) = thing.get(*member).and_then(scalar) {
                say(attribute, value);
            }
        }
        for (member, attribute) in self.lists {
            let Some(value) = thing.get(*member).filter(|value| !value.is_null()) else {
                continue;
            };
            let Some(list) = value.as_array() else {
                return Verdict::Rejected(Cow::Owned(format!("`{member}` is no list")));
            };
            list.iter()
                .filter_map(scalar)
                .for_each(|value| say(attribute, value));
        }
        if let Some((member, prefix)) = self.map {
            let pairs = thing.get(member).and_then(Value::as_object);
            for (key, value) in pairs.into_iter().flatten() {
                if let Some(value) = scalar(value) {
                    say(&format!("{prefix}.{key}"), value);
                }
            }
        }
        Verdict::Parsed
    }
}

impl Format for Exported {
    fn about(&self) -> &About {
        &self.about
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        sample
            .value
            .is_some_and(|value| things(value).any(|thing| self.fits(thing)))
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let Ok(value) = serde_json::from_slice::<Value>(record.bytes) else {
            return Verdict::Rejected(Cow::Borrowed("the record is not JSON"));
        };
        let mut verdict = Verdict::Foreign;
        for thing in things(&value).filter(|thing| self.fits(thing)) {
            let read = self.push(thing, record, sink);
            if verdict == Verdict::Foreign || read != Verdict::Parsed {
                verdict = read;
            }
        }
        verdict
    }
}

/// A scalar as text; `None` when it is null or empty.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}
