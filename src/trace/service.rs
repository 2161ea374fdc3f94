//! A Cloud Run service: its logins, tokens and secrets.

use super::elsewhere::elsewhere;
use super::inquiry::{Answer, Inquiry};
use super::origin::via;
use super::person::{group, touched};
use super::tally::Tally;
use super::tree::Branches;
use crate::model::Key;
use crate::model::trace::{Node, Via};

impl Inquiry<'_> {
    /// A service with its accounts and revisions.
    pub(super) fn service_node(&self, service: &str) -> Node {
        let mut node = Node::new("service", service);
        let services = &self.estate.identity.directory.services;
        let of_id = services.iter().filter(|other| other.id == service);
        let (mut accounts, mut revisions) = (Vec::new(), Vec::new());
        for revision in of_id {
            accounts.push(revision.service_account.clone());
            revisions.push(revision.revision.clone());
            node.evidence.push(self.pointer(revision.place));
        }
        for list in [&mut accounts, &mut revisions, &mut node.evidence] {
            list.retain(|text| !text.is_empty());
            list.sort();
            list.dedup();
        }
        let shared = accounts.iter().flat_map(|account| self.run_as(account));
        let mut shared: Vec<&str> = shared.filter(|other| *other != service).collect();
        shared.dedup();
        node.fact("account", &accounts.join(", "))
            .fact("account shared with", &shared.join(", "))
            .fact("revisions", &revisions.join(", "));
        node
    }
}

/// How a principal is an account of this service; other services that run as it are named.
fn acts_as(inquiry: &Inquiry<'_>, service: &str, principal: &str) -> Option<Via> {
    let account = principal.strip_prefix("gcp:sa/")?;
    let runs = inquiry.run_as(account);
    if !runs.contains(&service) {
        return None;
    }
    let (key, words) = if runs.len() == 1 {
        (Key::K1, "principal = account of the service")
    } else {
        (Key::K5, "principal = account that several services run as")
    };
    let mut via = via("service-event", key, words)?;
    via.confidence = key.confidence().shared_by(runs.len());
    let others = runs.iter().filter(|other| **other != service);
    via.alternatives = others.map(|&other| other.to_owned()).collect();
    Some(via)
}

pub(super) fn trace(inquiry: &Inquiry<'_>, service: &str) -> Answer {
    let identity = &inquiry.estate.identity;
    let number = |&number: &u32| identity.directory.services.get(number as usize);
    let logins: Vec<u32> = inquiry
        .logins()
        .map(|(position, _)| position)
        .filter(|&position| {
            let found = identity.origin(position).and_then(|o| o.services.as_ref());
            found.is_some_and(|found| {
                let mut services = found.found.iter().filter_map(number);
                services.any(|other| other.id == service)
            })
        })
        .collect();
    let branches = Branches::new(inquiry, &logins, &[])?;
    let touched = touched(inquiry, &logins, &[])?;
    let mut root = inquiry.service_node(service);
    let nodes: Vec<Node> = logins
        .iter()
        .filter(|&&login| branches.in_period(login))
        .map(|&login| {
            let (_, mut via) = inquiry.above(login);
            if let Some(via) = &mut via {
                via.alternatives.retain(|other| other != service);
            }
            let mut node = branches.bare_login(login, via);
            let mut token = branches.bare_token(login);
            token.children = touched
                .get(&login)
                .map(|tally| tally.nodes())
                .unwrap_or_default();
            token.limit_to(inquiry.limit);
            node.children.push(token);
            node
        })
        .collect();
    let elsewhere = elsewhere(inquiry, &|principal| acts_as(inquiry, service, principal))?;
    let found = !nodes.is_empty() || !elsewhere.is_empty();
    let mut all = Tally::default();
    touched.values().for_each(|tally| all.merge(tally));
    let nothing = "no request in the period was made with a token of the service";
    let words = "no login in the period came from the account of the service";
    root.children = vec![
        group(inquiry, "secrets", "no-use", nothing, all.nodes()),
        group(inquiry, "logins", "no-login", words, nodes),
        group(
            inquiry,
            "elsewhere",
            "no-event",
            "no other event in the period names an account of the service",
            elsewhere,
        ),
    ];
    Ok((service.to_owned(), vec![root], found))
}
