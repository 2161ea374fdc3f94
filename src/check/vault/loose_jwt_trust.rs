//! VLT-MNT-003: an auth method that trusts more tokens than it should.

use super::{Check, Known, Verdict};
use crate::model::Severity;
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

pub(in crate::check) struct LooseJwtTrust;

const GOOGLE: &str = "https://accounts.google.com";

impl Check for LooseJwtTrust {
    fn name(&self) -> &'static str {
        "loose-jwt-trust"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let configs = input.things.of("vault-auth-config");
        let of_jwt: Vec<Thing<'_>> = configs
            .filter(|config| config.value("method") == Some("jwt"))
            .collect();
        if of_jwt.is_empty() {
            let reason = "no settings of a JWT auth method were supplied";
            return Verdict::NotAssessed(reason.to_owned());
        }
        Verdict::Looked {
            population: of_jwt.len() as u64,
            observations: of_jwt
                .iter()
                .flat_map(|config| loose(input, config))
                .collect(),
        }
    }
}

/// What a method's settings leave open.
fn loose(input: &Posture<'_>, config: &Thing<'_>) -> Vec<Observation> {
    let mut observations = Vec::new();
    let unresolved: Vec<&str> = config.values("unresolved").collect();
    let mut say = |name: &str, severity: Severity, detail: &str| {
        // A setting that is left out stands where the others stand.
        let place = config.place_of(name).or_else(|| config.place());
        if let Some(place) = place.filter(|_| !unresolved.contains(&name)) {
            let seen = Observation::of(
                config.object,
                format!("setting:{name}"),
                input.evidence(place),
            );
            let excerpt = input.excerpt(place.file, place.line);
            let seen = seen.with_severity(severity).with_detail(detail);
            observations.push(seen.with_excerpt(excerpt));
        }
    };
    // Discovery finds the keys; without a bound issuer nobody looks at `iss` then either.
    let issuer = config.value("bound_issuer");
    let discovery = config.value("oidc_discovery_url");
    if issuer.is_none() && takes_tokens(input, config) {
        let detail = "no issuer is bound: `iss` of a token is not looked at";
        say("bound_issuer", Severity::High, detail);
    }
    for name in ["oidc_discovery_url", "jwks_url"] {
        let url = config.value(name);
        if url.is_some_and(|url| !url.starts_with("https://")) {
            say(name, Severity::High, "keys are fetched without TLS");
        }
    }
    let google = discovery
        .or(config.value("jwks_url"))
        .is_some_and(|url| url.contains("google"));
    if google && issuer.is_some_and(|issuer| issuer.trim_end_matches('/') != GOOGLE) {
        let detail = "Google's tokens have another issuer";
        say("bound_issuer", Severity::High, detail);
    }
    if config.has("jwt_validation_pubkeys") {
        let detail = "keys are pinned: a rotation of the issuer's needs a hand";
        say("jwt_validation_pubkeys", Severity::Med, detail);
    }
    if let Some(role) = config.value("default_role") {
        let detail = format!("whoever names no role gets `{role}`");
        say("default_role", Severity::Med, &detail);
    }
    observations
}

/// Whether tokens log in through the mount, not only people by a browser, whose issuer the client
/// library compares with the discovered one.
fn takes_tokens(input: &Posture<'_>, config: &Thing<'_>) -> bool {
    let by_browser = config.value("oidc_client_id").is_some();
    let mount = config.value("mount").unwrap_or_default();
    let roles = input.things.of("vault-role");
    let mut here = roles.filter(|role| role.value("mount") == Some(mount));
    !by_browser || here.any(|role| role.value("role_type") == Some("jwt"))
}
