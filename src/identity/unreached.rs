//! Logins that no exported job reaches to, and jobs that logins name and no export holds.

use std::collections::{BTreeMap, BTreeSet};

use super::Identity;
use super::ledger::Login;
use super::origin::project;
use crate::model::Period;

impl Identity {
    /// How many logins of a period name a project of which no exported job reaches to their time,
    /// by project.
    #[must_use]
    pub fn logins_beyond_jobs(&self, period: Period) -> BTreeMap<u64, u64> {
        let mut beyond: BTreeMap<u64, u64> = BTreeMap::new();
        for (_, project, covered) in self.logins_of_projects(period) {
            if !covered {
                *beyond.entry(project).or_default() += 1;
            }
        }
        beyond
    }

    /// How many of the jobs that logins of a period name are in no list of jobs, though one reaches
    /// over the time, and how many they name, by project.
    #[must_use]
    pub fn named_jobs(&self, period: Period) -> BTreeMap<u64, (usize, usize)> {
        let mut named: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
        for (login, project, covered) in self.logins_of_projects(period) {
            let job = self.ledger.claim(login.metadata, "job_id").parse();
            if let (true, Ok(job)) = (covered, job) {
                named.entry(project).or_default().insert(job);
            }
        }
        let missing = |job: &&u64| self.directory.jobs_with_id(**job).is_empty();
        let counted = named.into_iter();
        counted
            .map(|(project, jobs)| (project, (jobs.iter().filter(missing).count(), jobs.len())))
            .collect()
    }

    /// The logins of a period that name a project, which, and whether its exported jobs reach to
    /// their time.
    fn logins_of_projects(&self, period: Period) -> impl Iterator<Item = (&Login, u64, bool)> {
        let logins = self.ledger.logins.iter();
        let own = logins.filter(move |login| !login.child && period.contains(login.at));
        own.filter_map(|login| {
            let id = project(login, &self.ledger, &self.directory)?;
            let at = login.at.plus_micros(self.shift);
            Some((login, id, self.directory.covers(Some(id), at)))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::identity::sample::{Sample, World, minute};
    use crate::model::Period;

    #[test]
    fn a_job_that_a_login_names_is_in_a_list() {
        let mut sample = Sample::default();
        sample.job(7, 1, 0, 100);
        sample.job(7, 4, 200, 300);
        for (login, job) in [("a", "1"), ("b", "2"), ("c", "3"), ("d", "3"), ("e", "4")] {
            let claims = [("job_id", job), ("project_id", "7")];
            sample.login(login, "auth/gitlab/", 50, "10.1.0.1", &claims);
        }
        let claims = [("job_id", "9"), ("project_id", "7")];
        sample.login("late", "auth/gitlab/", 9_000, "10.1.0.1", &claims);
        let identity = sample.join(&World::default());
        let period = Period {
            from: minute(0),
            to: minute(400),
        };
        let named = identity.named_jobs(period);
        assert_eq!(named.into_iter().collect::<Vec<_>>(), [(7, (2, 4))]);
    }
}
