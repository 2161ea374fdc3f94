//! IM-9: the identity that logs in is not the one that runs, or a name that now stands for
//! something else.

use super::{Identity, Mismatch, MountClass};
use crate::identity::declared::Declared;
use crate::identity::origin;
use crate::model::id;
use crate::table::row::half::metadata_value;

impl Identity {
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
                found.push(self.about_login(
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
                found.push(self.about_login(
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
            found.push(self.about_login(
                login,
                ("IM-9", detail),
                id::gcp_service_account(account),
                format!("address:{address}"),
                (expected.to_owned(), address.to_owned()),
            ));
        }
        found
    }
}
