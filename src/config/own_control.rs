//! `[[control]]`: controls of the audited entity, and what of the frameworks each answers to.

use super::reading::Fields;

/// A control as the entity numbers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnControl {
    /// Its id, e.g. `AC-07`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Ids of SOC 2 and ISO 27001 through which rules speak about it.
    pub from: Vec<String>,
}

/// Reads every `[[control]]`; one with faults is reported and left out.
pub(super) fn read(tables: Vec<Fields<'_>>) -> Vec<OwnControl> {
    let mut controls: Vec<OwnControl> = Vec::new();
    for mut fields in tables {
        if let Some(control) = read_one(&mut fields) {
            if controls.iter().any(|other| other.id == control.id) {
                fields.complain(
                    "id",
                    format!("the control `{}` stands twice", control.id),
                    "name every framework's ids in one [[control]]",
                );
            } else {
                controls.push(control);
            }
        }
        fields.finish();
    }
    controls
}

fn read_one(fields: &mut Fields<'_>) -> Option<OwnControl> {
    let id = fields.string("id");
    let title = fields.string("title");
    let from = fields.strings("from").unwrap_or_default();
    for (key, help) in [
        ("id", "the control's own number: id = \"AC-07\""),
        ("title", "what it is called: title = \"Access is reviewed\""),
        ("from", "what it answers to: from = [\"CC6.3\", \"5.18\"]"),
    ] {
        if !fields.has(key) {
            fields.missing(&format!("`{key}`"), format!("write {help}"));
        }
    }
    let from: Vec<String> = from.into_iter().map(|(id, _)| id).collect();
    if fields.has("from") && from.is_empty() {
        fields.complain(
            "from",
            "a control answers to nothing",
            "name ids of SOC 2 or ISO 27001: from = [\"CC6.3\", \"5.18\"]",
        );
        return None;
    }
    Some(OwnControl {
        id: id?,
        title: title?,
        from,
    })
}
