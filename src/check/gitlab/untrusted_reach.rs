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
            let refs = match bound_refs(&role) {
                Refs::Any => Vec::new(),
                Refs::Guarded => return Some(None),
                Refs::Families(patterns) => patterns,
            };
            let seen = || observe(file, &run.job, role.object, &login.needle);
            let open = match takes(&role, "branch") {
                true => branches(input, file, run, &refs),
                false => Vec::new(),
            };
            if !open.is_empty() {
                return Some(Some(seen().with_detail(open.join(", "))));
            }
            let by_tag = match takes(&role, "tag") {
                true => by_tag(input, file, run, &refs),
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

/// The ways in which somebody who may only push a branch that the role takes starts the job.
fn branches(input: &Posture<'_>, file: &CiText<'_>, run: &Run, refs: &[&str]) -> Vec<&'static str> {
    let parents = file.parents.iter().flat_map(|parent| &parent.runs);
    let mut branches = branch::unprotected(run);
    branches.extend(parents.flat_map(branch::unprotected));
    branches.extend(refs.iter().filter_map(|pattern| branch::of_family(pattern)));
    branches.sort();
    branches.dedup();
    branches.retain(|branch| taken(refs, branch) && !is_protected(input, file, branch));
    let open = TRIGGERS
        .iter()
        .filter(|trigger| admits((&input.ci_files, file), run, trigger, &branches));
    open.map(|trigger| trigger.name).collect()
}

/// Whether one of the patterns of refs that a role takes takes this one; without any it takes all.
fn taken(refs: &[&str], name: &str) -> bool {
    refs.is_empty() || refs.iter().any(|pattern| is_like(pattern, name, false))
}

/// Whether the project was exported to protect a branch of this name from developers.
fn is_protected(input: &Posture<'_>, file: &CiText<'_>, branch: &str) -> bool {
    let own = |thing: &Thing<'_>| thing.value("project") == file.project.as_deref();
    let barred = |thing: &Thing<'_>| {
        let mut levels = thing.values("push_access_level");
        levels.all(|level| level != DEVELOPERS)
    };
    let mut patterns = input.things.of("protected-branch").filter(own);
    patterns.any(|thing| {
        let name = thing.value("name");
        barred(&thing) && name.is_some_and(|name| is_like(name, branch, false))
    })
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

fn by_tag(input: &Posture<'_>, file: &CiText<'_>, run: &Run, refs: &[&str]) -> ByTag {
    let mut tags = branch::tags(run);
    let parents = file.parents.iter().flat_map(|parent| &parent.runs);
    tags.extend(parents.flat_map(branch::tags));
    tags.extend(refs.iter().filter_map(|pattern| branch::like(pattern)));
    tags.retain(|tag| {
        taken(refs, tag)
            && admits(
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

/// What a role asks of the ref of a pipeline.
enum Refs<'r> {
    /// Nothing.
    Any,
    /// A protected one, one by its name, or a protected environment.
    Guarded,
    /// One that a pattern takes, such as `feature/*`: whoever may push gives a ref such a name.
    Families(Vec<&'r str>),
}

fn bound_refs<'r>(role: &'r Thing<'_>) -> Refs<'r> {
    let values = |claim: &str| -> Vec<&'r str> {
        let name = format!("bound_claims.{claim}");
        role.values(&name).collect()
    };
    let bound = |claim: &str| {
        let values = values(claim);
        !values.is_empty() && values.iter().all(|value| !matches!(*value, "*" | "false"))
    };
    let subject = role.value("bound_subject").unwrap_or("");
    let by_subject = subject.contains(":ref:") && !subject.ends_with(":ref:*");
    if by_subject || bound("ref_protected") || bound("environment_protected") {
        return Refs::Guarded;
    }
    if !bound("ref") {
        return Refs::Any;
    }
    let glob = role.value("bound_claims_type") == Some("glob");
    let refs = values("ref");
    match glob && refs.iter().any(|name| name.contains('*')) {
        true => Refs::Families(refs),
        false => Refs::Guarded,
    }
}
