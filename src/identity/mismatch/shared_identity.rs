//! IM-6: one entity that is many principals, and roles and accounts that are not one to one.

use std::collections::{BTreeMap, BTreeSet};

use super::{Identity, Login, Mismatch, MismatchKind, MountClass};
use crate::identity::Scope;
use crate::identity::origin;
use crate::identity::resolve::Session;
use crate::model::{Attribute, Key, Period, Place, id, list};

/// Whether aliases are one name on mounts of which some are not declared: who logs in there nobody
/// says, and one name may be one principal.
fn may_be_one(aliases: &[Alias<'_>], declared: &Scope<'_>) -> bool {
    let names: BTreeSet<String> = aliases
        .iter()
        .map(|alias| local_name(alias.name).to_lowercase())
        .collect();
    let undeclared = |alias: &Alias<'_>| declared.mount_class("", alias.mount).is_none();
    names.len() == 1 && aliases.iter().any(undeclared)
}

/// The name of an e-mail address without its tag and host; any other name as it is.
fn local_name(name: &str) -> &str {
    let local = name.split('@').next().unwrap_or(name);
    local.split('+').next().unwrap_or(local)
}

/// Who uses or is bound by whom: by the one side, the other with what shows it.
type Partners<'i> = BTreeMap<String, BTreeMap<String, Shown<'i>>>;

/// A role, its mount, an account, and what shows that they belong together.
type Pair<'i> = (String, String, String, Shown<'i>);

/// What shows that a role and an account belong together.
#[derive(Clone, Copy, Default)]
struct Shown<'i> {
    login: Option<&'i Login>,
    bound: Option<&'i Attribute>,
}

impl Identity {
    /// One entity with aliases of several people or workloads: a person and a workload, two
    /// projects, two accounts. Two aliases of one person, project or account are no collision.
    pub(super) fn entity_collisions(&self, declared: &Scope<'_>) -> Vec<Mismatch> {
        let mut found = Vec::new();
        for (entity, aliases) in self.aliases() {
            let principals: BTreeSet<String> = aliases
                .iter()
                .map(|alias| self.principal(alias, declared))
                .collect();
            let Some(first) = aliases.first().filter(|_| principals.len() > 1) else {
                continue;
            };
            let names: BTreeSet<String> = aliases
                .iter()
                .map(|alias| format!("{}{}", alias.mount, alias.name))
                .collect();
            let mut row = Mismatch::new(
                MismatchKind::EntityCollision,
                (
                    entity.to_owned(),
                    list::joined(names.iter().map(String::as_str)),
                ),
                (
                    "aliases of one principal".to_owned(),
                    list::joined(principals.iter().map(String::as_str)),
                ),
                (declared.as_of, first.place),
            )
            .of_configuration(true);
            if may_be_one(&aliases, declared) {
                row.confidence = Key::K4.confidence();
            }
            found.push(row);
        }
        found
    }

