//! VLT-USE-001: a request that the server allowed, and that the policies as stated would deny.

use super::{Check, Known, Verdict};
use crate::model::id;
use crate::policy::Reason;
use crate::posture::Posture;
use crate::rule::Observation;
use crate::usage::{Loss, Usage};

pub(in crate::check) struct LostAccess;

/// How many names of one origin a message spells out.
const NAMES_SHOWN: usize = 3;

impl Check for LostAccess {
    fn name(&self) -> &'static str {
        "lost-access"
    }

    fn run(&self, input: &Posture<'_>, known: &Known<'_>) -> Verdict {
        let Some(usage) = known.usage else {
            return Verdict::NotAssessed(Usage::NO_LOG.to_owned());
        };
        if usage.judged == 0 {
            let why = usage.gaps().unwrap_or_else(|| {
                format!(
                    "no request with a token lies in {}",
                    usage.window_in_words()
                )
            });
            return Verdict::NotAssessed(format!("no request could be judged: {why}"));
        }
        let losses = usage.losses.iter();
        let observations = losses.flat_map(|loss| observe(loss, input)).collect();
        Verdict::looked(usage.judged, observations, usage.gaps())
    }
}

/// The stanza to look at, and the first and the last record that shows the use.
fn observe(loss: &Loss, input: &Posture<'_>) -> Vec<Observation> {
    let Some(policy) = input.policies.get(loss.at.0) else {
        return Vec::new();
    };
    let object = id::vault_path(Some(&loss.namespace), &loss.path);
    let stanza = loss.at.1.and_then(|index| policy.stanzas().get(index));
    let place = match stanza {
        Some(stanza) => policy.observe(object.as_str(), stanza, stanza.path_span),
        None => policy.observe_whole(object.as_str()),
    };
    let why = match loss.reason {
        Reason::NoMatch => format!("no stanza of {} matches", listed(&loss.policies)),
        Reason::Denied => format!("`{}` denies", stanza.map_or("", |s| s.path.as_str())),
        Reason::SudoMissing => format!(
            "the path takes `sudo`, which `{}` lacks",
            stanza.map_or("", |s| s.path.as_str())
        ),
        Reason::TemplateForbidden => "a template's value holds `/`, `*` or `+`".to_owned(),
        Reason::RootMixed => "`root` stands beside other policies".to_owned(),
        _ => format!(
            "`{}` lacks the capability",
            stanza.map_or("", |s| s.path.as_str())
        ),
    };
    let operations: Vec<String> = loss
        .operations
        .iter()
        .map(|(operation, count)| match count {
            1 => format!("`{operation}` once"),
            count => format!("`{operation}` {count} times"),
        })
        .collect();
    let names: Vec<&str> = loss.names.iter().map(String::as_str).collect();
    let known = match names.len() {
        0 => String::new(),
        n if n > NAMES_SHOWN => format!(
            " ({} and {} more)",
            names.get(..NAMES_SHOWN).unwrap_or_default().join(", "),
            n - NAMES_SHOWN
        ),
        _ => format!(" ({})", names.join(", ")),
    };
    let detail = format!(
        "{why}; allowed {}{known} {}",
        operations.join(", "),
        span(loss),
    );
    let seen = |mut seen: Observation, at| {
        seen.subject.clone_from(&loss.who);
        seen.at = at;
        seen.with_detail(detail.as_str())
    };
    let mut observations = vec![seen(place, None)];
    for (at, record) in [&loss.first, &loss.last] {
        let record = Observation::of(loss.who.as_str(), object.as_str(), record.clone());
        observations.push(seen(record, Some(*at)));
    }
    observations
}

fn span(loss: &Loss) -> String {
    let ((from, first), (to, last)) = (&loss.first, &loss.last);
    if first == last {
        format!("at {from}, see {}", first.pointer())
    } else {
        format!(
            "from {from} to {to}, see {} and {}",
            first.pointer(),
            last.pointer()
        )
    }
}

fn listed(policies: &std::collections::BTreeSet<String>) -> String {
    let all: Vec<String> = policies.iter().map(|name| format!("`{name}`")).collect();
    all.join(", ")
}
