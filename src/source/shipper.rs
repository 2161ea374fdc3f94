//! Opens what log shippers and stores put around one record: one unwrapping for every source.
//!
//! | wrapper | told by | content |
//! |---|---|---|
//! | Fluent Bit, Fluentd, Docker | `log` beside `date`, `time`, `stream`, `kubernetes`, ... | `log` |
//! | CRI parser with another key | `message` beside `_p`, `logtag` or `stream` | `message` |
//! | Loki (`logcli`, API) | `line` beside `labels`; `stream` with `values` | each line |
//! | Vector | `message` beside `source_type` | `message` |
//! | Filebeat, Elastic, OpenSearch | `@timestamp`; `_source` of a hit; `event.original` | `message`, or the hit |
//! | Splunk | `_raw` in `result`, `results` or beside its fields; the collector's `event` | `_raw` |
//! | Datadog | `attributes` or `content` of a log, rows of its archive | `message`, or its members |
//! | CloudEvents | `specversion` | `data`, `data_base64` |
//! | Pub/Sub | `message.data` of a pull or push, a bare message | `data`, decoded |
//! | CloudWatch, journald | `logEvents`, `events`; `MESSAGE` | each `message` |
//! | answers of log stores with columns | `rows` beside `fields` or `columns`, ... (`answer`) | the column that holds the line |
//! | answers of Athena and CloudTrail Lake | `ResultSet`, `QueryResultRows` (`answer`) | each row, its columns as members |
//! | Promtail's `pack`, Mezmo, New Relic, OpenShift, Azure, syslog-ng, rsyslog, Sumo Logic, LogScale, VictoriaLogs, Coralogix, Graylog, ClickHouse, SigNoz (`store`) | keys of their own | the line |
//! | Google's log of a container or receiver of the server (`container`) | `resource` and `logName` | `jsonPayload`, `textPayload` |
//! | Ansible, AWS Systems Manager (`task`) | `stdout` of a command that ran, `content` of a file | each line |
//! | Kafka, Kinesis, SQS, SNS, EventBridge, Lambda, OTLP | `topic` beside `partition`; `Records`; `Messages`; `resourceLogs` (`queue`) | each value |
//!
//! A program that logs JSON of its own has a `message` as well. What it quotes is its word, so a
//! record that bears a logger's level or name is nobody's wrapper.

mod answer;
pub(super) mod container;
mod queue;
mod store;
mod task;

use serde_json::{Map, Value};

use self::queue::decoded;
use super::journal::LEFT_OUT;

/// What stood inside a wrapper.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Inner {
    /// A line of text, as the program wrote it.
    Text(String),
    /// A record that the shipper parsed.
    Object(Map<String, Value>),
}

/// A wrapper's contents, or why they cannot be read.
pub(super) type Contents = Result<Vec<Inner>, &'static str>;

type Members = Map<String, Value>;

/// Members by which a program's own log is told from a shipper's wrapper.
const LOGGERS: [&str; 12] = [
    "level",
    "lvl",
    "levelname",
    "severity",
    "logger",
    "loggerName",
    "logger_name",
    "log.level",
    "log.logger",
    "thread",
    "thread_name",
    "msg",
];

/// Whether a record stands beside records that are read: one that Vault or OpenBao logs about itself
/// with `log_format = json`, or what a bulk request of Elasticsearch does with the next line.
pub(super) fn stands_beside(record: &Members) -> bool {
    let bulk = ["index", "create"].iter().any(|action| {
        let target = object(record, action);
        target.is_some_and(|target| target.keys().all(|name| BULK.contains(&name.as_str())))
    });
    (record.contains_key("@level") && record.contains_key("@message"))
        || (record.len() == 1 && bulk)
}

/// What an action of a bulk request tells of its target.
const BULK: [&str; 6] = ["_index", "_id", "_type", "pipeline", "routing", "version"];

/// The contents of a record that is a wrapper; `None` when it is none.
pub(super) fn open(record: &Members) -> Option<Contents> {
    if let Some(data) = pubsub(record) {
        return Some(data);
    }
    if let Some(data) = cloud_event(record).or_else(|| queue::of_queue(record)) {
        return Some(data);
    }
    if is_frame(record) {
        return Some(Err(FRAME));
    }
    // Ansible's `msg` is what it says of the task.
    if let Some(printed) = task::of_task(record) {
        return Some(printed);
    }
    // Its level is that of the stream, and Google's the agent's guess.
    let told = answer::of_graylog(record).or_else(|| container::of_server(record));
    if let Some(found) = told.or_else(|| store::of_store(record)) {
        return Some(Ok(found));
    }
    if LOGGERS.iter().any(|name| record.contains_key(*name)) {
        return None;
    }
    if let Some(message) = journald(record) {
        return Some(message);
    }
    let found = splunk(record)
        .or_else(|| elastic(record))
        .or_else(|| datadog(record))
        .or_else(|| loki(record))
        .or_else(|| cloud_watch(record))
        .or_else(|| answer::of_store(record))
        .or_else(|| line(record))?;
    Some(Ok(found))
}

