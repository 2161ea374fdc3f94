//! Where two sources that should name the same principal or scope disagree (classes IM-1 to IM-12
//! of `rules.md` section 3), as facts that rules count on.

mod login;

use std::collections::BTreeMap;

use super::declared::{Declared, MountClass};
use super::facts::Facts;
use super::ledger::Login;
use super::origin::NoJob;
use super::resolve::{Identity, Session};
use crate::model::{Confidence, Key, Place, Timestamp, id};

/// One disagreement.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// `IM-1` to `IM-12`.
    pub class: &'static str,
    /// Which fact it is.
    pub detail: &'static str,
    /// Who or what it is about.
    pub subject: String,
    /// What it touches.
    pub object: String,
    /// Value one source names.
    pub expected: String,
    /// Value the other names.
    pub observed: String,
    /// When.
    pub at: Timestamp,
    /// Weakest edge it rests on.
    pub confidence: Confidence,
    /// Where it was read.
    pub place: Place,
    /// Whether configuration states it, which belongs to every period.
    pub of_configuration: bool,
}

/// One request, as far as mismatches need it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'s> {
    /// Object id.
    pub object: &'s str,
    /// Address it came from.
    pub address: &'s str,
    /// Error text.
    pub error: &'s str,
    /// Role or mount it is about.
    pub role: &'s str,
    /// Request id of a login, as `vault:login/...`.
    pub login_id: &'s str,
    /// When.
    pub at: Timestamp,
    /// Where it was read.
    pub place: Place,
}

impl Identity {
    /// Mismatches of logins and of configured identities.
    #[must_use]
    pub fn mismatches(&self, declared: &dyn Declared) -> Vec<Mismatch> {
        let mut found = Vec::new();
        for (login, position) in self.ledger.logins.iter().zip(0u32..) {
            let Some(why) = self.origin(position).and_then(|origin| origin.no_job) else {
                continue;
            };
            let facts = self.facts(
                Session {
                    login: position,
                    key: Key::K1,
                },
                declared,
            );
            found.extend(self.without_job(login, why, &facts));
        }
        found.extend(self.entity_collisions(declared));
        found.extend(self.shared_roles(declared));
        found.extend(self.reused_jobs(declared));
        found.extend(self.reborn(declared));
        found.extend(self.not_running(declared));
        found.extend(self.clock_offset());
        found
    }

    fn without_job(&self, login: &Login, why: NoJob, facts: &Facts) -> Option<Mismatch> {
        let (class, detail, expected) = match why {
            NoJob::NamedJobMissing => (
                "IM-10",
                "login-without-job",
                "a job of the id that the token names",
            ),
            NoJob::NoneRan => ("IM-10", "login-without-job", "a running job of the project"),
            NoJob::NotExported => (
                "IM-10",
                "login-outside-job-export",
                "an export of the project's jobs at that time",
            ),
            NoJob::Untraceable => (
                "IM-10",
                "login-untraceable",
                "a project or job in the token's metadata",
            ),
            NoJob::Contradiction => (
                "IM-2",
                "claim-contradiction",
                "a job of the project that the token names",
            ),
            NoJob::NotCi => return None,
        };
        let mount = id::vault_mount(Some(self.ledger.text(login.namespace)), &facts.mount);
        Some(Mismatch {
            class,
            detail,
            subject: if facts.role_id.is_empty() {
                mount
            } else {
                facts.role_id.clone()
            },
            object: id::vault_login(self.ledger.text(login.id)),
            expected: expected.to_owned(),
            observed: self.ledger.text(login.display_name).to_owned(),
            at: login.at,
            confidence: Confidence::CERTAIN,
            place: login.place,
            of_configuration: false,
        })
    }

    /// IM-8 and IM-7 of one request made with a login's token.
    #[must_use]
    pub fn request_mismatches(
        &self,
        facts: &Facts,
        seen: Seen<'_>,
        declared: &dyn Declared,
    ) -> Vec<Mismatch> {
        let mut found = Vec::new();
        let Some(confidence) = facts.confidence else {
            return found;
        };
        let origin = [&facts.origin_id, &facts.project_id, &facts.login_id];
        let subject = origin
            .into_iter()
            .find(|id| !id.is_empty())
            .cloned()
            .unwrap_or_default();
        let mismatch = |class, detail, object: &str, expected: String, observed: String| Mismatch {
            class,
            detail,
            subject: subject.clone(),
            object: object.to_owned(),
            expected,
            observed,
            at: seen.at,
            confidence,
            place: seen.place,
            of_configuration: false,
        };
        let limit = declared.grace_micros() - self.shift;
        if let Some(end) = facts
            .job_finished_at
            .filter(|end| end.plus_micros(limit) < seen.at)
        {
            let expected = format!("no use after {end}");
            found.push(mismatch(
                "IM-8",
                "use-after-job-end",
                seen.object,
                expected,
                seen.at.to_string(),
            ));
        }
        let ci = facts.mount_class == Some(MountClass::Ci);
        let moved =
            !facts.address.is_empty() && !seen.address.is_empty() && facts.address != seen.address;
        if ci && moved && declared.knows_runners() && !declared.is_runner(seen.address) {
            let (expected, observed) = (facts.address.clone(), seen.address.to_owned());
            found.push(mismatch(
                "IM-7",
                "other-origin",
                seen.object,
                expected,
                observed,
            ));
        }
        found
    }

