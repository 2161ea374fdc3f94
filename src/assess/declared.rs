//! Whom a setting may declare that nothing in the inputs ties to it.
//!
//! A rule that leaves out whom `[people] admins` declares accuses by the absence of a name there.
//! Where nobody is declared, a machine may be the pipeline that should have been, and a person one
//! of those whom the declaration would name. Where somebody is declared by a bare name, an account
//! that nothing ties to anybody may be theirs.

use std::collections::BTreeSet;

use crate::config::People;
use crate::model::{Hole, id};
use crate::posture::{Posture, vault};

/// What the setting is called as a counterpart of a rule.
pub(super) const ADMINS: &str = "people.admins";
/// What those are called who may go past what is usual.
pub(super) const BREAK_GLASS: &str = "people.break_glass";
/// What accounts of the identity provider begin with.
const OF_OKTA: &str = "okta:user/";
/// What users of GitLab begin with: a bare name is theirs.
const OF_GITLAB: &str = "gitlab:user/";
/// Accounts of people, by what their ids begin with.
pub(super) const OF_PEOPLE: [&str; 3] = [OF_OKTA, "gcp:principal/user:", OF_GITLAB];

/// How roles and policies of Vault are called.
const OF_ROLES: [&str; 2] = ["vault:role/", "vault:policy/"];
/// How an entity of Vault is called of which nothing says whose it is.
const ENTITY: &str = "vault:entity/";
/// What would say whose an entity is.
const TYING: [&str; 3] = ["gitlab-user", "okta", "vault-entity"];

/// What acts for nobody, by what its ids begin with.
pub(super) const NOBODY: [&str; 2] = ["aws:root/", "run:service/"];

/// Whether `subject`, whom no entry names, may still be somebody that should be one. What lacks of
/// GitLab's users may be what ties an account to a name, and what lacks of the logins, of those that
/// were `met`, whose an entity is.
pub(super) fn may_be_admin(
    subject: &str,
    input: &Posture<'_>,
    holes: &[Hole],
    met: Option<&BTreeSet<String>>,
) -> bool {
    let people = &input.settings.people;
    let account = OF_PEOPLE
        .iter()
        .find(|scheme| subject.starts_with(**scheme));
    if people.admins().next().is_none() {
        return !NOBODY.iter().any(|scheme| subject.starts_with(scheme));
    }
    if OF_ROLES.iter().any(|scheme| subject.starts_with(scheme)) {
        return vault::serves_declared(subject, input);
    }
    if subject.starts_with(ENTITY) {
        let mut people = people.admins().filter(|admin| is_person(admin));
        let cut = |hole: &Hole| TYING.iter().any(|of| hole.concerns(of));
        let is_known = || input.things.named("vault-entity", subject).next().is_some();
        let stranger = met.is_some_and(|met| !met.contains(subject)) && !is_known();
        return people.next().is_some() && (stranger || holes.iter().any(cut));
    }
    let Some((scheme, name)) = account.and_then(|it| Some((*it, subject.strip_prefix(it)?))) else {
        return false;
    };
    if scheme == OF_OKTA && !name.contains('@') {
        // Its number alone: whose it is, the name would say.
        return people.admins().any(is_person);
    }
    let name = name.split('@').next().unwrap_or(name);
    let mut untied = people
        .admins()
        .filter(|admin| is_untied(admin, scheme, people));
    let cut = holes.iter().any(|hole| hole.concerns("gitlab-user"));
    let nothing_ties = scheme != OF_GITLAB && (cut || !input.has_kind("gitlab-user"));
    untied.any(|admin| {
        nothing_ties || admin.eq_ignore_ascii_case(name) || is_misspelt(admin, name, input)
    })
}

/// Whether an entry that no user bears differs from a name by one letter.
fn is_misspelt(admin: &str, name: &str, input: &Posture<'_>) -> bool {
    let user = id::gitlab_user(admin);
    let mut users = input.things.named("gitlab-user", &user);
    let (admin, name) = (admin.to_lowercase(), name.to_lowercase());
    users.next().is_none() && strsim::osa_distance(&admin, &name) == 1
}

/// Whether an entry names a person, or an account of one.
fn is_person(admin: &str) -> bool {
    let account = OF_PEOPLE.iter().any(|scheme| admin.starts_with(scheme));
    account || !admin.contains(':')
}

/// Whether an entry is a person's name of which no alias says the account in that system.
fn is_untied(admin: &str, scheme: &str, people: &People) -> bool {
    let bare = !admin.contains(['@', ':']);
    bare && !people.ids_of(admin).any(|id| id.starts_with(scheme))
}
