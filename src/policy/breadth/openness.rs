//! How open-ended a pattern is.

use super::input::{Mount, MountKind};
use crate::model::kv::Endpoint;
use crate::policy::pattern::Pattern;

/// The open-endedness of a pattern, 0 to 5.
///
/// 0 exact; 1 `+` at a fixed depth; 2 a glob within a segment; 3 everything below an owner segment;
/// 4 everything of a mount; 5 across mounts. Where no mount is known, the first segment is taken
/// for one (`auth/<name>/` for auth methods, `data/` and the like for KV version 2 endpoints).
#[must_use]
pub fn openness(pattern: &str, mounts: &[Mount]) -> u8 {
    let pattern = Pattern::new(pattern, "");
    if pattern.is_exact() {
        return 0;
    }
    let segments: Vec<&str> = pattern.stem().split('/').collect();
    let mount = mount_depth(&segments, mounts);
    let in_mount = segments.iter().take(mount);
    let crosses = segments.len() <= mount || in_mount.clone().any(|segment| *segment == "+");
    if !pattern.is_open() {
        return if !pattern.has_segment_wildcards() {
            0
        } else if crosses {
            // A `+` for the mount reaches every mount, though at one depth.
            4
        } else {
            1
        };
    }
    if crosses {
        return 5;
    }
    // What stands behind the mount, and the endpoint of KV version 2, names the owner.
    let owner = mount + usize::from(has_endpoint(&segments, mount, mounts));
    match segments.get(owner) {
        None => 4,
        Some(last) if owner + 1 == segments.len() => {
            if last.is_empty() {
                4
            } else {
                2
            }
        }
        // `+` for the owner and nothing named behind it is the whole mount again.
        Some(&"+") if segments.iter().skip(owner).all(|s| matches!(*s, "+" | "")) => 4,
        Some(_) if segments.last().is_some_and(|last| !last.is_empty()) => 2,
        Some(_) => 3,
    }
}

/// The number of segments that name the mount.
fn mount_depth(segments: &[&str], mounts: &[Mount]) -> usize {
    let known = mounts.iter().filter_map(|mount| {
        let parts: Vec<&str> = mount.path.trim_end_matches('/').split('/').collect();
        let head = segments.get(..parts.len())?;
        let fits = parts
            .iter()
            .zip(head)
            .all(|(part, segment)| part == segment);
        fits.then_some(parts.len())
    });
    known.max().unwrap_or(if segments.first() == Some(&"auth") {
        2
    } else {
        1
    })
}

fn has_endpoint(segments: &[&str], mount: usize, mounts: &[Mount]) -> bool {
    let path = segments
        .get(..mount)
        .map(|head| format!("{}/", head.join("/")));
    let kind = mounts
        .iter()
        .find(|known| Some(&known.path) == path.as_ref())
        .map(|m| m.kind);
    match (kind, segments.get(mount)) {
        (Some(MountKind::Kv2) | None, Some(segment)) => {
            *segment == "+" || Endpoint::ALL.iter().any(|e| e.segment() == *segment)
        }
        (Some(MountKind::Kv1 | MountKind::Other), _) | (_, None) => false,
        // Other engines have an endpoint too: `creds/<role>`, `issue/<role>`, `role/<name>`.
        (Some(_), Some(segment)) => !segment.is_empty(),
    }
}
