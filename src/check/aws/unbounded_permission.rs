//! AWS-TRU-006: a holder that may do everything, or everything of a service that holds power or
//! secrets.

use super::permission::{self, Holder};
use super::{Check, Known, Verdict};
use crate::model::Severity;
use crate::model::aws_policy::Statement;
use crate::posture::Posture;
use crate::rule::Observation;

pub(in crate::check) struct UnboundedPermission;

/// Services that hold power or secrets.
const SERVICES: [&str; 7] = [
    "iam",
    "kms",
    "organizations",
    "s3",
    "secretsmanager",
    "ssm",
    "sts",
];

/// Policies of AWS's own that give nearly everything.
const MANAGED: [&str; 2] = ["IAMFullAccess", "PowerUserAccess"];

impl Check for UnboundedPermission {
    fn name(&self) -> &'static str {
        "unbounded-aws-permission"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let holders = permission::holders(input);
        if holders.is_empty() {
            return none();
        }
        let mut observations = Vec::new();
        for holder in &holders {
            let Some((object, detail, severity)) = breadth(holder) else {
                continue;
            };
            let Some(place) = holder.place else {
                continue;
            };
            let evidence = input.evidence(place);
            let seen = Observation::of(holder.thing.object, object, evidence).with_detail(detail);
            observations.push(seen.with_severity(if holder.is_got {
                severity
            } else {
                milder(severity)
            }));
        }
        Verdict::looked(holders.len() as u64, observations, unread(&holders))
    }
}

/// Why nothing was looked at.
pub(super) fn none() -> Verdict {
    Verdict::NotAssessed("no AWS role or user with its policies was supplied".to_owned())
}

/// One level milder: nothing outside AWS gets what the holder may do.
pub(super) fn milder(severity: Severity) -> Severity {
    match severity {
        Severity::Crit => Severity::High,
        Severity::High => Severity::Med,
        other => other.min(Severity::Low),
    }
}

/// What of the holders' policies is in no export, in words.
pub(super) fn unread(holders: &[Holder<'_>]) -> Option<String> {
    let mut arns: Vec<&str> = holders
        .iter()
        .flat_map(|holder| holder.unread.iter().copied())
        .collect();
    arns.sort_unstable();
    arns.dedup();
    let first = arns.first()?;
    Some(format!(
        "{} policies that are attached are in no export (`{first}`)",
        arns.len()
    ))
}

/// The widest class of actions without bounds, all of them in words, and how grave they are.
fn breadth(holder: &Holder<'_>) -> Option<(String, String, Severity)> {
    if holder.may_everything() {
        let detail = "every action on every resource".to_owned();
        return Some(("action:*".to_owned(), detail, Severity::Crit));
    }
    let mut found: Vec<(String, String)> = Vec::new();
    let managed = MANAGED.iter().filter(|name| holder.named.contains(**name));
    found.extend(managed.map(|name| (format!("policy:{name}"), format!("`{name}`"))));
    if holder.allows_all_but() {
        let said = "all but the actions that are named (`NotAction`)".to_owned();
        found.push(("action:all-but".to_owned(), said));
    }
    for service in SERVICES {
        // No action is called so: whatever takes it takes every one of the service.
        let every = format!("{service}:QzAnything");
        let takes =
            |statement: &Statement| statement.is_everywhere() && statement.not_actions.is_empty();
        if holder.may(&every, &takes) {
            found.push((format!("action:{service}:*"), format!("`{service}:*`")));
        }
    }
    let (object, _) = found.first()?.clone();
    let words: Vec<&str> = found.iter().map(|(_, said)| said.as_str()).collect();
    let detail = format!("{} on every resource", words.join(", "));
    Some((object, detail, Severity::High))
}
