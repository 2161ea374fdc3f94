//! Jobs that nobody judged: those that a CI file takes from files which are not among the inputs.

use super::ci_file::{CiText, by_path, unread_local};
use crate::model::{Hole, listed, secret};
use crate::snapshot::gitlab::ci::Node;

/// Keys by which `include` names what lies outside the repository, or is made by a job.
const ELSEWHERE: [&str; 5] = ["artifact", "component", "project", "remote", "template"];

/// A hole of each file whose pipelines hold jobs that nobody read.
pub(super) fn holes(files: &[CiText<'_>]) -> Vec<Hole> {
    let by_path = by_path(files);
    let mut found = Vec::new();
    for file in files {
        let mut named = outside(file.ci.top.get("include"));
        named.extend(unread_local(&by_path, file, file.ci.top.get("include")));
        for job in &file.ci.jobs {
            let trigger = job.body.get("trigger");
            let include = trigger.and_then(|trigger| trigger.get("include"));
            named.extend(outside(include));
            named.extend(unread_local(&by_path, file, include));
        }
        named.sort_unstable();
        named.dedup();
        if !named.is_empty() {
            let shown: Vec<String> = named.iter().map(|name| secret::redact(name)).collect();
            let words = format!(
                "{} takes jobs from files that are not among the inputs: {}",
                file.path,
                listed(&shown)
            );
            found.push(Hole::somewhere("ci-file", words));
        }
    }
    found
}

/// What `include` takes from elsewhere, as it is written.
fn outside(node: Option<&Node>) -> Vec<&str> {
    match node {
        Some(Node::Scalar(path)) if path.contains("://") => vec![path],
        Some(Node::List(items)) => items.iter().flat_map(|item| outside(Some(item))).collect(),
        Some(map @ Node::Map(_)) => {
            let named = ELSEWHERE.iter().filter_map(|key| map.get(key)?.text());
            named.collect()
        }
        _ => Vec::new(),
    }
}
