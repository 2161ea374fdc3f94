//! GCP-IAM-001: the default service account of a project may change everything in it.

use super::{Check, Known, Verdict, grants, is_default_account, observe, role, without_grants};
use crate::posture::Posture;

pub(in crate::check) struct DefaultAccountEditor;

impl Check for DefaultAccountEditor {
    fn name(&self) -> &'static str {
        "default-account-editor"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without_grants(input) {
            return verdict;
        }
        let (mut population, mut observations) = (0, Vec::new());
        for grant in grants(input) {
            population += 1;
            let account = grant.holder.strip_prefix("gcp:sa/");
            if account.is_some_and(is_default_account) && matches!(role(grant), "editor" | "owner")
            {
                observations.push(observe(input, grant));
            }
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}
