//! Audit devices: `vault audit list -detailed -format=json`.
//!
//! Kind `vault-audit-device`, object `vault:audit/<path>` without a slash at the end. Attributes:
//! `path`, `type` (`file`, `socket`, `syslog`, ...), `description`, `local`, `options.<key>`
//! (`options.log_raw`, `options.file_path`, `options.hmac_accessor`, `options.prefix`, ...).
//!
//! Besides, once per list: kind `vault-audit-list`, object `vault:audit`, attribute `devices` = the
//! number of devices, so that a list without any says so, and `answer` = `bare` for an empty one
//! that stands in no answer of the API, as the command prints it. Only the name `audit-list` tells an
//! empty list from any other empty object.

use super::answer::{self, Answer, Exported, Object, about};
use super::attributes::Thing;
use super::location;
use crate::model::{Sink, Verdict};

pub(super) const AUDIT_DEVICES: Exported = Exported {
    about: about("Vault audit device list"),
    told: is_list,
    push,
};

/// Whether an object is such a list: mounts have an accessor, audit devices have none.
fn is_list(list: &Object, path: &str) -> bool {
    if list.is_empty() {
        return location::stem(path) == "audit-list";
    }
    list.iter().all(|(path, device)| {
        path.ends_with('/')
            && device.as_object().is_some_and(|device| {
                answer::text(device, "type").is_some()
                    && device.contains_key("options")
                    && !device.contains_key("accessor")
            })
    })
}

fn push(answer: &Answer<'_>, sink: &mut dyn Sink) -> Verdict {
    let mut thing = Thing {
        kind: "vault-audit-list",
        object: "vault:audit".to_owned(),
        place: answer.record.place,
        sink,
    };
    thing.attribute("devices", answer.object.len().to_string());
    if answer.object.is_empty() && answer.value.get("data").is_none() {
        thing.attribute("answer", "bare".to_owned());
    }
    thing.kind = "vault-audit-device";
    for (path, device) in answer.object {
        thing.object = format!("vault:audit/{}", path.trim_end_matches('/'));
        thing.attribute("path", path.clone());
        if let Some(device) = device.as_object() {
            thing.fields(device, &["path"]);
        }
    }
    Verdict::Parsed
}
