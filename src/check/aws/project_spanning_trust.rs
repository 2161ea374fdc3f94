//! AWS-TRU-002: a trust that takes jobs of several projects.

use std::collections::BTreeSet;

use super::open_role::is_open;
use super::trust::{self, Bound};
use super::{Check, Known, Verdict};
use crate::model::Severity;
use crate::model::aws_policy::is_like;
use crate::posture::{Posture, Thing};

pub(in crate::check) struct ProjectSpanningTrust;

/// What a subject begins with.
const PREFIX: &str = "project_path:";

impl Check for ProjectSpanningTrust {
    fn name(&self) -> &'static str {
        "project-spanning-aws-trust"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        trust::look(input, |found, observations| {
            for entry in found.entries.iter().filter(|entry| !is_open(entry)) {
                let bound = entry.bound("sub");
                // All conditions must hold: one that names projects names them for all.
                let spans = bound.iter().all(|all| all.iter().any(|one| spans(*one)));
                let first = bound.iter().flatten().find(|one| spans_or_literal(**one));
                let owners: BTreeSet<&str> = bound
                    .iter()
                    .flatten()
                    .filter_map(|one| owner(*one))
                    .collect();
                let several = owners.len() > 1 && found.role.has("tag.project");
                let detail = match first {
                    Some(one) if spans && !is_listed(*one, &found.role, input) => {
                        format!("`{}` takes more than a project", one.value)
                    }
                    _ if several => {
                        "its `sub` lists projects of several owners, its tag one".to_owned()
                    }
                    Some(one) if !one.open => {
                        format!(
                            "`{}` is taken literally: no job has such a subject",
                            one.value
                        )
                    }
                    _ => continue,
                };
                let low = !spans && !several;
                let seen = trust::observe(input, &found.role, entry.provider(), detail);
                observations.extend(seen.map(|mut seen| {
                    seen.severity = low.then_some(Severity::Low);
                    seen
                }));
            }
        })
    }
}

/// The project part of a subject.
fn project(value: &str) -> &str {
    let path = value.strip_prefix(PREFIX).unwrap_or(value);
    path.split(':').next().unwrap_or(path)
}

/// Whether a wildcard stands before the end of the project part.
fn spans(bound: Bound<'_>) -> bool {
    let end = match bound.value.strip_prefix(PREFIX) {
        Some(rest) => PREFIX.len() + rest.find(':').unwrap_or(rest.len()),
        None => bound.value.len(),
    };
    bound.wildcard().is_some_and(|at| at < end)
}

fn spans_or_literal(bound: Bound<'_>) -> bool {
    spans(bound) || (!bound.open && bound.value.contains(['*', '?']))
}

fn owner(bound: Bound<'_>) -> Option<&str> {
    let path = project(bound.value);
    let owner = path.split('/').next()?;
    (!owner.contains(['*', '?']) && path.contains('/')).then_some(owner)
}

/// Whether every exported project that a pattern takes stands in the role's tag `projects`.
fn is_listed(bound: Bound<'_>, role: &Thing<'_>, input: &Posture<'_>) -> bool {
    let Some(tag) = role.value("tag.projects") else {
        return false;
    };
    let listed: BTreeSet<&str> = tag.split([' ', ',', ';', ':']).collect();
    let paths = input.things.of("gitlab-project");
    let paths = paths.filter_map(|project| project.value("path_with_namespace"));
    let taken: Vec<&str> = paths
        .filter(|path| is_like(project(bound.value), path, false))
        .collect();
    !taken.is_empty() && taken.iter().all(|path| listed.contains(path))
}
