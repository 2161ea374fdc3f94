//! Mismatches of logins among each other and with the exports: one job identity in two places,
//! names that now stand for something else, accounts that no service runs as, clocks apart.

use std::collections::{BTreeMap, BTreeSet};

use super::{Declared, Identity, Login, Mismatch, MountClass};
use crate::identity::origin;
use crate::model::{Confidence, Key, id};
use crate::table::row::half::metadata_value;

/// Clock difference up to which nothing is said (INT-004), in microseconds.
const CLOCKS_AGREE: i64 = 5_000_000;
/// Clock difference from which joins by time are unreliable (INT-004), in microseconds.
const CLOCKS_UNRELIABLE: i64 = 30_000_000;

impl Identity {
    /// IM-7: a job whose id logged in from several addresses, at least one of which is no
    /// runner's. The token names the job (K1); a change of address inside the declared pool is
    /// how runners behind several gateways look.
    pub(super) fn reused_jobs(&self, declared: &dyn Declared) -> Vec<Mismatch> {
        if !declared.knows_runners() {
            return Vec::new();
        }
        let mut by_job: BTreeMap<u32, Vec<&Login>> = BTreeMap::new();
        for (login, position) in self.ledger.logins.iter().zip(0u32..) {
            let jobs = self
                .origin(position)
                .and_then(|origin| origin.jobs.as_ref());
            let job = jobs
                .filter(|jobs| jobs.key == Key::K1)
                .and_then(|jobs| jobs.only());
            if let Some(job) = job {
                by_job.entry(job).or_default().push(login);
            }
        }
        let mut found = Vec::new();
        for (number, logins) in by_job {
            let addresses: BTreeSet<&str> = logins
                .iter()
                .map(|login| self.ledger.text(login.address))
                .filter(|address| !address.is_empty())
                .collect();
            let Some(job) = self.directory.job(number).filter(|_| addresses.len() > 1) else {
                continue;
            };
            for login in logins {
                let address = self.ledger.text(login.address);
                if address.is_empty() || declared.is_runner(address) {
                    continue;
                }
                let others: Vec<&str> = addresses
                    .iter()
                    .copied()
                    .filter(|other| *other != address)
                    .collect();
                found.push(self.of_login_row(
                    login,
                    ("IM-7", "job-identity-reused"),
                    id::gitlab_job(job.project_id, job.id),
                    format!("address:{address}"),
                    (others.join(";"), address.to_owned()),
                ));
            }
        }
        found
    }

