//! Members of an object by their type: absent and null are nothing, another type is damage.

use serde_json::{Map, Value};

/// A member that is there and not null.
pub(super) fn some<'v>(fields: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    fields.get(name).filter(|value| !value.is_null())
}

/// An object.
pub(super) fn object<'v>(
    fields: &'v Map<String, Value>,
    name: &str,
) -> Result<Option<&'v Map<String, Value>>, String> {
    let Some(value) = some(fields, name) else {
        return Ok(None);
    };
    let found = value.as_object();
    found
        .map(Some)
        .ok_or_else(|| format!("`{name}` is no object"))
}

/// A text, not empty.
pub(super) fn text<'v>(
    fields: &'v Map<String, Value>,
    name: &str,
) -> Result<Option<&'v str>, String> {
    let Some(value) = some(fields, name) else {
        return Ok(None);
    };
    let found = value.as_str().ok_or_else(|| format!("`{name}` is no text"));
    found.map(|text| Some(text).filter(|text| !text.is_empty()))
}

/// A switch; off where it is not there.
pub(super) fn switch(fields: &Map<String, Value>, name: &str) -> Result<bool, String> {
    let Some(value) = some(fields, name) else {
        return Ok(false);
    };
    value
        .as_bool()
        .ok_or_else(|| format!("`{name}` is neither true nor false"))
}

/// The objects of a list.
pub(super) fn objects<'v>(
    fields: &'v Map<String, Value>,
    name: &str,
) -> Result<Vec<&'v Map<String, Value>>, String> {
    let Some(value) = some(fields, name) else {
        return Ok(Vec::new());
    };
    let list = value.as_array();
    let list = list.ok_or_else(|| format!("`{name}` is no list"))?;
    let object = |value: &'v Value| {
        let found = value.as_object();
        found.ok_or_else(|| format!("an element of `{name}` is no object"))
    };
    list.iter().map(object).collect()
}

/// An object below others, by their names.
pub(super) fn at<'v>(
    fields: &'v Map<String, Value>,
    path: &[&str],
) -> Result<Option<&'v Map<String, Value>>, String> {
    let mut found = fields;
    for name in path {
        match object(found, name)? {
            Some(inner) => found = inner,
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}
