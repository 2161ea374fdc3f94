//! Whether a value of the configuration that nothing in the inputs matches may have meant what a rule
//! accuses: what is misspelt leaves out nobody, and accuses whom it should have left out.
//!
//! Ranges and break-glass people that nobody used are no misspelt ones: of those only what is nearly
//! what is accused, or nearly a name that was seen, takes certainty from it.

use std::net::{IpAddr, Ipv4Addr};

use super::declared::{ADMINS, BREAK_GLASS, NOBODY, OF_PEOPLE};
use crate::posture::Unmatched;
use crate::rule::{Observation, Rule};

/// Accounts of machines, and projects, by what their ids begin with.
const OF_MACHINES: [&str; 4] = ["gcp:sa/", "gitlab:project/", "aws:role/", "aws:user/"];
/// What Vault calls by its own names, and those whom nothing names.
const OF_VAULT: [&str; 3] = ["vault:", "address:", "unknown"];
/// How many letters a name may be off that means somebody else's.
const LETTERS: usize = 2;

/// Whether what a rule accuses rests on such a value.
pub(super) fn rests_on(rule: &Rule, seen: &Observation, unmatched: &[Unmatched]) -> bool {
    let mut own = unmatched
        .iter()
        .filter(|found| found.open && asks(rule, found.key));
    own.any(|found| match found.key {
        ADMINS => may_mean(&found.value, &seen.subject),
        BREAK_GLASS | "people.bots" => is_nearly_seen(found),
        "network.runner_cidrs" | "network.egress_cidrs" => {
            address(&seen.object).is_some_and(|ip| is_nearly_in(ip, &found.value))
        }
        _ => false,
    })
}

/// Whether a rule looks at a setting: it asks for it, or its query does.
fn asks(rule: &Rule, key: &str) -> bool {
    let mut keys = rule
        .requires
        .settings
        .iter()
        .chain(&rule.requires.counterpart);
    let of = |asked: &String| {
        asked
            .strip_prefix(key)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    keys.any(of) || rule.sql.as_ref().is_some_and(|sql| sql.contains(key))
}

/// Whether an entry may be a misspelt name of `subject`: of a machine any entry of its kind may, of a
/// person what is nearly the name. Of Vault's own names a role, a policy or a project may be meant.
pub(super) fn may_mean(entry: &str, subject: &str) -> bool {
    let of = |schemes: &[&'static str], name: &str| {
        let mut known = schemes.iter();
        known.find(|scheme| name.starts_with(**scheme)).copied()
    };
    let unplaced = of(&OF_VAULT, subject).is_some();
    if let Some(machine) = of(&OF_MACHINES, entry) {
        return unplaced || subject.starts_with(machine);
    }
    let name = |full: &str| {
        let scheme = of(&OF_PEOPLE, full).unwrap_or_default();
        full.get(scheme.len()..).unwrap_or_default().to_lowercase()
    };
    let person = of(&OF_PEOPLE, subject).is_some();
    if of(&OF_PEOPLE, entry).is_some() || entry.contains('@') {
        return person && strsim::osa_distance(&name(entry), &name(subject)) <= LETTERS;
    }
    let of_vault = !entry.contains(':') || entry.starts_with("vault:");
    if of_vault && person {
        let subject = name(subject);
        let bare = subject.split('@').next().unwrap_or_default();
        return strsim::osa_distance(&name(entry), bare) <= 1;
    }
    let by_token = unplaced || subject.starts_with("gitlab:project/");
    let nobody = of(&NOBODY, subject).is_some();
    // A kind that nothing has is misspelt itself.
    if of_vault { by_token } else { !nobody }
}

/// Whether a name that nothing matches is nearly one that was seen.
fn is_nearly_seen(found: &Unmatched) -> bool {
    let name = |full: &str| {
        let last = full.rsplit(['/', ':']).next().unwrap_or_default();
        last.split('@').next().unwrap_or_default().to_lowercase()
    };
    let near = |seen: &String| strsim::osa_distance(&name(seen), &name(&found.value)) <= LETTERS;
    found.nearest.as_ref().is_some_and(near)
}

/// The address that an observation is of. What else its words name a log may have written.
fn address(object: &str) -> Option<Ipv4Addr> {
    object.strip_prefix("address:")?.parse().ok()
}

/// Whether an address lies in a range but for one of its numbers.
fn is_nearly_in(ip: Ipv4Addr, range: &str) -> bool {
    let Some((first, bits)) = range.split_once('/') else {
        return false;
    };
    let (Ok(IpAddr::V4(first)), Ok(bits)) = (first.parse(), bits.parse::<usize>()) else {
        return false;
    };
    let pairs = first.octets().into_iter().zip(ip.octets()).take(bits / 8);
    pairs.filter(|(own, other)| own != other).count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Evidence;
    use crate::rule::embedded;

    #[test]
    fn an_address_outside_a_range_by_one_number_may_be_meant() {
        let near = |ip: &str, range| is_nearly_in(ip.parse().unwrap(), range);
        assert!(near("10.10.4.7", "10.10.40.0/24"));
        assert!(near("10.10.4.7", "10.1.4.0/24"));
        assert!(!near("203.0.113.9", "10.10.40.0/24"));
        assert!(!near("10.10.4.7", "2001:db8::/32"));
        assert_eq!(
            address("address:10.10.4.7"),
            Some(Ipv4Addr::new(10, 10, 4, 7))
        );
    }

    #[test]
    fn an_address_that_a_log_wrote_elsewhere_takes_no_certainty() {
        let rule = embedded().unwrap();
        let rule = rule.iter().find(|rule| rule.id == "JOI-007").unwrap();
        let misspelt = Unmatched {
            key: "network.runner_cidrs",
            value: "10.10.40.0/24".to_owned(),
            nearest: None,
            frequent: None,
            open: true,
        };
        let rests = |object: &str, detail: &str| {
            let evidence = Evidence {
                file: "vault/audit.log".to_owned(),
                line: 1,
                byte: 0,
                sha256: String::new(),
            };
            let mut seen = Observation::of("vault:accessor/aa", object, evidence);
            seen.detail = detail.to_owned();
            rests_on(rule, &seen, std::slice::from_ref(&misspelt))
        };
        assert!(rests("address:10.10.4.7", ""));
        assert!(!rests("address:203.0.113.9", "observed 10.10.4.7"));
        assert!(!rests("vault:path/10.10.4.7", ""));
    }

    #[test]
    fn a_name_that_is_nearly_one_that_was_seen_is_misspelt() {
        let unmatched = |value: &str, nearest: &str| Unmatched {
            key: BREAK_GLASS,
            value: value.to_owned(),
            nearest: Some(nearest.to_owned()),
            frequent: None,
            open: true,
        };
        assert!(is_nearly_seen(&unmatched("hana", "gitlab:user/hanna")));
        assert!(!is_nearly_seen(&unmatched(
            "hanna",
            "gitlab:user/johanna.m"
        )));
        let idle = Unmatched {
            nearest: None,
            ..unmatched("aws:root/1", "")
        };
        assert!(!is_nearly_seen(&idle));
    }
}
