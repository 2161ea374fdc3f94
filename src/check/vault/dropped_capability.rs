//! VLT-POL-010: a narrower pattern takes away what a broader one grants, without saying so.

use std::collections::BTreeSet;

use super::{Check, Known, Verdict};
use crate::model::id;
use crate::policy::{Capabilities, Capability, Pattern, Stanza};
use crate::posture::{Posture, VaultPolicy, vault};

pub(in crate::check) struct DroppedCapability;

/// What a holder misses: names are listed, values are read and written.
const MISSED: [Capability; 5] = [
    Capability::Create,
    Capability::Read,
    Capability::Update,
    Capability::Patch,
    Capability::Delete,
];

/// Stanzas of one token beyond which pairs are not compared.
const PAIRS: usize = 400;

impl Check for DroppedCapability {
    fn name(&self) -> &'static str {
        "dropped-capability"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let mut sets: Vec<Vec<&VaultPolicy<'_>>> = input.policies.iter().map(|p| vec![p]).collect();
        let mut known = BTreeSet::new();
        for role in vault::roles(input) {
            let held = role.token(input);
            let names: Vec<String> = held.iter().map(|policy| policy.id.clone()).collect();
            if held.len() > 1 && known.insert(names) {
                sets.push(held);
            }
        }
        let mut observations = Vec::new();
        for held in &sets {
            let stanzas: Vec<(&VaultPolicy<'_>, &Stanza, Pattern)> = held
                .iter()
                .flat_map(|policy| {
                    let stanzas = policy.stanzas().iter();
                    stanzas.map(|stanza| (*policy, stanza, Pattern::new(&stanza.path, "")))
                })
                .collect();
            if stanzas.len() > PAIRS {
                continue;
            }
            for (policy, stanza, narrow) in &stanzas {
                // What everybody holds narrows nothing on purpose.
                if policy.name == "default"
                    || stanza.capabilities.has(Capability::Deny)
                    || is_fixed(narrow)
                    || is_annotated(policy.text(), stanza)
                {
                    continue;
                }
                let merged = capabilities(&stanzas, narrow);
                if is_folder_listing(narrow, merged) {
                    continue;
                }
                let broader = stanzas.iter().find_map(|(other, wide, pattern)| {
                    let lost = lost(wide.capabilities, merged);
                    let drops = !lost.is_empty() && shadows(narrow, pattern);
                    drops.then(|| (other.name, pattern.as_str().to_owned(), lost))
                });
                if let Some((other, pattern, lost)) = broader {
                    let object = id::vault_path(Some(policy.namespace), narrow.as_str());
                    let detail = format!("{lost}, which `{other}` grants on {pattern}");
                    observations.push(
                        policy
                            .observe(object, stanza, stanza.path_span)
                            .with_detail(detail),
                    );
                }
            }
        }
        Verdict::Looked {
            population: input.policies.len() as u64,
            observations,
        }
    }
}

/// Whether a pattern is one endpoint of the server itself: it takes the operations it takes, and
/// whoever names it names those.
fn is_fixed(pattern: &Pattern) -> bool {
    let own = ["sys/", "auth/token/", "identity/", "cubbyhole/"];
    pattern.is_exact() && own.iter().any(|start| pattern.as_str().starts_with(start))
}

/// Whether a pattern is a folder, to be listed: nothing else can be done with it.
fn is_folder_listing(pattern: &Pattern, granted: Capabilities) -> bool {
    let lists = [Capability::List, Capability::Scan];
    pattern.as_str().ends_with('/') && granted.iter().all(|capability| lists.contains(&capability))
}

/// What a set grants on a pattern: equal patterns add up.
fn capabilities(
    stanzas: &[(&VaultPolicy<'_>, &Stanza, Pattern)],
    pattern: &Pattern,
) -> Capabilities {
    let equal = stanzas.iter().filter(|(_, _, other)| other == pattern);
    equal.fold(Capabilities::NONE, |sum, (_, stanza, _)| {
        sum | stanza.capabilities
    })
}

fn lost(wide: Capabilities, narrow: Capabilities) -> Capabilities {
    if wide.has(Capability::Deny) {
        return Capabilities::NONE;
    }
    let missed = MISSED.into_iter();
    missed
        .filter(|capability| wide.has(*capability) && !narrow.has(*capability))
        .collect()
}

/// Whether `narrow` lies in `wide` and decides there in its stead.
fn shadows(narrow: &Pattern, wide: &Pattern) -> bool {
    if narrow == wide || wide.is_exact() {
        return false;
    }
    let inside = if narrow.is_exact() {
        wide.matches(narrow.as_str())
    } else {
        vault::contains(wide, narrow)
    };
    inside && (narrow.is_exact() || narrow.precedence(wide).is_gt())
}

/// Whether the stanza, or the line above it, says `# narrow`.
fn is_annotated(text: &str, stanza: &Stanza) -> bool {
    let before = text.get(..stanza.span.start).unwrap_or_default();
    let above = before.trim_end().lines().next_back().unwrap_or_default();
    let own = text
        .get(stanza.span.start..stanza.span.end)
        .unwrap_or_default();
    let says = |line: &str| {
        line.split_once('#')
            .is_some_and(|(_, comment)| comment.trim_start().starts_with("narrow"))
    };
    says(above) || own.lines().any(says)
}
