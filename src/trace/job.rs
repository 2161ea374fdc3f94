//! A job: the person behind it, its logins, tokens, requests, leases and cloud events.

use std::collections::BTreeSet;

use super::inquiry::{Answer, Inquiry};
use super::origin::nest;
use super::tree::Branches;
use crate::model::trace::Node;
use crate::model::{Period, Timestamp, id};

pub(super) fn trace(inquiry: &Inquiry<'_>, number: u32) -> Answer {
    let identity = &inquiry.estate.identity;
    let Some(job) = identity.directory.job(number) else {
        return Ok((String::new(), Vec::new(), false));
    };
    let name = id::gitlab_job(job.project_id, job.id);
    let logins: Vec<u32> = inquiry
        .logins()
        .map(|(position, _)| position)
        .filter(|&position| {
            let jobs = identity.origin(position).and_then(|o| o.jobs.as_ref());
            jobs.is_some_and(|jobs| jobs.found.contains(&number))
        })
        .collect();
    let branches = Branches::new(inquiry, &logins, std::slice::from_ref(&name))?;
    let mut path = inquiry.above_job(job);
    let mut own = path.pop().unwrap_or_default();
    let mut found = overlaps(inquiry.period(), own.at, own.until);
    let mut below = Vec::new();
    for &position in &logins {
        if !branches.in_period(position) {
            continue;
        }
        found = true;
        let (_, mut via) = inquiry.above(position);
        if let Some(via) = &mut via {
            via.alternatives.retain(|other| *other != name);
        }
        below.push(branches.login(position, via));
    }
    let outside = logins.len() - below.len();
    if outside > 0 {
        own.fact("logins outside the period", &outside.to_string());
    }
    if logins.is_empty() {
        let words = "no login in the logs came from the job, or none that names it or its project";
        below.push(Node::missing("login", "no-login", words));
    }
    // What a lease shows already is not shown again.
    let mut shown = BTreeSet::new();
    below.iter().for_each(|node| events_of(node, &mut shown));
    let own_events = branches.cloud(&name).into_iter();
    below.extend(own_events.filter(|node| !shown.contains(&node.id)));
    below.sort_by_key(|node| node.at);
    own.children = below;
    own.limit_to(inquiry.limit);
    Ok((name, vec![nest(path, own)], found))
}

/// A job that no export holds, but that the tokens of `logins` name.
pub(super) fn claimed(inquiry: &Inquiry<'_>, job: String, logins: &[u32]) -> Answer {
    let branches = Branches::new(inquiry, logins, &[])?;
    let mut found = false;
    let mut roots = Vec::new();
    for position in inquiry.by_time(logins) {
        found |= branches.in_period(position);
        let (path, via) = inquiry.above(position);
        roots.push(nest(path, branches.login(position, via)));
    }
    Ok((job, roots, found))
}

/// Ids of the cloud events in a tree.
fn events_of(node: &Node, found: &mut BTreeSet<String>) {
    if node.kind == "event" && !node.id.is_empty() {
        found.insert(node.id.clone());
    }
    node.children
        .iter()
        .for_each(|child| events_of(child, found));
}

/// Whether a run of a job touches the period; one without end still runs.
pub(super) fn overlaps(period: Period, at: Option<Timestamp>, until: Option<Timestamp>) -> bool {
    at.is_some_and(|at| at < period.to) && until.is_none_or(|until| until >= period.from)
}
