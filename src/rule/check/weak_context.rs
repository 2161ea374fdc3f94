//! VLT-ROL-011: a role that takes logins from anywhere, or long after their time.

use super::{Check, Verdict};
use crate::model::Severity;
use crate::rule::{Configuration, vault};

pub(super) struct WeakContext;

impl Check for WeakContext {
    fn name(&self) -> &'static str {
        "weak-context"
    }

    fn run(&self, input: &Configuration<'_>) -> Verdict {
        let (mut population, mut observations) = (0, Vec::new());
        for role in vault::roles(input) {
            population += 1;
            let ranges = if role.is_gitlab() {
                "network.runner_cidrs"
            } else {
                "network.egress_cidrs"
            };
            let fixed = input.settings.is_set(ranges) && role.is_machine();
            let object = |name: &str| format!("setting:{name}");
            if fixed
                && !role.thing.has("token_bound_cidrs")
                && !role.is_unresolved("token_bound_cidrs")
            {
                let seen = role.observe(object("token_bound_cidrs"), "token_bound_cidrs", input);
                observations.push(
                    seen.with_detail(format!("bound to no address, though `{ranges}` names some")),
                );
            }
            for name in [
                "expiration_leeway",
                "not_before_leeway",
                "clock_skew_leeway",
            ] {
                let seconds = role.thing.number(name).unwrap_or(0);
                if seconds > input.threshold("leeway").unwrap_or(300) {
                    let seen = role.observe(object(name), name, input);
                    observations.push(seen.with_detail(format!("{seconds} s")));
                }
            }
            if role.thing.is_true("verbose_oidc_logging") {
                let seen = role.observe(
                    object("verbose_oidc_logging"),
                    "verbose_oidc_logging",
                    input,
                );
                let seen = seen.with_detail("tokens are written to the server's log");
                observations.push(seen.with_severity(Severity::Med));
            }
        }
        if population == 0 {
            return Verdict::NotAssessed("no auth role was supplied".to_owned());
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}
