//! Users of the identity provider, as its log names them, and which person each is.
//!
//! The log names a user by number and by login. A GitLab user whose `extern_uid` is the number is
//! the same person (K1), and so is the only one with the login as e-mail address (K3). What the
//! operator declares under `[people.aliases]` comes before both.

use std::collections::{BTreeMap, BTreeSet};

use super::directory::Directory;
use super::scope::{Scope, person_of_user};
use crate::model::{Key, Place};

/// What an id of a user begins with.
const USER: &str = "okta:user/";

/// A person, and what tells that it is that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The name by `[people.aliases]`, else `gitlab:user/<username>`, else the id of the user.
    pub person: String,
    /// What proves it.
    pub key: Key,
    /// The fields that were equal.
    pub key_name: &'static str,
}

/// The users that a log names.
#[derive(Clone, Debug, Default)]
pub struct IdpUsers {
    /// Where each was named first, by login in lower case.
    logins: BTreeMap<String, Place>,
    /// Numbers of a login: a user that was made anew has a second one.
    numbers: BTreeMap<String, BTreeSet<String>>,
    /// Logins of a number: a user that was renamed has a second one.
    by_number: BTreeMap<String, BTreeSet<String>>,
    /// GitLab's user names by `extern_uid`.
    external: BTreeMap<String, BTreeSet<String>>,
    /// GitLab's user names by e-mail address in lower case.
    mailed: BTreeMap<String, BTreeSet<String>>,
    /// GitLab's names of users whose address is in a domain of the logins.
    near: BTreeSet<String>,
}

