//! IM-10: a login without the job it should come from.

use super::{Facts, Identity, Login, Mismatch, MismatchKind};
use crate::identity::job_ids::JobIds;
use crate::identity::origin::{NoJob, project};
use crate::model::{Confidence, id};

/// What a missing job is worth that one lost row of its list would explain.
const ROW_MAY_BE_LOST: Confidence = Confidence(70);

impl Identity {
    pub(super) fn without_job(
        &self,
        login: &Login,
        why: NoJob,
        facts: &Facts,
        ids: &JobIds<'_>,
    ) -> Option<Mismatch> {
        let (kind, expected) = match why {
            NoJob::NamedJobMissing => (
                MismatchKind::LoginWithoutJob,
                "a job of the id that the token names",
            ),
            NoJob::NoneRan => (
                MismatchKind::LoginWithoutJob,
                "a running job of the project",
            ),
            NoJob::NotExported => (
                MismatchKind::LoginOutsideJobExport,
                "an export of the project's jobs at that time",
            ),
            NoJob::Untraceable => (
                MismatchKind::LoginUntraceable,
                "a project or job in the token's metadata",
            ),
            NoJob::Contradiction => (
                MismatchKind::ClaimContradiction,
                "a job of the project that the token names",
            ),
            NoJob::NotCi => return None,
        };
        let mount = id::vault_mount(Some(self.ledger.text(login.namespace)), &facts.mount);
        let subject = if facts.role_id.is_empty() {
            mount
        } else {
            facts.role_id.clone()
        };
        let certain = kind != MismatchKind::LoginWithoutJob || self.is_no_row_lost(login, ids);
        let confidence = match certain {
            true => Confidence::CERTAIN,
            false => ROW_MAY_BE_LOST,
        };
        let mismatch = Mismatch::new(
            kind,
            (subject, id::vault_login(self.ledger.text(login.id))),
            (expected, self.ledger.text(login.display_name)),
            (login.at, login.place),
        );
        Some(mismatch.with_confidence(confidence))
    }

    /// Whether the job of a login cannot be a row that the export of its project lost.
    fn is_no_row_lost(&self, login: &Login, ids: &JobIds<'_>) -> bool {
        let project = project(login, &self.ledger, &self.directory);
        let at = login.at.plus_micros(self.shift);
        let named: Option<u64> = self.ledger.claim(login.metadata, "job_id").parse().ok();
        ids.is_counted(project)
            || match named {
                Some(named) => ids.is_ahead(project, named, at),
                None => ids.is_dense(at),
            }
    }
}

#[cfg(test)]
mod tests {
    use crate::identity::sample::{Sample, World, subjects};