/// Why frames of a stream are not read: a record may begin in one and end in another.
const FRAME: &str = "a frame of Nomad's stream of logs: export it with `nomad alloc logs`";

/// Whether a record is a frame of Nomad's API (`/v1/client/fs/logs/:alloc_id`).
fn is_frame(record: &Members) -> bool {
    let of_file = text(record, "File").is_some() && text(record, "Data").is_some();
    of_file && record.get("Offset").is_some_and(Value::is_number)
}

fn has(record: &Members, names: &[&str]) -> bool {
    names.iter().any(|name| record.contains_key(*name))
}

fn object<'v>(record: &'v Members, name: &str) -> Option<&'v Members> {
    record.get(name)?.as_object()
}

fn text<'v>(record: &'v Members, name: &str) -> Option<&'v str> {
    record.get(name)?.as_str()
}

/// A member that holds a line or a parsed record.
fn inner(record: &Members, name: &str) -> Option<Inner> {
    content(record.get(name)?)
}

fn content(value: &Value) -> Option<Inner> {
    match value {
        Value::String(text) => Some(Inner::Text(text.trim_end_matches(['\n', '\r']).to_owned())),
        Value::Object(members) => Some(Inner::Object(members.clone())),
        // journald writes what it takes for no text as its bytes.
        Value::Array(bytes) => {
            let byte = |byte: &Value| u8::try_from(byte.as_u64()?).ok();
            let bytes: Option<Vec<u8>> = bytes.iter().map(byte).collect();
            let bytes = bytes.filter(|bytes| !bytes.is_empty())?;
            String::from_utf8(bytes).ok().map(Inner::Text)
        }
        _ => None,
    }
}

/// The one content of a record, as a list.
fn one(record: &Members, name: &str) -> Option<Vec<Inner>> {
    inner(record, name).map(|inner| vec![inner])
}

/// The contents of the elements of a list that `of` knows.
fn each(list: &Value, of: impl Fn(&Value) -> Option<Inner>) -> Option<Vec<Inner>> {
    let found: Vec<Inner> = list.as_array()?.iter().filter_map(of).collect();
    (!found.is_empty()).then_some(found)
}

/// Lines of containers, files and units, one a record.
fn line(record: &Members) -> Option<Vec<Inner>> {
    const BESIDE_LOG: [&str; 13] = [
        "_p",
        "@timestamp",
        "attrs",
        "container_id",
        "container_name",
        "date",
        "file",
        "filename",
        "kubernetes",
        "logtag",
        "stream",
        "time",
        "timestamp",
    ];
    const BESIDE_MESSAGE: [&str; 11] = [
        "@version",
        "_p",
        "logtag",
        "stream",
        "source_type",
        "kubernetes",
        "@timestamp",
        "container_id",
        "logGroup",
        "logStream",
        "podName",
    ];
    // Fluent Bit has the line parsed already; it may have dropped the text.
    if let Some(parsed) = object(record, "log_processed") {
        return Some(vec![Inner::Object(parsed.clone())]);
    }
    // Filebeat's `log` tells the file and offset of its `message`.
    let told = text(record, "message").is_some() && object(record, "log").is_some();
    if has(record, &BESIDE_LOG) && record.contains_key("log") && !told {
        return one(record, "log");
    }
    // The time stood before it: Fluent Bit's lines for people.
    let alone = record.len() == 1 && text(record, "log").is_some_and(|log| log.starts_with('{'));
    if alone {
        return one(record, "log");
    }
    if has(record, &BESIDE_MESSAGE) && record.contains_key("message") {
        return one(record, "message");
    }
    // The collector of OpenTelemetry as a line of a file.
    if has(record, &["body"]) && has(record, &["resource", "attributes"]) {
        return one(record, "body");
    }
    None
}

