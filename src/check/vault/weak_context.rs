//! VLT-ROL-011: a role that takes logins from anywhere, or long after their time.

use std::collections::BTreeSet;

use super::{Check, Known, Verdict};
use crate::model::{Severity, id};
use crate::posture::{Posture, vault};
use crate::rule::Observation;
use crate::usage::Usage;

pub(in crate::check) struct WeakContext;

/// What would clear what the configuration alone shows.
const STATED: &str = "vault-role";

impl Check for WeakContext {
    fn name(&self) -> &'static str {
        "weak-context"
    }

    fn run(&self, input: &Posture<'_>, known: &Known<'_>) -> Verdict {
        let (mut population, mut stated) = (0, Vec::new());
        let mut unset: BTreeSet<&str> = BTreeSet::new();
        for role in vault::roles(input) {
            population += 1;
            let ranges = if role.is_gitlab() {
                "network.runner_cidrs"
            } else {
                "network.egress_cidrs"
            };
            if role.is_machine() && !role.thing.has("token_bound_cidrs") {
                if !input.settings.is_set(ranges) {
                    unset.insert(ranges);
                } else if !role.is_unresolved("token_bound_cidrs") {
                    let object = "setting:token_bound_cidrs".to_owned();
                    let seen = role.observe(object, "token_bound_cidrs", input);
                    let detail = format!("bound to no address, though `{ranges}` names some");
                    stated.push(seen.with_detail(detail));
                }
            }
            stated.extend(lenient(&role, input));
        }
        if population == 0 {
            return Verdict::NotAssessed("no auth role was supplied".to_owned());
        }
        // What a role states, no log takes back.
        let stated = stated.into_iter();
        let mut observations: Vec<Observation> =
            stated.map(|seen| seen.with_counterpart(STATED)).collect();
        let missing = match known.usage {
            None => Some(format!("whether a role is used: {}", Usage::NO_LOG)),
            Some(usage) if usage.too_few(usage.logins, input).is_some() => usage
                .too_few(usage.logins, input)
                .map(|few| format!("whether a role is used: {few}")),
            Some(usage) => {
                let (seen, untold) = idle(usage, input);
                observations.extend(seen);
                (untold > 0).then(|| {
                    format!("whether {untold} role(s) are used: logins there do not name their role, or there are none at all")
                })
            }
        };
        let unset = unset.into_iter().map(|ranges| {
            format!("whether logins are bound to their addresses: `{ranges}` is not set")
        });
        let missing: Vec<String> = unset.chain(missing).collect();
        let missing = (!missing.is_empty()).then(|| missing.join("; "));
        Verdict::looked(population, observations, missing)
    }
}

/// What lets a role take tokens long after their time, or write them to a log.
fn lenient(role: &vault::Role<'_>, input: &Posture<'_>) -> Vec<Observation> {
    let mut observations = Vec::new();
    for name in [
        "expiration_leeway",
        "not_before_leeway",
        "clock_skew_leeway",
    ] {
        let seconds = role.thing.number(name).unwrap_or(0);
        if seconds > input.threshold("leeway").unwrap_or(300) {
            let seen = role.observe(format!("setting:{name}"), name, input);
            observations.push(seen.with_detail(format!("{seconds} s")));
        }
    }
    if role.thing.is_true("verbose_oidc_logging") {
        let seen = role.observe(
            "setting:verbose_oidc_logging".to_owned(),
            "verbose_oidc_logging",
            input,
        );
        let seen = seen.with_detail("tokens are written to the server's log");
        observations.push(seen.with_severity(Severity::Med));
    }
    observations
}

/// Roles that no login of the window took, and how many of which the log does not tell.
fn idle(usage: &Usage, input: &Posture<'_>) -> (Vec<Observation>, u64) {
    let (mut observations, mut untold) = (Vec::new(), 0);
    for role in vault::roles(input) {
        let mount = id::vault_mount(Some(&role.namespace), &format!("auth/{}/", role.mount));
        match usage.logins_of(&role.id, &mount) {
            None => untold += 1,
            Some(0) => {
                let seen = role.observe("setting:logins", "name", input);
                let detail = format!(
                    "none of {} login(s) took it, {}",
                    usage.logins,
                    usage.window_in_words()
                );
                let seen = seen.with_detail(detail);
                observations.push(usage.absent(seen.with_severity(usage.worth(input))));
            }
            Some(_) => {}
        }
    }
    (observations, untold)
}
