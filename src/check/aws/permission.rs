//! What holders of AWS policies may do: their attached and inline statements, minus what is denied,
//! within their boundary.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Verdict, trust};
use crate::model::aws_policy::{Statement, is_like, statements};
use crate::model::{Place, Severity};
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

/// What an ARN of a policy of AWS's own begins with.
const OF_AWS: &str = "arn:aws:iam::aws:policy/";

/// A role or user with what it may do.
pub(super) struct Holder<'t> {
    pub(super) thing: Thing<'t>,
    /// Whether somebody outside AWS gets it: a job, Vault's engine, whoever has the key.
    pub(super) is_got: bool,
    /// Last segment of the path of the one project whose jobs get it.
    pub(super) project: Option<String>,
    /// Whether jobs of a GitLab get it.
    is_of_jobs: bool,
    /// Where the first of its policies stands.
    pub(super) place: Option<Place>,
    statements: Vec<Statement>,
    /// None without a boundary.
    boundary: Option<Vec<Statement>>,
    /// Policies of AWS's own that are not exported, by name.
    pub(super) named: BTreeSet<&'t str>,
    /// ARNs of policies that are attached and in no export.
    pub(super) unread: Vec<&'t str>,
}

impl Holder<'_> {
    /// Whether it may do an action, on a resource that `takes` accepts. What a condition narrows
    /// is not counted as allowed, nor as denied.
    pub(super) fn may(&self, action: &str, takes: &dyn Fn(&Statement) -> bool) -> bool {
        let allows = |statement: &Statement| {
            statement.allows && statement.conditions.is_empty() && statement.covers(action)
        };
        let denied = self.statements.iter().any(|statement| {
            !statement.allows && statement.is_everywhere() && statement.covers(action)
        });
        let within = self.boundary.as_ref().is_none_or(|boundary| {
            boundary.iter().any(allows)
                && !boundary.iter().any(|statement| {
                    !statement.allows && statement.is_everywhere() && statement.covers(action)
                })
        });
        within
            && !denied
            && self
                .statements
                .iter()
                .any(|statement| allows(statement) && takes(statement))
    }

    /// Whether it may do everything with everything.
    pub(super) fn may_everything(&self) -> bool {
        let everything = |list: &[Statement]| list.iter().any(Statement::allows_everything);
        let all_denied = self.statements.iter().any(|statement| {
            let all = |action: &String| matches!(action.as_str(), "*" | "*:*");
            !statement.allows && statement.is_everywhere() && statement.actions.iter().any(all)
        });
        let within = self.boundary.as_deref().is_none_or(everything);
        let named = self.named.contains("AdministratorAccess");
        within && !all_denied && (named || everything(&self.statements))
    }

    /// Whether a statement allows all but some actions, everywhere.
    pub(super) fn allows_all_but(&self) -> bool {
        self.boundary.is_none()
            && self.statements.iter().any(|statement| {
                statement.allows && statement.is_everywhere() && !statement.not_actions.is_empty()
            })
    }
}

/// Every role and user that holds a policy, but what AWS made, what only services get, and the
/// roles of declared pipelines.
fn holders<'t>(input: &'t Posture<'_>) -> Vec<Holder<'t>> {
    let policies = Policies::of(input);
    let mut projects: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for found in trust::ci_roles(input) {
        let bound = found.entries.iter().flat_map(|entry| entry.bound("sub"));
        let values = bound.flatten().filter_map(|bound| {
            let path = bound.value.strip_prefix("project_path:")?;
            path.split(':').next().map(str::to_owned)
        });
        projects
            .entry(found.role.object)
            .or_default()
            .extend(values);
    }
    let leased: BTreeSet<&str> = input
        .things
        .of("vault-aws-role")
        .flat_map(|role| role.values("role_arns").collect::<Vec<_>>())
        .collect();
    let keyed: BTreeSet<&str> = input
        .things
        .of("aws-access-key")
        .filter(|key| key.value("status") == Some("Active"))
        .filter_map(|key| key.value("user"))
        .collect();
    let mut holders = Vec::new();
    for thing in input
        .things
        .of("aws-role")
        .chain(input.things.of("aws-user"))
    {
        let paths = projects.get(thing.object);
        if trust::is_of_aws(&thing) || paths.is_some_and(|paths| is_declared(paths, input)) {
            continue;
        }
        let is_got = paths.is_some()
            || thing.value("arn").is_some_and(|arn| leased.contains(arn))
            || keyed.contains(thing.object);
        let project = paths.and_then(|paths| match paths.iter().collect::<Vec<_>>().as_slice() {
            [one] => one.rsplit('/').next().map(str::to_owned),
            _ => None,
        });
        let holder = policies.holder(thing, is_got, project, input);
        let is_of_jobs = paths.is_some();
        holders.extend(holder.map(|holder| Holder {
            is_of_jobs,
            ..holder
        }));
    }
    holders
}

/// Whether every project whose jobs get a role is declared to change power.
fn is_declared(paths: &BTreeSet<String>, input: &Posture<'_>) -> bool {
    let declared = |path: &String| {
        let named = input.things.of("gitlab-project").find(|project| {
            let stated = project.value("path_with_namespace");
            stated.is_some_and(|stated| stated.eq_ignore_ascii_case(path))
        });
        named.is_some_and(|project| input.settings.people.is_admin(project.object))
    };
    !paths.is_empty() && paths.iter().all(declared)
}