    fn facts(
        metadata: &[(&'static str, &'static str)],
        jobs: &[(u64, u64, i64, i64)],
    ) -> Vec<&'static str> {
        let mut sample = Sample::default();
        for &(project, id, from, to) in jobs {
            sample.job(project, id, from, to);
        }
        sample.login("l", "auth/gitlab/", 30, "10.1.0.1", metadata);
        let world = World::default();
        let found = sample.join(&world).mismatches_ever(&world);
        let details = found
            .iter()
            .filter(|mismatch| mismatch.kind.class() == "IM-10" || mismatch.kind.class() == "IM-2");
        details.map(|mismatch| mismatch.kind.as_str()).collect()
    }

    #[test]
    fn a_login_whose_job_never_ran_is_a_fact() {
        assert_eq!(
            facts(&[("job_id", "9"), ("project_id", "7")], &[(7, 1, 5, 40)]),
            ["login-without-job"]
        );
        assert_eq!(
            facts(&[("project_id", "7")], &[(7, 1, 5, 10), (7, 2, 50, 59)]),
            ["login-without-job"]
        );
    }

    #[test]
    fn a_running_job_and_a_retried_one_are_silent() {
        assert_eq!(facts(&[("project_id", "7")], &[(7, 1, 5, 40)]), [""; 0]);
        // Retried: a new id of the same pipeline.
        assert_eq!(
            facts(&[("job_id", "2")], &[(7, 1, 5, 20), (7, 2, 25, 40)]),
            [""; 0]
        );
    }

    #[test]
    fn where_the_export_does_not_reach_it_says_so() {
        assert_eq!(
            facts(&[("project_id", "8")], &[(7, 1, 5, 40)]),
            ["login-outside-job-export"]
        );
        assert_eq!(facts(&[], &[(7, 1, 5, 40)]), ["login-untraceable"]);
    }

    /// The job that a token names may be a row that the export lost, if it had its number by then.
    #[test]
    fn a_missing_job_is_certain_only_where_no_row_can_have_been_lost() {
        let confidence = |claim: (&'static str, &'static str), ids: &[u64], counted: bool| {
            let mut sample = Sample::default();
            for (&id, from) in ids.iter().zip([0, 20, 50]) {
                sample.job(7, id, from, from + 5);
            }
            sample.login("l", "auth/gitlab/", 30, "10.1.0.1", &[claim]);
            let world = World::default();
            let mut identity = sample.join(&world);
            if counted {
                let files = identity.directory.jobs.iter().map(|job| job.place.file);
                identity.directory.counted = files.collect();
            }
            let found = identity.mismatches_ever(&world);
            let of_logins = found
                .iter()
                .filter(|mismatch| mismatch.kind.as_str() == "login-without-job");
            of_logins
                .map(|mismatch| mismatch.confidence.0)
                .collect::<Vec<_>>()
        };
        let (job, project) = (|id| ("job_id", id), ("project_id", "7"));
        // Made after the job of the last row: it did not run before.
        assert_eq!(confidence(job("9"), &[1, 2, 4], false), [100]);
        // A row between others, of a list that nobody counted, and of one that was.
        assert_eq!(confidence(job("3"), &[1, 2, 4], false), [70]);
        assert_eq!(confidence(job("3"), &[1, 2, 4], true), [100]);
        // No number is missing among those given by then, or one is, or one may be.
        assert_eq!(confidence(project, &[1, 2, 3], false), [100]);
        assert_eq!(confidence(project, &[1, 2, 4], false), [70]);
        assert_eq!(confidence(project, &[1, 3, 4], false), [70]);
        assert_eq!(confidence(project, &[1, 3, 4], true), [100]);
    }

    /// The role alone says of which projects a job must have run.
    #[test]
    fn a_login_of_a_bound_role_is_held_against_the_projects_of_the_role() {
        let found = |claim: &str, values: &[&str], at: (i64, i64)| {
            let mut sample = Sample::default();
            sample.job(7, 1, at.0, at.1);
            sample.job(7, 2, 50, 59);
            for value in values {
                sample.says("vault-role", "vault:role/gitlab/app", claim, value);
            }
            sample.login("l", "auth/gitlab/", 30, "10.1.0.1", &[]);
            let world = World::default();
            let found = sample.join(&world).mismatches_ever(&world);
            let of_logins = found
                .iter()
                .filter(|mismatch| mismatch.kind.class() == "IM-10");
            of_logins
                .map(|mismatch| mismatch.kind.as_str())
                .collect::<Vec<_>>()
        };
        let (id, path) = ("bound_claims.project_id", "bound_claims.project_path");
        assert_eq!(found(id, &["7"], (5, 10)), ["login-without-job"]);
        assert_eq!(found(id, &["7"], (5, 40)), [""; 0]);
        // Nothing was exported of the other project, or the role takes any of a group.
        assert_eq!(
            found(id, &["7", "8"], (5, 10)),
            ["login-outside-job-export"]
        );
        assert_eq!(found(path, &["acme/*"], (5, 10)), ["login-untraceable"]);
    }

    #[test]
    fn a_job_of_another_project_contradicts_the_token() {
        let found = facts(&[("job_id", "1"), ("project_id", "8")], &[(7, 1, 5, 40)]);
        assert_eq!(found, ["claim-contradiction"]);
        assert!(subjects(&[], "x").is_empty());
    }
}
