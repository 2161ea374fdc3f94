//! What an answer says of the list that it is a page of.
//!
//! Kind `mesh-list`, object `mesh:list/<kind of its first>/<mesh>/<total>`: `total`, how many
//! resources the whole list has, and `items`, how many of them are here. Of a whole list in one answer
//! nothing is pushed.

use serde_json::Value;

use super::resource::kind;
use crate::model::{Attribute, Place, Sink};

/// Pushes what an answer says that holds less than its list.
pub(super) fn push(answer: &Value, place: Place, sink: &mut dyn Sink) {
    let total = answer.get("total").and_then(Value::as_u64);
    let items = answer.get("items").and_then(Value::as_array);
    let Some((total, items)) = total.zip(items) else {
        return;
    };
    let here = items.len() as u64;
    if here >= total {
        return;
    }
    let first = items.first();
    let kind = first.and_then(kind).unwrap_or("-");
    let mesh = first.and_then(|first| first.get("mesh")?.as_str());
    let object = format!("mesh:list/{kind}/{}/{total}", mesh.unwrap_or("-"));
    for (name, value) in [("total", total), ("items", here)] {
        sink.attribute(Attribute {
            kind: "mesh-list",
            object: object.clone(),
            name: name.to_owned(),
            value: value.to_string(),
            valid_from: None,
            place,
        });
    }
}
