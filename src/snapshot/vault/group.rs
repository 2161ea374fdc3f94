//! Identity groups: `.../identity/group/id/<id>.json`.
//!
//! Kind `vault-group`, object `vault:group/<id>` (ids are unique across namespaces). Attributes:
//! `name`, `type` (`internal` or `external`), `policies`, `member_entity_ids`, `member_group_ids`,
//! `parent_group_ids`, `metadata.<key>`, `namespace_id`, `alias.name`, `alias.mount_path`, ...

use std::borrow::Cow;

use serde_json::Value;

use super::answer::{self, Exported, Object, about};
use super::attributes::Thing;
use crate::model::{Record, Sink, Verdict};

pub(super) const GROUP: Exported = Exported {
    about: about("Vault identity group"),
    is: |object, _| is_group(object),
    push,
};

fn is_group(object: &Object) -> bool {
    object.contains_key("id")
        && object.contains_key("type")
        && object.contains_key("member_entity_ids")
}

fn push(group: &Object, _: &Value, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
    let Some(group_id) = answer::text(group, "id") else {
        return Verdict::Rejected(Cow::Borrowed("an identity group without id"));
    };
    let mut thing = Thing {
        kind: "vault-group",
        object: format!("vault:group/{group_id}"),
        place: record.place,
        sink,
    };
    thing.fields(group, &["id"]);
    Verdict::Parsed
}
