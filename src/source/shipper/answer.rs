//! Answers of log stores that name their columns: the column that holds the line, row by row.

use serde_json::Value;

use super::{Inner, Members, content, each, has, inner, object, one, text};

/// Columns that hold the line as it was logged, the surest first.
const COLUMNS: [&str; 12] = [
    "_raw",
    "@message",
    "LogMessage",
    "LogEntry",
    "SyslogMessage",
    "RawData",
    "event.original",
    "full_message",
    "message",
    "Message",
    "line",
    "log",
];

/// The lines of an answer with columns, of a row by itself, and of messages of Graylog and Sumo.
pub(super) fn of_store(record: &Members) -> Option<Vec<Inner>> {
    table(record)
        .or_else(|| tables(record))
        .or_else(|| fields(record))
        .or_else(|| maps(record))
        .or_else(|| cells(record))
        .or_else(|| row(record))
        .or_else(|| messages(record))
}

/// `{"fields": [...], "rows": [[...]]}` (Splunk, with `columns` the other way round),
/// `{"columns": [{"name": ...}], "rows": [[...]]}` (Azure).
fn table(record: &Members) -> Option<Vec<Inner>> {
    let name = |column: &Value| {
        let named = column.get("name").and_then(Value::as_str);
        named.or(column.as_str()).map(str::to_owned)
    };
    let list = |name: &str| record.get(name).and_then(Value::as_array);
    let by_rows = list("rows");
    let names = list("fields").or_else(|| by_rows.and(list("columns")))?;
    let names: Vec<Option<String>> = names.iter().map(name).collect();
    let wanted = COLUMNS.iter().find_map(|column| {
        names
            .iter()
            .position(|name| name.as_deref() == Some(column))
    })?;
    let found: Vec<Inner> = match by_rows {
        Some(rows) => rows
            .iter()
            .filter_map(|row| content(row.get(wanted)?))
            .collect(),
        None => {
            let column = list("columns")?.get(wanted)?.as_array()?;
            column.iter().filter_map(content).collect()
        }
    };
    (!found.is_empty()).then_some(found)
}

/// An answer of Log Analytics: one or several tables.
fn tables(record: &Members) -> Option<Vec<Inner>> {
    let tables = record.get("tables")?.as_array()?;
    let found = tables.iter().filter_map(|found| table(found.as_object()?));
    let found: Vec<Inner> = found.flatten().collect();
    (!found.is_empty()).then_some(found)
}

/// CloudWatch Logs Insights: `{"results": [[{"field": "@message", "value": ...}]]}`.
fn fields(record: &Members) -> Option<Vec<Inner>> {
    let is = |pair: &Value, name: &str| pair.get("field").and_then(Value::as_str) == Some(name);
    each(record.get("results")?, |row| {
        let pairs = row.as_array()?;
        let wanted = pairs.iter().find(|pair| is(pair, "@message"))?;
        content(wanted.get("value")?)
    })
}

/// CloudTrail Lake: `{"QueryResultRows": [[{"eventID": ...}, {"eventName": ...}]]}`, a column an
/// object of its own.
fn maps(record: &Members) -> Option<Vec<Inner>> {
    each(record.get("QueryResultRows")?, |row| {
        let columns = row.as_array()?.iter();
        let columns: Option<Vec<&Members>> = columns.map(Value::as_object).collect();
        let pairs = columns?.into_iter().flatten();
        let pairs = pairs.map(|(name, value)| Some((name.as_str(), value.as_str()?)));
        Some(whole(pairs.collect::<Option<Vec<_>>>()?))
    })
}

/// Athena: `{"ResultSet": {"Rows": [{"Data": [{"VarCharValue": ...}]}]}}`, names in the first row of
/// the first page, and of every page in `ResultSetMetadata`.
fn cells(record: &Members) -> Option<Vec<Inner>> {
    let set = object(record, "ResultSet")?;
    let named = object(set, "ResultSetMetadata")?.get("ColumnInfo")?;
    let name = |column: &Value| {
        column
            .get("Name")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let names: Vec<String> = named.as_array()?.iter().map(name).collect::<Option<_>>()?;
    each(set.get("Rows")?, |row| {
        let cells = row.get("Data")?.as_array()?.iter();
        let cells: Vec<Option<&str>> = cells
            .map(|cell| cell.get("VarCharValue").and_then(Value::as_str))
            .collect();
        let header = names.iter().map(|name| Some(name.as_str()));
        if cells.len() != names.len() || header.eq(cells.iter().copied()) {
            return None;
        }
        let pairs = names.iter().zip(&cells);
        let pairs = pairs.filter_map(|(name, cell)| Some((name.as_str(), (*cell)?)));
        Some(whole(pairs.collect()))
    })
}

/// What a row says: the event that a column holds whole, else its columns. What a row has no value
/// for is empty, or the word for nothing.
fn whole(pairs: Vec<(&str, &str)>) -> Inner {
    let event = pairs
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("eventjson"));
    if let Some((_, event)) = event.filter(|(_, event)| event.starts_with('{')) {
        return Inner::Text((*event).to_owned());
    }
    let filled = pairs
        .into_iter()
        .filter(|(_, value)| !matches!(*value, "" | "null"));
    let members = filled.map(|(name, value)| (name.to_owned(), Value::from(value)));
    Inner::Object(members.collect())
}

/// A message of Graylog (GELF 1.1). A level that is a number is the stream's or syslog's; a program
/// that logs in this form names its logger.
pub(super) fn of_graylog(record: &Members) -> Option<Vec<Inner>> {
    const OWN: [&str; 5] = [
        "_logger",
        "_logger_name",
        "_loggerName",
        "_thread",
        "_thread_name",
    ];
    let gelf = text(record, "version") == Some("1.1")
        && has(record, &["short_message"])
        && has(record, &["host"])
        && !has(record, &OWN);
    gelf.then(|| one(record, "full_message").or_else(|| one(record, "short_message")))?
}

/// A row of Log Analytics as `az` prints it.
fn row(record: &Members) -> Option<Vec<Inner>> {
    if has(record, &["TimeGenerated"]) {
        let column = COLUMNS.iter().find(|name| record.contains_key(**name))?;
        return one(record, column);
    }
    one(object(record, "map")?, "_raw")
}

/// Pages of Graylog (`message` in `message`) and of Sumo Logic (`_raw` in `map`).
fn messages(record: &Members) -> Option<Vec<Inner>> {
    each(record.get("messages")?, |item| {
        let item = item.as_object()?;
        match object(item, "map") {
            Some(map) => inner(map, "_raw"),
            None => inner(object(item, "message")?, "message"),
        }
    })
}
