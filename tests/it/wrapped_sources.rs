//! Every log in every wrapper says the same events as plain: the unwrapping is one for all sources.

use std::fs;
use std::num::NonZeroUsize;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use piperoll::estate::formats;
use piperoll::model::{Digest, Event, Export, FileId, Place, Sink};
use piperoll::source::{InputFile, Output, ingest};
use serde_json::{Value, json};

const TIME: &str = "2026-09-07T10:00:00.000000000Z";

/// What a file says, without where it stands.
#[derive(Debug, Default)]
struct Said(Vec<String>);

impl Sink for Said {
    fn event(&mut self, event: &Event<'_>) {
        let mut event = event.clone();
        event.place = Place {
            file: FileId(0),
            line: 1,
            byte: 0,
            sha256: Digest::of(""),
        };
        self.0.push(format!("{event:?}"));
    }
    fn export(&mut self, export: Export) {
        if let Export::Exposure(found) = export {
            self.0.push(found.pattern.to_string());
        }
    }
}

/// The events of a file of that name, and how many of its units are damaged.
pub(crate) fn read(name: &str, text: &str) -> (Vec<String>, usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input");
    fs::write(&path, text).unwrap();
    let input = InputFile {
        id: FileId(0),
        name: name.to_owned(),
        above: None,
        path: Some(path),
        outside: None,
        refused: None,
    };
    let (mut said, mut rejected) = (Vec::new(), 0);
    ingest(
        &[input],
        &formats(),
        NonZeroUsize::MIN,
        Said::default,
        |output| {
            if let Output::Block { tally, kept, .. } = output {
                said.extend(kept.0);
                rejected += tally.rejected.len();
            }
        },
    );
    (said, rejected)
}

/// Each log: its name, and three records of it.
pub(crate) fn logs() -> Vec<(&'static str, Vec<String>)> {
    let minutes = |record: &dyn Fn(u8) -> Value| (0..3).map(|at| record(at).to_string()).collect();
    let token = format!("hmac-sha256:{}", "ab".repeat(32));
    let vault = |at: u8| {
        json!({
            "time": format!("2026-09-07T10:0{at}:00Z"), "type": "response",
            "auth": {"client_token": token, "accessor": token, "display_name": "ada", "policies": ["p"], "token_type": "service"},
            "request": {"id": format!("r{at}"), "operation": "read", "path": "secret/data/{x}\u{2028}\"", "mount_type": "kv", "mount_point": "secret/", "remote_address": "10.0.0.1"},
            "response": {"mount_type": "kv"},
        })
    };
    let google = |name: &'static str, at: u8, rest: Value| {
        let mut entry = json!({
            "insertId": format!("i{at}"), "timestamp": format!("2026-09-07T10:0{at}:00Z"), "severity": "INFO",
            "logName": format!("projects/p/logs/{name}"),
        });
        entry
            .as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        entry
    };
    let audit = |at| {
        google(
            "cloudaudit.googleapis.com%2Fdata_access",
            at,
            json!({
                "resource": {"type": "audited_resource", "labels": {"project_id": "p"}},
                "protoPayload": {
                    "@type": "type.googleapis.com/google.cloud.audit.AuditLog", "serviceName": "secretmanager.googleapis.com",
                    "methodName": "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion",
                    "resourceName": "projects/1/secrets/a/versions/1",
                    "authenticationInfo": {"principalEmail": "ada@acme.example"}, "requestMetadata": {"callerIp": "10.0.0.1"},
                    "authorizationInfo": [{"permission": "secretmanager.versions.access", "granted": true}],
                },
            }),
        )
    };
    let requests = |at| {
        google(
            "run.googleapis.com%2Frequests",
            at,
            json!({
                "resource": {"type": "cloud_run_revision", "labels": {"project_id": "p", "service_name": "s", "revision_name": "s-1", "location": "europe-west1"}},
                "httpRequest": {"requestMethod": "GET", "requestUrl": "https://x.run.app/a", "status": 200, "remoteIp": "10.0.0.1"},
            }),
        )
    };
    let okta = |at: u8| {
        json!({
            "uuid": format!("0000000{at}-1111-1111-1111-111111111111"), "published": format!("2026-09-07T10:0{at}:00.000Z"),
            "eventType": "user.session.start", "version": "0", "severity": "INFO", "displayMessage": "User login to Okta",
            "actor": {"id": "00u1", "type": "User", "alternateId": "ada@acme.example"}, "outcome": {"result": "SUCCESS"},
            "client": {"ipAddress": "10.0.0.1"}, "target": [],
        })
    };
    let trail = |at: u8| {
        json!({
            "eventVersion": "1.09", "eventTime": format!("2026-09-07T10:0{at}:00Z"), "eventSource": "s3.amazonaws.com",
            "eventName": "ListBuckets", "awsRegion": "eu-west-1", "sourceIPAddress": "10.0.0.1", "eventID": format!("e{at}"),
            "userIdentity": {"type": "IAMUser", "principalId": "A", "arn": "arn:aws:iam::111122223333:user/ada", "accountId": "111122223333", "userName": "ada"},
            "readOnly": true, "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": "111122223333", "eventCategory": "Management",
        })
    };
    let trace = [
        "Running with gitlab-runner 17.0.0 (abc)".to_owned(),
        format!("token glpat-{}", "abcdefghij0123456789"),
        "Job succeeded".to_owned(),
    ];
    vec![
        ("vault/audit.log", minutes(&vault)),
        ("gcp/audit.json", minutes(&audit)),
        ("gcp/requests.json", minutes(&requests)),
        ("okta/log.json", minutes(&okta)),
        ("aws/log.json", minutes(&trail)),
        ("gitlab/projects/101/jobs/1/trace.log", trace.to_vec()),
    ]
}

