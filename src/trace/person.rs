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

/// What a person has to do with jobs and logins, by their positions.
#[derive(Default)]
struct Found {
    /// Own jobs, with the logins that came from each.
    jobs: BTreeMap<u32, Vec<u32>>,
    /// How many logins may have come from each job as well as from others.
    possible: BTreeMap<u32, u64>,
    /// Own logins.
    logins: Vec<u32>,
    /// Logins that came from own jobs.
    of_jobs: Vec<u32>,
}

/// Traces a person.
pub(super) fn trace(inquiry: &Inquiry<'_>, person: &str) -> Answer {
    let found = Found::new(inquiry, person);
    let touched = touched(inquiry, &found.logins, &found.of_jobs)?;
    let elsewhere = elsewhere(inquiry, &|principal| joined(inquiry, person, principal))?;
    let branches = Branches::new(inquiry, &found.logins, &[])?;
    let logins = found.login_nodes(inquiry, &branches, &touched);
    let jobs = found.job_nodes(inquiry, &touched);
    let any = !logins.is_empty() || !jobs.is_empty() || !elsewhere.is_empty();
    let mut root = inquiry.person_node(person);
    let aliases: Vec<&str> = inquiry.scope.settings.people.ids_of(person).collect();
    root.fact("known as", &aliases.join(", "));
    root.children = vec![
        group(
            inquiry,
            "jobs",
            "no-job",
            "no exported job ran as this person in the period",
            jobs,
        ),
        group(
            inquiry,
            "logins",
            "no-login",
            "no login on a human mount in the period names this person",
            logins,
        ),
        group(
            inquiry,
            "elsewhere",
            "no-event",
            "no other event in the period names this person; [people.aliases] says who is who",
            elsewhere,
        ),
    ];
    Ok((person.to_owned(), vec![root], any))
}

impl Found {
    fn new(inquiry: &Inquiry<'_>, person: &str) -> Found {
        let identity = &inquiry.estate.identity;
        let mut found = Found::default();
        for (job, number) in identity.directory.jobs.iter().zip(0u32..) {
            let own = !job.username.is_empty() && inquiry.person_of(&job.username) == person;
            let start = job.started_at.or(job.created_at);
            if own && overlaps(inquiry.period(), start, job.finished_at) {
                found.jobs.insert(number, Vec::new());
            }
        }
        for (position, _) in inquiry.logins() {
            let Some(origin) = identity.origin(position) else {
                continue;
            };
            let known = origin.person.as_ref();
            if known.is_some_and(|known| known.person == person) {
                found.logins.push(position);
            }
            let job = origin.jobs.as_ref().and_then(|jobs| jobs.only());
            if let (Some(several), None) = (&origin.jobs, job) {
                for &job in &several.found {
                    *found.possible.entry(job).or_default() += 1;
                }
            }
            if let Some(of_job) = job.and_then(|job| found.jobs.get_mut(&job)) {
                of_job.push(position);
                found.of_jobs.push(position);
            }
        }
        found
    }

    fn login_nodes(
        &self,
        inquiry: &Inquiry<'_>,
        branches: &Branches<'_, '_>,
        touched: &BTreeMap<u32, Tally>,
    ) -> Vec<Node> {
        let identity = &inquiry.estate.identity;
        let inside = self.logins.iter();
        let inside = inside.filter(|&&login| branches.in_period(login));
        let node = |&login: &u32| {
            let origin = identity.origin(login);
            let known = origin.and_then(|origin| origin.person.as_ref());
            let via = known.and_then(|known| via("person-login", known.key, known.key_name));
            let mut node = branches.bare_login(login, via);
            let mut token = branches.bare_token(login);
            token.children = touched.get(&login).map(Tally::nodes).unwrap_or_default();
            token.limit_to(inquiry.limit);
            node.children.push(token);
            node
        };
        inside.map(node).collect()
    }

    fn job_nodes(&self, inquiry: &Inquiry<'_>, touched: &BTreeMap<u32, Tally>) -> Vec<Node> {
        let directory = &inquiry.estate.identity.directory;
        let node = |(&number, logins): (&u32, &Vec<u32>)| {
            let mut node = inquiry.job_node(directory.job(number)?);
            node.via = via("person-job", Key::K1, "job.user.username");
            let below = logins.iter().filter_map(|login| touched.get(login));
            node.fact("logins", &logins.len().to_string());
            if let Some(count) = self.possible.get(&number) {
                let count = format!("{count}, which other jobs fit as well");
                node.fact("possible logins", &count);
            }
            node.children = below.flat_map(Tally::nodes).collect();
            node.limit_to(inquiry.limit);
            Some(node)
        };
        self.jobs.iter().filter_map(node).collect()
    }
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
