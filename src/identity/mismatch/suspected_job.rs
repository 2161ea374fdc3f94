//! Which job a refused login may have come from, and what its token must have said.
//!
//! A refused login has no metadata: only its time, its address and the role it asked for tell, so
//! a job is suspected, never named as a fact. Told is what every candidate agrees on.

use std::collections::BTreeSet;

use super::{Identity, Seen};
use crate::identity::Scope;
use crate::model::{Job, id};

impl Identity {
    /// The jobs that ran at a refused login and may have asked for its role: those whose CI file
    /// names it; else those whose runner has the address; else those of the projects that the role
    /// is bound to. `fits` says of a job whether the role would have refused it.
    pub(super) fn askers(
        &self,
        seen: Seen<'_>,
        declared: &Scope<'_>,
        fits: impl Fn(&Job) -> bool,
    ) -> Vec<&Job> {
        let at = seen.at.plus_micros(self.shift);
        let window = (declared.skew_micros(), declared.grace_micros());
        let running = |project: u64| {
            let found = self.directory.running(project, at, window.0, window.1);
            found
                .into_iter()
                .filter_map(|number| self.directory.job(number))
        };
        let named = self.naming(seen.role);
        let by_name = named
            .iter()
            .flat_map(|(project, name)| running(*project).filter(move |job| job.name == *name));
        let by_name: Vec<&Job> = by_name.filter(|job| fits(job)).collect();
        if !by_name.is_empty() {
            return by_name;
        }
        let there = |job: &&Job| {
            let mut addresses = job.runner_addresses.iter();
            addresses.any(|address| address == seen.address)
        };
        let everywhere = self.directory.projects().flat_map(running);
        let by_address: Vec<&Job> = everywhere.filter(there).filter(|job| fits(job)).collect();
        if !by_address.is_empty() {
            return by_address;
        }
        let bound = self.bound_projects(seen.role);
        bound
            .into_iter()
            .flat_map(running)
            .filter(|job| fits(job))
            .collect()
    }

    /// Projects and names of the jobs whose CI files name a role, by variable or by command.
    fn naming(&self, role: &str) -> BTreeSet<(u64, &str)> {
        let Some((mount, name)) = role
            .strip_prefix("vault:role/")
            .and_then(|rest| rest.rsplit_once('/'))
        else {
            return BTreeSet::new();
        };
        let full = format!("{mount}/{name}");
        let names = |attribute: &&crate::model::Attribute| match attribute.name.as_str() {
            "vault_auth_role" => attribute.value == name,
            "login_role" => attribute.value == full,
            _ => false,
        };
        let jobs = self.directory.of_kind("ci-job").filter(names);
        jobs.filter_map(|attribute| ci_job(&attribute.object))
            .collect()
    }

    /// Projects that a role is bound to.
    fn bound_projects(&self, role: &str) -> BTreeSet<u64> {
        let values = |claim| self.directory.values("vault-role", role, claim);
        let by_id = values("bound_claims.project_id").filter_map(|value| value.parse().ok());
        let by_path =
            values("bound_claims.project_path").filter_map(|path| self.directory.project_id(path));
        by_id.chain(by_path).collect()
    }

    /// The audiences that the CI file gives the tokens of a job; `None` where no file of its
    /// project knows the job, or leaves one to a variable.
    pub(super) fn audiences(&self, job: &Job) -> Option<BTreeSet<&str>> {
        let object = format!("gitlab:ci-job/{}/{}", job.project_id, job.name);
        let from = self.directory.attributes.partition_point(|attribute| {
            (attribute.kind, attribute.object.as_str()) < ("ci-job", object.as_str())
        });
        let stated = self.directory.attributes.iter().skip(from);
        let found: BTreeSet<&str> = stated
            .take_while(|attribute| attribute.kind == "ci-job" && attribute.object == object)
            .filter(|attribute| {
                attribute.name.starts_with("id_tokens.") && attribute.name.ends_with(".aud")
            })
            .map(|attribute| attribute.value.as_str())
            .collect();
        let known = !found.is_empty() && !found.iter().any(|value| value.contains('$'));
        known.then_some(found)
    }

    /// What GitLab writes into a claim of the job's token, where the exports tell.
    pub(super) fn claim_of(&self, job: &Job, claim: &str) -> Option<String> {
        let path = self
            .directory
            .project_path(job.project_id)
            .unwrap_or(&job.project_path);
        let ref_type = match (job.tag, job.git_ref.starts_with("refs/")) {
            (true, _) => Some("tag"),
            // What GitLab writes for merge requests depends on their kind.
            (false, true) => None,
            (false, false) => Some("branch"),
        };
        let value = match claim {
            "project_id" => job.project_id.to_string(),
            "project_path" => path.to_owned(),
            "namespace_path" => path.rsplit_once('/')?.0.to_owned(),
            "ref" => job.git_ref.clone(),
            "ref_type" => ref_type?.to_owned(),
            "ref_protected" => self.directory.ref_protected(job)?.to_string(),
            "environment" => job.environment.clone(),
            "user_login" => job.username.clone(),
            "user_id" => job.user_id?.to_string(),
            "pipeline_id" => job.pipeline_id?.to_string(),
            "pipeline_source" => job.pipeline_source.clone(),
            "job_id" => job.id.to_string(),
            "sha" => job.sha.clone(),
            "sub" if !path.is_empty() => {
                format!(
                    "project_path:{path}:ref_type:{}:ref:{}",
                    ref_type?, job.git_ref
                )
            }
            _ => return None,
        };
        Some(value).filter(|value| !value.is_empty())
    }
}

/// Project and name of `gitlab:ci-job/<project>/<name>`.
fn ci_job(object: &str) -> Option<(u64, &str)> {
    let (project, name) = object.strip_prefix("gitlab:ci-job/")?.split_once('/')?;
    Some((project.parse().ok()?, name))
}

/// How candidates are shown: by name where there is one.
pub(super) fn suspected(jobs: &[&Job]) -> String {
    match jobs {
        [job] => format!("suspected {}", id::gitlab_job(job.project_id, job.id)),
        several => format!("each of {} suspected jobs", several.len()),
    }
}

/// What all candidates have in common.
pub(super) fn agreed<T: PartialEq>(mut values: impl Iterator<Item = Option<T>>) -> Option<T> {
    let first = values.next()??;
    values
        .all(|value| value.as_ref() == Some(&first))
        .then_some(first)
}