/// A wrapper of one line each.
pub(crate) fn by_line(lines: &[String], wrap: impl Fn(&str) -> String) -> String {
    lines.iter().map(|line| wrap(line) + "\n").collect()
}

/// The parsed record, or the text where it is none.
pub(crate) fn value(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|_| json!(line))
}

/// The lines in every wrapper, by its name.
fn wrapped(lines: &[String]) -> Vec<(&'static str, String)> {
    let each = |wrap: &dyn Fn(&str) -> Value| by_line(lines, |line| wrap(line).to_string());
    let all =
        |wrap: &dyn Fn(&str) -> Value| lines.iter().map(|line| wrap(line)).collect::<Vec<_>>();
    let coded = |line: &str| STANDARD.encode(line);
    let loki = json!([{"stream": {"job": "x"}, "values": all(&|line| json!(["1788775200000000000", line]))}]);
    vec![
        ("Docker", each(&|line| json!({"log": format!("{line}\n"), "stream": "stdout", "time": TIME}))),
        ("CRI", by_line(lines, |line| format!("{TIME} stdout F {line}"))),
        ("Fluent Bit, CRI", each(&|line| json!({"time": TIME, "stream": "stdout", "logtag": "F", "log": line}))),
        ("Fluent Bit, CRI of old", each(&|line| json!({"time": TIME, "stream": "stdout", "_p": "F", "log": line}))),
        ("Fluent Bit, message", each(&|line| json!({"time": TIME, "stream": "stdout", "logtag": "F", "message": line}))),
        ("Fluent Bit, Kubernetes", each(&|line| json!({"date": 1_788_775_200.5, "_p": "F", "log": line, "kubernetes": {"pod_name": "v-0"}}))),
        ("Loki, line", each(&|line| json!({"labels": {"job": "x"}, "line": line, "timestamp": TIME}))),
        ("Loki, push", json!({"streams": loki}).to_string()),
        ("Loki, query", json!({"status": "success", "data": {"resultType": "streams", "result": loki}}).to_string()),
        ("Vector", each(&|line| json!({"file": "/a.log", "host": "h", "message": line, "source_type": "file", "timestamp": TIME}))),
        ("Splunk", each(&|line| json!({"preview": false, "result": {"_raw": line, "_time": TIME, "host": "h"}}))),
        ("Splunk, collector", each(&|line| json!({"time": 1, "host": "h", "source": "s", "sourcetype": "_json", "event": line}))),
        ("Datadog", each(&|line| json!({"id": "A", "type": "log", "attributes": {"message": line, "status": "info", "timestamp": TIME, "service": "s"}}))),
        ("Elastic", each(&|line| json!({"_index": "a", "_id": "1", "_source": {"@timestamp": TIME, "message": line}}))),
        ("Elastic, answer", json!({"took": 1, "hits": {"total": {"value": 3}, "hits": all(&|line| json!({"_index": "a", "_id": "1", "_source": {"@timestamp": TIME, "message": line}}))}}).to_string()),
        ("CloudEvents", each(&|line| json!({"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data": value(line)}))),
        ("CloudEvents, coded", each(&|line| json!({"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data_base64": coded(line)}))),
        ("Pub/Sub, push", each(&|line| json!({"message": {"data": coded(line), "messageId": "1"}, "subscription": "projects/p/subscriptions/s"}))),
        ("Pub/Sub, pull", json!(all(&|line| json!({"ackId": "x", "message": {"data": coded(line), "messageId": "1"}}))).to_string()),
        ("CloudWatch", json!({"events": all(&|line| json!({"timestamp": 1, "message": line, "ingestionTime": 2}))}).to_string()),
        ("journald", each(&|line| json!({"__REALTIME_TIMESTAMP": "1788775200000000", "MESSAGE": line, "__CURSOR": "c"}))),
        ("syslog", by_line(lines, |line| format!("<134>1 2026-09-07T10:00:00Z h vault 1 - - {line}"))),
    ]
}

