//! KMA-006: permissions that production got without staging, and without a trial.

use std::collections::BTreeMap;

use super::{Check, Known, Verdict, without};
use super::{is_tried_only, mesh_of, tier};
use crate::model::{Severity, Timestamp};
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

pub(in crate::check) struct UnstagedPermission;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// What permissions say, their environments' names taken out, and since when each mesh has it.
type Since = BTreeMap<Content, Timestamp>;
type Content = Vec<(String, String)>;

impl Check for UnstagedPermission {
    fn name(&self) -> &'static str {
        "unstaged-permission"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without(input, "mesh-permission", "traffic permissions of Kuma") {
            return verdict;
        }
        let of = |wanted: &str| {
            let all = input.things.of("mesh-permission");
            all.filter(|policy| tier(input, mesh_of(policy)) == Some(wanted))
                .collect::<Vec<Thing<'_>>>()
        };
        let (prod, staging) = (of("prod"), of("staging"));
        for (found, what) in [(&prod, "production"), (&staging, "staging")] {
            if found.is_empty() {
                let reason = format!("no traffic permissions of a mesh for {what} were supplied");
                return Verdict::NotAssessed(reason);
            }
        }
        let before = Before {
            staged: since(
                input,
                staging.iter().filter(|policy| !is_tried_only(policy)),
            ),
            tried: since(input, prod.iter().filter(|policy| is_tried(policy))),
        };
        let window = input.threshold("window_days").unwrap_or(90);
        // Counted from the last change that the exports show: the run may speak from any later day.
        let changes = prod.iter().chain(&staging).filter_map(moment);
        let latest = changes.max().map_or(0, |at| at.0);
        let from = latest.saturating_sub(window.saturating_mul(DAY));
        let (mut population, mut undated, mut observations) = (0, 0, Vec::new());
        for (content, policy) in applied(input, &prod) {
            match moment(&policy) {
                None => undated += 1,
                Some(at) if at.0 < from => {}
                Some(at) => {
                    population += 1;
                    let fault = before.fault(input, &content, at);
                    observations.extend(fault.and_then(|fault| seen(input, &policy, at, fault)));
                }
            }
        }
        let undated = (undated > 0).then(|| {
            format!(
                "{undated} permission(s) of production state no time at which they were applied"
            )
        });
        match (population, undated) {
            (0, Some(undated)) => Verdict::NotAssessed(undated),
            (_, undated) => Verdict::looked(population, observations, undated),
        }
    }
}

/// What stood before production got it, and since when.
struct Before {
    staged: Since,
    tried: Since,
}

impl Before {
    /// Why a permission that production got at `at` skipped staging, and how severe that is; `None`
    /// where it did not.
    fn fault(
        &self,
        input: &Posture<'_>,
        content: &Content,
        at: Timestamp,
    ) -> Option<(String, Severity)> {
        let soak = input.threshold("mesh_soak").unwrap_or(86_400);
        let soak = soak.saturating_mul(1_000_000);
        let lead = |known: &Since| {
            let first = known.get(content)?;
            Some(at.0.saturating_sub(first.0))
        };
        let (staged, tried) = (lead(&self.staged), lead(&self.tried));
        if staged.into_iter().chain(tried).any(|lead| lead >= soak) {
            return None;
        }
        let certain = |words: String| (words, Severity::High);
        Some(match staged {
            Some(lead) if lead >= 0 => {
                let minutes = lead / 60_000_000;
                certain(format!("applied {at}, {minutes} min after staging"))
            }
            Some(_) => certain(format!("applied {at}, before staging")),
            // One lost file of staging would explain it.
            None => (
                format!("suspected: applied {at}, and none of staging's that was supplied says it"),
                Severity::Med,
            ),
        })
    }
}

/// A permission that skipped staging, as it is found.
fn seen(
    input: &Posture<'_>,
    policy: &Thing<'_>,
    at: Timestamp,
    (fault, severity): (String, Severity),
) -> Option<Observation> {
    let mesh = format!("mesh:mesh/{}", mesh_of(policy));
    let seen = Observation::of(policy.object, mesh, input.evidence(policy.place()?));
    let mut seen = seen.with_detail(fault);
    seen.at = Some(at);
    let lets_in = policy.has("allow") || policy.has("shadow-deny");
    Some(seen.with_severity(if lets_in { severity } else { Severity::Info }))
}

/// When a permission became what it is.
fn moment(policy: &Thing<'_>) -> Option<Timestamp> {
    let time = |name: &str| policy.value(name).and_then(Timestamp::parse);
    time("modified").or_else(|| time("created"))
}

/// Whether a permission is, or was when it was exported, on trial.
fn is_tried(policy: &Thing<'_>) -> bool {
    is_tried_only(policy) || policy.has("shadow-deny")
}

/// The first time of each content.
fn since<'p>(input: &Posture<'_>, policies: impl Iterator<Item = &'p Thing<'p>>) -> Since {
    let mut known = Since::new();
    for policy in policies {
        if let Some(at) = moment(policy) {
            let first = known.entry(content(input, policy)).or_insert(at);
            *first = at.min(*first);
        }
    }
    known
}

/// The permissions of production that are in effect: of those that say the same in several exports
/// the earliest. What a mesh is born with nobody applied.
fn applied<'p>(input: &Posture<'_>, prod: &[Thing<'p>]) -> Vec<(Content, Thing<'p>)> {
    let mut first: BTreeMap<(&str, Content), Thing<'p>> = BTreeMap::new();
    for policy in prod.iter().filter(|policy| !is_tried_only(policy)) {
        let mesh = mesh_of(policy);
        if policy.object == format!("mesh:permission/{mesh}/allow-all-{mesh}") {
            continue;
        }
        let key = (policy.object, content(input, policy));
        let known = first.entry(key).or_insert(*policy);
        let earlier = match (moment(policy), moment(known)) {
            (Some(own), Some(other)) => own < other,
            (Some(_), None) => true,
            _ => false,
        };
        if earlier {
            *known = *policy;
        }
    }
    first
        .into_iter()
        .map(|((_, content), policy)| (content, policy))
        .collect()
}

/// What a permission says, in order: a shadow deny is the allow that it rehearses, and the names of
/// environments and of its mesh are left out.
fn content(input: &Posture<'_>, policy: &Thing<'_>) -> Content {
    let mesh = mesh_of(policy);
    let mut said: Content = Vec::new();
    for name in ["target", "allow", "shadow-deny", "deny"] {
        let named = if name == "shadow-deny" { "allow" } else { name };
        let values = policy.values(name);
        said.extend(
            values.map(|value| (named.to_owned(), without_environment(input, value, mesh))),
        );
    }
    said.sort();
    said.dedup();
    said
}

/// A text whose words that name an environment, or the mesh, are one and the same word.
fn without_environment(input: &Posture<'_>, text: &str, mesh: &str) -> String {
    let ends = |c: char| !c.is_ascii_alphanumeric();
    let text = text.replace(&format!("spiffe://{mesh}"), "spiffe://<mesh>");
    let mut out = String::new();
    let mut rest = text.as_str();
    loop {
        let end = rest.find(ends).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let environment = !word.is_empty() && input.settings.environments.tier(word).is_some();
        out.push_str(if environment { "<env>" } else { word });
        let Some(separator) = after.chars().next() else {
            return out;
        };
        out.push(separator);
        rest = after.get(separator.len_utf8()..).unwrap_or_default();
    }
}
