//! GCP-IAM-007: a role of a service account of which nothing was used.

use std::collections::BTreeSet;

use super::{Check, DAY, Known, MANAGER, Verdict, age, grants, observe, workload};
use crate::model::Grant;
use crate::posture::{Posture, Thing};
use crate::rule::Observation;

pub(in crate::check) struct UnusedRole;

impl Check for UnusedRole {
    fn name(&self) -> &'static str {
        "unused-role"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let held: Vec<&Grant> = grants(input)
            .filter(|grant| workload(input, grant).is_some())
            .collect();
        let mut seen = Seen::default();
        for insight in input.things.of("gcp-role-usage") {
            seen.role(input, &held, &insight);
        }
        for insight in input.things.of("gcp-account-usage") {
            seen.account(input, &held, &insight);
        }
        let short = seen.short;
        if seen.population == 0 {
            let reason = match short {
                0 => {
                    "no IAM usage insight about a role of a service account was supplied".to_owned()
                }
                _ => format!("{short} usage insight(s) look back less far than `unused_role`"),
            };
            return Verdict::NotAssessed(reason);
        }
        let missing = (short > 0)
            .then(|| format!("{short} usage insight(s) look back less far than `unused_role`"));
        Verdict::looked(seen.population, seen.observations, missing)
    }
}

#[derive(Default)]
struct Seen {
    population: u64,
    /// Insights that do not look back far enough.
    short: u64,
    observations: Vec<Observation>,
}

impl Seen {
    /// Takes what Google saw of one role of one holder.
    fn role(&mut self, input: &Posture<'_>, held: &[&Grant], insight: &Thing<'_>) {
        let (Some(holder), Some(role)) = (insight.value("holder"), insight.value("role")) else {
            return;
        };
        let same = |grant: &&&Grant| grant.holder == holder && grant.capability == role;
        let given: Vec<&Grant> = held.iter().filter(same).copied().collect();
        let Some(resource) = resource(input, &given, insight) else {
            return;
        };
        let asked = Grant {
            holder: holder.to_owned(),
            resource,
            capability: role.to_owned(),
            condition: String::new(),
            language: "gcp",
            place: match insight.place() {
                Some(place) => place,
                None => return,
            },
        };
        if workload(input, &asked).is_none() || !self.is_long(input, insight) {
            return;
        }
        self.population += 1;
        let none = |name: &str| insight.number(name) == Some(0);
        if !(none("exercised") && none("inferred")) {
            return;
        }
        let total = insight.value("permissions").unwrap_or("its");
        self.unused(
            input,
            &asked,
            &format!("0 of {total} permissions{}", window(insight)),
        );
    }

    /// Takes that an account was not used at all: none of its roles was.
    fn account(&mut self, input: &Posture<'_>, held: &[&Grant], insight: &Thing<'_>) {
        let Some(account) = insight.value("account") else {
            return;
        };
        let roles: Vec<&Grant> = held
            .iter()
            .filter(|grant| grant.holder == account)
            .copied()
            .collect();
        if roles.is_empty() || !self.is_long(input, insight) {
            return;
        }
        self.population += roles.len() as u64;
        let last = insight.value("last_used_at");
        let least = input.threshold("unused_role").unwrap_or(90 * 86_400);
        if age(input, last).is_some_and(|age| age / 1_000_000 < least) {
            return;
        }
        let before = last.map_or_else(String::new, |last| format!(", last on {last}"));
        let detail = format!("the account was not used{}{before}", window(insight));
        for grant in roles {
            self.unused(input, grant, &detail);
            if let Some(place) = insight.place() {
                let again = Grant {
                    place,
                    ..grant.clone()
                };
                self.unused(input, &again, &detail);
            }
        }
    }

    /// Whether an insight looks back as far as the rule asks.
    fn is_long(&mut self, input: &Posture<'_>, insight: &Thing<'_>) -> bool {
        let least = input.threshold("unused_role").unwrap_or(90 * 86_400);
        let observed = insight.value("observed");
        let observed = observed.and_then(|seconds| seconds.split('.').next()?.parse::<i64>().ok());
        let long = observed.is_some_and(|observed| observed >= least);
        self.short += u64::from(!long);
        long
    }

    fn unused(&mut self, input: &Posture<'_>, grant: &Grant, detail: &str) {
        let mut seen = observe(input, grant).with_detail(detail);
        seen.object = format!("{} on {}", grant.capability, grant.resource);
        self.observations.push(seen);
    }
}

/// The resource of an insight as IAM policies name it: Google names projects by number here.
/// `None` where the policy of the resource was read and has the grant no longer.
fn resource(input: &Posture<'_>, given: &[&Grant], insight: &Thing<'_>) -> Option<String> {
    let mut targets = insight.values("resource");
    let target = targets.next()?;
    if given.iter().any(|grant| grant.resource == target) {
        return Some(target.to_owned());
    }
    if grants(input).any(|grant| grant.resource == target) {
        return None;
    }
    let number = target
        .strip_prefix(MANAGER)
        .and_then(|name| name.strip_prefix("projects/"))
        .is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    let projects = format!("{MANAGER}projects/");
    let resources = given.iter().map(|grant| grant.resource.as_str());
    let named: BTreeSet<&str> = resources
        .filter(|resource| number && resource.starts_with(&projects))
        .collect();
    // Two projects with the same grant are not told apart by a number.
    let only = named.first().filter(|_| named.len() == 1);
    Some((*only.unwrap_or(&target)).to_owned())
}

/// The days that an insight looks back, and from when.
fn window(insight: &Thing<'_>) -> String {
    let seconds = insight
        .value("observed")
        .and_then(|seconds| seconds.split('.').next());
    let seconds = seconds.and_then(|seconds| seconds.parse::<i64>().ok());
    let days = seconds.unwrap_or(0) / (DAY / 1_000_000);
    match insight.value("refreshed_at") {
        Some(at) => format!(" in {days} days before {at}"),
        None => format!(" in {days} days"),
    }
}