/// `journalctl -o json`, which writes null for a message longer than 4,096 bytes if not asked for all.
fn journald(record: &Members) -> Option<Contents> {
    if !has(record, &["__CURSOR", "__REALTIME_TIMESTAMP", "_HOSTNAME"]) {
        return None;
    }
    match record.get("MESSAGE")? {
        Value::Null => Some(Err(LEFT_OUT)),
        message => content(message).map(|inner| Ok(vec![inner])),
    }
}

/// `logcli -o jsonl` writes `{labels, line, timestamp}`; the API streams of `[time, line]`.
fn loki(record: &Members) -> Option<Vec<Inner>> {
    if text(record, "line").is_some() && has(record, &["labels", "stream", "timestamp", "ts"]) {
        return one(record, "line");
    }
    let values = |stream: &Value| -> Vec<Inner> {
        let lines = stream.get("values").and_then(Value::as_array);
        let pairs = lines.into_iter().flatten();
        pairs.filter_map(|pair| content(pair.get(1)?)).collect()
    };
    if object(record, "stream").is_some() && record.get("values").is_some_and(Value::is_array) {
        let found = values(&Value::Object(record.clone()));
        return (!found.is_empty()).then_some(found);
    }
    let data = object(record, "data").filter(|data| data.contains_key("resultType"));
    // An answer of the API, or what a client pushes.
    let streams = data.map_or_else(|| record.get("streams"), |data| data.get("result"));
    let streams = streams?.as_array()?;
    let found: Vec<Inner> = streams.iter().flat_map(values).collect();
    (!found.is_empty()).then_some(found)
}

/// `export` and the search API write `_raw`; the collector takes `event`.
fn splunk(record: &Members) -> Option<Vec<Inner>> {
    const FIELDS: [&str; 7] = [
        "_cd",
        "_indextime",
        "_serial",
        "_sourcetype",
        "_time",
        "sourcetype",
        "splunk_server",
    ];
    if let Some(raw) = object(record, "result").and_then(|result| one(result, "_raw")) {
        return Some(raw);
    }
    if let Some(results) = record.get("results")
        && let Some(found) = each(results, |row| inner(row.as_object()?, "_raw"))
    {
        return Some(found);
    }
    if has(record, &FIELDS) && record.contains_key("_raw") {
        return one(record, "_raw");
    }
    let collector = has(record, &["sourcetype", "index"])
        || (record.contains_key("source") && has(record, &["host", "time"]));
    if collector && let Some(found) = one(record, "event") {
        return Some(found);
    }
    // The Pub/Sub template of Dataflow: the message's data opened, its attributes beside.
    if object(record, "attributes").is_some() && object(record, "data").is_some() {
        return one(record, "data");
    }
    None
}

/// A hit of a search, several, or a line of Filebeat and Logstash.
fn elastic(record: &Members) -> Option<Vec<Inner>> {
    if let Some(source) = object(record, "_source") {
        return Some(vec![document(source)]);
    }
    if record.contains_key("_index")
        && let Some(found) = object(record, "fields").and_then(fields)
    {
        return Some(vec![found]);
    }
    if let Some(hits) = object(record, "hits").and_then(|hits| hits.get("hits")) {
        return each(hits, |hit| match object(hit.as_object()?, "_source") {
            Some(source) => Some(document(source)),
            None => fields(object(hit.as_object()?, "fields")?),
        });
    }
    let event = object(record, "event");
    let original = event.and_then(|event| one(event, "original"));
    if let Some(found) = original.or_else(|| one(record, "event.original")) {
        return Some(found);
    }
    // The line parsed: Filebeat's decoding of JSON, and the integration for Vault.
    let parsed =
        object(record, "json").or_else(|| object(object(record, "hashicorp_vault")?, "audit"));
    (parsed.is_some() && record.contains_key("@timestamp"))
        .then(|| parsed.map(|parsed| vec![Inner::Object(parsed.clone())]))
        .flatten()
}

/// What a hit says that was asked for fields: each is a list.
fn fields(of: &Members) -> Option<Inner> {
    let names = ["event.original", "message", "log"];
    let first = |name: &&str| content(of.get(*name)?.as_array()?.first()?);
    names.iter().find_map(first)
}

/// What an indexed document holds: the line it was made of, or the record itself.
fn document(source: &Members) -> Inner {
    let original = object(source, "event").and_then(|event| inner(event, "original"));
    let is_record = |inner: &Inner| match inner {
        Inner::Text(text) => text.trim_start().starts_with('{') || text.contains(": {"),
        Inner::Object(_) => true,
    };
    original
        .or_else(|| inner(source, "message"))
        .or_else(|| inner(source, "log").filter(|log| matches!(log, Inner::Text(_))))
        .filter(is_record)
        .unwrap_or_else(|| Inner::Object(source.clone()))
}