    /// IM-9: the token names a project or account by number and by name, and the export says that
    /// the name now belongs to another number. A renamed project keeps its number and its old
    /// path belongs to nobody, so it is silent.
    pub(super) fn reborn(&self, declared: &dyn Declared) -> Vec<Mismatch> {
        let mut found = Vec::new();
        for login in self.ledger.logins.iter().filter(|login| !login.child) {
            let metadata = self.ledger.text(login.metadata);
            let (namespace, mount) = (
                self.ledger.text(login.namespace),
                self.ledger.text(login.mount),
            );
            let class = declared.mount_class(namespace, mount);
            let path = metadata_value(metadata, "project_path");
            let number: Option<u64> = metadata_value(metadata, "project_id").parse().ok();
            if let (Some(claimed), Some(current)) = (number, self.directory.project_id(path))
                && claimed != current
                && class == Some(MountClass::Ci)
            {
                found.push(self.of_login_row(
                    login,
                    ("IM-9", "project-reborn"),
                    id::gitlab_project(claimed),
                    id::gitlab_project(current),
                    (
                        format!("{path} is {current}"),
                        format!("{path} is {claimed}"),
                    ),
                ));
            }
            let Some(email) = origin::service_account(login, &self.ledger) else {
                continue;
            };
            let claimed = ["service_account_id", "sub"]
                .into_iter()
                .map(|key| metadata_value(metadata, key))
                .find(|value| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()));
            let account = id::gcp_service_account(email);
            let mut current = self
                .directory
                .values("gcp-service-account", &account, "unique_id");
            if let (Some(claimed), Some(first)) = (claimed, current.next())
                && claimed != first
                && !current.any(|other| other == claimed)
            {
                found.push(self.of_login_row(
                    login,
                    ("IM-9", "account-reborn"),
                    account.clone(),
                    format!("unique id {claimed}"),
                    (first.to_owned(), claimed.to_owned()),
                ));
            }
        }
        found
    }

    /// IM-9: a login with the identity of an account as which nothing ran then, from outside the
    /// declared networks. Rests on what the token names itself, never on times alone.
    pub(super) fn not_running(&self, declared: &dyn Declared) -> Vec<Mismatch> {
        let mut found = Vec::new();
        if !declared.knows_egress() || self.directory.services.is_empty() {
            return found;
        }
        for login in self.ledger.logins.iter().filter(|login| !login.child) {
            let class = declared.mount_class(
                self.ledger.text(login.namespace),
                self.ledger.text(login.mount),
            );
            let address = self.ledger.text(login.address);
            let Some(account) = origin::service_account(login, &self.ledger) else {
                continue;
            };
            if class != Some(MountClass::Workload)
                || address.is_empty()
                || declared.is_own_network(address)
            {
                continue;
            }
            let running: Vec<_> = self
                .directory
                .services
                .iter()
                .filter(|service| service.service_account.eq_ignore_ascii_case(account))
                .collect();
            let later = running
                .iter()
                .all(|service| service.created_at.is_some_and(|created| created > login.at));
            let (detail, expected) = match (running.is_empty(), later) {
                (true, _) => (
                    "login-without-service",
                    "a service that runs as the account",
                ),
                (false, true) => ("login-before-service", "a service that already existed"),
                (false, false) => continue,
            };
            found.push(self.of_login_row(
                login,
                ("IM-9", detail),
                id::gcp_service_account(account),
                format!("address:{address}"),
                (expected.to_owned(), address.to_owned()),
            ));
        }
        found
    }

    /// IM-8: Vault's clock against GitLab's, by logins that name their job. The difference is the
    /// smallest that puts them inside their jobs, so a queue before a job is none.
    pub(super) fn clock_offset(&self) -> Vec<Mismatch> {
        if self.shift.abs() <= CLOCKS_AGREE {
            return Vec::new();
        }
        let stray = self
            .ledger
            .logins
            .iter()
            .zip(0u32..)
            .find(|(login, position)| {
                let jobs = self
                    .origin(*position)
                    .and_then(|origin| origin.jobs.as_ref());
                let job = jobs
                    .filter(|jobs| jobs.key == Key::K1)
                    .and_then(|jobs| jobs.only())
                    .and_then(|number| self.directory.job(number));
                job.is_some_and(|job| {
                    job.started_at.is_some_and(|start| login.at < start)
                        || job.finished_at.is_some_and(|end| end < login.at)
                })
            });
        let Some((login, _)) = stray else {
            return Vec::new();
        };
        let detail = if self.shift.abs() > CLOCKS_UNRELIABLE {
            "clocks-unreliable"
        } else {
            "clock-offset"
        };
        let observed = format!("{} ms", -self.shift / 1_000);
        let names = ("source:vault".to_owned(), "source:gitlab-jobs".to_owned());
        let expected = "at most 5000 ms".to_owned();
        vec![self.of_login_row(
            login,
            ("IM-8", detail),
            names.0,
            names.1,
            (expected, observed),
        )]
    }

    fn of_login_row(
        &self,
        login: &Login,
        (class, detail): (&'static str, &'static str),
        subject: String,
        object: String,
        (expected, observed): (String, String),
    ) -> Mismatch {
        Mismatch {
            class,
            detail,
            subject,
            object,
            expected,
            observed,
            at: login.at,
            confidence: Confidence::CERTAIN,
            place: login.place,
            of_configuration: detail.starts_with("clock"),
        }
    }
}
