//! VLT-POL-009: a stanza that no request can meet.

use super::{Check, Known, Verdict};
use crate::model::{Severity, id, kv};
use crate::policy::{Capability, MountKind, Pattern, Stanza};
use crate::posture::Posture;
use crate::posture::vault::Mounts;
use crate::usage::Usage;

pub(in crate::check) struct DeadStanza;

/// What no export would clear: the list says it.
const STATED: &str = "stated";
const NO_LIST: &str =
    "no list of secrets engines was supplied (`vault secrets list -detailed -format=json`)";
const NO_METHODS: &str =
    "no list of auth methods was supplied (`vault auth list -detailed -format=json`)";

impl Check for DeadStanza {
    fn name(&self) -> &'static str {
        "dead-stanza"
    }

    fn run(&self, input: &Posture<'_>, known: &Known<'_>) -> Verdict {
        let listed = input.things.has("vault-secret-mount") || input.things.has("vault-auth-mount");
        if !listed {
            return Verdict::NotAssessed(NO_LIST.to_owned());
        }
        let (mut population, mut observations) = (0, Vec::new());
        let (mut alone, mut unlisted) = (0, [None, None]);
        for (position, policy) in input.policies.iter().enumerate() {
            let mounts = Mounts::of(input, policy.namespace, policy.path);
            if !mounts.belongs {
                alone += 1;
                continue;
            }
            let [engines, methods] = &mut unlisted;
            *engines = engines.or(mounts.listed.is_empty().then_some(NO_LIST));
            *methods = methods.or(mounts.auth.is_empty().then_some(NO_METHODS));
            for (index, stanza) in policy.stanzas().iter().enumerate() {
                population += 1;
                let pattern = Pattern::new(&stanza.path, "");
                let Some(dead) = dead(&pattern, stanza, mounts) else {
                    continue;
                };
                let usage = known.usage;
                if usage.is_some_and(|usage| !usage.stanza(position, index).exercised.is_empty()) {
                    // A request was let through by it: the list is older than the mount.
                    continue;
                }
                let object = id::vault_path(Some(policy.namespace), pattern.as_str());
                let mut seen = policy
                    .observe(object, stanza, stanza.path_span)
                    .with_detail(dead.why)
                    .with_counterpart(dead.by);
                if stanza.capabilities.has(Capability::Deny) {
                    seen.severity = Some(Severity::High);
                }
                observations.push(seen);
            }
        }
        let other = format!("{alone} policies lie beside no list of mounts of their own server");
        if population == 0 && alone > 0 {
            return Verdict::NotAssessed(other);
        }
        let unlisted = unlisted.into_iter().flatten().map(str::to_owned);
        let no_log = known.usage.is_none().then(|| Usage::NO_LOG.to_owned());
        let missing: Vec<String> = (alone > 0)
            .then_some(other)
            .into_iter()
            .chain(unlisted)
            .chain(no_log)
            .collect();
        let missing = (!missing.is_empty()).then(|| missing.join("; "));
        Verdict::looked(population, observations, missing)
    }
}

/// Why no request meets a stanza.
struct Dead {
    why: String,
    /// The list that would name what is missing, or that names what is there.
    by: &'static str,
}

fn dead(pattern: &Pattern, stanza: &Stanza, mounts: &Mounts) -> Option<Dead> {
    if let Some(by) = mounts.lacking(pattern) {
        let why = "nothing is mounted there".to_owned();
        return Some(Dead { why, by });
    }
    let stated = |why: String| {
        // An engine that is listed is there, however much of its list is not.
        Some(Dead { why, by: STATED })
    };
    let (mount, MountKind::Kv2) = mounts.holding(pattern.as_str())? else {
        return None;
    };
    let below = pattern.as_str().strip_prefix(mount)?;
    let (first, rest) = below.split_once('/').unwrap_or((below, ""));
    let whole = below.contains('/') || !pattern.is_open();
    if whole && !first.is_empty() && !first.contains(['+', '*']) {
        let endpoint = kv::Endpoint::ALL.into_iter().find(|e| e.segment() == first);
        if endpoint.is_none() {
            return stated(format!(
                "`{mount}` is KV version 2: write `{mount}data/{below}`"
            ));
        }
        let only_list = stanza.capabilities == [Capability::List].into_iter().collect();
        if endpoint == Some(kv::Endpoint::Data) && only_list {
            return stated(format!(
                "version 2 lists below `{mount}metadata/{rest}`, not below `data/`"
            ));
        }
    }
    None
}
