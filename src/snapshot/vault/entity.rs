//! Identity entities: `.../identity/entity/id/<id>.json`.
//!
//! Kind `vault-entity`, object `vault:entity/<id>` (ids are unique across namespaces). Attributes:
//! `name`, `disabled`, `policies`, `group_ids`, `direct_group_ids`, `inherited_group_ids`,
//! `metadata.<key>`, `namespace_id`, `creation_time`, `last_update_time`, `merged_entity_ids`; and
//! per alias, numbered from 0 as exported: `alias.<n>.mount_path`, `alias.<n>.mount_accessor`,
//! `alias.<n>.mount_type`, `alias.<n>.name`, `alias.<n>.id`, `alias.<n>.metadata.<key>`,
//! `alias.<n>.custom_metadata.<key>`, ...

use std::borrow::Cow;

use serde_json::Value;

use super::answer::{self, Answer, Exported, Object, about};
use super::attributes::Thing;
use crate::model::{Sink, Verdict, id};

pub(super) const ENTITY: Exported = Exported {
    about: about("Vault identity entity"),
    told: |object, _| is_entity(object),
    push,
};

fn is_entity(object: &Object) -> bool {
    object
        .get("aliases")
        .is_some_and(|aliases| aliases.is_array() || aliases.is_null())
        && object.contains_key("id")
        && answer::has_any(object, &["direct_group_ids", "merged_entity_ids"])
}

fn push(answer: &Answer<'_>, sink: &mut dyn Sink) -> Verdict {
    let Some(entity_id) = answer::text(answer.object, "id") else {
        return Verdict::Rejected(Cow::Borrowed("an entity without id"));
    };
    let mut thing = Thing {
        kind: "vault-entity",
        object: id::vault_entity(entity_id),
        place: answer.record.place,
        sink,
    };
    thing.fields(answer.object, &["id", "aliases"]);
    let aliases = answer.object.get("aliases").and_then(Value::as_array);
    for (n, alias) in aliases.into_iter().flatten().enumerate() {
        thing.value(&format!("alias.{n}"), alias);
    }
    Verdict::Parsed
}
