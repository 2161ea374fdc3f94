//! IM-7: use from a place the principal cannot be.

use std::net::IpAddr;

use super::{Caller, Facts, Identity, Mismatch, MountClass, Seen};
use crate::identity::Scope;
use crate::model::{Key, is_google_agent};

impl Identity {
    /// A CI token used from an address that is neither its login's nor a runner's. Rests on the
    /// token's handle alone: which job it belongs to does not matter.
    pub(super) fn moved(
        &self,
        facts: &Facts,
        seen: Seen<'_>,
        key: Key,
        declared: &Scope<'_>,
    ) -> Option<Mismatch> {
        let ci = facts.mount_class == Some(MountClass::Ci);
        let moved =
            !facts.address.is_empty() && !seen.address.is_empty() && facts.address != seen.address;
        if !ci
            || !moved
            || self.hidden_addresses.is_some()
            || !declared.knows_runners()
            || declared.is_runner(seen.address)
        {
            return None;
        }
        Some(Mismatch {
            class: "IM-7",
            detail: "other-origin",
            subject: facts.login_id.clone(),
            object: format!("address:{}", seen.address),
            expected: facts.address.clone(),
            observed: if facts.origin_id.is_empty() {
                format!("{} for {}", seen.address, seen.object)
            } else {
                let (who, object) = (&facts.origin_id, seen.object);
                format!("{} for {object}, token of {who}", seen.address)
            },
            at: seen.at,
            confidence: key.confidence(),
            place: seen.place,
            of_configuration: false,
            since: None,
        })
    }

    /// A Google machine identity at work from where no machine of ours is: a public address
    /// outside the declared networks, a person's terminal, or a private address that is not
    /// declared, which says something only where a person acted from it too.
    pub(super) fn machine_elsewhere(
        &self,
        caller: Caller<'_>,
        seen: Seen<'_>,
        declared: &Scope<'_>,
    ) -> Option<Mismatch> {
        let principal = caller.principal;
        let machine =
            principal.starts_with("gcp:sa/") || principal.contains("/workloadIdentityPools/");
        let exempt = caller
            .delegation
            .iter()
            .chain([&principal])
            .any(|who| declared.is_exempt(who));
        let agent = principal
            .strip_prefix("gcp:sa/")
            .is_some_and(is_google_agent);
        if !machine || agent {
            return None;
        }
        let interactive = caller.user_agent.contains("interactive/True");
        let shell = caller.user_agent.contains("environment/devshell");
        let address: Option<IpAddr> = seen.address.parse().ok();
        let foreign = address.filter(|ip| {
            declared.knows_egress()
                && declared.knows_runners()
                && !declared.is_own_network(seen.address)
                && !is_google(*ip)
        });
        let (detail, expected) = match foreign {
            _ if exempt && shell => return None,
            Some(ip) if !is_private(ip) => {
                ("machine-elsewhere", "an address of the declared networks")
            }
            _ if interactive => ("machine-at-a-terminal", "a program"),
            Some(_) => (
                "machine-at-a-private-address",
                "an address of the declared networks",
            ),
            None => return None,
        };
        let address = if seen.address.is_empty() {
            "unknown"
        } else {
            seen.address
        };
        Some(Mismatch {
            class: "IM-7",
            detail,
            subject: principal.to_owned(),
            object: format!("address:{address}"),
            expected: expected.to_owned(),
            observed: if detail == "machine-at-a-terminal" {
                "gcloud at a terminal".to_owned()
            } else {
                address.to_owned()
            },
            at: seen.at,
            confidence: Key::K1.confidence(),
            place: seen.place,
            of_configuration: false,
            since: None,
        })
    }
}

/// Addresses that Google's own machines call from (`2600:1900::/28`, its cloud's IPv6 range).
fn is_google(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(_) => false,
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            first == 0x2600 && second & 0xfff0 == 0x1900
        }
    }
}

/// Addresses that nobody outside can call from.
fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [first, second, ..] = ip.octets();
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || (first == 100 && second & 0xc0 == 64)
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests;
