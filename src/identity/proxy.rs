//! Whether the addresses in Vault's log tell callers apart, or are those of a proxy before it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::declared::MountClass;
use super::ledger::Ledger;
use super::scope::Scope;

/// CI logins from which on several foreign addresses count as a pool of proxies.
const POOL_LOGINS: usize = 10;
/// Logins per address of such a pool.
const LOGINS_PER_PROXY: usize = 5;

/// Why no address says who called, in words; `None` where addresses tell, or no runners are
/// declared to compare them with.
pub(super) fn hidden_addresses(ledger: &Ledger, declared: &Scope<'_>) -> Option<String> {
    if !declared.knows_runners() {
        return None;
    }
    let (mut ci, mut logins) = (0, 0);
    let mut of_ci: BTreeSet<&str> = BTreeSet::new();
    let mut all: BTreeSet<&str> = BTreeSet::new();
    let mut classes: BTreeSet<MountClass> = BTreeSet::new();
    for login in ledger.logins.iter().filter(|login| !login.child) {
        let text = |sym| ledger.text(sym);
        let address = text(login.address);
        let class = declared.mount_class(text(login.namespace), text(login.mount));
        let Some(class) = class.filter(|_| !address.is_empty()) else {
            continue;
        };
        logins += 1;
        all.insert(address);
        classes.insert(class);
        if class == MountClass::Ci {
            ci += 1;
            of_ci.insert(address);
        }
    }
    let advice = "addresses do not tell callers apart until Vault's listener is told whose X-Forwarded-For to trust (x_forwarded_for_authorized_addrs)";
    let foreign = !of_ci.iter().any(|address| declared.is_runner(address));
    let only = |addresses: &BTreeSet<&str>| {
        let first = addresses.first().filter(|_| addresses.len() == 1)?;
        first.parse::<IpAddr>().ok()
    };
    if let Some(address) = only(&all).filter(|_| classes.len() > 1 && ci > 0) {
        return Some(format!(
            "all {logins} logins, of pipelines and of others, come from {address}: {advice}"
        ));
    }
    if ci > 1 && foreign {
        if let Some(address) = only(&of_ci) {
            return Some(format!(
                "all {ci} logins of pipelines come from {address}, which is not in `[network] runner_cidrs`: {advice}"
            ));
        }
        if ci >= POOL_LOGINS && of_ci.len() * LOGINS_PER_PROXY <= ci {
            return Some(format!(
                "none of the {ci} logins of pipelines comes from `[network] runner_cidrs`, and all from {} addresses: {advice}, or the ranges are not the runners'",
                of_ci.len()
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::identity::sample::{Sample, World, networks};

    fn hidden(logins: &[(&'static str, &'static str)], world: &World) -> Option<String> {
        let mut sample = Sample::default();
        for (mount, address) in logins {
            sample.login("l", mount, 10, address, &[]);
        }
        sample.join(world).hidden_addresses
    }

    const CI: &str = "auth/gitlab/";
    const RUN: &str = "auth/run/";

    #[test]
    fn one_address_of_all_that_is_no_runners_is_a_proxys() {
        let said = hidden(&[(CI, "198.51.100.1"), (CI, "198.51.100.1")], &networks()).unwrap();
        assert!(said.starts_with("all 2 logins of pipelines come from 198.51.100.1,"));
        // Pipelines and services behind one address, declared or not.
        let said = hidden(&[(CI, "10.1.0.1"), (RUN, "10.1.0.1")], &networks()).unwrap();
        assert!(said.starts_with("all 2 logins, of pipelines and of others,"));
        let pool: Vec<_> = (0..12)
            .map(|n| {
                (
                    CI,
                    if n % 2 == 0 {
                        "198.51.100.1"
                    } else {
                        "198.51.100.2"
                    },
                )
            })
            .collect();
        let said = hidden(&pool, &networks()).unwrap();
        assert!(said.starts_with("none of the 12 logins of pipelines"));
    }

    #[test]
    fn runners_strays_and_missing_declarations_hide_nothing() {
        let runner = [(CI, "10.1.0.1"), (CI, "10.1.0.1")];
        assert_eq!(hidden(&runner, &networks()), None);
        let stray = [(CI, "10.1.0.1"), (CI, "203.0.113.9")];
        assert_eq!(hidden(&stray, &networks()), None);
        let two = [(CI, "203.0.113.8"), (CI, "203.0.113.9")];
        assert_eq!(hidden(&two, &networks()), None);
        assert_eq!(hidden(&[(CI, "198.51.100.1")], &networks()), None);
        let proxy = [(CI, "198.51.100.1"), (CI, "198.51.100.1")];
        assert_eq!(hidden(&proxy, &World::default()), None);
    }
}
