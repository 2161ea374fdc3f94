//! IM-6: one entity that is many principals, and roles and accounts that are not one to one.

use std::collections::{BTreeMap, BTreeSet};

use super::{Declared, Identity, Login, Mismatch, MountClass};
use crate::identity::origin;
use crate::identity::resolve::Session;
use crate::model::{Attribute, Confidence, Key, Place, id};

/// Who uses or is bound by whom: by the one side, the other with what shows it.
type Partners<'i> = BTreeMap<String, BTreeMap<String, Shown<'i>>>;

/// What shows that a role and an account belong together.
#[derive(Clone, Copy, Default)]
struct Shown<'i> {
    login: Option<&'i Login>,
    bound: Option<&'i Attribute>,
}

impl Identity {
    /// One entity with aliases of several people or workloads: a person and a workload, two
    /// projects, two accounts. Two aliases of one person, project or account are no collision.
    pub(super) fn entity_collisions(&self, declared: &dyn Declared) -> Vec<Mismatch> {
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
        let mut found = Vec::new();
        for (entity, aliases) in entities {
            let principals: BTreeSet<String> = aliases
                .iter()
                .map(|alias| self.principal(alias, declared))
                .collect();
            let Some(first) = aliases.first().filter(|_| principals.len() > 1) else {
                continue;
            };
            let names: Vec<String> = principals.into_iter().collect();
            found.push(Mismatch {
                class: "IM-6",
                detail: "entity-collision",
                subject: entity.to_owned(),
                object: names.join(";"),
                expected: "aliases of one principal".to_owned(),
                observed: names.join(";"),
                at: declared.as_of(),
                confidence: Confidence::CERTAIN,
                place: first.place,
                of_configuration: true,
            });
        }
        found
    }

