//! VLT-ROL-004: a glob claim that matches more than one project or ref.

use super::{Check, Known, Verdict};
use crate::posture::{Posture, vault};

pub(in crate::check) struct OvermatchingGlob;

impl Check for OvermatchingGlob {
    fn name(&self) -> &'static str {
        "overmatching-glob"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let (mut population, mut observations) = (0, Vec::new());
        for role in vault::roles(input) {
            if !matches!(role.method, "jwt" | "oidc") {
                continue;
            }
            population += 1;
            if role.thing.value("bound_claims_type") != Some("glob") {
                continue;
            }
            for (claim, value) in role.claims() {
                if let Some(why) = overmatches(claim, value) {
                    let seen = role.observe(
                        format!("claim:{claim}"),
                        &format!("bound_claims.{claim}"),
                        input,
                    );
                    observations.push(seen.with_detail(format!("`{value}` {why}")));
                }
            }
        }
        if population == 0 {
            return Verdict::NotAssessed("no role of a JWT auth method was supplied".to_owned());
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}

/// What a glob matches besides what its author names; its `*` spans `/` (go-glob).
fn overmatches(claim: &str, value: &str) -> Option<&'static str> {
    if !value.contains('*') {
        return None;
    }
    if value.trim_matches('*').is_empty() {
        return Some("matches every value");
    }
    if value.starts_with('*') {
        return Some("matches whatever ends so, of any project");
    }
    let named = match claim {
        "sub" | "project_path" | "namespace_path" | vault::CONFIG_REF => {
            vault::project_of(claim, value)
        }
        _ if claim.ends_with("_id") => return Some("matches every id that begins so"),
        _ => return None,
    };
    let star = named.find('*')?;
    let before = named.get(..star)?;
    // `group/app*` also matches `group/app-evil`; `group/*` every project below the group.
    if claim == "sub" && !before.contains('/') {
        return Some("leaves the project open");
    }
    if !before.ends_with(['/', ':']) {
        return Some("has a `*` inside a name, and `*` spans `/`");
    }
    (claim != "namespace_path")
        .then_some("matches every project of the group, and of every group below it")
}
