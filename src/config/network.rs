//! `[network]`: the address ranges of runners and of the estate's own way out.

use std::net::IpAddr;

use ipnet::IpNet;

use super::reading::Fields;

/// Declared address ranges.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Network {
    /// Where CI runners call from.
    pub runner_cidrs: Vec<IpNet>,
    /// Where services call from.
    pub egress_cidrs: Vec<IpNet>,
}

impl Network {
    /// Whether `ip` lies in a runner range.
    #[must_use]
    pub fn is_runner(&self, ip: IpAddr) -> bool {
        holds(&self.runner_cidrs, ip)
    }

    /// Whether `ip` lies in an egress range.
    #[must_use]
    pub fn is_egress(&self, ip: IpAddr) -> bool {
        holds(&self.egress_cidrs, ip)
    }
}

/// An IPv4 address that a dual-stack socket logged as `::ffff:10.0.0.9` is still that address.
fn holds(ranges: &[IpNet], ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    ranges.iter().any(|range| range.contains(&ip))
}

/// Reads `[network]`.
pub(super) fn read(mut fields: Fields<'_>) -> Network {
    let mut ranges = |key| {
        let mut ranges = Vec::new();
        for (text, span) in fields.strings(key).unwrap_or_default() {
            match parse(text.trim()) {
                Some(range) => ranges.push(range),
                None => fields.document.complain(
                    &span,
                    format!("`{}` has no address range: \"{text}\"", fields.dotted(key)),
                    "write a range as \"10.8.0.0/16\" or \"2001:db8::/32\", or one address",
                ),
            }
        }
        ranges.sort();
        ranges.dedup();
        if ranges.is_empty() {
            // Without a range every address would be a foreign one.
            fields.unset(key);
        }
        ranges
    };
    let network = Network {
        runner_cidrs: ranges("runner_cidrs"),
        egress_cidrs: ranges("egress_cidrs"),
    };
    fields.finish();
    network
}

fn parse(text: &str) -> Option<IpNet> {
    let range = text.parse::<IpNet>().ok();
    range
        .map(|range| range.trunc())
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
