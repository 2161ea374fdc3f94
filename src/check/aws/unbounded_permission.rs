//! AWS-TRU-006: a holder that may do everything, or everything of a service that holds power or
//! secrets.

use super::permission::{self, Holder};
use super::{Check, Known, Verdict};
use crate::model::Severity;
use crate::model::aws_policy::Statement;
use crate::posture::Posture;

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
        permission::look(input, breadth)
    }
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
