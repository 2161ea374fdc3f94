//! What to say when the path of a file and its content name different projects.

use crate::model::{Attribute, Place};

/// The attribute by which a contradiction between path and content is reported.
pub(super) fn contradiction(
    kind: &'static str,
    object: String,
    path_project: u64,
    place: Place,
) -> Attribute {
    Attribute {
        kind,
        object,
        name: "path-contradiction".to_owned(),
        value: format!("the path says gitlab:project/{path_project}"),
        valid_from: None,
        place,
    }
}
