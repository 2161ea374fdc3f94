//! Cuts a YAML stream into documents and turns each into JSON.
//!
//! `gcloud` prints YAML unless told otherwise, several documents or one list; to the formats both
//! look like the JSON they would have got.

use serde::Deserialize;
use serde_json::Value;

use crate::model::is_nested_too_deep;

/// One document, or one element of a document that is a list.
pub(super) struct Document {
    /// First byte in the stream.
    pub(super) start: usize,
    /// Byte after the last.
    pub(super) end: usize,
    /// Line of the first byte, from 1.
    pub(super) line: u64,
    /// The document as JSON, or why it is none.
    pub(super) value: Result<Value, String>,
}

/// All documents of a stream; text that is not UTF-8 is one damaged document.
pub(super) fn documents(bytes: &[u8]) -> Vec<Document> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        let value = Err("invalid UTF-8".to_owned());
        return vec![Document {
            start: 0,
            end: bytes.len(),
            line: 1,
            value,
        }];
    };
    let mut found = Vec::new();
    for (start, end, line) in spans(text) {
        let part = text.get(start..end).unwrap_or("");
        if part
            .lines()
            .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
        {
            continue;
        }
        match parse(part) {
            Ok(Value::Array(items)) => {
                for item in items {
                    found.push(Document {
                        start,
                        end,
                        line,
                        value: Ok(item),
                    });
                }
            }
            value => found.push(Document {
                start,
                end,
                line,
                value,
            }),
        }
    }
    found
}

/// Byte range and first line of the text between `---` markers.
fn spans(text: &str) -> Vec<(usize, usize, u64)> {
    let mut spans = Vec::new();
    let (mut start, mut first_line) = (0, 1);
    let mut at = 0;
    for (line, number) in text.split_inclusive('\n').zip(1u64..) {
        let next = at + line.len();
        let bare = line.trim_end();
        if bare == "---" || bare == "..." || bare.starts_with("--- #") {
            spans.push((start, at, first_line));
            (start, first_line) = (next, number + 1);
        }
        at = next;
    }
    spans.push((start, text.len(), first_line));
    spans
}

fn parse(text: &str) -> Result<Value, String> {
    if is_nested_too_deep(text) {
        return Err("YAML nested deeper than 128".to_owned());
    }
    let value = yaml_serde::Value::deserialize(yaml_serde::Deserializer::from_str(text))
        .map_err(|error| format!("invalid YAML: {error}"))?;
    to_json(value, 0)
}

/// YAML to JSON: keys become text, a local tag keeps its content.
fn to_json(value: yaml_serde::Value, depth: usize) -> Result<Value, String> {
    if depth > 128 {
        return Err("YAML nested deeper than 128".to_owned());
    }
    Ok(match value {
        yaml_serde::Value::Null => Value::Null,
        yaml_serde::Value::Bool(value) => Value::Bool(value),
        yaml_serde::Value::Number(number) => serde_json::to_value(number).unwrap_or(Value::Null),
        yaml_serde::Value::String(text) => Value::String(text),
        yaml_serde::Value::Sequence(items) => Value::Array(
            items
                .into_iter()
                .map(|item| to_json(item, depth + 1))
                .collect::<Result<_, _>>()?,
        ),
        yaml_serde::Value::Mapping(entries) => {
            let mut object = serde_json::Map::new();
            for (key, value) in entries {
                let key = match key {
                    yaml_serde::Value::String(text) => text,
                    other => to_json(other, depth + 1)?.to_string(),
                };
                object.insert(key, to_json(value, depth + 1)?);
            }
            Value::Object(object)
        }
        yaml_serde::Value::Tagged(tagged) => to_json(tagged.value, depth + 1)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parser takes the square of their number as time: these would take it hours.
    #[test]
    fn brackets_without_end_are_refused_before_they_are_parsed() {
        for open in ["[", "{a: ", "- {b: ["] {
            let found = documents(open.repeat(1_000_000).as_bytes());
            assert!(
                found.iter().all(|document| document.value.is_err()),
                "{open}"
            );
        }
    }

    #[test]
    fn documents_lists_and_lines_are_told_apart() {
        let documents = documents(b"---\na: 1\n---\n- b: 2\n- c: yes\n");
        let values: Vec<String> = documents
            .iter()
            .map(|document| document.value.clone().unwrap().to_string())
            .collect();
        assert_eq!(values, ["{\"a\":1}", "{\"b\":2}", "{\"c\":\"yes\"}"]);
        assert_eq!(
            documents
                .iter()
                .map(|document| document.line)
                .collect::<Vec<_>>(),
            [2, 4, 4]
        );
    }

    #[test]
    fn a_broken_document_does_not_hide_the_next() {
        let documents = documents(b"a: [1\n---\nb: 2\n");
        assert_eq!(
            documents
                .iter()
                .map(|document| document.value.is_ok())
                .collect::<Vec<_>>(),
            [false, true]
        );
    }
}
