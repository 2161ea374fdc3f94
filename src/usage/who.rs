//! Names the origin of a request as far as the joins establish it.

use std::collections::BTreeSet;

use crate::identity::{Identity, Scope};
use crate::model::{Band, id};

/// What a record says of the caller's token.
#[derive(Clone, Debug, Default)]
pub(super) struct Token {
    pub(super) namespace: String,
    /// Role, where the record names one.
    pub(super) role: String,
    pub(super) entity: String,
    pub(super) display_name: String,
    pub(super) credential: String,
}

/// The origin's id and further names; `None` when the token is from another namespace than the
/// request, whose policies then say nothing.
///
/// A project, service or person is named only where the join is established:
/// below that it is the role, the entity or the token.
pub(super) fn who(
    token: &Token,
    op: u32,
    identity: &Identity,
    declared: &Scope<'_>,
) -> Option<(String, BTreeSet<String>)> {
    let mut names = BTreeSet::new();
    let session = identity.session(op);
    if let Some(login) = session.and_then(|session| identity.login(session.login))
        && identity.ledger.text(login.namespace) != token.namespace
    {
        return None;
    }
    let facts = session.map(|session| identity.facts(session, declared));
    let facts = facts.unwrap_or_default();
    let established = facts.confidence.and_then(|c| c.band()) == Some(Band::Established);
    if !facts.role_id.is_empty() {
        names.insert(facts.role_id.clone());
    }
    if established {
        let found = [&facts.project_id, &facts.service_id, &facts.person_id];
        if let Some(who) = found.into_iter().find(|id| !id.is_empty()) {
            if *who == facts.project_id && !facts.project_path.is_empty() {
                names.insert(facts.project_path.clone());
            }
            names.remove(who);
            return Some((who.clone(), names));
        }
    }
    if !token.display_name.is_empty() {
        names.insert(token.display_name.clone());
    }
    let who = if !facts.role_id.is_empty() {
        facts.role_id
    } else if !token.entity.is_empty() {
        id::vault_entity(&token.entity)
    } else {
        id::vault_accessor(&token.credential)
    };
    if !token.role.is_empty() && !who.starts_with("vault:role/") {
        names.insert(format!("role {}", token.role));
    }
    names.remove(&who);
    Some((who, names))
}
