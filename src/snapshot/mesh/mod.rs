//! Resources of the Kuma service mesh, of its 2.x schemas and those of version 3: meshes and their
//! mTLS, identities, dataplanes, permissions, access-log policies and insights.
//!
//! They come as `kumactl get -o yaml|json` prints them, as Kubernetes manifests or as files of a
//! repository; alone, several documents in a file, or a list with `items`. Shapes:
//! `kumahq/kuma`, `api/mesh/v1alpha1/*.proto` and `pkg/plugins/policies/*/api/v1alpha1`. Every
//! module's head says which attributes it pushes, and on which object. Secrets are not read.

mod access_log;
mod dataplane;
mod identity;
mod insight;
mod list;
mod log_format;
mod member;
mod mesh_resource;
mod permission;
mod resource;
mod target;
mod thing;

use std::borrow::Cow;

use serde_json::Value;

use crate::model::{About, Format, Holds, Record, Sample, Sink, Source, Verdict};
pub use log_format::log_formats;
use resource::Resource;

/// What its files are records of.
const SOURCE: Source = Source {
    name: "mesh-config",
    holds: Holds::Configuration,
};

/// Every format of mesh configuration.
pub const FORMATS: &[&dyn Format] = &[&Resources];

/// The format of Kuma's resources.
struct Resources;

impl Format for Resources {
    fn about(&self) -> &About {
        const ABOUT: About = About::json(&SOURCE, "Kuma resources");
        &ABOUT
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        sample
            .value
            .is_some_and(|value| resource::listed(value).any(resource::is_one))
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let Ok(value) = serde_json::from_slice::<Value>(record.bytes) else {
            return Verdict::Rejected(Cow::Borrowed("the record is not JSON"));
        };
        let mut verdict = Verdict::Foreign;
        for one in resource::listed(&value).filter(|one| resource::is_one(one)) {
            verdict = graver(verdict, read(one, record, sink));
        }
        list::push(&value, record.place, sink);
        verdict
    }
}

/// Of two resources of a list the verdict that says more: damage before reading before passing over.
fn graver(one: Verdict, other: Verdict) -> Verdict {
    let weight = |verdict: &Verdict| match verdict {
        Verdict::Foreign => 0,
        Verdict::Skipped(_) => 1,
        Verdict::Parsed => 2,
        Verdict::Rejected(_) => 3,
    };
    if weight(&other) > weight(&one) {
        other
    } else {
        one
    }
}

fn read(value: &Value, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
    let push = match resource::kind(value).unwrap_or_default() {
        "Mesh" => mesh_resource::push,
        "Dataplane" => dataplane::push,
        "DataplaneInsight" => insight::push,
        "DataplaneOverview" => insight::overview,
        "TrafficPermission" => permission::legacy,
        "MeshTrafficPermission" => permission::push,
        "MeshIdentity" => identity::identity,
        "MeshTrust" => identity::trust,
        "MeshTLS" => identity::tls,
        "MeshAccessLog" => access_log::push,
        "TrafficLog" => access_log::legacy,
        "Secret" | "GlobalSecret" => {
            return Verdict::Skipped("Kuma secret: its value is not read".into());
        }
        _ => return Verdict::Skipped("Kuma resource of a kind that no rule looks at".into()),
    };
    match Resource::of(value).and_then(|resource| push(&resource, record.place, sink)) {
        Ok(()) => Verdict::Parsed,
        Err(reason) => Verdict::Rejected(Cow::Owned(reason)),
    }
}
