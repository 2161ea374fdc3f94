//! A person: jobs, logins, and what both touched.

use std::collections::{BTreeMap, BTreeSet};

use super::elsewhere::elsewhere;
use super::inquiry::{Answer, Inquiry};
use super::job::overlaps;
use super::origin::via;
use super::rows::EventRow;
use super::tally::Tally;
use super::tree::Branches;
use crate::estate::ownership::owner_match;
use crate::model::trace::{Node, Via};
use crate::model::{Key, id};
use crate::table::row::event;

pub(super) fn trace(inquiry: &Inquiry<'_>, person: &str) -> Answer {
    let identity = &inquiry.estate.identity;
    let mut jobs: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (job, number) in identity.directory.jobs.iter().zip(0u32..) {
        let own = !job.username.is_empty() && inquiry.person_of(&job.username) == person;
        if own
            && overlaps(
                inquiry.period(),
                job.started_at.or(job.created_at),
                job.finished_at,
            )
        {
            jobs.insert(number, Vec::new());
        }
    }
    let mut logins = Vec::new();
    let mut of_jobs = Vec::new();
    let mut possible: BTreeMap<u32, u64> = BTreeMap::new();
    for (position, _) in inquiry.logins() {
        let Some(origin) = identity.origin(position) else {
            continue;
        };
        if origin
            .person
            .as_ref()
            .is_some_and(|known| known.person == person)
        {
            logins.push(position);
        }
        let job = origin.jobs.as_ref().and_then(|jobs| jobs.only());
        if let (Some(several), None) = (&origin.jobs, job) {
            for &job in &several.found {
                *possible.entry(job).or_default() += 1;
            }
        }
        if let Some(found) = job.and_then(|job| jobs.get_mut(&job)) {
            found.push(position);
            of_jobs.push(position);
        }
    }
    let touched = touched(inquiry, &logins, &of_jobs)?;
    let elsewhere = elsewhere(inquiry, &|principal| joined(inquiry, person, principal))?;
    let mut root = inquiry.person_node(person);
    let aliases: Vec<&str> = inquiry.scope.settings.people.ids_of(person).collect();
    root.fact("known as", &aliases.join(", "));
    let branches = Branches::new(inquiry, &logins, &[])?;
    let nodes = logins.iter().filter(|&&login| branches.in_period(login));
    let nodes: Vec<Node> = nodes
        .map(|&login| {
            let known = identity
                .origin(login)
                .and_then(|origin| origin.person.as_ref());
            let via = known.and_then(|known| via("person-login", known.key, known.key_name));
            let mut node = branches.bare_login(login, via);
            let mut token = branches.bare_token(login);
            token.children = touched.get(&login).map(Tally::nodes).unwrap_or_default();
            token.limit_to(inquiry.limit);
            node.children.push(token);
            node
        })
        .collect();
    let job_nodes: Vec<Node> = jobs
        .iter()
        .filter_map(|(&number, logins)| {
            let mut node = inquiry.job_node(identity.directory.job(number)?);
            node.via = via("person-job", Key::K1, "job.user.username");
            let below = logins.iter().filter_map(|login| touched.get(login));
            node.fact("logins", &logins.len().to_string());
            if let Some(count) = possible.get(&number) {
                let count = format!("{count}, which other jobs fit as well");
                node.fact("possible logins", &count);
            }
            node.children = below.flat_map(Tally::nodes).collect();
            node.limit_to(inquiry.limit);
            Some(node)
        })
        .collect();
    let found = !nodes.is_empty() || !job_nodes.is_empty() || !elsewhere.is_empty();
    root.children = vec![
        group(
            inquiry,
            "jobs",
            "no-job",
            "no exported job ran as this person in the period",
            job_nodes,
        ),
        group(
            inquiry,
            "logins",
            "no-login",
            "no login on a human mount in the period names this person",
            nodes,
        ),
        group(
            inquiry,
            "elsewhere",
            "no-event",
            "no other event in the period names this person; [people.aliases] says who is who",
            elsewhere,
        ),
    ];
    Ok((person.to_owned(), vec![root], found))
}

/// A named list in time order, or the gap where it is empty.
pub(super) fn group(
    inquiry: &Inquiry<'_>,
    kind: &'static str,
    reason: &'static str,
    words: &str,
    mut nodes: Vec<Node>,
) -> Node {
    if nodes.is_empty() {
        return Node::missing(kind, reason, words);
    }
    nodes.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    let mut node = Node::new(kind, "");
    node.fact("count", &nodes.len().to_string());
    node.children = nodes;
    node.limit_to(inquiry.limit);
    node
}

/// What was done with the tokens of logins and with their children's, by login.
pub(super) fn touched(
    inquiry: &Inquiry<'_>,
    logins: &[u32],
    more: &[u32],
) -> Result<BTreeMap<u32, Tally>, crate::table::engine::EngineError> {
    let wanted: BTreeSet<u32> = logins.iter().chain(more).copied().collect();
    let facts: BTreeMap<u32, _> = wanted
        .iter()
        .map(|&login| (login, inquiry.facts(login)))
        .collect();
    let mut tallies: BTreeMap<u32, Tally> = BTreeMap::new();
    inquiry.each_event(|op, batch, row| {
        let Some(session) = inquiry.estate.identity.session(op) else {
            return Ok(());
        };
        let login = inquiry.estate.identity.root(session).login;
        if let Some(facts) = facts.get(&login)
            && batch.int(row, event::IN_PERIOD) == Some(1)
        {
            let event = EventRow::new(batch, row)?;
            let matches = owner_match(facts, &event.owner);
            tallies.entry(login).or_default().add(event, matches);
        }
        Ok(())
    })?;
    Ok(tallies)
}

/// How a principal of another system is this person.
fn joined(inquiry: &Inquiry<'_>, person: &str, principal: &str) -> Option<Via> {
    if principal == person || inquiry.scope.person(principal) == Some(person) {
        let words = "principal = the person or an alias of [people.aliases]";
        return via("person-event", Key::K1, words);
    }
    if let Some(login) = principal.strip_prefix("okta:user/") {
        let known = inquiry.estate.identity.idp.person(login, &inquiry.scope)?;
        let same = known.person == person;
        return same
            .then(|| via("person-event", known.key, known.key_name))
            .flatten();
    }
    let email = principal.strip_prefix("gcp:principal/user:")?;
    let directory = &inquiry.estate.identity.directory;
    let mut users = directory.usernames().filter(|user| {
        let user = id::gitlab_user(user);
        let mut emails = directory.values("gitlab-user", &user, "email");
        emails.any(|known| known.eq_ignore_ascii_case(email))
    });
    let (user, other) = (users.next()?, users.next());
    let same = other.is_none() && inquiry.person_of(user) == person;
    let words = "principal = e-mail address of the GitLab user";
    same.then(|| via("person-event", Key::K3, words)).flatten()
}
