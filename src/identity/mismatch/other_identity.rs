//! IM-9: the identity that logs in is not the one that runs, or a name that now stands for
//! something else.

use super::{Identity, Mismatch, MismatchKind, MountClass};
use crate::identity::account::{minters, restored};
use crate::identity::origin;
use crate::identity::scope::Scope;
use crate::model::id;

impl Identity {
    /// IM-9: the token names a project or account by number and by name, and the export says that
    /// the name now belongs to another number. A renamed project keeps its number and its old
    /// path belongs to nobody, so it is silent.
    pub(super) fn reborn(&self, declared: &Scope<'_>) -> Vec<Mismatch> {
        let mut found = Vec::new();
        for login in self.ledger.logins.iter().filter(|login| !login.child) {
            let (namespace, mount) = (
                self.ledger.text(login.namespace),
                self.ledger.text(login.mount),
            );
            let class = declared.mount_class(namespace, mount);
            let path = self.ledger.claim(login.metadata, "project_path");
            let number: Option<u64> = self.ledger.claim(login.metadata, "project_id").parse().ok();
            if let (Some(claimed), Some(current)) = (number, self.directory.project_id(path))
                && claimed != current
                && class == Some(MountClass::Ci)
            {
                found.push(self.about_login(
                    login,
                    MismatchKind::ProjectReborn,
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
                .map(|key| self.ledger.claim(login.metadata, key))
                .find(|value| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()));
            let account = id::gcp_service_account(email);
            let mut current = self
                .directory
                .values("gcp-service-account", &account, "unique_id");
            if let (Some(claimed), Some(first)) = (claimed, current.next())
                && claimed != first
                && !current.any(|other| other == claimed)
                && !restored(&self.ledger.account_events, claimed, login.at)
            {
                found.push(self.about_login(
                    login,
                    MismatchKind::AccountReborn,
                    account.clone(),
                    format!("unique id {first} instead of {claimed}"),
                    (first.to_owned(), claimed.to_owned()),
                ));
            }
        }
        found
    }

    /// IM-9: a login with the identity of an account as which nothing ran then, from outside the
    /// declared networks. Rests on what the token names itself, never on times alone.
    pub(super) fn not_running(&self, declared: &Scope<'_>) -> Vec<Mismatch> {
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
            let (kind, expected) = match (running.is_empty(), later) {
                (true, _) => (
                    MismatchKind::LoginWithoutService,
                    "a service that runs as the account",
                ),
                (false, true) => (
                    MismatchKind::LoginBeforeService,
                    "a service that already existed",
                ),
                (false, false) => continue,
            };
            let account = id::gcp_service_account(account);
            let events = &self.ledger.account_events;
            let by = minters(events, &account, login.at, declared.skew_micros());
            let by: Vec<String> = by.into_iter().collect();
            let made = "its tokens of that hour were made by";
            let observed = match by.as_slice() {
                [] => address.to_owned(),
                by => format!("{address}; {made} {}", by.join(", ")),
            };
            found.push(self.about_login(
                login,
                kind,
                account,
                format!("address:{address}"),
                (expected.to_owned(), observed),
            ));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use crate::identity::sample::{Sample, World, networks, subjects};
    use crate::model::Timestamp;

    const EMAIL: &str = "x@p.iam.gserviceaccount.com";

    fn not_running(address: &'static str, account: Option<&str>, world: &World) -> usize {
        let mut sample = Sample::default();
        sample.service("other", "other@p.iam.gserviceaccount.com");
        if let Some(account) = account {
            sample.service("x", account);
        }
        sample.login(
            "l",
            "auth/run/",
            10,
            address,
            &[("service_account_email", EMAIL)],
        );
        subjects(
            &sample.join(world).mismatches_ever(world),
            "login-without-service",
        )
        .len()
    }

    #[test]
    fn a_login_as_an_account_that_nothing_runs_as_is_a_fact() {
        assert_eq!(not_running("203.0.113.9", None, &networks()), 1);
    }

    #[test]
    fn own_networks_running_services_and_missing_declarations_are_silent() {
        assert_eq!(not_running("10.2.0.1", None, &networks()), 0);
        assert_eq!(not_running("203.0.113.9", Some(EMAIL), &networks()), 0);
        assert_eq!(
            not_running("203.0.113.9", Some(&EMAIL.to_uppercase()), &networks()),
            0
        );
        assert_eq!(not_running("203.0.113.9", None, &World::default()), 0);
    }

    #[test]
    fn a_login_before_the_service_was_created_is_a_fact() {
        let mut sample = Sample::default();
        sample.service("x", EMAIL).created_at = Some(Timestamp(3_600_000_000));
        sample.login(
            "l",
            "auth/run/",
            10,
            "203.0.113.9",
            &[("service_account_email", EMAIL)],
        );
        let world = networks();
        let found = sample.join(&world).mismatches_ever(&world);
        assert_eq!(subjects(&found, "login-before-service").len(), 1);
        // Rests on what the token names, never on a window: fit for a critical rule.
        assert!(found.iter().all(|mismatch| mismatch.confidence.0 == 100));
    }

    fn reborn(number: &'static str, renamed: bool) -> usize {
        let mut sample = Sample::default();
        sample.job(9, 1, 5, 20);
        if renamed {
            sample.says(
                "gitlab-project",
                "gitlab:project/7",
                "path_with_namespace",
                "acme/new",
            );
        }
        let path = if renamed { "acme/old" } else { "acme/p9" };
        let claims = [("project_id", number), ("project_path", path)];
        sample.login("l", "auth/gitlab/", 10, "10.1.0.1", &claims);
        let world = World::default();
        subjects(
            &sample.join(&world).mismatches_ever(&world),
            "project-reborn",
        )
        .len()
    }

    #[test]
    fn a_path_that_belongs_to_another_number_now_is_a_fact_and_a_rename_is_not() {
        assert_eq!(
            (reborn("7", false), reborn("9", false), reborn("7", true)),
            (1, 0, 0)
        );
    }

    /// Findings of a login at minute 10; an account may have been restored at another minute.
    fn account_reborn(
        claimed: &'static str,
        exported: &[&str],
        restored: Option<(&str, i64)>,
    ) -> usize {
        reborn_accounts(claimed, exported, restored).len()
    }

    /// The same, as what the name stands for now.
    fn reborn_accounts(
        claimed: &'static str,
        exported: &[&str],
        restored: Option<(&str, i64)>,
    ) -> Vec<String> {
        let mut sample = Sample::default();
        if let Some((number, at)) = restored {
            let name = format!("projects/-/serviceAccounts/{number}");
            sample.google(
                "UndeleteServiceAccount",
                &name,
                EMAIL,
                "gcp:principal/a",
                at,
            );
        }
        for number in exported {
            sample.says(
                "gcp-service-account",
                "gcp:sa/x@p.iam.gserviceaccount.com",
                "unique_id",
                number,
            );
        }
        let claims = [
            ("service_account_email", EMAIL),
            ("service_account_id", claimed),
        ];
        sample.login("l", "auth/run/", 10, "10.2.0.1", &claims);
        let world = World::default();
        let found = sample.join(&world).mismatches_ever(&world).into_iter();
        let reborn = found.filter(|fact| fact.kind.as_str() == "account-reborn");
        reborn.map(|fact| fact.object).collect()
    }

    #[test]
    fn an_email_with_another_unique_id_is_a_fact() {
        let now = "unique id 222 instead of 111";
        assert_eq!(reborn_accounts("111", &["222"], None), [now]);
        assert_eq!(account_reborn("111", &["111"], None), 0);
        assert_eq!(account_reborn("111", &[], None), 0);
    }

    /// A restored account keeps its id: an export from before the restoration names another.
    #[test]
    fn an_account_that_was_restored_before_the_login_is_silent() {
        assert_eq!(account_reborn("111", &["222"], Some(("111", 5))), 0);
        // Restored only later, or another account.
        assert_eq!(account_reborn("111", &["222"], Some(("111", 15))), 1);
        assert_eq!(account_reborn("111", &["222"], Some(("333", 5))), 1);
    }

    fn made_by(made: &[(&str, &'static str, i64)]) -> String {
        let mut sample = Sample::default();
        sample.service("other", "other@p.iam.gserviceaccount.com");
        for &(operation, by, at) in made {
            sample.google(operation, "projects/-/serviceAccounts/1", EMAIL, by, at);
        }
        let claims = [("service_account_email", EMAIL)];
        sample.login("l", "auth/run/", 100, "203.0.113.9", &claims);
        let world = networks();
        let found = sample.join(&world).mismatches_ever(&world);
        let fact = found
            .iter()
            .find(|fact| fact.kind.as_str() == "login-without-service");
        fact.unwrap().observed.clone()
    }

    #[test]
    fn who_made_a_token_of_the_account_before_the_login_is_named() {
        let eve = "gcp:principal/user:eve@x.example";
        let own = "gcp:sa/x@p.iam.gserviceaccount.com";
        let named = "203.0.113.9; its tokens of that hour were made by ";
        assert_eq!(
            made_by(&[("GenerateIdToken", eve, 90)]),
            format!("{named}{eve}")
        );
        let two = [
            ("GenerateAccessToken", eve, 90),
            ("SignJwt", "gcp:sa/b@x", 60),
        ];
        assert_eq!(made_by(&two), format!("{named}{eve}, gcp:sa/b@x"));
        // After the login, long before it, by itself, another call.
        for (operation, by, at) in [
            ("GenerateIdToken", eve, 105),
            ("GenerateIdToken", eve, 30),
            ("GenerateIdToken", own, 90),
            ("GetServiceAccount", eve, 90),
        ] {
            assert_eq!(made_by(&[(operation, by, at)]), "203.0.113.9");
        }
        assert_eq!(made_by(&[]), "203.0.113.9");
    }
}
