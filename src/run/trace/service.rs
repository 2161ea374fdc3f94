//! A Cloud Run service: its logins, tokens and secrets.

use super::inquiry::{Answer, Inquiry};
use super::person::{group, touched};
use super::tally::Tally;
use super::tree::Branches;
use crate::model::trace::Node;

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
        node.fact("account", &accounts.join(", "))
            .fact("revisions", &revisions.join(", "));
        node
    }
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
    let found = !nodes.is_empty();
    let mut all = Tally::default();
    touched.values().for_each(|tally| all.merge(tally));
    let nothing = "no request in the period was made with a token of the service";
    let words = "no login in the period came from the account of the service";
    root.children = vec![
        group(inquiry, "secrets", "no-use", nothing, all.nodes()),
        group(inquiry, "logins", "no-login", words, nodes),
    ];
    Ok((service.to_owned(), vec![root], found))
}
