//! `piperoll.toml` as a JSON schema, for editors that check TOML by one.

use serde_json::{Map, Value, json};

use super::Threshold;
use super::reference::{Key, Kind, TABLES, THRESHOLDS, Table};

/// The JSON schema (draft 2020-12) of the configuration; `thresholds` are those of the rules.
#[must_use]
pub fn schema(thresholds: &[(String, Threshold)]) -> Value {
    let mut properties = Map::new();
    for table in TABLES.iter().filter(|table| !table.name.contains('.')) {
        properties.insert(table.name.to_owned(), of_table(table));
    }
    // A table whose only content is another: `[mesh.service_map]`.
    for table in TABLES {
        if let Some((outer, inner)) = table.name.split_once('.')
            && !properties.contains_key(outer)
        {
            let inner = Map::from_iter([(inner.to_owned(), of_table(table))]);
            properties.insert(outer.to_owned(), closed(inner));
        }
    }
    properties.insert("thresholds".to_owned(), of_thresholds(thresholds));
    let mut schema = closed(properties);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("piperoll.toml");
    schema
}

fn closed(properties: Map<String, Value>) -> Value {
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn of_table(table: &Table) -> Value {
    let mut properties = Map::new();
    let mut others = Value::Bool(false);
    for key in table.keys {
        match key.is_open() {
            true => others = of_key(key),
            false => drop(properties.insert(key.name.to_owned(), of_key(key))),
        }
    }
    for inner in TABLES {
        let name = inner.name.strip_prefix(table.name);
        if let Some(name) = name.and_then(|name| name.strip_prefix('.')) {
            properties.insert(name.to_owned(), of_table(inner));
        }
    }
    let required = table.keys.iter().filter(|key| key.default == "required");
    let required: Vec<&str> = required.map(|key| key.name).collect();
    let mut of = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": others,
    });
    if !required.is_empty() {
        of["required"] = json!(required);
    }
    if table.repeated {
        return json!({"type": "array", "description": table.about, "items": of});
    }
    of["description"] = json!(table.about);
    of
}

fn of_key(key: &Key) -> Value {
    let text = json!({"type": "string", "minLength": 1});
    let texts = json!({"type": "array", "items": text});
    let mut of = match key.kind {
        Kind::Text | Kind::Time => text,
        Kind::Texts => texts,
        Kind::TextOrTexts => json!({"anyOf": [text, texts]}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Count => json!({"type": "integer", "minimum": 0}),
        Kind::Choice(choices) => json!({"enum": choices}),
    };
    of["description"] = json!(key.about);
    of
}

fn of_thresholds(thresholds: &[(String, Threshold)]) -> Value {
    let mut properties = Map::new();
    for (name, about) in THRESHOLDS {
        let rule = thresholds.iter().find(|(known, _)| known == name);
        let built_in = super::BUILT_IN.iter().find(|(known, _)| known == name);
        let default = built_in
            .map(|(_, default)| *default)
            .or(rule.map(|(_, default)| *default));
        let mut of = match default {
            Some(Threshold::Number(number)) => {
                json!({"type": "number", "minimum": 0, "default": number})
            }
            Some(duration @ Threshold::Duration(_)) => json!({
                "type": "string",
                "pattern": "^ *([0-9]+(ms|s|m|h|d))+ *$",
                "default": duration.to_string(),
            }),
            None => json!({}),
        };
        of["description"] = json!(about);
        properties.insert((*name).to_owned(), of);
    }
    let mut of = closed(properties);
    of["description"] = json!("Every number that a rule uses.");
    of
}
