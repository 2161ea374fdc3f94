//! What queues and collectors hand on: records of Kafka, Kinesis and Lambda, and OTLP.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::read::MultiGzDecoder;
use serde_json::Value;

use super::{Contents, Inner, Members, content, each, has, inner, object, one, text};

/// The longest text that compressed data may become.
const LONGEST: u64 = 64 * 1024 * 1024;

/// The contents of a record out of a queue.
pub(super) fn of_queue(record: &Members) -> Option<Contents> {
    kafka(record)
        .or_else(|| open_telemetry(record))
        .or_else(|| notice(record))
        .map(Ok)
        .or_else(|| records(record))
}

/// `kcat -J` (`payload`), and sinks of Kafka Connect (`value`).
fn kafka(record: &Members) -> Option<Vec<Inner>> {
    let known = has(record, &["topic"]) && has(record, &["partition"]) && has(record, &["offset"]);
    let value = inner(record, "payload").or_else(|| inner(record, "value"));
    known.then_some(value).flatten().map(|value| vec![value])
}

/// `opentelemetry/proto/logs/v1`: resources, scopes, records, each with a body. Members are named as
/// JSON does or as the protocol does; scopes were instrumentation libraries before 0.15.
fn open_telemetry(record: &Members) -> Option<Vec<Inner>> {
    const SCOPES: [&str; 4] = [
        "scopeLogs",
        "scope_logs",
        "instrumentationLibraryLogs",
        "instrumentation_library_logs",
    ];
    let listed = |value: &Value, names: &[&str]| -> Vec<Value> {
        let found = names.iter().find_map(|name| value.get(*name)?.as_array());
        found.cloned().unwrap_or_default()
    };
    let resources = record.get("resourceLogs").or(record.get("resource_logs"));
    let scopes = resources?.as_array()?.iter();
    let scopes = scopes.flat_map(|resource| listed(resource, &SCOPES));
    let records = scopes.flat_map(|scope| listed(&scope, &["logRecords", "log_records", "logs"]));
    let found = records.flat_map(|record| record.get("body").map_or_else(Vec::new, body));
    let found: Vec<Inner> = found.collect();
    (!found.is_empty()).then_some(found)
}

/// What a body holds: a line, a record, or a list of them.
fn body(value: &Value) -> Vec<Inner> {
    match any_value(value) {
        Value::Array(items) => items.iter().filter_map(content).collect(),
        value => content(&value).into_iter().collect(),
    }
}

/// `AnyValue` of `opentelemetry/proto/common/v1`: the line, or the record that the collector parsed.
fn any_value(value: &Value) -> Value {
    let Some((kind, held)) = value.as_object().and_then(|value| value.iter().next()) else {
        return Value::Null;
    };
    let values = || held.get("values").and_then(Value::as_array);
    match kind.as_str() {
        "kvlistValue" | "kvlist_value" => {
            let pair = |pair: &Value| {
                let key = pair.get("key")?.as_str()?.to_owned();
                Some((key, pair.get("value").map_or(Value::Null, any_value)))
            };
            let pairs = values().into_iter().flatten().filter_map(pair);
            Value::Object(pairs.collect())
        }
        "arrayValue" | "array_value" => {
            Value::Array(values().into_iter().flatten().map(any_value).collect())
        }
        // JSON has no 64 bits, so that they are written as a text.
        "intValue" | "int_value" => match held.as_str().and_then(|text| text.parse::<i64>().ok()) {
            Some(number) => Value::from(number),
            None => held.clone(),
        },
        "bytesValue" | "bytes_value" => match held.as_str().map(plain_text) {
            Some(Some(text)) => Value::String(text),
            _ => held.clone(),
        },
        _ => held.clone(),
    }
}

/// What bytes say that stand in base64.
fn plain_text(encoded: &str) -> Option<String> {
    match decoded(encoded, "").ok()?.pop()? {
        Inner::Text(text) => Some(text),
        Inner::Object(_) => None,
    }
}

/// What SNS hands to an address, EventBridge to a target, and SQS to who asks for messages.
fn notice(record: &Members) -> Option<Vec<Inner>> {
    if has(record, &["TopicArn"]) && text(record, "Type") == Some("Notification") {
        return one(record, "Message");
    }
    if has(record, &["detail-type"]) && has(record, &["source"]) {
        return one(record, "detail");
    }
    each(record.get("Messages")?, |message| {
        let message = message.as_object()?;
        has(message, &["ReceiptHandle"]).then(|| inner(message, "Body"))?
    })
}

/// What a function of AWS is called with: `Records` of Kinesis, SQS and SNS; Firehose's `records`.
fn records(record: &Members) -> Option<Contents> {
    // A subscription of CloudWatch calls a function with its batch, compressed.
    if let Some(batch) = object(record, "awslogs").and_then(|batch| text(batch, "data")) {
        return Some(decoded(batch, "the data of the batch is not base64"));
    }
    let listed = record.get("Records").or_else(|| record.get("records"))?;
    let mut found = Vec::new();
    for item in listed.as_array()?.iter().filter_map(Value::as_object) {
        let kinesis = object(item, "kinesis");
        let encoded = kinesis.map_or_else(|| text(item, "data"), |data| text(data, "data"));
        // The answer of GetRecords spells it so.
        let asked = || has(item, &["PartitionKey"]).then(|| text(item, "Data"))?;
        let encoded = encoded.or_else(asked);
        let notice = object(item, "Sns").and_then(|notice| inner(notice, "Message"));
        let plain = || notice.or_else(|| inner(item, "body"));
        match encoded.map(|encoded| decoded(encoded, "the data of a record is not base64")) {
            Some(Ok(contents)) => found.extend(contents),
            Some(Err(reason)) => return Some(Err(reason)),
            None => found.extend(plain()),
        }
    }
    (!found.is_empty()).then_some(Ok(found))
}

/// A text that was encoded, and perhaps compressed, on its way. Both alphabets are read, with and
/// without padding and line feeds.
pub(super) fn decoded(encoded: &str, fault: &'static str) -> Contents {
    let plain: String = encoded
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    let bytes = STANDARD_NO_PAD
        .decode(plain.trim_end_matches('='))
        .map_err(|_| fault)?;
    let bytes = match bytes.starts_with(&[0x1f, 0x8b]) {
        true => inflated(&bytes)?,
        false => bytes,
    };
    let text = String::from_utf8(bytes).map_err(|_| "the data of the message is not UTF-8")?;
    Ok(vec![Inner::Text(text)])
}

fn inflated(bytes: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut text = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(LONGEST + 1)
        .read_to_end(&mut text)
        .map_err(|_| "the data of the message is damaged gzip")?;
    match text.len() as u64 > LONGEST {
        true => Err("the data of the message is longer than 64 MiB"),
        false => Ok(text),
    }
}
