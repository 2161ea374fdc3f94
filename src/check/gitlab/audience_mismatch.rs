//! GLC-004: an ID token whose audience the Vault role does not accept.

use super::{Check, Known, Verdict, job_login, jobs, observe, without_files};
use crate::model::Severity;
use crate::posture::Posture;

pub(in crate::check) struct AudienceMismatch;

impl Check for AudienceMismatch {
    fn name(&self) -> &'static str {
        "audience-mismatch"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without_files(input) {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        for (file, job) in jobs(input) {
            for login in job_login::logins(job) {
                let Some(role) = job_login::role(input, &login) else {
                    continue;
                };
                let bound: Vec<&str> = role.values("bound_audiences").collect();
                // Which of several tokens a command uses is not always written.
                let audiences: Vec<&String> = job
                    .id_tokens
                    .iter()
                    .filter(|(name, _)| login.token.as_ref().is_none_or(|used| used == *name))
                    .flat_map(|(_, audiences)| audiences)
                    .collect();
                if audiences.is_empty() {
                    continue;
                }
                population += 1;
                if audiences.iter().any(|aud| bound.contains(&aud.as_str())) {
                    continue;
                }
                let unknown = audiences.iter().any(|aud| aud.contains('$'));
                let shown: Vec<&str> = audiences.iter().map(|aud| aud.as_str()).collect();
                let accepted = match bound.as_slice() {
                    [] => "no audience".to_owned(),
                    bound => bound.join(", "),
                };
                let needle = shown.first().copied().unwrap_or("aud:");
                let needle = if unknown { "aud:" } else { needle };
                let mut seen = observe(file, job, role.object, needle).with_detail(format!(
                    "the token says {}, the role accepts {accepted}",
                    shown.join(", ")
                ));
                if unknown {
                    seen.severity = Some(Severity::Low);
                    seen.detail
                        .push_str("; the variable is not set in the file");
                }
                observations.push(seen);
            }
        }
        if population == 0 {
            return Verdict::NotAssessed(
                "no job logs in with an ID token and a Vault role that is in the export".to_owned(),
            );
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}
