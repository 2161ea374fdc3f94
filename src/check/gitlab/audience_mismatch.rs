//! GLC-004: an ID token whose audience the Vault role does not accept.

use super::{Check, Known, Verdict, observe, of_logins};
use crate::model::Severity;
use crate::posture::{CiText, Posture, Thing};
use crate::rule::Observation;
use crate::snapshot::gitlab::ci::Job;

pub(in crate::check) struct AudienceMismatch;

impl Check for AudienceMismatch {
    fn name(&self) -> &'static str {
        "audience-mismatch"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let none = "no job logs in with an ID token and a Vault role that is in the export";
        of_logins(input, none, |file, run, login, role| {
            let job = &run.job;
            // Which of several tokens a command uses is not always written.
            let used = |name: &String| login.token.as_ref().is_none_or(|used| used == name);
            let tokens = job.id_tokens.iter().filter(|(name, _)| used(name));
            let audiences: Vec<&str> = tokens
                .flat_map(|(_, audiences)| audiences)
                .map(String::as_str)
                .collect();
            (!audiences.is_empty()).then(|| refused(file, job, &role, &audiences))
        })
    }
}

/// What is wrong with the audiences of a job's token; nothing where the role accepts one.
fn refused(
    file: &CiText<'_>,
    job: &Job,
    role: &Thing<'_>,
    audiences: &[&str],
) -> Option<Observation> {
    let bound: Vec<&str> = role.values("bound_audiences").collect();
    if audiences.iter().any(|audience| bound.contains(audience)) {
        return None;
    }
    let unknown = audiences.iter().any(|audience| audience.contains('$'));
    let accepted = match bound.as_slice() {
        [] => "no audience".to_owned(),
        bound => bound.join(", "),
    };
    let needle = match audiences.first() {
        Some(first) if !unknown => first,
        _ => "aud:",
    };
    let said = audiences.join(", ");
    let detail = format!("the token says {said}, the role accepts {accepted}");
    let mut seen = observe(file, job, role.object, needle).with_detail(detail);
    if unknown {
        seen.severity = Some(Severity::Low);
        seen.detail
            .push_str("; the variable is not set in the file");
    }
    Some(seen)
}