    /// Whom an alias stands for. Every spelling of one person, project or account is one name:
    /// letter case and plus-tags of an e-mail, path and number of a project, e-mail and unique id
    /// of an account.
    fn principal(&self, alias: &Alias<'_>, declared: &dyn Declared) -> String {
        match declared.mount_class("", alias.mount) {
            Some(MountClass::Human) => {
                let local = alias.name.split('@').next().unwrap_or(alias.name);
                let local = local.split('+').next().unwrap_or(local).to_lowercase();
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
    pub(super) fn entities_of_several(&self, declared: &dyn Declared) -> Vec<Mismatch> {
        let mut seen: BTreeMap<&str, BTreeMap<String, &Login>> = BTreeMap::new();
        for (login, position) in self.ledger.logins.iter().zip(0u32..) {
            let entity = self.ledger.text(login.entity);
            if login.child || entity.is_empty() {
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
                seen.entry(entity).or_default().entry(who).or_insert(login);
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
            let names: Vec<&str> = principals.keys().map(String::as_str).collect();
            let object = names.join(";");
            for (who, login) in &principals {
                let said = ("one principal".to_owned(), who.clone());
                let what = ("IM-6", "entity-collision");
                let mut row = self.about_login(login, what, subject.clone(), object.clone(), said);
                row.confidence = Key::K3.confidence();
                found.push(row);
            }
        }
        found
    }

    /// Roles used or bound by several service accounts, and accounts that use or are bound by
    /// several roles of one mount.
    pub(super) fn shared_roles(&self, declared: &dyn Declared) -> Vec<Mismatch> {
        let mut by_role = Partners::new();
        let mut by_account: BTreeMap<(String, String), BTreeMap<String, Shown<'_>>> =
            BTreeMap::new();
        for (role, mount, account, shown) in self.pairs(declared) {
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
            let names: Vec<&str> = others.keys().map(String::as_str).collect();
            let object = names.join(";");
            for (other, shown) in others {
                if let Some(login) = shown.login {
                    let said = (expected.to_owned(), other.clone());
                    let what = ("IM-6", "role-not-one-to-one");
                    found.push(self.about_login(
                        login,
                        what,
                        subject.to_owned(),
                        object.clone(),
                        said,
                    ));
                }
                if let Some(bound) = shown.bound {
                    found.push(Mismatch {
                        class: "IM-6",
                        detail: "role-not-one-to-one",
                        subject: subject.to_owned(),
                        object: object.clone(),
                        expected: expected.to_owned(),
                        observed: "as configured".to_owned(),
                        at: declared.as_of(),
                        confidence: Confidence::CERTAIN,
                        place: bound.place,
                        of_configuration: true,
                    });
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
    fn pairs(&self, declared: &dyn Declared) -> Vec<(String, String, String, Shown<'_>)> {
        let text = |sym| self.ledger.text(sym);
        let mut pairs = Vec::new();
        for login in self.ledger.logins.iter().filter(|login| !login.child) {
            let Some(account) = origin::service_account(login, &self.ledger) else {
                continue;
            };
            let (namespace, mount, role) =
                (text(login.namespace), text(login.mount), text(login.role));
            let class = declared.mount_class(namespace, mount);
            if role.is_empty() || matches!(class, Some(MountClass::Ci | MountClass::Human)) {
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
    /// The first login and the first binding are enough.
    fn add(&mut self, other: Shown<'i>) {
        self.login = self.login.or(other.login);
        self.bound = self.bound.or(other.bound);
    }
}

/// One alias of an entity.
struct Alias<'a> {
    name: &'a str,
    mount: &'a str,
    place: Place,
}

#[cfg(test)]
mod tests {
    use crate::identity::sample::{Sample, World, subjects};
    use std::collections::BTreeMap;

    /// (mount, alias) of one exported entity.
    fn collides(aliases: &[(&str, &str)], also: impl FnOnce(&mut Sample)) -> bool {
        let mut sample = Sample::default();
        for (number, (mount, name)) in aliases.iter().enumerate() {
            sample.says(
                "vault-entity",
                "vault:entity/e",
                &format!("alias.{number}.name"),
                name,
            );
            sample.says(
                "vault-entity",
                "vault:entity/e",
                &format!("alias.{number}.mount_path"),
                mount,
            );
        }
        also(&mut sample);
        let world = World {
            people: BTreeMap::from([("gitlab:user/carla", "carla"), ("gitlab:user/cw", "carla")]),
            ..World::default()
        };
        !subjects(&sample.join(&world).mismatches(&world), "entity-collision").is_empty()
    }

    #[test]
    fn different_principals_of_one_entity_are_a_fact() {
        assert!(collides(
            &[("auth/oidc/", "bruno"), ("auth/gitlab/", "acme/p7")],
            |_| {}
        ));
        assert!(collides(
            &[("auth/gitlab/", "acme/p7"), ("auth/gitlab2/", "acme/p8")],
            |_| {}
        ));
        assert!(collides(
            &[
                ("auth/run/", "a@p.iam.gserviceaccount.com"),
                ("auth/run2/", "b@p.iam.gserviceaccount.com")
            ],
            |_| {}
        ));
    }

    #[test]
    fn spellings_of_one_principal_are_silent() {
        assert!(!collides(
            &[("auth/oidc/", "carla"), ("auth/userpass/", "cw")],
            |_| {}
        ));
        assert!(!collides(
            &[
                ("auth/oidc/", "Emil+vault@x.example"),
                ("auth/userpass/", "emil")
            ],
            |_| {}
        ));
        let number = |sample: &mut Sample| {
            sample.job(7, 1, 5, 20);
        };
        assert!(!collides(
            &[("auth/gitlab/", "acme/p7"), ("auth/gitlab2/", "7")],
            number
        ));
        assert!(!collides(
            &[
                ("auth/gitlab/", "acme/p7"),
                (
                    "auth/gitlab2/",
                    "project_path:acme/p7:ref_type:branch:ref:main"
                )
            ],
            |_| {}
        ));
        let id = |sample: &mut Sample| {
            sample.says(
                "gcp-service-account",
                "gcp:sa/a@p.iam.gserviceaccount.com",
                "unique_id",
                "111",
            );
        };
        assert!(!collides(
            &[
                ("auth/run/", "a@p.iam.gserviceaccount.com"),
                ("auth/run2/", "111")
            ],
            id
        ));
        assert!(!collides(&[("auth/oidc/", "carla")], |_| {}));
    }

    fn by_logins(
        first: (&'static str, &'static str),
        second: (&'static str, &'static str),
        exported: bool,
    ) -> bool {
        let mut sample = Sample::default();
        sample.job(7, 1, 5, 20);
        sample.job(7, 3, 5, 20);
        sample.job(8, 2, 5, 20);
        sample.service("a", "a@p.iam.gserviceaccount.com");
        sample.service("b", "b@p.iam.gserviceaccount.com");
        if exported {
            sample.says("vault-entity", "vault:entity/e", "name", "e");
        }
        for (id, (name, value)) in [("l", first), ("m", second)] {
            let mount = match name {
                "username" => "auth/oidc/",
                "service_account_email" => "auth/run/",
                _ => "auth/gitlab/",
            };
            sample.login(id, mount, 10, "10.1.0.1", &[("entity", "e"), (name, value)]);
        }
        let world = World::default();
        !subjects(&sample.join(&world).mismatches(&world), "entity-collision").is_empty()
    }

    #[test]
    fn logins_alone_show_an_entity_of_several() {
        assert!(by_logins(("job_id", "1"), ("job_id", "2"), false));
        assert!(by_logins(("job_id", "1"), ("username", "alice"), false));
        // Two candidate jobs of one project: every candidate agrees on the project.
        assert!(by_logins(("project_id", "7"), ("job_id", "2"), false));
    }

    #[test]
    fn one_project_two_services_and_exported_entities_are_silent() {
        assert!(!by_logins(("job_id", "1"), ("job_id", "3"), false));
        let (a, b) = ("a@p.iam.gserviceaccount.com", "b@p.iam.gserviceaccount.com");
        assert!(!by_logins(
            ("service_account_email", a),
            ("service_account_email", b),
            false
        ));
        assert!(!by_logins(("job_id", "1"), ("job_id", "2"), true));
        // A login without a known origin is nobody's.
        assert!(!by_logins(("job_id", "1"), ("job_id", "77"), false));
    }

    fn shared(bound: &[(&str, &str)], logins: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut sample = Sample::default();
        for (role, account) in bound {
            sample.says("vault-role", role, "bound_claims.email", account);
        }
        for (number, &(mount, account)) in logins.iter().enumerate() {
            let id = ["l", "m", "n"][number];
            sample.login(
                id,
                mount,
                10,
                "10.2.0.1",
                &[("service_account_email", account)],
            );
        }
        let world = World::default();
        subjects(
            &sample.join(&world).mismatches(&world),
            "role-not-one-to-one",
        )
        .into_iter()
        .collect()
    }

    #[test]
    fn roles_and_accounts_that_are_not_one_to_one_are_facts() {
        let (a, b) = ("a@p.iam.gserviceaccount.com", "b@p.iam.gserviceaccount.com");
        assert_eq!(
            shared(&[], &[("auth/run/", a), ("auth/run/", b)]),
            ["vault:role/run/app"]
        );
        assert_eq!(
            shared(&[("vault:role/run/app", a), ("vault:role/run/app", b)], &[]),
            ["vault:role/run/app"]
        );
        assert_eq!(
            shared(&[("vault:role/run/app", a), ("vault:role/run/web", a)], &[]),
            [format!("gcp:sa/{a}")]
        );
    }

    #[test]
    fn one_role_on_each_of_two_mounts_and_patterns_are_silent() {
        let a = "a@p.iam.gserviceaccount.com";
        assert!(
            shared(
                &[("vault:role/run/app", a), ("vault:role/run2/app", a)],
                &[("auth/run/", a), ("auth/run2/", a)]
            )
            .is_empty()
        );
        assert!(
            shared(
                &[
                    ("vault:role/run/app", a),
                    ("vault:role/run/app", "*@p.iam.gserviceaccount.com")
                ],
                &[]
            )
            .is_empty()
        );
        assert!(shared(&[], &[]).is_empty());
    }
}
