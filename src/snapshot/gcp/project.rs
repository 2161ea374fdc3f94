//! Projects (`gcloud projects list|describe`, the v1 and v3 APIs): the number behind each id.
//!
//! Kind `gcp-project`, object `gcp:resource/cloudresourcemanager.googleapis.com/projects/<id>`:
//! `number`, `state`, `label.<key>`. Google names a secret by its project's number, people by its id.

use super::export::{Attributes, Exported, Item, about, scalar};
use crate::model::{Record, Sink};

/// Reads projects.
pub(super) const PROJECTS: Exported = Exported {
    about: about("Google Cloud projects"),
    told: matches,
    push,
};

fn matches(item: &Item<'_>) -> bool {
    item.text("projectId").is_some()
        && number(item).is_some()
        && ["lifecycleState", "state"]
            .iter()
            .any(|member| item.body.get(*member).is_some())
}

/// v1 has a member of its own; in v3 the resource is named by the number.
fn number(item: &Item<'_>) -> Option<String> {
    let own = item.body.get("projectNumber").and_then(scalar);
    let named = || item.text("name")?.strip_prefix("projects/");
    own.or_else(|| named().map(str::to_owned))
        .filter(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn push(item: &Item<'_>, record: &Record<'_>, sink: &mut dyn Sink) {
    let (Some(id), Some(number)) = (item.text("projectId"), number(item)) else {
        return;
    };
    let service = "cloudresourcemanager.googleapis.com";
    let name = format!("projects/{id}");
    let mut attributes =
        Attributes::of_resource("gcp-project", service, &name, item, record.place, sink);
    attributes.put("number", number);
    attributes.put_first("state", item.body, &["/lifecycleState", "/state"]);
    attributes.put_map("label", item.body.get("labels"));
}
