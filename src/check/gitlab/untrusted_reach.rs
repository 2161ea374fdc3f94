//! GLC-005: secrets within reach of a pipeline that anybody with push access can start.

use super::admission::admits;
use super::branch;
use super::trigger::{TAG, TRIGGERS};
use super::{Check, Known, Verdict, observe, of_logins};
use crate::model::Confidence;
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

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
            let parents = file.parents.iter().flat_map(|parent| &parent.runs);
            let mut branches = branch::unprotected(run);
            branches.extend(parents.flat_map(branch::unprotected));
            branches.sort();
            branches.dedup();
            let open: Vec<&str> = TRIGGERS
                .iter()
                .filter(|trigger| admits((&input.ci_files, file), run, trigger, &branches))
                .map(|trigger| trigger.name)
                .collect();
            if is_ref_bound(&role) {
                return Some(None);
            }
            let seen = || observe(file, &run.job, role.object, &login.needle);
            if !open.is_empty() {
                return Some(Some(seen().with_detail(open.join(", "))));
            }
            let parents = file.parents.iter().flat_map(|parent| &parent.runs);
            let runs = std::iter::once(run).chain(parents);
            let tags: Vec<String> = runs.flat_map(branch::tags).collect();
            let by_tag = admits((&input.ci_files, file), run, &TAG, &tags);
            // Which tags a project protects is not exported.
            Some(by_tag.then(|| Observation {
                confidence: Confidence::SUSPECTED,
                ..seen().with_detail("a tag, unless the project protects it")
            }))
        })
    }
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
