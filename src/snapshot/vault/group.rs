//! Identity groups: `.../identity/group/id/<id>.json`.
//!
//! Kind `vault-group`, object `vault:group/<id>` (ids are unique across namespaces). Attributes:
//! `name`, `type` (`internal` or `external`), `policies`, `member_entity_ids`, `member_group_ids`,
//! `parent_group_ids`, `metadata.<key>`, `namespace_id`, `alias.name`, `alias.mount_path`, ...

use std::borrow::Cow;

use super::SOURCE;
use super::answer::{self, Object};
use super::attributes::Thing;
use crate::model::{Format, Framing, Record, Sample, Sink, Verdict};

pub(super) struct Group;

fn is_group(object: &Object) -> bool {
    object.contains_key("id")
        && object.contains_key("type")
        && object.contains_key("member_entity_ids")
}

impl Format for Group {
    fn source(&self) -> &'static str {
        SOURCE
    }

    fn title(&self) -> &'static str {
        "Vault identity group"
    }

    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        sample.value.and_then(answer::object).is_some_and(is_group)
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let value = match answer::parse(record) {
            Ok(value) => value,
            Err(verdict) => return verdict,
        };
        let Some(group) = answer::object(&value).filter(|object| is_group(object)) else {
            return Verdict::Foreign;
        };
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
}
