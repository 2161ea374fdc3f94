//! Policies of one name whose texts permit different things.

use std::collections::BTreeMap;

use super::Pair;
use super::server::Servers;
use super::statement::lacks;
use crate::model::{Place, id};
use crate::policy::Stanza;
use crate::posture::StatedPolicy;

/// Kind of a policy.
const KIND: &str = "vault-policy";

/// The policies that are stated twice and differently.
pub(super) fn pairs<'e>(policies: &'e [StatedPolicy], servers: &Servers<'_>) -> Vec<Pair<'e>> {
    let mut named: BTreeMap<(&str, &str), Vec<&StatedPolicy>> = BTreeMap::new();
    for policy in policies {
        let text = &policy.text;
        if !servers.is_code(text.place.file) {
            let of = named.entry((&text.namespace, &text.name)).or_default();
            of.push(policy);
        }
    }
    let unlike = named.into_iter().filter_map(|((namespace, name), of)| {
        let meant: Vec<(Place, Meant)> = of
            .iter()
            .map(|policy| (policy.text.place, Meant::of(policy)))
            .collect();
        // That a server's answer differs from the text of a repository is JOI-025.
        let differ = |one: &Meant, other: &Meant| {
            one.is_answer == other.is_answer && one.permits != other.permits
        };
        let within = |one: &Meant, other: &Meant| {
            let mut own = one.permits.iter();
            own.all(|stanza| other.permits.contains(stanza))
        };
        let places = servers.unlike(KIND, &meant, differ)?;
        Some(Pair {
            kind: KIND,
            object: id::vault_policy(Some(namespace), name),
            places,
            names: vec!["policy".to_owned()],
            doubt: lacks(&meant, places, within),
        })
    });
    unlike.collect()
}

/// What a policy permits, whatever its comments, blanks and order of stanzas.
struct Meant {
    /// Whether a server answered with it.
    is_answer: bool,
    permits: Vec<String>,
}

impl Meant {
    fn of(policy: &StatedPolicy) -> Meant {
        let mut stanzas: Vec<String> = policy.policy.stanzas.iter().map(permits).collect();
        stanzas.sort();
        stanzas.dedup();
        if !policy.errors.is_empty() {
            stanzas = vec![policy.text.text.clone()];
        }
        Meant {
            is_answer: policy.text.first_line.is_none(),
            permits: stanzas,
        }
    }
}

fn permits(stanza: &Stanza) -> String {
    format!(
        "{:?}",
        (
            (&stanza.path, stanza.capabilities, &stanza.parameters),
            (stanza.min_wrapping_ttl, stanza.max_wrapping_ttl),
            (&stanza.mfa_methods, stanza.pagination_limit),
            (&stanza.expiration, &stanza.keys_filter),
            (&stanza.event_types, stanza.control_group),
        )
    )
}
