//! AWS-TRU-001: a role that any job of a GitLab may assume.

use std::net::IpAddr;

use super::trust::{self, Entry};
use super::{Check, Known, Verdict};
use crate::model::Severity;
use crate::posture::Posture;

pub(in crate::check) struct OpenRole;

impl Check for OpenRole {
    fn name(&self) -> &'static str {
        "open-aws-role"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        trust::look(input, |found, observations| {
            for entry in found.entries.iter().filter(|entry| is_open(entry)) {
                let detail = match entry.bound("sub").is_empty() {
                    true => "no condition binds its `sub`",
                    false => "its `sub` takes every subject",
                };
                let seen = trust::observe(input, &found.role, entry.provider(), detail.to_owned());
                observations.extend(seen.map(|mut seen| {
                    let anybody = entry.host == "gitlab.com";
                    seen.severity = Some(match is_from_runners(entry, input) {
                        true => Severity::Med,
                        false if anybody => Severity::Crit,
                        false => Severity::High,
                    });
                    seen
                }));
            }
        })
    }
}

/// Whether nothing bounds whose jobs get in.
pub(super) fn is_open(entry: &Entry) -> bool {
    let bound = entry.bound("sub");
    bound
        .iter()
        .all(|alternatives| trust::takes_all(alternatives))
}

/// Whether only addresses of the runners get in.
fn is_from_runners(entry: &Entry, input: &Posture<'_>) -> bool {
    let of_runner = |range: &String| {
        let address = range.split('/').next().unwrap_or(range);
        let address = address.parse::<IpAddr>();
        let all = range.ends_with("/0");
        address.is_ok_and(|address| !all && input.settings.network.is_runner(address))
    };
    entry.statement.conditions.iter().any(|condition| {
        condition.operator.eq_ignore_ascii_case("IpAddress")
            && condition.key.eq_ignore_ascii_case("aws:SourceIp")
            && !condition.values.is_empty()
            && condition.values.iter().all(of_runner)
    })
}