/// The same in what agents write for people, and under keys that stores have for themselves.
fn stored(lines: &[String]) -> Vec<(&'static str, String)> {
    let each = |wrap: &dyn Fn(&str) -> Value| by_line(lines, |line| wrap(line).to_string());
    let all =
        |wrap: &dyn Fn(&str) -> Value| lines.iter().map(|line| wrap(line)).collect::<Vec<_>>();
    let log = |line: &str| json!({"log": line});
    let hub = all(
        &|line| json!({"time": TIME, "category": "ContainerLogV2", "properties": {"log": line}}),
    );
    vec![
        (
            "Fluent Bit, file",
            by_line(lines, |line| {
                format!("kube.a: [1788775200.120000000, {}]", log(line))
            }),
        ),
        (
            "Fluent Bit, output",
            by_line(lines, |line| {
                format!("[0] kube.a: [[1788775200.1, {{}}], {}]", log(line))
            }),
        ),
        (
            "OpenShift",
            each(
                &|line| json!({"@timestamp": TIME, "message": line, "level": "default", "kubernetes": {"pod_name": "v-0"}, "viaq_msg_id": "m"}),
            ),
        ),
        (
            "New Relic",
            each(
                &|line| json!({"timestamp": 1, "message": line, "newrelic.source": "api.logs", "level": "info"}),
            ),
        ),
        (
            "Mezmo",
            each(&|line| json!({"_line": line, "_ts": 1, "_app": "a", "level": "info"})),
        ),
        (
            "Promtail",
            each(&|line| json!({"_entry": line, "pod": "v-0"})),
        ),
        ("Azure's event hub", json!({"records": hub}).to_string()),
        (
            "entries of a list",
            json!({"entries": all(&value), "nextPageToken": "t"}).to_string(),
        ),
    ]
}

/// The same in records of further stores and queues, and as programs print what they keep.
pub(crate) fn kept(lines: &[String]) -> Vec<(&'static str, String)> {
    let each = |wrap: &dyn Fn(&str) -> Value| by_line(lines, |line| wrap(line).to_string());
    let all =
        |wrap: &dyn Fn(&str) -> Value| lines.iter().map(|line| wrap(line)).collect::<Vec<_>>();
    let bodies = all(&|line| json!({"body": any_value(&value(line)), "timeUnixNano": "1"}));
    let printed = by_line(lines, |line| {
        format!(
            "2026-09-07 10:00:00.000000000 +0000 a.b: {}",
            json!({"message": line})
        )
    });
    vec![
        ("LogScale", each(&|line| json!({"@rawstring": line, "@timestamp": 1, "@id": "x", "level": "info"}))),
        ("VictoriaLogs", each(&|line| json!({"_time": TIME, "_stream_id": "0", "_stream": "{}", "_msg": line}))),
        ("Coralogix", each(&|line| json!({"severity": 3, "text": line, "applicationName": "a", "subsystemName": "v"}))),
        ("Graylog's export", each(&|line| json!({"message": line, "source": "h", "timestamp": TIME, "gl2_source_input": "x"}))),
        ("ClickHouse", each(&|line| json!({"Timestamp": TIME, "Body": line, "ServiceName": "v", "LogAttributes": {}}))),
        ("SigNoz", each(&|line| json!({"data": {"body": line, "resources_string": {}}, "timestamp": TIME}))),
        ("Elastic's fields", each(&|line| json!({"_index": "a", "_id": "1", "fields": {"message": [line]}}))),
        ("Datadog's archive, parsed", each(&|line| json!({"_id": "A", "date": TIME, "service": "v", "message": "", "attributes": value(line)}))),
        ("OpenTelemetry, parsed", json!({"resourceLogs": [{"scopeLogs": [{"logRecords": bodies}]}]}).to_string()),
        ("SQS", json!({"Messages": all(&|line| json!({"MessageId": "1", "ReceiptHandle": "r", "Body": line}))}).to_string()),
        ("SNS", each(&|line| json!({"Type": "Notification", "TopicArn": "arn:aws:sns:e:1:t", "Message": line}))),
        ("Kinesis", json!({"Records": all(&|line| json!({"Data": STANDARD.encode(line), "PartitionKey": "1"})), "NextShardIterator": "x"}).to_string()),
        ("EventBridge", each(&|line| json!({"version": "0", "detail-type": "x", "source": "v", "detail": value(line)}))),
        ("Azure's storage", each(&|line| json!({"time": TIME, "resourceId": "/S", "category": "ContainerLog", "properties": {"log": line}}))),
        ("Fluentd, file", by_line(lines, |line| format!("2026-09-07T10:00:00+00:00\ta.b\t{}", json!({"message": line})))),
        ("Fluentd, output", printed),
        ("journalctl", format!("-- Logs begin at Tue 2026-09-01 00:00:00 UTC. --\n{}", by_line(lines, |line| format!("Sep 07 10:00:00 host vault[1]: {line}")))),
        ("a JSON sequence", by_line(lines, |line| format!("\x1e{line}"))),
    ]
}

