//! Identity groups: `.../identity/group/id/<id>.json`.
//!
//! Kind `vault-group`, object `vault:group/<id>` (ids are unique across namespaces). Attributes:
//! `name`, `type` (`internal` or `external`), `policies`, `member_entity_ids`, `member_group_ids`,
//! `parent_group_ids`, `metadata.<key>`, `namespace_id`, `alias.name`, `alias.mount_path`, ...

use std::borrow::Cow;

use super::answer::{self, Answer, Exported, Object, about};
use super::attributes::Thing;
use crate::model::{Sink, Verdict};

pub(super) const GROUP: Exported = Exported {
    about: about("Vault identity group"),
    told: |object, _| is_group(object),
    push,
};

fn is_group(object: &Object) -> bool {
    object.contains_key("id")
        && object.contains_key("type")
        && object.contains_key("member_entity_ids")
}

fn push(answer: &Answer<'_>, sink: &mut dyn Sink) -> Verdict {
    let Some(group_id) = answer::text(answer.object, "id") else {
        return Verdict::Rejected(Cow::Borrowed("an identity group without id"));
    };
    let mut thing = Thing {
        kind: "vault-group",
        object: format!("vault:group/{group_id}"),
        place: answer.record.place,
        sink,
    };
    thing.fields(answer.object, &["id"]);
    Verdict::Parsed
}
