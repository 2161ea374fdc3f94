//! The Google credentials that Vault handed out, by the account they act as: when each could be used.

use std::collections::{BTreeMap, BTreeSet};

use super::directory::Directory;
use super::ledger::Ledger;
use crate::model::{Timestamp, id};
use crate::table::row::{NONE, Sym};

/// Lifetime of a Google access token that nothing states, in microseconds.
const DEFAULT_TTL: i64 = 3_600_000_000;

/// The time in which one lease's credential can be used.
#[derive(Clone, Copy, Debug)]
struct Window {
    from: Timestamp,
    to: Timestamp,
    /// Position in [`Ledger::leases`].
    lease: u32,
}

/// Leases of Google credentials by the account they act as, by time.
#[derive(Debug, Default)]
pub(super) struct CloudLeases {
    by_account: BTreeMap<String, Vec<Window>>,
    managed: BTreeMap<String, Managed>,
    /// Hours in which Vault logged anything.
    hours: BTreeSet<Timestamp>,
}

/// An account that Vault is configured to hand out credentials of.
#[derive(Clone, Debug, Default)]
struct Managed {
    /// Whether Vault makes keys of it, which live until they are deleted.
    keys: bool,
    /// Lifetime of its tokens in microseconds.
    ttl: i64,
    /// From issue to end; keys end when their lease is revoked, or not at all, tokens by themselves.
    issues: Vec<(Timestamp, Timestamp)>,
}

/// What Vault's log says of the credential behind a use of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    /// Some credential of the account lived then.
    Alive,
    /// All had ended, the last at this time.
    EndedAt(Timestamp),
    /// None had ever been issued.
    NeverIssued,
}

impl CloudLeases {
    /// `revoked` says when the Vault token that made an operation was revoked.
    pub(super) fn new(
        ledger: &Ledger,
        directory: &Directory,
        revoked: &dyn Fn(u32) -> Option<Timestamp>,
    ) -> CloudLeases {
        let mut accounts: BTreeMap<&str, (&str, i64)> = BTreeMap::new();
        for attribute in directory.of_kind("vault-gcp-account") {
            let path = attribute.object.strip_prefix("vault:path/").unwrap_or("");
            let entry = accounts.entry(path).or_insert(("", DEFAULT_TTL));
            match attribute.name.as_str() {
                "service_account_email" => entry.0 = &attribute.value,
                "ttl" => {
                    let seconds = attribute.value.parse::<i64>().ok().filter(|ttl| *ttl > 0);
                    entry.1 = seconds.map_or(DEFAULT_TTL, |ttl| ttl.saturating_mul(1_000_000));
                }
                _ => {}
            }
        }
        let managed = managed(ledger, directory, revoked);
        let mut by_account: BTreeMap<String, Vec<Window>> = BTreeMap::new();
        for (lease, position) in ledger.leases.iter().zip(0u32..) {
            let path =
                id::in_namespace(Some(ledger.text(lease.namespace)), ledger.text(lease.path));
            let holder = path.rsplit_once('/').map_or("", |(account, _)| account);
            let Some((email, ttl)) = accounts.get(holder).filter(|(email, _)| !email.is_empty())
            else {
                continue;
            };
            let from = ledger
                .ops
                .get(lease.op as usize)
                .map_or(Timestamp::MIN, |op| op.at);
            let window = Window {
                from,
                to: from.plus_micros(*ttl),
                lease: position,
            };
            by_account
                .entry(id::gcp_service_account(email))
                .or_default()
                .push(window);
        }
        by_account
            .values_mut()
            .for_each(|windows| windows.sort_by_key(|window| (window.from, window.lease)));
        CloudLeases {
            by_account,
            managed,
            hours: ledger.hours.clone(),
        }
    }

    /// Whether a credential of an account that Vault manages lived at a time; `None` for other
    /// accounts and where the log cannot tell: before one life has passed in it, while it was
    /// silent for an hour of that life, or for an account whose keys may be older than the log.
    pub(super) fn life(&self, account: &str, at: Timestamp, skew: i64) -> Option<Life> {
        let managed = self.managed.get(account).filter(|managed| !managed.keys)?;
        let mut hour = at.plus_micros(-managed.ttl).hour();
        while hour <= at {
            if !self.hours.contains(&hour) {
                return None;
            }
            hour = hour.plus_micros(3_600_000_000);
        }
        let before = || {
            let issues = managed.issues.iter();
            issues.filter(|(from, _)| *from <= at.plus_micros(skew))
        };
        if before().any(|(_, to)| at <= to.plus_micros(skew)) {
            return Some(Life::Alive);
        }
        let last = before().map(|(_, to)| *to).max();
        Some(last.map_or(Life::NeverIssued, Life::EndedAt))
    }