    /// The aliases of every exported entity.
    pub(super) fn aliases(&self) -> BTreeMap<&str, Vec<Alias<'_>>> {
        let mut entities: BTreeMap<&str, Vec<Alias<'_>>> = BTreeMap::new();
        let mut aliases: BTreeMap<(&str, &str), Alias<'_>> = BTreeMap::new();
        for attribute in self.directory.of_kind("vault-entity") {
            let Some((number, field)) = attribute
                .name
                .strip_prefix("alias.")
                .and_then(|rest| rest.split_once('.'))
            else {
                continue;
            };
            let alias = aliases
                .entry((attribute.object.as_str(), number))
                .or_insert(Alias {
                    name: "",
                    mount: "",
                    place: attribute.place,
                });
            match field {
                "name" => alias.name = &attribute.value,
                "mount_path" => alias.mount = &attribute.value,
                _ => {}
            }
        }
        for ((entity, _), alias) in aliases {
            entities.entry(entity).or_default().push(alias);
        }
        entities
    }

    /// Whom an alias stands for. Every spelling of one person, project or account is one name:
    /// letter case and plus-tags of an e-mail, path and number of a project, e-mail and unique id
    /// of an account.
    pub(super) fn principal(&self, alias: &Alias<'_>, declared: &Scope<'_>) -> String {
        match declared.mount_class("", alias.mount) {
            Some(MountClass::Human) => {
                let local = local_name(alias.name).to_lowercase();
                let user = id::gitlab_user(&local);
                declared
                    .person(&user)
                    .or_else(|| declared.person(alias.name))
                    .map_or(user, str::to_owned)
            }
            Some(MountClass::Ci) => {
                let name = alias
                    .name
                    .strip_prefix("project_path:")
                    .and_then(|rest| rest.split(':').next())
                    .unwrap_or(alias.name);
                let number = name
                    .parse()
                    .ok()
                    .or_else(|| self.directory.project_id(name));
                // The name is what people know; a number stands for it where it is exported.
                let path = number.and_then(|number| self.directory.project_path(number));
                format!("gitlab:{}", path.unwrap_or(name).to_lowercase())
            }
            Some(MountClass::Workload) => {
                let numbered = |attribute: &&Attribute| {
                    attribute.name == "unique_id" && attribute.value == alias.name
                };
                let account = self
                    .directory
                    .of_kind("gcp-service-account")
                    .find(numbered)
                    .and_then(|attribute| attribute.object.strip_prefix("gcp:sa/"));
                format!("workload:{}", account.unwrap_or(alias.name).to_lowercase())
            }
            None => format!("{}{}", alias.mount, alias.name),
        }
    }

    /// The same from logins alone: one entity behind a person and a workload, or behind jobs of
    /// two projects. Counts only what every candidate of a login agrees on.
    pub(super) fn shared_entities(&self, declared: &Scope<'_>, period: Period) -> Vec<Mismatch> {
        let mut seen: BTreeMap<&str, BTreeMap<String, &Login>> = BTreeMap::new();
        for (login, position) in self.ledger.logins.iter().zip(0u32..) {
            let entity = self.ledger.text(login.entity);
            if login.child || entity.is_empty() || !period.contains(login.at) {
                continue;
            }
            let session = Session {
                login: position,
                key: Key::K1,
            };
            let facts = self.facts(session, declared);
            let sure = facts.confidence >= Some(Key::K3.confidence());
            let who = match facts.origin_kind {
                "job" => facts.project_id,
                "service" => facts.service_id,
                "person" => facts.person_id,
                _ => continue,
            };
            if sure && !who.is_empty() {
                let known = seen.entry(entity).or_default().entry(who);
                let first = known.or_insert(login);
                *first = earlier(first, login);
            }
        }
        // Entities whose aliases are exported are judged by them; two services of one entity are
        // how an alias by role works (JOI-015).
        let exported: BTreeSet<&str> = self
            .directory
            .of_kind("vault-entity")
            .map(|attribute| attribute.object.as_str())
            .collect();
        let mut found = Vec::new();
        for (entity, principals) in seen {
            let subject = id::vault_entity(entity);
            let services = principals.keys().all(|who| who.starts_with("run:service/"));
            if principals.len() < 2 || services || exported.contains(subject.as_str()) {
                continue;
            }
            // Named by alias, as an export names it.
            let names: BTreeSet<String> = principals
                .iter()
                .map(|(who, login)| {
                    let alias = origin::alias(login, &self.ledger).unwrap_or(who);
                    format!("{}{alias}", self.ledger.text(login.mount))
                })
                .collect();
            let object = list::joined(names.iter().map(String::as_str));
            for (who, login) in &principals {
                let said = ("one principal".to_owned(), who.clone());
                let what = MismatchKind::EntityCollision;
                let mut row = self.about_login(login, what, subject.clone(), object.clone(), said);
                row.confidence = Key::K3.confidence();
                found.push(row);
            }
        }
        found
    }

    /// Roles used or bound by several service accounts, and accounts that use or are bound by
    /// several roles of one mount.
    pub(super) fn shared_roles(&self, declared: &Scope<'_>, period: Period) -> Vec<Mismatch> {
        let mut by_role = Partners::new();
        let mut by_account: BTreeMap<(String, String), BTreeMap<String, Shown<'_>>> =
            BTreeMap::new();
        for (role, mount, account, shown) in self.pairs(declared, period) {
            let known = by_role.entry(role.clone()).or_default();
            known.entry(account.clone()).or_default().add(shown);
            let known = by_account.entry((account, mount)).or_default();
            known.entry(role).or_default().add(shown);
        }
        let mut found = Vec::new();
        let mut note = |subject: &str, expected: &str, others: &BTreeMap<String, Shown<'_>>| {
            if others.len() < 2 {
                return;
            }
            let object = list::joined(others.keys().map(String::as_str));
            for (other, shown) in others {
                if let Some(login) = shown.login {
                    let said = (expected.to_owned(), other.clone());
                    let what = MismatchKind::RoleNotOneToOne;
                    found.push(self.about_login(
                        login,
                        what,
                        subject.to_owned(),
                        object.clone(),
                        said,
                    ));
                }
                if let Some(bound) = shown.bound {
                    found.push(
                        Mismatch::new(
                            MismatchKind::RoleNotOneToOne,
                            (subject.to_owned(), object.clone()),
                            (expected.to_owned(), "as configured".to_owned()),
                            (declared.as_of, bound.place),
                        )
                        .of_configuration(true),
                    );
                }
            }
        };
        for (role, accounts) in &by_role {
            note(role, "one service account", accounts);
        }
        for ((account, _), roles) in &by_account {
            note(account, "one role", roles);
        }
        found
    }

    /// Every (role, mount, account) that a login or a binding shows. Patterns bind nobody by name.
    fn pairs(&self, declared: &Scope<'_>, period: Period) -> Vec<Pair<'_>> {
        let text = |sym| self.ledger.text(sym);
        let mut pairs = Vec::new();
        let logins = self.ledger.logins.iter();
        for login in logins.filter(|login| !login.child && period.contains(login.at)) {
            let Some(account) = origin::service_account(login, &self.ledger) else {
                continue;
            };
            let (namespace, mount, role) =
                (text(login.namespace), text(login.mount), text(login.role));
            let class = declared.mount_class(namespace, mount);
            let machine = match class {
                Some(class) => class == MountClass::Workload,
                // Nobody says who logs in there: people have e-mail addresses too.
                None => account.ends_with(".gserviceaccount.com"),
            };
            if role.is_empty() || !machine {
                continue;
            }
            pairs.push((
                id::vault_role(Some(namespace), mount, role),
                id::vault_mount(Some(namespace), mount),
                id::gcp_service_account(account),
                Shown {
                    login: Some(login),
                    bound: None,
                },
            ));
        }
        for bound in self.directory.of_kind("vault-role") {
            let binds = matches!(
                bound.name.as_str(),
                "bound_service_accounts" | "bound_claims.email"
            );
            let account = bound.value.to_lowercase();
            let named = bound.object.strip_prefix("vault:role/");
            let Some((mount, _)) = named.and_then(|named| named.rsplit_once('/')) else {
                continue;
            };
            let mount = format!("auth/{mount}/");
            if binds
                && account.ends_with(".gserviceaccount.com")
                && !account.contains('*')
                && declared.mount_class("", &mount) == Some(MountClass::Workload)
            {
                pairs.push((
                    bound.object.clone(),
                    id::vault_mount(None, &mount),
                    id::gcp_service_account(&account),
                    Shown {
                        login: None,
                        bound: Some(bound),
                    },
                ));
            }
        }
        pairs
    }
}

impl<'i> Shown<'i> {
    /// The earliest login and the first binding are enough.
    fn add(&mut self, other: Shown<'i>) {
        self.login = match (self.login, other.login) {
            (Some(login), Some(other)) => Some(earlier(login, other)),
            (login, other) => login.or(other),
        };
        self.bound = self.bound.or(other.bound);
    }
}

/// The earlier of two logins, in whatever order their files were read.
fn earlier<'i>(login: &'i Login, other: &'i Login) -> &'i Login {
    let at = |login: &Login| (login.at, login.place);
    if at(other) < at(login) { other } else { login }
}

/// One alias of an entity.
pub(super) struct Alias<'a> {
    name: &'a str,
    pub(super) mount: &'a str,
    place: Place,
}

#[cfg(test)]
mod tests;
