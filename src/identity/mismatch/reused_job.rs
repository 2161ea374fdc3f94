//! IM-7: the identity of one job in several hands, by what the token itself names (K1), never by
//! windows.

use std::collections::{BTreeMap, BTreeSet};

use super::{Identity, Login, Mismatch, MismatchKind, MountClass};
use crate::identity::Scope;
use crate::model::{Job, Key, id, list};

impl Identity {
    /// A job, or one ID token (`jti`) where no job is named, that logged in from several addresses
    /// of which at least one is no runner's; and a job that logged in more often than its CI file
    /// asks for, from several addresses. A change of address inside the declared pool is how
    /// runners behind several gateways look; parallel steps of one job share their address.
    pub(super) fn reused_jobs(&self, declared: &Scope<'_>) -> Vec<Mismatch> {
        if !declared.knows_runners() || self.hidden_addresses.is_some() {
            return Vec::new();
        }
        let mut logins: BTreeMap<String, Vec<&Login>> = BTreeMap::new();
        let mut jobs: BTreeMap<String, &Job> = BTreeMap::new();
        for (login, position) in self.ledger.logins.iter().zip(0u32..) {
            let job = self.exact_job(position);
            let named = match job {
                Some(job) => Some(id::gitlab_job(job.project_id, job.id)),
                None => self.named_by(login, declared),
            };
            let Some(named) = named else { continue };
            logins.entry(named.clone()).or_default().push(login);
            if let Some(job) = job {
                jobs.insert(named, job);
            }
        }
        let mut found = Vec::new();
        for (named, logins) in &logins {
            let addresses: BTreeSet<&str> = logins
                .iter()
                .map(|login| self.ledger.text(login.address))
                .filter(|address| !address.is_empty())
                .collect();
            if addresses.len() < 2 {
                continue;
            }
            let foreign = logins.iter().filter(|login| {
                let address = self.ledger.text(login.address);
                !address.is_empty() && !declared.is_runner(address)
            });
            for login in foreign {
                let address = self.ledger.text(login.address);
                let others = addresses.iter().copied().filter(|other| *other != address);
                found.push(self.about_login(
                    login,
                    MismatchKind::JobIdentityReused,
                    named.clone(),
                    format!("address:{address}"),
                    (list::joined(others), address.to_owned()),
                ));
            }
            if let Some(job) = jobs.get(named) {
                found.extend(self.beyond_declared(job, logins));
            }
        }
        found
    }

    /// The job that a login's token names, where it was exported.
    fn exact_job(&self, position: u32) -> Option<&Job> {
        let jobs = self.origin(position)?.jobs.as_ref();
        let job = jobs.filter(|jobs| jobs.key == Key::K1)?.only()?;
        self.directory.job(job)
    }

    /// What the token of a CI login without exported job names: its job, else itself.
    fn named_by(&self, login: &Login, declared: &Scope<'_>) -> Option<String> {
        let text = |sym| self.ledger.text(sym);
        let class = declared.mount_class(text(login.namespace), text(login.mount));
        if login.child || class != Some(MountClass::Ci) {
            return None;
        }
        let claim = |name| self.ledger.claim(login.metadata, name);
        let (project, job) = (claim("project_id").parse(), claim("job_id").parse());
        if let (Ok(project), Ok(job)) = (project, job) {
            return Some(id::gitlab_job(project, job));
        }
        let token = claim("jti");
        (!token.is_empty()).then(|| format!("gitlab:id-token/{token}"))
    }

