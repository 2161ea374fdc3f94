//! The trust of roles: which statements let GitLab's jobs in, and what they bind.
//!
//! A GitLab provider is gitlab.com, one that a mount of Vault takes tokens of (`bound_issuer`,
//! `oidc_discovery_url`), one whose name says so, or one of whose subject a `project_path:` is
//! asked: no other issuer writes such a subject.

use std::collections::BTreeSet;

use super::Verdict;
use crate::model::aws_policy::{Condition, Statement, is_like, statements};
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

/// What begins a session by a token.
pub(super) const EXCHANGE: &str = "sts:AssumeRoleWithWebIdentity";

/// A role, and those of its statements that let GitLab's jobs in.
pub(super) struct CiRole<'t> {
    pub(super) role: Thing<'t>,
    pub(super) entries: Vec<Entry>,
}

/// A statement that lets jobs of a GitLab in.
pub(super) struct Entry {
    pub(super) statement: Statement,
    /// Host (and path) of the provider.
    pub(super) host: String,
    /// Account of the provider.
    pub(super) account: String,
}

/// A value that a key must have, and whether `*` and `?` in it stand for others.
#[derive(Clone, Copy)]
pub(super) struct Bound<'s> {
    pub(super) value: &'s str,
    pub(super) open: bool,
}

impl Bound<'_> {
    /// Where its first wildcard stands.
    pub(super) fn wildcard(self) -> Option<usize> {
        self.value.find(['*', '?']).filter(|_| self.open)
    }
}

impl Entry {
    /// The id of the provider.
    pub(super) fn provider(&self) -> String {
        format!("aws:oidc-provider/{}/{}", self.account, self.host)
    }

    /// The alternatives of each condition that binds a claim (`sub`, `aud`); all of them must hold.
    pub(super) fn bound(&self, claim: &str) -> Vec<Vec<Bound<'_>>> {
        let key = format!("{}:{claim}", self.host);
        let conditions = self.statement.conditions.iter();
        let of = conditions.filter(|found| found.key.eq_ignore_ascii_case(&key));
        of.filter_map(|found| {
            let open = binds(found)?;
            let values = found.values.iter();
            Some(values.map(|value| Bound { value, open }).collect())
        })
        .collect()
    }
}

/// Whether a condition binds, and whether its values are patterns. `ForAllValues:` and `...IfExists`
/// are true without the key, and what only excludes binds nothing.
fn binds(condition: &Condition) -> Option<bool> {
    let operator = condition.operator.to_ascii_lowercase();
    let operator = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
    match operator {
        "stringequals" | "stringequalsignorecase" => Some(false),
        "stringlike" => Some(true),
        _ => None,
    }
}

/// The statements of a role's trust. The format has read them once: they are sound.
pub(super) fn trust(role: &Thing<'_>) -> Vec<Statement> {
    let list: Vec<serde_json::Value> = role
        .values("trust")
        .filter_map(|text| serde_json::from_str(text).ok())
        .collect();
    statements(&serde_json::json!({ "Statement": list })).unwrap_or_default()
}

/// Whether nobody but AWS itself assumes a role, or AWS made it.
pub(super) fn is_of_aws(role: &Thing<'_>) -> bool {
    let path = role.value("path").unwrap_or("/");
    path.starts_with("/aws-service-role/") || path.starts_with("/aws-reserved/")
}

/// Every role that jobs of a GitLab may assume.
pub(super) fn ci_roles<'t>(input: &'t Posture<'_>) -> Vec<CiRole<'t>> {
    let issuers = issuers(input);
    let of = |role: Thing<'t>| {
        let entries: Vec<Entry> = trust(&role)
            .into_iter()
            .filter(|statement| statement.allows && statement.covers(EXCHANGE))
            .flat_map(|statement| entries(&statement, &role))
            .filter(|entry| is_gitlab(entry, &issuers))
            .collect();
        (!entries.is_empty()).then_some(CiRole { role, entries })
    };
    let roles = input.things.of("aws-role").filter(|role| !is_of_aws(role));
    roles.filter_map(of).collect()
}

