//! Lines as stores and agents keep them under keys of their own, whatever level they guess.

use serde_json::Value;

use super::{Inner, Members, content, has, object, one, text};

/// The line in a record of one of them.
pub(super) fn of_store(record: &Members) -> Option<Vec<Inner>> {
    let keyed = [
        // LogScale, formerly Humio, and VictoriaLogs.
        ("@rawstring", has(record, &["@id", "@timestamp", "#repo"])),
        ("_msg", has(record, &["_stream", "_stream_id"])),
        // Coralogix.
        (
            "text",
            has(record, &["applicationName"]) && has(record, &["subsystemName"]),
        ),
        // What Graylog exports; its own members begin with `gl2_`.
        (
            "message",
            record.keys().any(|name| name.starts_with("gl2_")),
        ),
        // The table that the collector of OpenTelemetry fills in ClickHouse.
        (
            "Body",
            has(
                record,
                &["LogAttributes", "ResourceAttributes", "ScopeName"],
            ),
        ),
        // `pack` of Promtail and Alloy: labels beside the line.
        ("_entry", text(record, "_entry").is_some()),
        // Mezmo, formerly LogDNA.
        ("_line", has(record, &["_ts", "_app", "_host"])),
        (
            "message",
            has(record, &["newrelic.source", "newrelic.logs.batchIndex"]),
        ),
    ];
    if let Some(found) = of_syslog(record) {
        return Some(found);
    }
    let keyed = keyed
        .into_iter()
        .find(|(key, told)| *told && text(record, key).is_some());
    if let Some((key, _)) = keyed {
        return one(record, key);
    }
    // The collector of OpenShift: a level of the stream, the line, perhaps parsed.
    let kept = has(record, &["openshift", "viaq_msg_id", "viaq_index_name"]);
    if kept && object(record, "kubernetes").is_some() {
        return one(record, "structured").or_else(|| one(record, "message"));
    }
    hub(record)
        .or_else(|| resource_log(record).map(|line| vec![line]))
        .or_else(|| signoz(record))
}

/// What SigNoz exports: `data` with the `body` and the attributes of the line.
fn signoz(record: &Members) -> Option<Vec<Inner>> {
    let data = object(record, "data")?;
    let kept = has(data, &["resources_string", "attributes_string"]);
    kept.then(|| one(data, "body")).flatten()
}

/// A record as syslog-ng's `format-json`, rsyslog's templates or Sumo Logic's export write it, beside
/// what only they write. A program's own line has none of that.
fn of_syslog(record: &Members) -> Option<Vec<Inner>> {
    const KEPT: [(&str, [&str; 4]); 3] = [
        ("MESSAGE", ["PROGRAM", "HOST_FROM", "FACILITY", "PRIORITY"]),
        (
            "msg",
            ["programname", "syslogtag", "fromhost-ip", "timereported"],
        ),
        (
            "_raw",
            [
                "_sourcecategory",
                "_sourcehost",
                "_collector",
                "_messagetime",
            ],
        ),
    ];
    let (key, _) = KEPT.iter().find(|(key, beside)| {
        let told = record.keys().any(|name| {
            let mut beside = beside.iter();
            beside.any(|known| name.eq_ignore_ascii_case(known))
        });
        let line = text(record, key).unwrap_or("").trim_start();
        told && line.starts_with('{')
    })?;
    one(record, key)
}

/// Resource logs that Azure hands to an event hub: `records`, each with a category and `properties`.
fn hub(record: &Members) -> Option<Vec<Inner>> {
    let records = record.get("records")?.as_array()?;
    let line = |item: &Value| resource_log(item.as_object()?);
    let found: Option<Vec<Inner>> = records.iter().map(line).collect();
    found.filter(|found| !found.is_empty())
}

/// One of them, as a storage account keeps it.
fn resource_log(item: &Members) -> Option<Inner> {
    item.contains_key("category").then_some(())?;
    let properties = object(item, "properties")?;
    let line = ["log", "LogMessage"]
        .iter()
        .find_map(|key| properties.get(*key));
    content(line?)
}
