//! From a key or session that Vault's AWS engine made back to the lease.
//!
//! Vault names what it makes `vault-<display name>-<role>-<unix time>-<random>`, the first two cut to
//! 42 characters together, and a federated session `vault-<unix time>-<random>` (`secret_access_keys.go`).

use hashbrown::HashMap;

use super::aws_ledger::AwsIssue;
use super::directory::Directory;
use super::edge::Candidates;
use super::ledger::{Lease, Ledger};
use super::scope::Scope;
use crate::model::{EventKind, Key, Timestamp, id};
use crate::table::row::{NONE, Sym};

/// Length to which Vault cuts display name and role.
const LENGTH: usize = 42;

/// A lease of the AWS engine.
#[derive(Debug)]
struct OfAws {
    at: Timestamp,
    /// Position in [`Ledger::leases`].
    lease: u32,
    /// What a user or session made for it is called before the time.
    begins: String,
}

/// Leases of the AWS engine, by time.
#[derive(Debug)]
pub(super) struct Leases {
    leases: Vec<OfAws>,
    by_key: HashMap<Sym, Vec<u32>>,
    skew: i64,
}

impl Leases {
    pub(super) fn new(ledger: &Ledger, declared: &Scope<'_>) -> Leases {
        let mut leases = Vec::new();
        let mut by_key: HashMap<Sym, Vec<u32>> = HashMap::new();
        for (lease, position) in ledger.leases.iter().zip(0u32..) {
            let Some((at, role)) = of_aws(lease, ledger) else {
                continue;
            };
            if lease.access_key != NONE {
                by_key.entry(lease.access_key).or_default().push(position);
            }
            leases.push(OfAws {
                at,
                lease: position,
                begins: begins(ledger.text(lease.display_name), role),
            });
        }
        leases.sort_by_key(|found| (found.at, found.lease));
        Leases {
            leases,
            by_key,
            skew: declared.skew_micros(),
        }
    }

    /// K1: Vault's answer names the key.
    pub(super) fn of_key(&self, key: Sym) -> Option<Candidates> {
        let found = self.by_key.get(&key)?.clone();
        Some(Candidates {
            found,
            key: Key::K1,
            key_name: "response.data.access_key = access key id",
        })
    }

    /// K3: the name that Vault gives holds display name, role and time of the request. K4: a
    /// federated session's holds the time only, and one lease was asked for then.
    pub(super) fn of_issue(&self, issue: &AwsIssue, ledger: &Ledger) -> Option<Candidates> {
        let operation = ledger.text(issue.operation);
        let name = match operation {
            "CreateAccessKey" => {
                let (_, user) = ledger.text(issue.object).rsplit_once('/')?;
                user
            }
            _ => ledger.text(issue.name),
        };
        let (rest, _random) = name.strip_prefix("vault-")?.rsplit_once('-')?;
        let (begins, unix) = rest.rsplit_once('-').unwrap_or(("", rest));
        let at = Timestamp(unix.parse::<i64>().ok()?.checked_mul(1_000_000)?);
        // The name has whole seconds.
        let (from, to) = (
            at.plus_micros(-self.skew),
            at.plus_micros(self.skew + 1_000_000),
        );
        let start = self.leases.partition_point(|found| found.at < from);
        let near = self.leases.iter().skip(start);
        let near = near.take_while(|found| found.at <= to);
        if begins.is_empty() && operation == "GetFederationToken" {
            let found: Vec<u32> = near.map(|found| found.lease).collect();
            return (found.len() == 1).then_some(Candidates {
                found,
                key: Key::K4,
                key_name: "time in the session's name, the only lease asked for then",
            });
        }
        let named = near.filter(|found| found.begins == begins);
        let mut found: Vec<u32> = named.map(|found| found.lease).collect();
        found.sort_unstable();
        (!found.is_empty()).then_some(Candidates {
            found,
            key: Key::K3,
            key_name: "name of the user or session = display name, role and time of the request",
        })
    }
}

