//! What the configuration declares, as the identity room asks for it.

use std::net::IpAddr;

use super::declared::{MountClass, Owner};
use crate::config::{self, ProjectName, Settings};
use crate::model::{Timestamp, id};

/// A configuration and the moment the run speaks from.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s> {
    /// The configuration.
    pub settings: &'s Settings,
    /// The moment the run speaks from: its only clock.
    pub as_of: Timestamp,
}

impl<'s> Scope<'s> {
    /// What an auth mount is for. `mount` is as logged (`auth/gitlab/`).
    #[must_use]
    pub fn mount_class(&self, namespace: &str, mount: &str) -> Option<MountClass> {
        let namespace = Some(namespace).filter(|namespace| !namespace.is_empty());
        self.settings
            .mounts
            .class(namespace, mount)
            .map(|class| match class {
                config::MountClass::Ci => MountClass::Ci,
                config::MountClass::Workload => MountClass::Workload,
                config::MountClass::Human => MountClass::Human,
            })
    }

    /// Who a logical path belongs to.
    #[must_use]
    pub fn owner(&self, namespace: &str, logical_path: &str) -> Option<Owner> {
        let namespace = Some(namespace).filter(|namespace| !namespace.is_empty());
        let owner = self
            .settings
            .owners
            .find(&id::in_namespace(namespace, logical_path))?;
        Some(Owner {
            project: owner
                .project
                .as_ref()
                .map(ProjectName::as_str)
                .map(str::to_owned),
            service: owner.service.clone(),
            environment: owner.environment.clone(),
            shared: owner.shared,
        })
    }

    /// The tier of an environment: `prod`, `staging`, `dev`.
    #[must_use]
    pub fn tier(&self, environment: &str) -> Option<&'s str> {
        self.settings.environments.tier(environment)
    }

    /// The person a principal id is an alias of.
    #[must_use]
    pub fn person(&self, principal: &str) -> Option<&'s str> {
        self.settings.people.person_of(principal)
    }

    /// Whether a person may use anything in an emergency, or administers everything.
    #[must_use]
    pub fn is_exempt(&self, person: &str) -> bool {
        self.settings.people.is_break_glass(person) || self.settings.people.is_admin(person)
    }

    /// Whether a user, person or account is declared a machine.
    #[must_use]
    pub fn is_bot(&self, who: &str) -> bool {
        self.settings.people.is_bot(who)
    }

    /// Whether runners' addresses are declared at all.
    #[must_use]
    pub fn knows_runners(&self) -> bool {
        self.settings.is_set("network.runner_cidrs")
    }

    /// Whether an address is a runner's.
    #[must_use]
    pub fn is_runner(&self, address: &str) -> bool {
        address
            .parse::<IpAddr>()
            .is_ok_and(|ip| self.settings.network.is_runner(ip))
    }

    /// Whether an address is one that services or runners leave from.
    #[must_use]
    pub fn is_own_network(&self, address: &str) -> bool {
        let network = &self.settings.network;
        address
            .parse::<IpAddr>()
            .is_ok_and(|ip| network.is_runner(ip) || network.is_egress(ip))
    }

    /// Whether the addresses that services leave from are declared.
    #[must_use]
    pub fn knows_egress(&self) -> bool {
        self.settings.is_set("network.egress_cidrs")
    }

    /// Time that a job's credential may outlive it, in microseconds.
    #[must_use]
    pub fn grace_micros(&self) -> i64 {
        self.settings
            .thresholds
            .micros("grace")
            .unwrap_or(60_000_000)
    }

    /// Clock difference assumed where none can be learned, in microseconds.
    #[must_use]
    pub fn skew_micros(&self) -> i64 {
        self.settings
            .thresholds
            .micros("skew")
            .unwrap_or(30_000_000)
    }
}

/// The person a GitLab user is.
pub(super) fn person_of_user(username: &str, declared: &Scope<'_>) -> String {
    let user = id::gitlab_user(username);
    declared.person(&user).map_or(user, str::to_owned)
}