    /// When a token of an account that lives at a time was made at the earliest.
    pub(super) fn oldest_issue(&self, account: &str, at: Timestamp) -> Option<Timestamp> {
        let managed = self.managed.get(account)?;
        Some(at.plus_micros(-managed.ttl))
    }

    /// Whether Vault hands out credentials of this account.
    pub(super) fn manages(&self, account: &str) -> bool {
        self.by_account.contains_key(account)
    }

    /// The leases in force at a time, give or take.
    pub(super) fn at(&self, account: &str, at: Timestamp, skew: i64) -> Vec<u32> {
        let windows = self.by_account.get(account).map_or(&[][..], Vec::as_slice);
        // Lifetimes of one account are alike: whatever began a lifetime and a skew ago is over.
        let longest = windows
            .iter()
            .map(|window| window.to.0 - window.from.0)
            .max()
            .unwrap_or(0);
        let earliest = at.plus_micros(-(longest + skew));
        let start = windows.partition_point(|window| window.from < earliest);
        windows
            .get(start..)
            .unwrap_or(&[])
            .iter()
            .take_while(|window| window.from <= at.plus_micros(skew))
            .filter(|window| at <= window.to.plus_micros(skew))
            .map(|window| window.lease)
            .collect()
    }
}

/// The accounts that exports of Vault's Google engines name, with what Vault issued for them.
fn managed(
    ledger: &Ledger,
    directory: &Directory,
    revoked: &dyn Fn(u32) -> Option<Timestamp>,
) -> BTreeMap<String, Managed> {
    let mut named: BTreeMap<&str, (&str, i64, bool)> = BTreeMap::new();
    for attribute in directory.of_kind("vault-gcp-account") {
        let path = attribute.object.strip_prefix("vault:path/").unwrap_or("");
        let entry = named.entry(path).or_insert(("", DEFAULT_TTL, false));
        let value = attribute.value.as_str();
        match attribute.name.as_str() {
            "service_account_email" => entry.0 = value,
            "secret_type" => entry.2 = value == "service_account_key",
            "ttl" => {
                let seconds = value.parse::<i64>().ok().filter(|ttl| *ttl > 0);
                entry.1 = seconds.map_or(DEFAULT_TTL, |ttl| ttl.saturating_mul(1_000_000));
            }
            _ => {}
        }
    }
    let mut managed: BTreeMap<String, Managed> = BTreeMap::new();
    for (email, ttl, keys) in named.values().filter(|(email, ..)| !email.is_empty()) {
        let known = managed.entry(id::gcp_service_account(email)).or_default();
        // Several configurations of one account: the longest life, and keys if any makes them.
        known.ttl = known.ttl.max(*ttl);
        known.keys |= keys;
    }
    let ends: BTreeMap<Sym, Timestamp> = ledger.lease_ends.iter().copied().collect();
    for mint in &ledger.mints {
        let path = id::in_namespace(Some(ledger.text(mint.namespace)), ledger.text(mint.path));
        let (holder, what) = path.rsplit_once('/').unwrap_or(("", ""));
        let account = named.get(holder).filter(|(email, ..)| !email.is_empty());
        let op = ledger.ops.get(mint.op as usize);
        let (Some((email, ttl, _)), Some(op)) = (account, op) else {
            continue;
        };
        let to = if what == "key" {
            // Vault deletes a key with its lease, and revokes that with the token that got it.
            let of_lease = ends.get(&mint.lease).copied();
            let with_token = revoked(mint.op).filter(|_| mint.lease != NONE);
            let ends = of_lease.into_iter().chain(with_token);
            ends.fold(Timestamp::MAX, Timestamp::min)
        } else {
            // Nobody can revoke an access token of Google's: it lives as long as the answer says.
            let stated = mint.ttl_s.filter(|ttl| *ttl > 0);
            op.at
                .plus_micros(stated.map_or(*ttl, |ttl| ttl.saturating_mul(1_000_000)))
        };
        if let Some(known) = managed.get_mut(&id::gcp_service_account(email)) {
            known.issues.push((op.at, to));
        }
    }
    managed
}
