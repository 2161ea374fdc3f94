//! VLT-ROL-008: tokens that outlive what they are for.

use super::{Check, Known, Verdict};
use crate::config::MountClass;
use crate::model::Severity;
use crate::posture::{Posture, vault};

pub(in crate::check) struct LongLifetime;

impl Check for LongLifetime {
    fn name(&self) -> &'static str {
        "long-lifetime"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let (mut population, mut observations) = (0, Vec::new());
        for role in vault::roles(input) {
            let names = [
                "token_ttl",
                "token_max_ttl",
                "token_explicit_max_ttl",
                "token_period",
            ];
            let unresolved = names.into_iter().any(|name| role.is_unresolved(name));
            let known = role.thing.has("token_ttl") || role.thing.has("token_max_ttl");
            if unresolved
                || !known
                || role.class == Some(MountClass::Human)
                || role.method == "token"
            {
                continue;
            }
            population += 1;
            let Some((shown, detail, long)) = lifetime(&role, input) else {
                continue;
            };
            let object = role.mount_id();
            let seen = role.observe(object, shown, input).with_detail(detail);
            observations.push(if long {
                seen.with_severity(Severity::High)
            } else {
                seen
            });
        }
        if population == 0 {
            return Verdict::NotAssessed(
                "no role that states its lifetimes was supplied".to_owned(),
            );
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

/// Which setting lets a role's tokens live too long, in words, and whether beyond every measure.
fn lifetime(role: &vault::Role<'_>, input: &Posture<'_>) -> Option<(&'static str, String, bool)> {
    let seconds = |name: &str| role.thing.number(name).unwrap_or(0);
    let limit = input.threshold(if role.is_gitlab() {
        "ci_lifetime"
    } else {
        "service_lifetime"
    });
    let limit = limit.unwrap_or(86_400);
    let highest = input.threshold("highest_lifetime").unwrap_or(2_764_800);
    let (period, explicit) = (seconds("token_period"), seconds("token_explicit_max_ttl"));
    let max = if explicit > 0 {
        explicit
    } else {
        seconds("token_max_ttl")
    };
    if period > 0 && explicit == 0 {
        let detail = format!("renewable without end (period {period} s)");
        return Some(("token_period", detail, period > highest));
    }
    let batch = role.thing.value("token_type") == Some("batch");
    if max == 0 && batch && seconds("token_ttl") > 0 {
        return None;
    }
    if max == 0 {
        let detail = "no maximum of its own: the mount's or the server's holds, 768 h by default";
        return Some(("token_max_ttl", detail.to_owned(), false));
    }
    (max > limit).then(|| {
        let detail = format!("up to {max} s, the limit is {limit} s");
        ("token_max_ttl", detail, max > highest)
    })
}
