//! What the configuration declares, as the identity room asks for it.

use std::net::IpAddr;

use super::{Declared, MountClass, Owner};
use crate::config::{self, ProjectName, Settings};
use crate::model::{Timestamp, id};

/// A configuration and the moment the run speaks from.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s> {
    /// The configuration.
    pub settings: &'s Settings,
    /// The only clock.
    pub as_of: Timestamp,
}

impl Declared for Scope<'_> {
    fn mount_class(&self, namespace: &str, mount: &str) -> Option<MountClass> {
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

    fn owner(&self, namespace: &str, logical_path: &str) -> Option<Owner> {
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

    fn tier(&self, environment: &str) -> Option<&str> {
        self.settings.environments.tier(environment)
    }

    fn person(&self, principal: &str) -> Option<&str> {
        self.settings.people.person_of(principal)
    }

    fn is_exempt(&self, person: &str) -> bool {
        self.settings.people.is_break_glass(person) || self.settings.people.is_admin(person)
    }

    fn is_bot(&self, who: &str) -> bool {
        self.settings.people.is_bot(who)
    }

    fn knows_runners(&self) -> bool {
        self.settings.is_set("network.runner_cidrs")
    }

    fn is_runner(&self, address: &str) -> bool {
        address
            .parse::<IpAddr>()
            .is_ok_and(|ip| self.settings.network.is_runner(ip))
    }

    fn is_own_network(&self, address: &str) -> bool {
        let network = &self.settings.network;
        address
            .parse::<IpAddr>()
            .is_ok_and(|ip| network.is_runner(ip) || network.is_egress(ip))
    }

    fn knows_egress(&self) -> bool {
        self.settings.is_set("network.egress_cidrs")
    }

    fn grace_micros(&self) -> i64 {
        self.settings
            .thresholds
            .micros("grace")
            .unwrap_or(60_000_000)
    }

    fn skew_micros(&self) -> i64 {
        self.settings
            .thresholds
            .micros("skew")
            .unwrap_or(30_000_000)
    }

    fn as_of(&self) -> Timestamp {
        self.as_of
    }
}
