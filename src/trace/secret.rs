//! A secret: who touched it in the period, grouped by origin.

use std::collections::{BTreeMap, HashMap};

use super::inquiry::{Answer, Inquiry};
use super::lookup::Secret;
use super::rows::EventRow;
use super::tally::Tally;
use crate::estate::ownership::owner_match;
use crate::identity::{Candidates, Facts, Session};
use crate::model::trace::Node;
use crate::table::row::{Batch, Lacking, event};

/// One origin and what it did.
struct Group {
    node: Node,
    tally: Tally,
}

impl Group {
    fn new(node: Node) -> Group {
        Group {
            node,
            tally: Tally::default(),
        }
    }
}

/// Who touched a secret.
#[derive(Default)]
struct Touched {
    /// The name of each login's group, and what its origin is, by the login at the root of a chain.
    logins: HashMap<u32, (String, Facts)>,
    groups: BTreeMap<String, Group>,
    owner: String,
    /// Requests outside the period.
    outside: u64,
}

pub(super) fn trace(inquiry: &Inquiry<'_>, secret: &Secret) -> Answer {
    let mut touched = Touched::default();
    inquiry.each_event(|op, batch, row| {
        if secret.is(batch, row) {
            touched.take(inquiry, op, batch, row)?;
        }
        Ok(())
    })?;
    let total = touched.groups.values().map(|group| group.tally.total());
    let total: u64 = total.sum();
    let root = touched.root(inquiry, secret, total);
    Ok((secret.id.clone(), vec![root], total > 0))
}

impl Touched {
    /// Takes an event of the secret.
    fn take(
        &mut self,
        inquiry: &Inquiry<'_>,
        op: u32,
        batch: &Batch,
        row: usize,
    ) -> Result<(), Lacking> {
        let event = EventRow::new(batch, row)?;
        self.owner.clone_from(&event.owner);
        if batch.int(row, event::IN_PERIOD) != Some(1) {
            self.outside += 1;
            return Ok(());
        }
        let cloud = inquiry.cloud_use(batch, row);
        let federated = cloud.as_ref().and_then(|cloud| cloud.jobs.as_ref());
        if let (Some(cloud), Some(jobs)) = (&cloud, federated) {
            let (node, name) = job_of(inquiry, jobs);
            let matches = owner_match(&inquiry.cloud_facts(cloud), &event.owner);
            let group = self.groups.entry(name).or_insert_with(|| Group::new(node));
            group.tally.add(event, matches);
        } else if let Some(session) = inquiry.estate.identity.session(op) {
            self.take_of(inquiry, session, event);
        } else {
            let group = self.groups.entry(unjoined_name(&event));
            let group = group.or_insert_with(|| Group::new(unjoined(inquiry, &event)));
            group.tally.add(event, "");
        }
        Ok(())
    }

    /// Takes an event of a login's session.
    fn take_of(&mut self, inquiry: &Inquiry<'_>, session: Session, event: EventRow) {
        let login = inquiry.estate.identity.root(session).login;
        let (name, facts) = self.logins.entry(login).or_insert_with(|| {
            let (node, name) = origin_node(inquiry, session, login);
            let group = self.groups.entry(name.clone());
            group.or_insert_with(|| Group::new(node));
            (name, inquiry.facts(login))
        });
        let matches = owner_match(facts, &event.owner);
        if let Some(group) = self.groups.get_mut(name) {
            group.tally.add(event, matches);
        }
    }

    /// The secret, and below it every origin in the order of time.
    fn root(self, inquiry: &Inquiry<'_>, secret: &Secret, total: u64) -> Node {
        let mut root = Node::new("secret", &secret.id);
        root.fact("owner", &self.owner);
        root.fact("requests", &total.to_string());
        root.fact("origins", &self.groups.len().to_string());
        if self.outside > 0 {
            root.fact("requests outside the period", &self.outside.to_string());
        }
        let spans = self.groups.values().filter_map(|group| group.tally.span());
        let spans: Vec<_> = spans.collect();
        root.at = spans.iter().map(|span| span.0).min();
        root.until = spans.iter().map(|span| span.1).max();
        let groups = self.groups.into_values();
        let mut nodes: Vec<Node> = groups.map(|group| finished(inquiry, group)).collect();
        nodes.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        root.children = nodes;
        root.limit_to(inquiry.limit);
        root
    }
}

/// The group shows when the secret was touched, not when the origin began.
fn finished(inquiry: &Inquiry<'_>, group: Group) -> Node {
    let Group { mut node, tally } = group;
    let span = tally.span();
    node.at = span.map(|span| span.0);
    node.until = span.map(|span| span.1);
    node.children = tally.nodes();
    node.limit_to(inquiry.limit);
    node
}

/// The group of a login, and the name that keeps groups apart.
fn origin_node(inquiry: &Inquiry<'_>, session: Session, login: u32) -> (Node, String) {
    let (mut path, via) = inquiry.above(login);
    let mut node = path.pop().unwrap_or_default();
    let person = path.pop().map(|person| person.id).unwrap_or_default();
    let mut name = format!("{} {}", node.kind, node.id);
    if node.id.is_empty() {
        let others = via.as_ref().map(|via| via.alternatives.join(" "));
        let others = others.unwrap_or_default();
        name.push_str(&others);
        if others.is_empty() {
            // Nothing tells one origin from another: the login has to.
            let own = inquiry.login(login).map(|login| inquiry.login_id(login));
            let own = own.unwrap_or_default();
            name.push_str(&own);
            node.fact("login", &own);
        }
    }
    node.fact("person", &person);
    node.fact("role", &inquiry.facts(login).role_id);
    let weakest = via
        .as_ref()
        .map(|via| via.confidence.min(session.key.confidence()));
    let weakest = weakest.map_or_else(String::new, |weakest| weakest.to_string());
    node.fact("confidence of the chain", &weakest);
    node.via = via;
    (node, name)
}

fn unjoined_name(event: &EventRow) -> String {
    let who = [&event.credential, &event.principal, &event.address];
    let who = who.into_iter().find(|who| !who.is_empty());
    format!("~ {}", who.map_or("", String::as_str))
}

/// The job, or what the jobs that fit agree on, that federated into the caller of a Google event.
fn job_of(inquiry: &Inquiry<'_>, jobs: &Candidates) -> (Node, String) {
    let (mut path, via) = inquiry.above_cloud(jobs);
    let mut node = path.pop().unwrap_or_default();
    let person = path.pop().map(|person| person.id).unwrap_or_default();
    let others = via.alternatives.join(" ");
    let name = format!("{} {} {others}", node.kind, node.id);
    node.fact("person", &person);
    node.via = Some(via);
    (node, name)
}

/// A caller whose token no login in the logs handed out, or who needs none.
fn unjoined(inquiry: &Inquiry<'_>, event: &EventRow) -> Node {
    if event.credential.is_empty() && !event.principal.is_empty() {
        let mut node = Node::new("principal", &event.principal);
        let account = event.principal.strip_prefix("gcp:sa/").unwrap_or("");
        let services = inquiry.run_as(account);
        node.fact("account of", &services.join(", "));
        return node;
    }
    let words = "the token was issued before or outside the logs";
    let mut node = Node::missing("origin", "no-login", words);
    node.fact("token", &event.credential)
        .fact("address", &event.address);
    node
}
