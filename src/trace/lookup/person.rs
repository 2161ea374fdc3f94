//! People: by alias, GitLab user name, e-mail address, or the name on their tokens.

use std::collections::BTreeSet;

use super::{Found, ambiguous, unknown};
use crate::estate::JoinedEstate;
use crate::identity::Scope;
use crate::model::id;
use crate::trace::ask::{Ask, TraceError};

pub(super) fn find(
    estate: &JoinedEstate,
    scope: &Scope<'_>,
    ask: &Ask<'_>,
) -> Result<Found, TraceError> {
    let people = &scope.settings.people;
    let directory = &estate.identity.directory;
    if let Some(person) = scope.person(ask.id) {
        return Ok(Found::Person(person.to_owned()));
    }
    if people.ids_of(ask.id).next().is_some() {
        return Ok(Found::Person(ask.id.to_owned()));
    }
    let bare = ask.id.strip_prefix("gitlab:user/").unwrap_or(ask.id);
    let named = |user: &str| {
        let user = id::gitlab_user(user);
        scope.person(&user).map_or(user.clone(), str::to_owned)
    };
    if directory.user(bare).is_some() {
        return Ok(Found::Person(named(bare)));
    }
    let address = ask.id.rsplit_once(['/', ':']).map_or(ask.id, |(_, a)| a);
    if address.contains('@') {
        let owners = directory.usernames().filter(|user| {
            let user = id::gitlab_user(user);
            let mut emails = directory.values("gitlab-user", &user, "email");
            emails.any(|email| email.eq_ignore_ascii_case(address))
        });
        let owners: BTreeSet<String> = owners.map(named).collect();
        let mut in_order = owners.iter();
        match (in_order.next(), in_order.next()) {
            (Some(one), None) => return Ok(Found::Person(one.clone())),
            (Some(_), Some(_)) => return Err(ambiguous(ask, owners)),
            (None, _) => {}
        }
        if let Some(person) = scope.person(&id::gcp_email(address)) {
            return Ok(Found::Person(person.to_owned()));
        }
    }
    let known: BTreeSet<&str> = directory.usernames().chain(people.persons()).collect();
    Err(unknown(ask, bare, known.into_iter()))
}
