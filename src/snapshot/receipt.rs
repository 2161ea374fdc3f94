//! Receipts of collection: `collection.ndjson`, one line per export, with the keys of `[[source]]`.
//!
//! Beside them `x_total` and `link`, as the API answered with them (`X-Total`, `Link`) for one page of a
//! list.
//!
//! Kind `collection`, object `collection:<file>:<line>`. Attributes: every key that the receipt states, by
//! its name. The path is a glob over the inputs, from the folder that the receipts lie in.

use serde::Deserialize;

use crate::model::{
    About, Attribute, Format, Framing, Holds, Record, Sample, Sink, Source, Timestamp, Verdict,
    secret,
};

/// Formats of receipts.
pub const FORMATS: &[&dyn Format] = &[&Receipts];

const SOURCE: Source = Source {
    name: "collection",
    holds: Holds::Records,
};

struct Receipts;

/// The keys of `[[source]]`, and those of an answer.
const KEYS: [&str; 12] = [
    "path",
    "system",
    "instance",
    "environment",
    "command",
    "collected_at",
    "collected_by",
    "expect_records",
    "continuous",
    "required",
    "x_total",
    "link",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Receipt {
    path: String,
    system: Option<String>,
    instance: Option<String>,
    environment: Option<String>,
    command: Option<String>,
    collected_at: Option<String>,
    collected_by: Option<String>,
    expect_records: Option<u64>,
    continuous: Option<bool>,
    required: Option<bool>,
    x_total: Option<u64>,
    link: Option<String>,
}

impl Format for Receipts {
    fn about(&self) -> &About {
        &About {
            source: &SOURCE,
            title: "receipts of collection",
            framing: Framing::Json,
        }
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let Some(receipt) = sample.value.and_then(serde_json::Value::as_object) else {
            return false;
        };
        let named = sample.path.rsplit('/').next() == Some("collection.ndjson");
        let known = |key: &String| KEYS.contains(&key.as_str());
        receipt
            .get("path")
            .is_some_and(serde_json::Value::is_string)
            && (named || (receipt.len() > 1 && receipt.keys().all(known)))
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let receipt: Receipt = match serde_json::from_slice(record.bytes) {
            Ok(receipt) => receipt,
            Err(_) => {
                let keys = KEYS.join(", ");
                return Verdict::Rejected(
                    format!("no receipt: a path, and keys out of {keys}").into(),
                );
            }
        };
        let stated = receipt.collected_at.as_deref();
        if stated.is_some_and(|text| Timestamp::parse_date_or_time(text).is_none()) {
            return Verdict::Rejected("receipt whose collected_at is no time".into());
        }
        let folder = record
            .path
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        let path = match folder {
            "" => receipt.path.clone(),
            folder => format!("{folder}/{}", receipt.path),
        };
        let flag = |value: Option<bool>| value.map(|value| value.to_string());
        let values = [
            ("path", Some(path)),
            ("system", receipt.system),
            ("instance", receipt.instance),
            ("environment", receipt.environment),
            ("command", receipt.command),
            ("collected_at", receipt.collected_at),
            ("collected_by", receipt.collected_by),
            (
                "expect_records",
                receipt.expect_records.map(|count| count.to_string()),
            ),
            ("continuous", flag(receipt.continuous)),
            ("required", flag(receipt.required)),
            ("x_total", receipt.x_total.map(|count| count.to_string())),
            (
                "followed",
                flag(receipt.link.map(|link| is_followed(&link))),
            ),
        ];
        // Two receipts of one path are two.
        let object = format!("collection:{}:{}", record.path, record.place.line);
        for (name, value) in values {
            let Some(value) = value else { continue };
            sink.attribute(Attribute {
                kind: "collection",
                object: object.clone(),
                name: name.to_owned(),
                value: secret::redact(&value),
                valid_from: None,
                place: record.place,
            });
        }
        Verdict::Parsed
    }
}

/// Whether a `Link` header says that another page follows (RFC 8288: `<...>; rel="next"`).
fn is_followed(link: &str) -> bool {
    let mut parameters = link.split([',', ';']).map(str::trim);
    parameters.any(|parameter| {
        let value = parameter.strip_prefix("rel=").unwrap_or_default();
        value
            .trim_matches('"')
            .split(' ')
            .any(|relation| relation.eq_ignore_ascii_case("next"))
    })
}