    /// One entity with aliases of several people or workloads: a person and a workload, two
    /// projects, two services. Two aliases of one person are no collision.
    fn entity_collisions(&self, declared: &dyn Declared) -> Vec<Mismatch> {
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
            let mut principals: Vec<String> = aliases
                .iter()
                .map(|alias| alias.principal(declared))
                .collect();
            principals.sort();
            principals.dedup();
            let Some(first) = aliases.first().filter(|_| principals.len() > 1) else {
                continue;
            };
            found.push(Mismatch {
                class: "IM-6",
                detail: "entity-collision",
                subject: entity.to_owned(),
                object: principals.join(";"),
                expected: "aliases of one principal".to_owned(),
                observed: principals.join(";"),
                at: declared.as_of(),
                confidence: Confidence::CERTAIN,
                place: first.place,
                of_configuration: true,
            });
        }
        found
    }

    /// Roles used by several service accounts, and accounts that use several roles of one mount.
    fn shared_roles(&self, declared: &dyn Declared) -> Vec<Mismatch> {
        let mut by_role: BTreeMap<String, BTreeMap<String, &Login>> = BTreeMap::new();
        let mut by_account: BTreeMap<(String, String), BTreeMap<String, &Login>> = BTreeMap::new();
        for login in self.ledger.logins.iter().filter(|login| !login.child) {
            let Some(account) = super::origin::service_account(login, &self.ledger) else {
                continue;
            };
            let (namespace, mount) = (
                self.ledger.text(login.namespace),
                self.ledger.text(login.mount),
            );
            let role = self.ledger.text(login.role);
            let class = declared.mount_class(namespace, mount);
            if role.is_empty() || matches!(class, Some(MountClass::Ci | MountClass::Human)) {
                continue;
            }
            let role = id::vault_role(Some(namespace), mount, role);
            let account = id::gcp_service_account(account);
            by_role
                .entry(role.clone())
                .or_default()
                .entry(account.clone())
                .or_insert(login);
            let place = (account, id::vault_mount(Some(namespace), mount));
            by_account
                .entry(place)
                .or_default()
                .entry(role)
                .or_insert(login);
        }
        let mut found = Vec::new();
        let mut note = |subject: String, expected: &str, others: BTreeMap<String, &Login>| {
            let names: Vec<String> = others.keys().cloned().collect();
            let mut roles = self.directory.of_kind("vault-role");
            if let Some(role) = roles.find(|attribute| attribute.object == subject) {
                found.push(Mismatch {
                    class: "IM-6",
                    detail: "role-not-one-to-one",
                    subject: subject.clone(),
                    object: names.join(";"),
                    expected: expected.to_owned(),
                    observed: "as configured".to_owned(),
                    at: declared.as_of(),
                    confidence: Confidence::CERTAIN,
                    place: role.place,
                    of_configuration: true,
                });
            }
            for (other, login) in others {
                found.push(Mismatch {
                    class: "IM-6",
                    detail: "role-not-one-to-one",
                    subject: subject.clone(),
                    object: names.join(";"),
                    expected: expected.to_owned(),
                    observed: other,
                    at: login.at,
                    confidence: Confidence::CERTAIN,
                    place: login.place,
                    of_configuration: false,
                });
            }
        };
        for (role, accounts) in by_role
            .into_iter()
            .filter(|(_, accounts)| accounts.len() > 1)
        {
            note(role, "one service account", accounts);
        }
        for ((account, _), roles) in by_account.into_iter().filter(|(_, roles)| roles.len() > 1) {
            note(account, "one role", roles);
        }
        found
    }
}

/// IM-1 and IM-2: what a refused login says in clear (`vault.md` section 8; hashed texts say
/// nothing).
#[must_use]
pub fn refused_login(seen: Seen<'_>) -> Option<Mismatch> {
    let audience = [
        "audience claim does not match any bound audience",
        "no audiences bound to the role",
    ];
    let quoted = || seen.error.split('"').nth(1).unwrap_or("").to_owned();
    let (class, detail, expected) = if audience.iter().any(|text| seen.error.contains(text)) {
        (
            "IM-1",
            "audience-mismatch",
            "aud in bound_audiences".to_owned(),
        )
    } else if seen
        .error
        .contains("does not match any associated bound claim values")
        || (seen.error.contains("claim") && seen.error.contains("is missing"))
    {
        (
            "IM-2",
            "claim-mismatch",
            format!("claim {} in bound_claims", quoted()),
        )
    } else {
        return None;
    };
    Some(Mismatch {
        class,
        detail,
        subject: seen.role.to_owned(),
        object: if detail == "claim-mismatch" {
            format!("{} claim {}", seen.role, quoted())
        } else {
            format!("{} claim aud", seen.role)
        },
        expected,
        observed: seen.error.to_owned(),
        at: seen.at,
        confidence: Confidence::CERTAIN,
        place: seen.place,
        of_configuration: false,
    })
}

/// One alias of an entity.
struct Alias<'a> {
    name: &'a str,
    mount: &'a str,
    place: Place,
}

impl Alias<'_> {
    /// Whom the alias stands for: a person by name, a project or account by what it is called.
    fn principal(&self, declared: &dyn Declared) -> String {
        match declared.mount_class("", self.mount) {
            Some(MountClass::Human) => {
                let user = id::gitlab_user(self.name.split('@').next().unwrap_or(self.name));
                declared
                    .person(&user)
                    .or_else(|| declared.person(self.name))
                    .map_or(user, str::to_owned)
            }
            Some(MountClass::Ci) => format!("gitlab:{}", self.name),
            Some(MountClass::Workload) => format!("workload:{}", self.name),
            None => format!("{}{}", self.mount, self.name),
        }
    }
}
