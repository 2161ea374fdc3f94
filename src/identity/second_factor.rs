//! Logins with a second factor in a request of its own: which mount they went through.
//!
//! The record that hands out the token (`sys/mfa/validate`) names the system's mount, and the login
//! that began it has another request id. What both say is the namespace, the address, the time, and
//! the mount's path, which begins the display name.

use std::collections::HashSet;

use super::ledger::Login;
use super::pending::Pending;
use crate::model::Timestamp;
use crate::table::row::{NONE, Sym, Symbols};

/// How long a server waits for the second factor; both default to five minutes.
const PATIENCE: i64 = 300 * 1_000_000;
/// Clocks of a cluster's nodes differ.
const SKEW: i64 = 5 * 1_000_000;

/// The beginning of the display names that a mount gives: its path with `-` for `/`, in a
/// namespace with the whole path from the root.
pub(super) fn sources(namespace: &str, mount: &str) -> [String; 2] {
    let below = mount.strip_prefix("auth/").unwrap_or(mount);
    let whole = format!("{namespace}/{mount}");
    [
        below.replace('/', "-"),
        whole.trim_start_matches('/').replace('/', "-"),
    ]
}

/// Gives every login by second factor the mount of the login that began it, where only one mount
/// can have.
pub(super) fn settle(logins: &mut [Login], pending: &[Pending], symbols: &Symbols) {
    let mut pending: Vec<&Pending> = pending.iter().collect();
    pending.sort_unstable_by_key(|begun| begun.at);
    for login in logins.iter_mut().filter(|login| login.validated) {
        let from = Timestamp(login.at.0.saturating_sub(PATIENCE));
        let until = Timestamp(login.at.0.saturating_add(SKEW));
        let first = pending.partition_point(|begun| begun.at < from);
        let name = symbols.get(login.display_name);
        let fits = |begun: &&&Pending| {
            let [below, whole] = sources(symbols.get(begun.namespace), symbols.get(begun.mount));
            begun.namespace == login.namespace
                && begun.address == login.address
                && [below, whole]
                    .iter()
                    .any(|source| name.starts_with(source.as_str()))
        };
        let found: HashSet<(Sym, Sym)> = pending
            .iter()
            .skip(first)
            .take_while(|begun| begun.at <= until)
            .filter(fits)
            .map(|begun| (begun.mount, begun.mount_type))
            .collect();
        let longest = found
            .iter()
            .max_by_key(|(mount, _)| symbols.get(*mount).len());
        if let Some(&(mount, mount_type)) = longest
            && mount != NONE
        {
            login.mount = mount;
            login.mount_type = mount_type;
        }
    }
}
