//! GLC-005: secrets within reach of a pipeline that anybody with push access can start.

use super::admission::admits;
use super::branch;
use super::trigger::{TAG, TRIGGERS};
use super::{Check, Known, Verdict, observe, of_logins};
use crate::model::Confidence;
use crate::model::aws_policy::is_like;
use crate::posture::{CiText, Posture, Thing};
use crate::rule::Observation;
use crate::snapshot::gitlab::ci::Run;

pub(in crate::check) struct UntrustedReach;

impl Check for UntrustedReach {
    fn name(&self) -> &'static str {
        "untrusted-reach"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let none = "no job logs in with a Vault role that is in the export";
        of_logins(input, none, |file, run, login, role| {
            let mut unresolved = role.values("unresolved");
            if unresolved.any(|name| name.starts_with("bound_")) {
                return None;
            }
            if is_ref_bound(&role) {
                return Some(None);
            }
            let seen = || observe(file, &run.job, role.object, &login.needle);
            let open = match takes(&role, "branch") {
                true => branches(input, file, run),
                false => Vec::new(),
            };
            if !open.is_empty() {
                return Some(Some(seen().with_detail(open.join(", "))));
            }
            let by_tag = match takes(&role, "tag") {
                true => by_tag(input, file, run),
                false => ByTag::Closed,
            };
            Some(match by_tag {
                ByTag::Closed => None,
                ByTag::Open => Some(seen().with_detail("a tag that the project does not protect")),
                ByTag::Unknown => Some(Observation {
                    confidence: Confidence::SUSPECTED,
                    ..seen().with_detail("a tag, unless the project protects it")
                }),
            })
        })
    }
}

/// The ways in which somebody who may only push a branch starts the job.
fn branches(input: &Posture<'_>, file: &CiText<'_>, run: &Run) -> Vec<&'static str> {
    let parents = file.parents.iter().flat_map(|parent| &parent.runs);
    let mut branches = branch::unprotected(run);
    branches.extend(parents.flat_map(branch::unprotected));
    branches.sort();
    branches.dedup();
    let open = TRIGGERS
        .iter()
        .filter(|trigger| admits((&input.ci_files, file), run, trigger, &branches));
    open.map(|trigger| trigger.name).collect()
}

/// What pushing a tag does.
enum ByTag {
    /// A tag that nobody protects starts the job.
    Open,
    /// Only tags that the project protects do, or none.
    Closed,
    /// Which tags are protected was not exported.
    Unknown,
}

fn by_tag(input: &Posture<'_>, file: &CiText<'_>, run: &Run) -> ByTag {
    let mut tags = branch::tags(run);
    let parents = file.parents.iter().flat_map(|parent| &parent.runs);
    tags.extend(parents.flat_map(branch::tags));
    tags.retain(|tag| {
        admits(
            (&input.ci_files, file),
            run,
            &TAG,
            std::slice::from_ref(tag),
        )
    });
    if tags.is_empty() {
        return ByTag::Closed;
    }
    let own = |thing: &Thing<'_>| thing.value("project") == file.project.as_deref();
    let exported: Vec<Thing<'_>> = input.things.of("protected-tag").filter(own).collect();
    if exported.is_empty() {
        return ByTag::Unknown;
    }
    // Developers may push what is protected for them.
    let barred = |thing: &&Thing<'_>| {
        let mut levels = thing.values("create_access_level");
        levels.all(|level| level != DEVELOPERS)
    };
    let names: Vec<&str> = exported
        .iter()
        .filter(barred)
        .filter_map(|thing| thing.value("name"))
        .collect();
    let covered = |tag: &String| names.iter().any(|name| is_like(name, tag, false));
    match tags.iter().all(covered) {
        true => ByTag::Closed,
        false => ByTag::Open,
    }
}

/// The access level of developers.
const DEVELOPERS: &str = "30";

/// Whether a role takes tokens of that kind of ref.
fn takes(role: &Thing<'_>, kind: &str) -> bool {
    let mut kinds = role.values("bound_claims.ref_type").peekable();
    kinds.peek().is_none() || kinds.any(|bound| bound == kind || bound.contains('*'))
}

/// Whether a role asks for a protected ref, a ref by name, or a protected environment.
fn is_ref_bound(role: &Thing<'_>) -> bool {
    let bound = |claim: &str| {
        let name = format!("bound_claims.{claim}");
        let mut values = role.values(&name).peekable();
        values.peek().is_some() && values.all(|value| !matches!(value, "*" | "false"))
    };
    let subject = role.value("bound_subject").unwrap_or("");
    ["ref", "ref_protected", "environment_protected"]
        .into_iter()
        .any(bound)
        || (subject.contains(":ref:") && !subject.ends_with(":ref:*"))
}
