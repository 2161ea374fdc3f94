//! IM-1 and IM-2: a token meant for another party, or whose claims its role refuses.

use std::collections::BTreeSet;

use super::suspected_job::{agreed, suspected};
use super::{Identity, Mismatch, MismatchKind, Seen};
use crate::identity::Scope;
use crate::identity::protection::wildcard;
use crate::model::Job;

impl Identity {
    /// What a refused login says in clear (`vault.md` section 8; hashed texts say nothing): what
    /// the role asks for, what the suspected job's token says, and which side to change.
    #[must_use]
    pub fn refused_login(&self, seen: Seen<'_>, declared: &Scope<'_>) -> Option<Mismatch> {
        let unbound = seen.error.contains("no audiences bound to the role");
        let audience = seen
            .error
            .contains("audience claim does not match any bound audience");
        if unbound || audience {
            let (expected, observed) = self.audience(seen, unbound, declared);
            let object = format!("{} claim aud", seen.role);
            return Some(refused(
                seen,
                MismatchKind::AudienceMismatch,
                object,
                (expected, observed),
            ));
        }
        let refusal = seen
            .error
            .contains("does not match any associated bound claim values");
        let missing = seen.error.contains("claim") && seen.error.contains("is missing");
        if !refusal && !missing {
            return None;
        }
        let claim = seen.error.split('"').nth(1).unwrap_or("");
        let said = if missing {
            (format!("claim {claim} in the token"), seen.error.to_owned())
        } else {
            self.bound_claim(seen, claim, declared)
        };
        let object = format!("{} claim {claim}", seen.role);
        Some(refused(seen, MismatchKind::ClaimMismatch, object, said))
    }

    /// IM-1: what the role accepts, what the jobs ask for, and which side is the odd one.
    fn audience(&self, seen: Seen<'_>, unbound: bool, declared: &Scope<'_>) -> (String, String) {
        let accepted: BTreeSet<&str> = self
            .directory
            .values("vault-role", seen.role, "bound_audiences")
            .collect();
        let expected = if unbound {
            "no audience is bound to the role".to_owned()
        } else {
            asked("aud", &accepted)
        };
        let other = |job: &Job| {
            let asked = self.audiences(job);
            asked.is_none_or(|asked| !asked.is_subset(&accepted))
        };
        let jobs = self.askers(seen, declared, other);
        let said = agreed(jobs.iter().map(|job| self.audiences(job)));
        let Some(said) = said else {
            let side = if unbound {
                "bind the audience in the role"
            } else {
                "what the token says is not known; change the side of the job unless every login of the role fails"
            };
            return (expected, side.to_owned());
        };
        let side = if unbound || said.iter().any(|aud| self.accepted_beside(seen.role, aud)) {
            "change bound_audiences of the role"
        } else {
            "change id_tokens:aud of the job"
        };
        let said: Vec<&str> = said.into_iter().collect();
        let observed = format!("{} asks for {}; {side}", suspected(&jobs), said.join(", "));
        (expected, observed)
    }

    /// Whether another role of the same mount accepts an audience: then the mount means it.
    fn accepted_beside(&self, role: &str, audience: &str) -> bool {
        let mount = role.rsplit_once('/').map_or("", |(mount, _)| mount);
        self.directory.of_kind("vault-role").any(|attribute| {
            attribute.name == "bound_audiences"
                && attribute.value == audience
                && attribute.object != role
                && attribute.object.rsplit_once('/').map(|(mount, _)| mount) == Some(mount)
        })
    }

    /// IM-2: the values that the role allows and the one that the jobs have.
    fn bound_claim(&self, seen: Seen<'_>, claim: &str, declared: &Scope<'_>) -> (String, String) {
        let name = format!("bound_claims.{claim}");
        let values = |name| self.directory.values("vault-role", seen.role, name);
        let allowed: BTreeSet<&str> = values(&name).collect();
        let glob = values("bound_claims_type").any(|kind| kind == "glob");
        let fits = |value: &str| {
            let mut patterns = allowed.iter();
            patterns.any(|pattern| *pattern == value || (glob && wildcard(pattern, value)))
        };
        let other = |job: &Job| self.claim_of(job, claim).is_none_or(|value| !fits(&value));
        let jobs = self.askers(seen, declared, other);
        let expected = asked(claim, &allowed);
        let Some(value) = agreed(jobs.iter().map(|job| self.claim_of(job, claim))) else {
            return (expected, seen.error.to_owned());
        };
        let guarded = (claim == "ref_protected" && allowed.contains("true"))
            || values("bound_claims.ref_protected").any(|value| value == "true")
            || values("bound_claims.environment").any(|name| declared.tier(name) == Some("prod"));
        let side = if guarded {
            "change the pipeline: the bound guards production"
        } else {
            "change the pipeline, or the bound if the value is meant"
        };
        let observed = format!("{} has {claim} = {value}; {side}", suspected(&jobs));
        (expected, observed)
    }
}

/// What the role asks for.
fn asked(claim: &str, allowed: &BTreeSet<&str>) -> String {
    if allowed.is_empty() {
        return format!("{claim} as the role asks, which was not exported");
    }
    let values: Vec<&str> = allowed.iter().copied().collect();
    format!("{claim} = {}", values.join(" or "))
}

fn refused(
    seen: Seen<'_>,
    kind: MismatchKind,
    object: String,
    (expected, observed): (String, String),
) -> Mismatch {
    Mismatch::new(
        kind,
        (seen.role, object),
        (expected, observed),
        (seen.at, seen.place),
    )
}

#[cfg(test)]
mod tests;