/// A value as OTLP types it.
fn any_value(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let pairs = members.iter();
            let pairs = pairs.map(|(key, value)| json!({"key": key, "value": any_value(value)}));
            json!({"kvlistValue": {"values": pairs.collect::<Vec<_>>()}})
        }
        Value::Array(items) => {
            let items: Vec<Value> = items.iter().map(any_value).collect();
            json!({"arrayValue": {"values": items}})
        }
        Value::Bool(flag) => json!({"boolValue": flag}),
        Value::Number(number) => json!({"intValue": number.to_string()}),
        Value::String(text) => json!({"stringValue": text}),
        Value::Null => json!({}),
    }
}

#[test]
fn what_further_stores_keep_says_what_it_says_plain() {
    let mut wrong = Vec::new();
    for (name, lines) in logs().into_iter().take(5) {
        let plain = read(name, &by_line(&lines, str::to_owned));
        for (wrapper, text) in kept(&lines) {
            let said = read(name, &text);
            if said != plain {
                wrong.push(format!("{name} in {wrapper}: {said:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_log_in_every_wrapper_says_what_it_says_plain() {
    let mut wrong = Vec::new();
    for (name, lines) in logs() {
        let (plain, rejected) = read(name, &by_line(&lines, str::to_owned));
        assert!(!plain.is_empty() && rejected == 0, "{name}: {plain:?}");
        for (wrapper, text) in wrapped(&lines).into_iter().chain(stored(&lines)) {
            let (said, rejected) = read(name, &text);
            if said != plain || rejected > 0 {
                wrong.push(format!("{name} in {wrapper}: {rejected} damaged, {said:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The same in the notation of Fluent Bit's output.
fn arrows(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let pairs = members
                .iter()
                .map(|(name, value)| format!("{}=>{}", json!(name), arrows(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(arrows).collect();
            format!("[{}]", items.join(", "))
        }
        value => value.to_string(),
    }
}

/// The same as XML, below an element of that name.
fn jsonx(value: &Value, name: &str) -> String {
    let escaped = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&#34;")
    };
    let named = match name {
        "" => String::new(),
        name => format!(" name=\"{}\"", escaped(name)),
    };
    let (kind, inner) = match value {
        Value::Object(members) => (
            "object",
            members
                .iter()
                .map(|(name, value)| jsonx(value, name))
                .collect(),
        ),
        Value::Array(items) => (
            "array",
            items.iter().map(|value| jsonx(value, "")).collect(),
        ),
        Value::String(text) => ("string", escaped(text)),
        Value::Number(number) => ("number", number.to_string()),
        Value::Bool(flag) => ("boolean", flag.to_string()),
        Value::Null => return format!("<json:null{named} />"),
    };
    format!("<json:{kind}{named}>{inner}</json:{kind}>")
}

#[test]
fn a_device_of_vault_is_read_with_its_prefix_as_xml_and_as_fluent_bit_prints_it() {
    const ROOT: &str = "<json:object xmlns:json=\"http://www.ibm.com/xmlns/prod/2009/jsonx\">";
    let (name, lines) = logs().remove(0);
    let (plain, _) = read(name, &by_line(&lines, str::to_owned));
    type Wrap<'w> = &'w dyn Fn(&str) -> String;
    let forms: [(&str, Wrap<'_>); 8] = [
        ("texts, as jq -R writes them", &|line| {
            json!(line).to_string()
        }),
        ("arrows", &|line| {
            format!("[0] v: [[1.5, {{}}], {{\"log\"=>{}}}]", json!(line))
        }),
        ("arrows, unescaped", &|line| {
            format!("[0] v: [1.5, {{\"log\"=>\"{line}\"}}]")
        }),
        ("arrows, parsed", &|line| {
            format!("[7] v: [1.5, {}]", arrows(&value(line)))
        }),
        ("JSONx", &|line| {
            jsonx(&value(line), "").replacen("<json:object>", ROOT, 1)
        }),
        ("prefix", &|line| format!("vault-audit: {line}")),
        ("prefix with a number", &|line| format!("vault[1]: {line}")),
        ("JSONx behind a prefix", &|line| {
            format!(
                "a: {}",
                jsonx(&value(line), "").replacen("<json:object>", ROOT, 1)
            )
        }),
    ];
    for (form, wrap) in forms {
        let (said, rejected) = read(name, &by_line(&lines, wrap));
        assert_eq!((&said, rejected), (&plain, 0), "{form}");
    }
    for name_of_file in ["", "audit.log:"] {
        let numbered =
            |(at, line): (usize, &String)| format!("{name_of_file}{}:{line}\n", 3 * at + 2);
        let text: String = lines.iter().enumerate().map(numbered).collect();
        let (said, rejected) = read(name, &text);
        assert_eq!((&said, rejected), (&plain, 0), "as grep -n writes them");
    }
    // What only one line says may be quoted, and so may lines that differ in what stands before.
    let texts = [
        format!("answer: {}\n", lines[0]),
        format!("one: {}\ntwo: {}\n", lines[0], lines[1]),
        format!("one: {}\nand that was it\n", lines[0]),
    ];
    for text in texts {
        assert!(read("notes.log", &text).0.is_empty(), "{text}");
    }
}

#[test]
fn a_log_of_lines_is_read_out_of_a_container_s_records() {
    let line = |at: u8| {
        format!(
            "[2026-03-02T10:00:0{at}.123Z] shop \"GET /orders HTTP/1.1\" 200 - 0 512 8 7 \"10.0.0.9\" \"curl/8\" \"-\" \"req-{at}\" \"api.mesh\" \"web\" \"api\" \"10.0.0.9\" \"10.0.0.7:8080\""
        )
    };
    let lines: Vec<String> = (0..3).map(line).collect();
    // A line without an id of its own is known by its place.
    let unnamed = |events: Vec<String>| -> Vec<String> {
        let parts = events.into_iter().map(|event| {
            let (before, rest) = event.split_once("id: ").unwrap();
            format!("{before}{}", rest.split_once(", ").unwrap().1)
        });
        parts.collect()
    };
    let plain = unnamed(read("mesh/access.log", &by_line(&lines, str::to_owned)).0);
    assert_eq!(plain.len(), 3);
    for (wrapper, text) in wrapped(&lines) {
        let of_lines = [
            "Docker",
            "CRI",
            "Fluent Bit",
            "Loki, line",
            "Vector",
            "Splunk",
        ];
        if !of_lines.iter().any(|one| wrapper.starts_with(one)) {
            continue;
        }
        let (said, rejected) = read("mesh/access.log", &text);
        assert_eq!((&unnamed(said), rejected), (&plain, 0), "{wrapper}");
    }
    // A record among such lines speaks for no other system.
    let (_, vault) = logs().remove(0);
    let docker = |line: &str| {
        json!({"log": format!("{line}\n"), "stream": "stdout", "time": TIME}).to_string()
    };
    let text = by_line(&[lines.clone(), vault].concat(), docker);
    let said = read("mesh/access.log", &text).0;
    assert!(
        said.iter().all(|event| !event.contains("secret/data")),
        "{said:?}"
    );
}
