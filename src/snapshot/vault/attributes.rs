//! Flattens the fields of a JSON object into attributes.

use serde_json::Value;

use super::answer::Object;
use super::sensitive;
use crate::model::{Attribute, Place, Sink};

/// Emits the attributes of one configured thing.
pub(super) struct Thing<'s> {
    pub(super) kind: &'static str,
    pub(super) object: String,
    pub(super) place: Place,
    pub(super) sink: &'s mut dyn Sink,
}

impl Thing<'_> {
    /// Emits one attribute; an empty value emits nothing.
    pub(super) fn attribute(&mut self, name: &str, value: String) {
        if value.is_empty() {
            return;
        }
        self.sink.attribute(Attribute {
            kind: self.kind,
            object: self.object.clone(),
            name: name.to_owned(),
            value: sensitive::shown(name, value),
            valid_from: None,
            place: self.place,
        });
    }

    /// Emits every field of an object, but for those named in `except`.
    pub(super) fn fields(&mut self, object: &Object, except: &[&str]) {
        for (key, value) in object {
            if !except.contains(&key.as_str()) {
                self.value(key, value);
            }
        }
    }

    /// Emits a value: a list by element, a map by key after a dot.
    pub(super) fn value(&mut self, name: &str, value: &Value) {
        match value {
            Value::Null => {}
            Value::String(text) => self.attribute(name, text.clone()),
            Value::Bool(_) | Value::Number(_) => self.attribute(name, value.to_string()),
            Value::Array(items) => {
                for item in items {
                    self.value(name, item);
                }
            }
            Value::Object(fields) => {
                for (key, value) in fields {
                    self.value(&format!("{name}.{key}"), value);
                }
            }
        }
    }
}
