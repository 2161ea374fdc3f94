//! Every wrapper, in more than one spelling, and what only looks like one.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use std::io::Write as _;

/// The record inside; it has quotes and braces of its own.
fn record() -> Value {
    json!({"n": 1, "text": "a \"}\" b"})
}

fn opened(value: &Value) -> Option<Vec<Value>> {
    let contents = open(value.as_object().unwrap())?.ok()?;
    let value = |inner: Inner| match inner {
        Inner::Text(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        Inner::Object(members) => Value::Object(members),
    };
    Some(contents.into_iter().map(value).collect())
}

#[test]
fn the_rows_of_a_query_are_records_of_their_columns() {
    let row = json!({"eventID": "e-1", "eventName": "GetObject"});
    let lake = json!({
        "QueryStatus": "FINISHED", "QueryStatistics": {"ResultsCount": 2},
        "QueryResultRows": [
            [{"eventID": "e-1"}, {"eventName": "GetObject"}, {"errorCode": "null"}, {"errorMessage": ""}],
            [{"eventID": "e-2"}, {"eventJson": row.to_string()}],
        ],
    });
    assert_eq!(opened(&lake), Some(vec![row.clone(), row.clone()]));
    let cell = |text: &str| json!({"VarCharValue": text});
    let athena = json!({"ResultSet": {
        "Rows": [
            {"Data": [cell("eventID"), cell("eventName"), cell("errorcode")]},
            {"Data": [cell("e-1"), cell("GetObject"), {}]},
        ],
        "ResultSetMetadata": {"ColumnInfo": [{"Name": "eventID"}, {"Name": "eventName"}, {"Name": "errorcode"}]},
    }});
    assert_eq!(opened(&athena), Some(vec![row]));
    for other in [
        json!({"QueryResultRows": [["e-1"]], "QueryStatus": "FINISHED"}),
        json!({"QueryResultRows": [], "QueryStatus": "FINISHED"}),
        json!({"ResultSet": {"Rows": [{"Data": [cell("e-1")]}]}}),
    ] {
        assert_eq!(opened(&other), None, "{other}");
    }
}

#[test]
fn every_wrapper_gives_its_record() {
    let (object, text) = (record(), record().to_string());
    let data = STANDARD.encode(&text);
    for wrapper in [
        json!({"log": text, "stream": "stdout", "time": "t"}),
        json!({"date": 1.5, "log": text}),
        json!({"log": object, "kubernetes": {"pod_name": "p"}}),
        json!({"message": text, "_p": "F", "stream": "stdout", "time": "t"}),
        json!({"message": format!("{text}\n"), "logtag": "F", "time": "t"}),
        json!({"line": text, "labels": {"app": "vault"}, "timestamp": "t"}),
        json!({"stream": {"app": "vault"}, "values": [["1", text]]}),
        json!({"status": "success", "data": {"resultType": "streams", "result": [{"stream": {}, "values": [["1", text]]}]}}),
        json!({"file": "/a", "host": "h", "message": text, "source_type": "file", "timestamp": "t"}),
        json!({"@timestamp": "t", "message": text, "log": {"offset": 1}, "agent": {}}),
        json!({"_index": "i", "_id": "1", "_source": {"message": text, "@timestamp": "t"}}),
        json!({"_index": "i", "_source": object}),
        json!({"hits": {"total": 1, "hits": [{"_source": {"message": text}}]}}),
        json!({"message": "read", "event": {"original": text}}),
        json!({"preview": false, "result": {"_raw": text, "_time": "t"}}),
        json!({"results": [{"_raw": text}]}),
        json!({"_raw": text, "_time": "t", "sourcetype": "vault"}),
        json!({"event": object, "sourcetype": "vault", "time": 1}),
        json!({"id": "A", "type": "log", "attributes": {"message": text, "service": "vault"}}),
        json!({"id": "A", "content": {"message": text, "service": "vault"}}),
        json!({"id": "A", "type": "log", "attributes": {"attributes": object, "service": "vault"}}),
        json!({"data": [{"id": "A", "type": "log", "attributes": {"message": text}}], "meta": {}}),
        json!({"_id": "A", "date": "t", "service": "vault", "message": text, "attributes": {}}),
        json!({"specversion": "1.0", "type": "x", "source": "s", "data": object}),
        json!({"specversion": "1.0", "type": "x", "source": "s", "data_base64": data}),
        json!({"ackId": "a", "message": {"data": data, "messageId": "1"}}),
        json!({"receivedMessages": [{"ackId": "a", "message": {"data": data}}]}),
        json!({"message": {"data": data, "message_id": "1"}, "subscription": "s"}),
        json!({"data": data, "messageId": "1"}),
        json!({"MESSAGE": text, "__REALTIME_TIMESTAMP": "1"}),
        json!({"logGroup": "g", "logEvents": [{"id": "1", "message": text}]}),
        json!({"events": [{"message": text, "ingestionTime": 1}]}),
        json!({"log": text}),
        json!({"_entry": text, "pod": "vault-0"}),
        json!({"_line": text, "_ts": 1, "_app": "vault", "level": "info"}),
        json!({"message": text, "newrelic.source": "logs.APM", "level": "info"}),
        json!({"message": text, "level": "default", "kubernetes": {}, "viaq_msg_id": "m"}),
        json!({"message": text, "structured": object, "kubernetes": {}, "openshift": {}}),
        json!({"records": [{"category": "ContainerLogV2", "properties": {"log": text}}]}),
    ] {
        assert_eq!(opened(&wrapper), Some(vec![object.clone()]), "{wrapper}");
    }
}

#[test]
fn every_store_and_queue_gives_its_record() {
    let (object, text) = (record(), record().to_string());
    let data = STANDARD.encode(&text);
    for wrapper in [
        json!({"MESSAGE": text.as_bytes(), "__REALTIME_TIMESTAMP": "1"}),
        json!({"date": 1.5, "log": "x", "log_processed": object}),
        json!({"message": text, "nodeName": "n", "podName": "vault-0", "containerName": "vault"}),
        json!({"@version": "1", "message": text, "host": "h"}),
        json!({"@timestamp": "t", "event.original": text}),
        json!({"@timestamp": "t", "json": object, "agent": {}}),
        json!({"@timestamp": "t", "hashicorp_vault": {"audit": object}}),
        json!({"hits": {"hits": [{"_id": "1", "fields": {"message": [text]}}]}}),
        json!({"streams": [{"stream": {"app": "vault"}, "values": [["1", text]]}]}),
        json!({"preview": false, "fields": ["_time", "_raw"], "rows": [["t", text]]}),
        json!({"fields": [{"name": "_raw"}], "rows": [[text]]}),
        json!({"fields": ["_raw", "_time"], "columns": [[text], ["t"]]}),
        json!({"tables": [{"columns": [{"name": "TimeGenerated"}, {"name": "LogMessage"}], "rows": [["t", text]]}]}),
        json!({"TimeGenerated": "t", "LogEntry": text, "TableName": "PrimaryResult"}),
        json!({"results": [[{"field": "@timestamp", "value": "t"}, {"field": "@message", "value": text}]]}),
        json!({"version": "1.1", "host": "h", "short_message": text}),
        json!({"messages": [{"index": "g", "message": {"message": text, "_id": "1"}}]}),
        json!({"version": "1.1", "host": "h", "short_message": &text[..9], "full_message": text, "level": 6}),
        json!({"timestamp": 1, "message": text, "logGroup": "g", "logStream": "s"}),
        json!({"timestamp": "t", "body": text, "attributes": {"log.file.name": "a"}, "resource": {}}),
        json!({"messages": [{"map": {"_raw": text}}]}),
        json!({"topic": "t", "partition": 0, "offset": 1, "payload": text}),
        json!({"topic": "t", "partition": 0, "offset": 1, "value": object}),
        json!({"Records": [{"eventSource": "aws:kinesis", "kinesis": {"data": data}}]}),
        json!({"Records": [{"body": text}]}),
        json!({"records": [{"data": data}]}),
        json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": text}}]}]}]}),
        json!({"message": {"data": URL_SAFE_NO_PAD.encode(&text), "message_id": "1"}, "subscription": "s"}),
        json!({"message": {"data": format!("{}\n{}\n", &data[..8], &data[8..]), "message_id": "1"}}),
        json!({"message": {"data": STANDARD.encode(gzip(&text)), "message_id": "1"}}),
    ] {
        assert_eq!(opened(&wrapper), Some(vec![object.clone()]), "{wrapper}");
    }
}

#[test]
fn what_google_keeps_of_the_servers_container_is_its_word_and_of_others_not() {
    let entry = |kind: &str, log: &str, container: &str, payload: &str| {
        let mut of_container = record();
        of_container.as_object_mut().unwrap().remove("time");
        let payload_of = match payload {
            "textPayload" => json!(record().to_string()),
            _ => of_container,
        };
        json!({
            "logName": format!("projects/p/logs/{log}"), "severity": "INFO", "timestamp": "t",
            "resource": {"type": kind, "labels": {"container_name": container, "namespace_name": "n"}},
            payload: payload_of,
        })
    };
    let text = entry("k8s_container", "stdout", "vault", "textPayload");
    assert_eq!(opened(&text), Some(vec![record()]));
    let mut timed = record();
    timed["time"] = json!("t");
    for entry in [
        entry("k8s_container", "stderr", "openbao", "jsonPayload"),
        entry("gce_instance", "vault_audit", "", "jsonPayload"),
    ] {
        assert_eq!(opened(&entry), Some(vec![timed.clone()]), "{entry}");
    }
    for other in [
        entry("k8s_container", "stdout", "shop", "textPayload"),
        entry("k8s_container", "vault_audit", "vault", "textPayload"),
        entry("gce_instance", "syslog", "vault", "jsonPayload"),
        entry("cloud_run_revision", "stdout", "vault", "jsonPayload"),
    ] {
        assert_eq!(opened(&other), None, "{other}");
    }
}

#[test]
fn what_stands_beside_records_is_known() {
    for beside in [
        json!({"@level": "info", "@message": "core: unsealed"}),
        json!({"index": {"_index": "vault"}}),
        json!({"create": {}}),
    ] {
        assert!(stands_beside(beside.as_object().unwrap()), "{beside}");
    }
    for record in [
        json!({"index": {"_index": "v"}, "a": 1}),
        json!({"create": {"name": "x"}}),
        json!({"index": 1}),
    ] {
        assert!(!stands_beside(record.as_object().unwrap()), "{record}");
    }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn what_a_program_logs_itself_is_no_wrapper() {
    let text = record().to_string();
    for own in [
        json!({"level": "info", "message": text, "@timestamp": "t"}),
        json!({"severity": "INFO", "message": text, "time": "t", "stream": "x"}),
        json!({"@timestamp": "t", "log.level": "INFO", "message": text}),
        json!({"msg": text, "time": "t"}),
        json!({"message": text}),
        json!({"message": text, "user": "ada"}),
        json!({"data": {"bound_claims": {}}, "request_id": "1"}),
        json!({"event": text, "user": "ada"}),
        json!({"line": text}),
        json!({"message": text, "topic": "t"}),
        json!({"json": record(), "user": "ada"}),
        json!({"body": text}),
        json!({"rows": [[text]]}),
        json!({"messages": [text]}),
        json!({"_msg": text, "user": "ada"}),
        json!({"text": text, "applicationName": "a"}),
        json!({"Body": text, "Timestamp": "t"}),
        json!({"data": {"body": text}, "timestamp": "t"}),
        json!({"fields": {"message": [text]}}),
        json!({"Messages": [{"Body": text}]}),
        json!({"Type": "Notification", "Message": text}),
        json!({"Records": [{"Data": "e30="}]}),
        json!({"source": "s", "detail": record()}),
        json!({"properties": {"log": text}}),
        json!({"version": "1.0", "short_message": text}),
        json!({"version": "1.1", "short_message": text}),
        json!({"version": "1.1", "host": "h", "short_message": text, "level": 6, "_logger": "a.B"}),
        json!({"status": "ok", "data": [{"id": 1, "attributes": {"name": "x"}}]}),
    ] {
        assert_eq!(opened(&own), None, "{own}");
    }
}

#[test]
fn a_damaged_message_is_told_from_none() {
    let damaged = json!({"ackId": "a", "message": {"data": "%%%", "messageId": "1"}});
    assert!(matches!(open(damaged.as_object().unwrap()), Some(Err(_))));
    let mixed = json!({"receivedMessages": [
        {"message": {"data": "%%%"}}, {"message": {"data": STANDARD.encode("{}")}}
    ]});
    let Some(Ok(contents)) = open(mixed.as_object().unwrap()) else {
        panic!("not opened");
    };
    assert_eq!(contents.len(), 2);
}

#[test]
fn records_of_syslog_daemons_are_opened_and_a_programs_own_are_not() {
    let line = record().to_string();
    for wrapped in [
        json!({"MESSAGE": line, "PROGRAM": "vault", "HOST": "h"}),
        json!({"msg": line, "programname": "vault", "timereported": "x"}),
        json!({"msg": format!(" {line}"), "syslogtag": "vault[1]:"}),
        json!({"_raw": line, "_sourceCategory": "prod/vault", "_messageTime": 1}),
    ] {
        let found = opened(&wrapped);
        assert!(found.is_some(), "{wrapped}");
    }
    for own in [
        json!({"msg": line, "level": "info"}),
        json!({"msg": line}),
        json!({"MESSAGE": line, "user": "ada"}),
        json!({"_raw": line, "user": "ada"}),
        json!({"msg": "started", "programname": "vault"}),
    ] {
        assert_eq!(opened(&own), None, "{own}");
    }
}

#[test]
fn a_line_that_googles_agent_keeps_and_a_batch_that_calls_a_function_are_opened() {
    let line = record().to_string();
    let entry = json!({
        "logName": "projects/p/logs/vault_audit", "timestamp": "t",
        "resource": {"type": "gce_instance", "labels": {}}, "jsonPayload": {"message": line},
    });
    assert_eq!(opened(&entry), Some(vec![record()]));
    let batch = json!({"logGroup": "g", "logEvents": [{"id": "1", "message": line}]});
    let call = json!({"awslogs": {"data": STANDARD.encode(batch.to_string())}});
    assert_eq!(opened(&call), Some(vec![batch]));
    let damaged = json!({"awslogs": {"data": "*"}});
    assert!(matches!(open(damaged.as_object().unwrap()), Some(Err(_))));
}