/// Looks at every role that jobs of a GitLab may assume.
pub(super) fn look(
    input: &Posture<'_>,
    mut at: impl FnMut(&CiRole<'_>, &mut Vec<Observation>),
) -> Verdict {
    let roles = ci_roles(input);
    if roles.is_empty() {
        return none();
    }
    let mut observations = Vec::new();
    for found in &roles {
        at(found, &mut observations);
    }
    Verdict::Looked {
        population: roles.len() as u64,
        observations,
    }
}

/// What to say where no role trusts GitLab.
pub(super) fn none() -> Verdict {
    Verdict::NotAssessed("no exported AWS role trusts a GitLab provider".to_owned())
}

fn entries(statement: &Statement, role: &Thing<'_>) -> Vec<Entry> {
    let named = statement.principals.get("Federated").into_iter().flatten();
    named
        .filter_map(|provider| {
            let (arn, host) = provider.split_once(":oidc-provider/")?;
            let account = arn.rsplit(':').next().filter(|account| !account.is_empty());
            Some(Entry {
                statement: statement.clone(),
                host: host.to_owned(),
                account: account.or(role.value("account"))?.to_owned(),
            })
        })
        .collect()
}

/// Hosts that mounts of Vault take tokens of.
fn issuers<'t>(input: &'t Posture<'_>) -> BTreeSet<&'t str> {
    let names = ["bound_issuer", "oidc_discovery_url", "jwks_url"];
    let host = |url: &'t str| {
        let host = url.split_once("://").map_or(url, |(_, host)| host);
        host.split('/').next().unwrap_or(host)
    };
    let of = |config: Thing<'t>| {
        let values = names.into_iter().filter_map(move |name| config.value(name));
        values.map(host)
    };
    input.things.of("vault-auth-config").flat_map(of).collect()
}

fn is_gitlab(entry: &Entry, issuers: &BTreeSet<&str>) -> bool {
    let host = entry
        .host
        .split('/')
        .next()
        .unwrap_or("")
        .to_ascii_lowercase();
    let named = host.split('.').any(|label| label.starts_with("gitlab"));
    // Vault may take tokens of others too; a mount of theirs is none of GitLab's.
    let issuer = issuers.contains(host.as_str()) && !FOREIGN.iter().any(|end| host.ends_with(end));
    let asked = entry.statement.conditions.iter().any(|condition| {
        condition
            .key
            .eq_ignore_ascii_case(&format!("{}:sub", entry.host))
            && condition
                .values
                .iter()
                .any(|value| value.starts_with("project_path:"))
    });
    named || issuer || asked
}

/// Issuers that are never a GitLab.
const FOREIGN: [&str; 6] = [
    "accounts.google.com",
    "githubusercontent.com",
    "okta.com",
    "amazonaws.com",
    "microsoftonline.com",
    "windows.net",
];

/// Two subjects that have nothing in common: what takes both takes all.
const SUBJECTS: [&str; 2] = [
    "project_path:qz/qz:ref_type:branch:ref:qz",
    "project_path:vy/vy/vy:ref_type:tag:ref:0",
];

/// Whether alternatives take every subject.
pub(super) fn takes_all(alternatives: &[Bound<'_>]) -> bool {
    let takes = |bound: &Bound<'_>| {
        bound.open
            && SUBJECTS
                .iter()
                .all(|subject| is_like(bound.value, subject, false))
    };
    alternatives.iter().any(takes)
}

/// An observation about a role, at its trust.
pub(super) fn observe(
    input: &Posture<'_>,
    role: &Thing<'_>,
    object: String,
    detail: String,
) -> Option<Observation> {
    let evidence = input.evidence(role.place_of("trust")?);
    Some(Observation::of(role.object, object, evidence).with_detail(detail))
}