    /// The logins of a job beyond those that its CI file makes: one for each Vault secret and each
    /// login by command, and as many again as the job may be retried. Nothing is said where the
    /// file makes none, leaves something to another file, or makes several jobs of one entry.
    fn beyond_declared(&self, job: &Job, logins: &[&Login]) -> Vec<Mismatch> {
        let object = format!("gitlab:ci-job/{}/{}", job.project_id, job.name);
        let value = |name| self.directory.values("ci-job", &object, name).next();
        let number = |name| value(name).and_then(|text| text.parse::<usize>().ok());
        let declared = number("vault_logins").filter(|declared| *declared > 0);
        let Some(declared) = declared.filter(|_| value("unresolved").is_none()) else {
            return Vec::new();
        };
        if value("matrix").is_some() {
            return Vec::new();
        }
        let retries = number("retry").unwrap_or(0);
        let allowed = declared * (1 + retries);
        let mut logins = logins.to_vec();
        logins.sort_by_key(|login| (login.at, login.op));
        let count = logins.len();
        let beyond = logins.into_iter().skip(allowed);
        beyond
            .map(|login| {
                let expected = format!("{declared} login(s) and {retries} retries by the CI file");
                let mount = self.ledger.text(login.mount);
                self.about_login(
                    login,
                    MismatchKind::LoginsBeyondDeclared,
                    id::gitlab_job(job.project_id, job.id),
                    id::vault_mount(Some(self.ledger.text(login.namespace)), mount),
                    (expected, format!("{count} logins")),
                )
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::identity::sample::{Sample, World, networks, subjects};

    type Metadata = &'static [(&'static str, &'static str)];

    /// Subjects of `detail` after logins of two jobs that ran from minute 5 to 20.
    fn found(detail: &str, logins: &[(&'static str, Metadata)], world: &World) -> Vec<String> {
        let mut sample = Sample::default();
        sample.job(7, 1, 5, 20);
        sample.job(7, 2, 5, 20);
        let file = "gitlab:ci-job/7/deploy";
        sample.says("ci-job", file, "vault_logins", "1");
        sample.says("ci-job", file, "retry", "1");
        let names = ["a", "b", "c", "d"];
        for (&(address, metadata), name) in logins.iter().zip(names) {
            sample.login(name, "auth/gitlab/", 10, address, metadata);
        }
        let found = sample.join(world).mismatches_ever(world);
        subjects(&found, detail).into_iter().collect()
    }

    const RUNNER: &str = "10.1.0.1";
    const GATEWAY: &str = "10.1.0.2";
    const FOREIGN: &str = "203.0.113.9";

    fn reused(metadata: Metadata, second: &'static str) -> Vec<String> {
        let logins = [(RUNNER, metadata), (second, metadata)];
        found("job-identity-reused", &logins, &networks())
    }

    /// JOI-011 rests on K1 alone: candidates by window never carry it.
    #[test]
    fn one_job_id_from_two_places_is_a_fact_only_when_the_token_names_it() {
        let job: Metadata = &[("job_id", "1")];
        assert_eq!(reused(job, FOREIGN), ["gitlab:job/7/1"]);
        assert_eq!(reused(job, GATEWAY), [""; 0]);
        assert_eq!(reused(&[("project_id", "7")], FOREIGN), [""; 0]);
        // Not exported, and still named.
        let missing: Metadata = &[("job_id", "99"), ("project_id", "8")];
        assert_eq!(reused(missing, FOREIGN), ["gitlab:job/8/99"]);
        let unknown = World::default();
        let logins = [(RUNNER, job), (FOREIGN, job)];
        assert_eq!(found("job-identity-reused", &logins, &unknown), [""; 0]);
    }

    #[test]
    fn one_id_token_from_two_places_is_a_fact() {
        let token: Metadata = &[("jti", "4f1c"), ("project_id", "7")];
        assert_eq!(reused(token, FOREIGN), ["gitlab:id-token/4f1c"]);
        assert_eq!(reused(token, GATEWAY), [""; 0]);
        let other: Metadata = &[("jti", "aa"), ("project_id", "7")];
        let logins = [(RUNNER, token), (FOREIGN, other)];
        assert_eq!(found("job-identity-reused", &logins, &networks()), [""; 0]);
    }

    fn beyond(addresses: &[&'static str], job: Metadata) -> Vec<String> {
        let logins: Vec<_> = addresses.iter().map(|address| (*address, job)).collect();
        found("logins-beyond-declared", &logins, &networks())
    }

    #[test]
    fn more_logins_than_the_ci_file_makes_are_a_fact() {
        let job: Metadata = &[("job_id", "1")];
        // One secret and one retry.
        assert_eq!(beyond(&[RUNNER, GATEWAY, RUNNER], job), ["gitlab:job/7/1"]);
        assert_eq!(beyond(&[RUNNER, GATEWAY], job), [""; 0]);
        // Parallel steps of one job share their address.
        assert_eq!(beyond(&[RUNNER, RUNNER, RUNNER, RUNNER], job), [""; 0]);
        // Which job it was is not certain.
        let window: Metadata = &[("project_id", "7")];
        assert_eq!(beyond(&[RUNNER, GATEWAY, RUNNER], window), [""; 0]);
    }

    #[test]
    fn a_job_whose_file_is_not_known_whole_is_not_counted() {
        for (name, value) in [("matrix", "true"), ("unresolved", ".base")] {
            let mut sample = Sample::default();
            sample.job(7, 1, 5, 20);
            sample.says("ci-job", "gitlab:ci-job/7/deploy", "vault_logins", "1");
            sample.says("ci-job", "gitlab:ci-job/7/deploy", name, value);
            for (name, address) in [("a", RUNNER), ("b", GATEWAY), ("c", RUNNER)] {
                sample.login(name, "auth/gitlab/", 10, address, &[("job_id", "1")]);
            }
            let world = networks();
            let found = sample.join(&world).mismatches_ever(&world);
            assert!(subjects(&found, "logins-beyond-declared").is_empty());
        }
    }
}