/// When a lease of the AWS engine was asked for, and its role; none for other leases and renewals.
fn of_aws<'l>(lease: &Lease, ledger: &'l Ledger) -> Option<(Timestamp, &'l str)> {
    let op = ledger.ops.get(lease.op as usize)?;
    let (path, mount) = (ledger.text(lease.path), ledger.text(lease.mount));
    let mut parts = path.strip_prefix(mount).unwrap_or(path).rsplit('/');
    let (role, kind) = (parts.next()?, parts.next()?);
    let engine = matches!(ledger.text(lease.engine), "aws" | "");
    let asked = op.kind == EventKind::Request && matches!(kind, "creds" | "sts");
    (engine && asked).then_some((op.at, role))
}

/// How the name of what is made for a role begins, after `vault-`.
fn begins(display_name: &str, role: &str) -> String {
    let both = format!("{display_name}-{role}");
    let allowed = |one: char| one.is_ascii_alphanumeric() || "+=,.@_-".contains(one);
    let named = both.chars().map(|one| if allowed(one) { one } else { '_' });
    named.take(LENGTH).collect()
}

/// When what a lease gave must have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseEnd {
    /// When.
    pub at: Timestamp,
    /// Whether it lived on: revoking the lease of a session ends nothing.
    pub lives_on: bool,
}

/// The end of the lease behind a key or session: its revocation, that of the token that asked for
/// it, or its time; none where nothing states it.
///
/// The log has no lifetime of a user's key: it is that of the engine's lease settings or of the
/// mount, and after a renewal at most the longest of these. A session states its own end.
pub(super) fn end(
    lease: &Lease,
    session_ends: Option<Timestamp>,
    ledger: &Ledger,
    directory: &Directory,
    revoked: &dyn Fn(u32) -> Option<Timestamp>,
) -> Option<LeaseEnd> {
    let issued = ledger.ops.get(lease.op as usize)?.at;
    let of_lease = ledger.lease_ends.iter().filter(|(id, _)| *id == lease.id);
    let ends = of_lease.map(|(_, at)| *at).chain(revoked(lease.op));
    let revoked_at = ends.filter(|at| *at >= issued).min();
    if let Some(expires) = session_ends {
        let early = revoked_at.filter(|at| *at < expires);
        return Some(LeaseEnd {
            at: early.unwrap_or(expires),
            lives_on: early.is_some(),
        });
    }
    let renewals = ledger.leases.iter().filter(|other| other.id == lease.id);
    let last = renewals
        .filter_map(|other| ledger.ops.get(other.op as usize))
        .map(|op| op.at)
        .max()
        .unwrap_or(issued);
    let renewed = last > issued;
    let by_time = life(lease, renewed, ledger, directory)
        .map(|seconds| last.plus_micros(seconds.saturating_mul(1_000_000)));
    let at = revoked_at.into_iter().chain(by_time).min()?;
    Some(LeaseEnd {
        at,
        lives_on: false,
    })
}

/// Seconds that a user's key lives by the engine's settings, or by those of its mount.
fn life(lease: &Lease, renewed: bool, ledger: &Ledger, directory: &Directory) -> Option<i64> {
    let mount = ledger.text(lease.mount);
    let mount = id::vault_mount(Some(ledger.text(lease.namespace)), mount);
    let (own, of_mount) = if renewed {
        ("lease_max_seconds", "config.max_lease_ttl")
    } else {
        ("lease_seconds", "config.default_lease_ttl")
    };
    let stated = [("vault-aws-lease", own), ("vault-secret-mount", of_mount)];
    stated.into_iter().find_map(|(kind, name)| {
        let values = directory.values(kind, &mount, name);
        // Several exports may state several: the longest accuses nobody who kept to one.
        values
            .filter_map(|value| value.parse().ok())
            .filter(|seconds| *seconds > 0)
            .max()
    })
}

#[cfg(test)]
mod tests {
    use super::begins;

    #[test]
    fn a_name_is_cut_and_rid_of_what_aws_does_not_take() {
        assert_eq!(
            begins("gitlab-acme/shop", "deploy"),
            "gitlab-acme_shop-deploy"
        );
        let long = begins("gitlab-a-project-with-a-long-name-indeed", "deploy");
        assert_eq!(long, "gitlab-a-project-with-a-long-name-indeed-d");
    }
}