/// Managed policies by ARN, and groups by name.
struct Policies<'t> {
    by_arn: BTreeMap<&'t str, Thing<'t>>,
}

impl<'t> Policies<'t> {
    fn of(input: &'t Posture<'_>) -> Policies<'t> {
        let policies = input.things.of("aws-policy");
        let named = policies.filter_map(|policy| Some((policy.value("arn")?, policy)));
        Policies {
            by_arn: named.collect(),
        }
    }

    fn holder(
        &self,
        thing: Thing<'t>,
        is_got: bool,
        project: Option<String>,
        input: &'t Posture<'_>,
    ) -> Option<Holder<'t>> {
        let account = thing.value("account").unwrap_or("");
        let groups: Vec<Thing<'t>> = thing
            .values("group")
            .map(|group| format!("aws:group/{account}/{group}"))
            .filter_map(|id| {
                input
                    .things
                    .of("aws-group")
                    .find(|group| group.object == id)
            })
            .collect();
        let place = ["attached", "inline"].iter().find_map(|name| {
            let own = thing.place_of(name);
            own.or_else(|| groups.iter().find_map(|group| group.place_of(name)))
        });
        let mut holder = Holder {
            is_got,
            project,
            is_of_jobs: false,
            place,
            statements: Vec::new(),
            boundary: None,
            named: BTreeSet::new(),
            unread: Vec::new(),
            thing,
        };
        place?;
        let boundary = holder.thing.value("boundary");
        for source in std::iter::once(&holder.thing).chain(&groups) {
            holder.statements.extend(read(source, "inline"));
            for arn in source.values("attached") {
                match (self.by_arn.get(arn), arn.strip_prefix(OF_AWS)) {
                    (Some(policy), _) => holder.statements.extend(read(policy, "statement")),
                    (None, Some(name)) => {
                        holder.named.insert(name);
                    }
                    (None, None) => holder.unread.push(arn),
                }
            }
        }
        if let Some(arn) = boundary {
            // A boundary that is in no export may allow everything: it bounds nothing that is known.
            let policy = self.by_arn.get(arn);
            holder.boundary = policy.map(|policy| read(policy, "statement"));
            if policy.is_none() {
                holder.unread.push(arn);
            }
        }
        Some(holder)
    }
}

/// The statements of an attribute. The format has read them once: they are sound.
fn read(thing: &Thing<'_>, name: &str) -> Vec<Statement> {
    let list: Vec<Value> = thing
        .values(name)
        .filter_map(|text| serde_json::from_str(text).ok())
        .collect();
    statements(&json!({ "Statement": list })).unwrap_or_default()
}

/// Whether a statement is about things that are not the holder's own: its project's, or, of a holder
/// without one project, things named whole.
pub(super) fn reaches_out(statement: &Statement, project: Option<&str>) -> bool {
    let own = |resource: &String| {
        let name = resource.splitn(6, ':').nth(5).unwrap_or(resource);
        match project {
            Some(project) => {
                let mut words = name.split(|one: char| !one.is_ascii_alphanumeric() && one != '*');
                words.any(|word| word.eq_ignore_ascii_case(project))
                    || is_like(&format!("*/{project}-*"), name, true)
            }
            // Vault makes users of this name only.
            None => name.starts_with("user/vault-") || !name.contains(['*', '?']),
        }
    };
    !statement.not_resources.is_empty() || !statement.resources.iter().all(own)
}
/// Looks at every holder; `breach` says what of one is too much: object, detail, and how grave that is
/// where somebody outside AWS gets it.
pub(super) fn look(
    input: &Posture<'_>,
    breach: impl Fn(&Holder<'_>) -> Option<(String, String, Severity)>,
) -> Verdict {
    let holders = holders(input);
    if holders.is_empty() {
        let why = "no AWS role or user with its policies was supplied";
        return Verdict::NotAssessed(why.to_owned());
    }
    let mut observations = Vec::new();
    for holder in &holders {
        let (Some((object, detail, severity)), Some(place)) = (breach(holder), holder.place) else {
            continue;
        };
        let evidence = input.evidence(place);
        let mut seen = Observation::of(holder.thing.object, object, evidence).with_detail(detail);
        if !holder.is_of_jobs {
            // Only projects are declared, so no declaration would have left it out.
            seen = seen.with_counterpart("aws-role");
        }
        observations.push(seen.with_severity(if holder.is_got {
            severity
        } else {
            milder(severity)
        }));
    }
    Verdict::looked(holders.len() as u64, observations, unread(&holders))
}

/// One level milder: nothing outside AWS gets what the holder may do.
fn milder(severity: Severity) -> Severity {
    match severity {
        Severity::Crit => Severity::High,
        Severity::High => Severity::Med,
        other => other.min(Severity::Low),
    }
}

/// What of the holders' policies is in no export, in words.
fn unread(holders: &[Holder<'_>]) -> Option<String> {
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