/// Logs of the API (v2: `attributes`, v1: `content`), pages of them, and lines of the archive.
fn datadog(record: &Members) -> Option<Vec<Inner>> {
    let log = |log: &Members| -> Option<Inner> {
        let members = object(log, "attributes").or_else(|| object(log, "content"))?;
        if !(has(members, &["message", "attributes"]) && log.contains_key("id")) {
            return None;
        }
        let named = |inner: &Inner| match inner {
            Inner::Text(text) => text.trim_start().starts_with('{'),
            Inner::Object(_) => true,
        };
        inner(members, "message")
            .filter(named)
            .or_else(|| inner(members, "attributes"))
            .or_else(|| inner(members, "message"))
    };
    for page in ["data", "logs"] {
        if let Some(found) = record
            .get(page)
            .and_then(|list| each(list, |item| log(item.as_object()?)))
        {
            return Some(found);
        }
    }
    if let Some(found) = log(record) {
        return Some(vec![found]);
    }
    let archived = has(record, &["ddsource", "ddtags"])
        || (record.contains_key("service") && has(record, &["_id", "date"]));
    if !archived {
        return None;
    }
    // The pipeline parsed the line, and left of it what it likes.
    let parsed = || object(record, "attributes").is_some_and(|parsed| !parsed.is_empty());
    match text(record, "message") {
        Some(message) if message.trim().is_empty() && parsed() => one(record, "attributes"),
        Some(_) => one(record, "message"),
        None => one(record, "message").or_else(|| one(record, "attributes")),
    }
}

/// A subscription's batch, or the answer of `filter-log-events`.
fn cloud_watch(record: &Members) -> Option<Vec<Inner>> {
    let message = |event: &Value| inner(event.as_object()?, "message");
    if record.contains_key("logGroup") {
        return each(record.get("logEvents")?, message);
    }
    let stored = |event: &Value| event.get("ingestionTime").is_some();
    let events = record.get("events")?;
    if events.as_array()?.iter().all(stored) {
        return each(events, message);
    }
    None
}

fn cloud_event(record: &Members) -> Option<Contents> {
    if !(record.contains_key("specversion") && record.contains_key("type")) {
        return None;
    }
    if let Some(encoded) = text(record, "data_base64") {
        return Some(decoded(encoded, "the data of the CloudEvent is not base64"));
    }
    // Eventarc hands on the message of a topic.
    if let Some(message) = object(record, "data").and_then(pubsub) {
        return Some(message);
    }
    inner(record, "data").map(|inner| Ok(vec![inner]))
}

/// A pull answer, one message of it, a push, or a message that lost everything around it.
fn pubsub(record: &Members) -> Option<Contents> {
    if let Some(messages) = record.get("receivedMessages").and_then(Value::as_array) {
        let mut found = Vec::new();
        let mut fault = None;
        for message in messages.iter().filter_map(Value::as_object) {
            let plain = text(message, "message").map(|text| Ok(vec![Inner::Text(text.to_owned())]));
            match plain.or_else(|| pubsub(message)) {
                Some(Ok(contents)) => found.extend(contents),
                Some(Err(reason)) => fault = Some(reason),
                None => {}
            }
        }
        return Some(match fault {
            Some(reason) if found.is_empty() => Err(reason),
            // Its reader rejects it, so that the record is counted as damaged.
            Some(_) => {
                found.push(Inner::Text("{".to_owned()));
                Ok(found)
            }
            None => Ok(found),
        });
    }
    let outer = has(record, &["ackId", "subscription"]);
    if (outer || record.len() == 1)
        && let Some(message) = object(record, "message").filter(|m| m.contains_key("data"))
    {
        return data(message);
    }
    if outer && let Some(text) = text(record, "message") {
        return Some(Ok(vec![Inner::Text(text.to_owned())]));
    }
    let ids = ["messageId", "message_id", "publishTime", "publish_time"];
    (text(record, "data").is_some() && has(record, &ids))
        .then(|| data(record))
        .flatten()
}

fn data(message: &Members) -> Option<Contents> {
    match message.get("data")? {
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
            Some(Ok(vec![Inner::Text(text.clone())]))
        }
        Value::String(text) => Some(decoded(
            text,
            "the data of the Pub/Sub message is not base64",
        )),
        Value::Object(members) => Some(Ok(vec![Inner::Object(members.clone())])),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
