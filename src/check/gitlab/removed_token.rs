//! GLC-003: tokens that GitLab no longer issues, and secrets without an ID token to fetch them.

use super::written::{self, pattern};
use super::{Check, Known, Verdict, observe, of_jobs};
use crate::posture::Posture;
use crate::snapshot::gitlab::ci::Node;

pub(in crate::check) struct RemovedToken;

pattern!(REMOVED, r"\b(CI_JOB_JWT(?:_V[12])?)\b");

impl Check for RemovedToken {
    fn name(&self) -> &'static str {
        "removed-token"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        of_jobs(
            input,
            |_| true,
            |file, job, observations| {
                let mut named = Vec::new();
                names(&job.body, &mut named);
                named.sort_unstable();
                named.dedup();
                for name in named {
                    observations.push(observe(file, job, name, name));
                }
                // GitLab's own secrets manager needs no token; a template elsewhere may declare one.
                let foreign = job.secrets.values().any(|secret| {
                    !matches!(secret.provider.as_str(), "" | "gitlab_secrets_manager")
                });
                if foreign && job.id_tokens.is_empty() && job.unresolved.is_empty() {
                    observations.push(observe(file, job, "secrets without id_tokens", "secrets:"));
                }
            },
        )
    }
}

fn names<'n>(node: &'n Node, found: &mut Vec<&'n str>) {
    match node {
        Node::Scalar(text) => found.extend(written::all(&REMOVED, text)),
        Node::List(items) => items.iter().for_each(|item| names(item, found)),
        Node::Map(entries) => entries.iter().for_each(|(_, value)| names(value, found)),
        Node::Null | Node::Reference(_) => {}
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn patterns_compile() {
        assert!(super::REMOVED.is_some());
    }
}