impl IdpUsers {
    /// Takes what the log says: ids `okta:user/<login>`, each with the number. A refused sign-on
    /// bears whatever was typed; users that exist have a number.
    pub(super) fn new<'l>(
        named: impl Iterator<Item = (&'l str, &'l str, Place)>,
        directory: &Directory,
    ) -> IdpUsers {
        let mut users = IdpUsers::default();
        for (id, number, place) in named {
            let Some(login) = id.strip_prefix(USER).filter(|_| !number.is_empty()) else {
                continue;
            };
            let first = users.logins.entry(login.to_owned()).or_insert(place);
            *first = place.min(*first);
            let add = |map: &mut BTreeMap<String, BTreeSet<String>>, key: &str, value: &str| {
                let values = map.entry(key.to_owned()).or_default();
                values.insert(value.to_owned());
            };
            add(&mut users.numbers, login, number);
            add(&mut users.by_number, number, login);
        }
        for attribute in directory.of_kind("gitlab-user") {
            let Some(name) = attribute.object.strip_prefix("gitlab:user/") else {
                continue;
            };
            let (map, value) = if attribute.name.starts_with("identities.") {
                (&mut users.external, attribute.value.clone())
            } else if attribute.name == "email" {
                (&mut users.mailed, attribute.value.to_lowercase())
            } else {
                continue;
            };
            map.entry(value).or_default().insert(name.to_owned());
        }
        users.near = users.in_a_domain_of_the_logins();
        users
    }

    fn in_a_domain_of_the_logins(&self) -> BTreeSet<String> {
        let domain = |address: &str| Some(address.split_once('@')?.1.to_owned());
        let domains: BTreeSet<String> = self.logins.keys().filter_map(|it| domain(it)).collect();
        let among = |mail: &str| domain(mail).is_some_and(|domain| domains.contains(&domain));
        let mailed = self.mailed.iter().filter(|(mail, _)| among(mail));
        mailed.flat_map(|(_, names)| names).cloned().collect()
    }

    /// Every user with the first place that names it, by login.
    pub fn all(&self) -> impl Iterator<Item = (&str, Place)> {
        self.logins
            .iter()
            .map(|(login, place)| (login.as_str(), *place))
    }

    /// Where the user of an id is named first.
    pub(super) fn place(&self, id: &str) -> Option<Place> {
        self.logins.get(id.strip_prefix(USER)?).copied()
    }

    /// Numbers of a user.
    pub fn numbers(&self, login: &str) -> impl Iterator<Item = &str> {
        self.numbers
            .get(login)
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    /// The person that a user is; `None` where nothing but the log names it.
    #[must_use]
    pub fn person(&self, login: &str, declared: &Scope<'_>) -> Option<Known> {
        if let Some(person) = declared.person(&format!("{USER}{login}")) {
            return Some(Known {
                person: person.to_owned(),
                key: Key::K1,
                key_name: "declared alias = login at the identity provider",
            });
        }
        let numbers = self.numbers(login);
        let external: BTreeSet<&String> = numbers
            .filter_map(|number| self.external.get(number))
            .flatten()
            .collect();
        let mailed = self.mailed.get(login).into_iter().flatten().collect();
        let found: [(BTreeSet<&String>, Key, &'static str); 2] = [
            (
                external,
                Key::K1,
                "extern_uid = number at the identity provider",
            ),
            (
                mailed,
                Key::K3,
                "e-mail address = login at the identity provider",
            ),
        ];
        // A key that fits several says nothing, and a lower one does not decide between them.
        let (names, key, key_name) = found.into_iter().find(|(names, ..)| !names.is_empty())?;
        let mut names = names.into_iter();
        let only = names.next().filter(|_| names.next().is_none())?;
        Some(Known {
            person: person_of_user(only, declared),
            key,
            key_name,
        })
    }

    /// Whether the log would name a person who signs on, if it does not: GitLab knows them by an
    /// address in a domain of the users that it names.
    #[must_use]
    pub fn would_name(&self, person: &str) -> bool {
        let name = person.strip_prefix("gitlab:user/");
        name.is_some_and(|name| self.near.contains(name))
    }

    /// The names of whom a setting names: the entry itself, the person that aliases say it is with
    /// every id, and what the person is called at GitLab and at the identity provider. A name alone
    /// is the login at GitLab, unless aliases give it to somebody.
    #[must_use]
    pub fn names_of(&self, entry: &str, declared: &Scope<'_>) -> BTreeSet<String> {
        let people = &declared.settings.people;
        let with_aliases = |name: &str| {
            let person = declared.person(name).unwrap_or(name);
            let ids = people.ids_of(person).map(str::to_owned);
            ids.chain([name.to_owned(), person.to_owned()])
                .collect::<Vec<String>>()
        };
        let mut names: BTreeSet<String> = with_aliases(entry).into_iter().collect();
        if !entry.contains(':') && people.ids_of(entry).next().is_none() {
            names.extend(with_aliases(&format!("gitlab:user/{entry}")));
        }
        let logins = names.iter().filter_map(|name| name.strip_prefix(USER));
        let known = logins.filter_map(|login| self.person(login, declared));
        let persons: Vec<String> = known.map(|known| known.person).collect();
        names.extend(persons.iter().flat_map(|person| with_aliases(person)));
        let same = |login: &&str| {
            let known = self.person(login, declared);
            known.is_some_and(|known| names.contains(&known.person))
        };
        let logins = self.logins.keys().map(String::as_str).filter(same);
        let accounts: Vec<String> = logins.map(|login| format!("{USER}{login}")).collect();
        names.extend(accounts);
        names
    }

    /// The person behind a session of the proxy, which names a user by login and by number; the
    /// number comes first, and one that disagrees with the login leaves nobody.
    pub(super) fn proxied(&self, user: &str, number: &str, declared: &Scope<'_>) -> Option<Known> {
        let login = user.strip_prefix(USER)?;
        const NUMBER: &str = "user_id of the session = number at the identity provider";
        const LOGIN: &str = "user of the session = login at the identity provider";
        if let Some(logins) = self.by_number.get(number) {
            let mut logins = logins.iter();
            let only = logins.next().filter(|_| logins.next().is_none())?;
            return Some(self.named(only, Key::K1, NUMBER, declared));
        }
        if let Some(names) = self.external.get(number) {
            let mut names = names.iter();
            let only = names.next().filter(|_| names.next().is_none())?;
            return Some(Known {
                person: person_of_user(only, declared),
                key: Key::K1,
                key_name: "user_id of the session = extern_uid",
            });
        }
        if self.logins.contains_key(login) {
            return Some(self.named(login, Key::K3, LOGIN, declared));
        }
        self.person(login, declared)
    }

    /// The person behind a session of AWS: the source identity is the number, or the name is the
    /// login.
    pub(super) fn of_aws(&self, source: &str, name: &str, declared: &Scope<'_>) -> Option<Known> {
        const NUMBER: &str = "source identity of the session = number at the identity provider";
        const LOGIN: &str = "name of the session = login at the identity provider";
        if let Some(logins) = self.by_number.get(source) {
            let mut logins = logins.iter();
            let only = logins.next().filter(|_| logins.next().is_none())?;
            return Some(self.named(only, Key::K1, NUMBER, declared));
        }
        let login = name.to_lowercase();
        if self.logins.contains_key(&login) {
            return Some(self.named(&login, Key::K3, LOGIN, declared));
        }
        let known = self
            .person(&login, declared)
            .filter(|_| !login.is_empty())?;
        Some(Known {
            key: known.key.max(Key::K3),
            ..known
        })
    }

    /// The person of a user whom the log names, at least by its id.
    fn named(&self, login: &str, key: Key, key_name: &'static str, declared: &Scope<'_>) -> Known {
        let known = self.person(login, declared);
        Known {
            // The weaker of the two steps: `Key` orders from the strongest.
            key: known.as_ref().map_or(key, |known| known.key.max(key)),
            person: known.map_or_else(|| format!("{USER}{login}"), |known| known.person),
            key_name,
        }
    }

    /// The person who bears a name at an auth mount: the number or the login of one user.
    pub(super) fn bearer(&self, name: &str, declared: &Scope<'_>) -> Option<Known> {
        let lower = name.to_lowercase();
        let (login, key, key_name) = if let Some(logins) = self.by_number.get(name) {
            let mut logins = logins.iter();
            let only = logins.next().filter(|_| logins.next().is_none())?;
            let name = "alias on a human mount = number at the identity provider";
            (only.as_str(), Key::K1, name)
        } else if self.logins.contains_key(&lower) {
            let name = "alias on a human mount = login at the identity provider";
            (lower.as_str(), Key::K3, name)
        } else {
            return None;
        };
        Some(self.named(login, key, key_name, declared))
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, World, place};
    use super::*;

    fn users(sample: Sample, world: &World) -> IdpUsers {
        let identity = sample.join(world);
        let named = [
            ("okta:user/ada@x.example", "00u1", place(3)),
            ("okta:user/ada@x.example", "00u1", place(2)),
            ("okta:user/typed@x.example", "", place(1)),
            ("okta:user/bo@x.example", "00u2", place(4)),
            ("okta:actor/system", "sys", place(1)),
        ];
        IdpUsers::new(named.into_iter(), &identity.directory)
    }

    fn user(sample: &mut Sample, name: &str, attribute: &str, value: &str) {
        sample.says(
            "gitlab-user",
            &format!("gitlab:user/{name}"),
            attribute,
            value,
        );
    }

    fn who(users: &IdpUsers, login: &str, world: &World) -> Option<(String, Key)> {
        users
            .person(login, &world.scope())
            .map(|known| (known.person, known.key))
    }

    #[test]
    fn a_number_comes_before_an_address_and_a_declaration_before_both() {
        let mut sample = Sample::default();
        user(&mut sample, "lovelace", "identities.saml", "00u1");
        user(&mut sample, "ada", "email", "Ada@x.example");
        user(&mut sample, "bo", "email", "BO@x.example");
        let mut world = World::default();
        let users = users(sample, &world);
        let found = |name: &str, key| Some((name.to_owned(), key));
        assert_eq!(
            who(&users, "ada@x.example", &world),
            found("gitlab:user/lovelace", Key::K1)
        );
        assert_eq!(
            who(&users, "bo@x.example", &world),
            found("gitlab:user/bo", Key::K3)
        );
        world.people.insert("okta:user/ada@x.example", "ada");
        assert_eq!(who(&users, "ada@x.example", &world), found("ada", Key::K1));
        assert_eq!(who(&users, "eve@x.example", &world), None);
        let first: Vec<_> = users
            .all()
            .map(|(login, place)| (login, place.line))
            .collect();
        assert_eq!(first, [("ada@x.example", 2), ("bo@x.example", 4)]);
    }

    #[test]
    fn whoever_is_declared_is_declared_under_every_name_of_the_same_person() {
        let mut sample = Sample::default();
        user(&mut sample, "lovelace", "identities.saml", "00u1");
        let mut world = World::default();
        let users = users(sample, &world);
        let (okta, gitlab) = ("okta:user/ada@x.example", "gitlab:user/lovelace");
        let names = |entry: &str, world: &World| -> Vec<String> {
            let names = users.names_of(entry, &world.scope());
            names.into_iter().collect()
        };
        assert_eq!(names(okta, &world), [gitlab, okta]);
        assert_eq!(names(gitlab, &world), [gitlab, okta]);
        assert_eq!(
            names("vault:role/gitlab/x", &world),
            ["vault:role/gitlab/x"]
        );
        assert_eq!(names("lovelace", &world), [gitlab, "lovelace", okta]);
        world.people.insert(gitlab, "ada");
        for entry in [okta, gitlab, "ada"] {
            assert_eq!(names(entry, &world), ["ada", gitlab, okta], "{entry}");
        }
        assert_eq!(names("bo", &world), ["bo", "gitlab:user/bo"]);
    }

    #[test]
    fn two_who_fit_are_nobody_and_a_weaker_key_does_not_decide() {
        let mut sample = Sample::default();
        user(&mut sample, "one", "identities.saml", "00u1");
        user(&mut sample, "two", "identities.oidc", "00u1");
        user(&mut sample, "one", "email", "ada@x.example");
        let world = World::default();
        assert_eq!(who(&users(sample, &world), "ada@x.example", &world), None);
    }

    #[test]
    fn whoever_bears_the_number_or_the_login_is_the_person() {
        let mut sample = Sample::default();
        user(&mut sample, "lovelace", "identities.saml", "00u1");
        let world = World::default();
        let users = users(sample, &world);
        let bearer = |name: &str| {
            let known = users.bearer(name, &world.scope());
            known.map(|known| (known.person, known.key))
        };
        let ada = "gitlab:user/lovelace".to_owned();
        assert_eq!(bearer("00u1"), Some((ada.clone(), Key::K1)));
        assert_eq!(bearer("ADA@x.example"), Some((ada, Key::K3)));
        assert_eq!(
            bearer("bo@x.example"),
            Some(("okta:user/bo@x.example".to_owned(), Key::K3))
        );
        assert_eq!(bearer("ada"), None);
    }
}
