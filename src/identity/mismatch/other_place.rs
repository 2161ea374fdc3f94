//! IM-7: use from a place the principal cannot be.

use std::net::IpAddr;

use super::{Caller, Facts, Identity, Mismatch, MismatchKind, MountClass, Seen};
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
        let observed = match facts.origin_id.as_str() {
            "" => format!("{} for {}", seen.address, seen.object),
            who => format!("{} for {}, token of {who}", seen.address, seen.object),
        };
        Some(
            Mismatch::new(
                MismatchKind::OtherOrigin,
                (&facts.login_id, format!("address:{}", seen.address)),
                (&facts.address, observed),
                (seen.at, seen.place),
            )
            .with_confidence(key.confidence()),
        )
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
        let (kind, expected) = match foreign {
            _ if exempt && shell => return None,
            Some(ip) if !is_private(ip) => (
                MismatchKind::MachineElsewhere,
                "an address of the declared networks",
            ),
            _ if interactive => (MismatchKind::MachineAtATerminal, "a program"),
            Some(_) => (
                MismatchKind::MachineAtAPrivateAddress,
                "an address of the declared networks",
            ),
            None => return None,
        };
        let address = match seen.address {
            "" => "unknown",
            known => known,
        };
        let observed = match kind {
            MismatchKind::MachineAtATerminal => "gcloud at a terminal",
            _ => address,
        };
        Some(
            Mismatch::new(
                kind,
                (principal, format!("address:{address}")),
                (expected, observed),
                (seen.at, seen.place),
            )
            .with_confidence(Key::K1.confidence()),
        )
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
