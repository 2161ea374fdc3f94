//! A small estate for unit tests: operations and exports one by one, then joined.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::directory::Directory;
use super::ledger::Ledger;
use super::resolve::{Identity, Session};
use super::scope::Scope;
use super::{Caller, Facts, Mismatch, Seen};
use crate::config::Settings;
use crate::model::{
    Attribute, Event, EventKind, Exports, Handles, Issued, Job, Key, Outcome, Part, Period,
    Pipeline, Place, Service, System, Timestamp, id,
};
use crate::table::row::Symbols;
use crate::table::row::half::Half;
use crate::table::row::{Translated, Translation};

/// Minutes as a time.
pub(super) fn minute(minutes: i64) -> Timestamp {
    Timestamp(minutes * 60_000_000)
}

pub(super) fn place(line: u64) -> Place {
    Place::of_line(line)
}

/// What an operator may declare.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    pub(super) runners: Vec<&'static str>,
    pub(super) egress: Vec<&'static str>,
    pub(super) exempt: Vec<&'static str>,
    pub(super) bots: Vec<&'static str>,
    pub(super) people: BTreeMap<&'static str, &'static str>,
}

impl World {
    /// What stands in the configuration of this world. Tests are few and short: it is never freed.
    pub(super) fn scope(&self) -> Scope<'static> {
        let read = Settings::parse("piperoll.toml", &self.configuration(), &[]);
        Scope {
            settings: Box::leak(Box::new(read.unwrap())),
            as_of: minute(100_000),
        }
    }

    fn configuration(&self) -> String {
        let lists = [
            ("[network]", "runner_cidrs", &self.runners),
            ("", "egress_cidrs", &self.egress),
            ("[people]", "admins", &self.exempt),
            ("", "bots", &self.bots),
        ];
        let mut text = String::from(
            "[vault]\n\
             ci_mounts = [\"auth/gitlab/\", \"auth/gitlab2/\"]\n\
             workload_mounts = [\"auth/run/\", \"auth/run2/\"]\n\
             human_mounts = [\"auth/oidc/\", \"auth/userpass/\"]\n\
             [environments]\nprod = [\"prod\"]\n",
        );
        for (table, key, values) in lists {
            writeln!(text, "{table}").unwrap();
            if !values.is_empty() {
                writeln!(text, "{key} = {values:?}").unwrap();
            }
        }
        let mut aliases: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (principal, person) in &self.people {
            aliases.entry(person).or_default().push(principal);
        }
        text.push_str("[people.aliases]\n");
        for (person, principals) in aliases {
            writeln!(text, "{person} = {principals:?}").unwrap();
        }
        text
    }
}

/// Runners and services with an address each.
pub(super) fn networks() -> World {
    World {
        runners: vec!["10.1.0.1", "10.1.0.2"],
        egress: vec!["10.2.0.1"],
        ..World::default()
    }
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Sample {
    pub(super) ledger: Ledger,
    exports: Exports,
    lines: u64,
}

impl Sample {
    fn place(&mut self) -> Place {
        self.lines += 1;
        place(self.lines)
    }

    /// A job of a project that ran between two minutes.
    pub(super) fn job(&mut self, project: u64, id: u64, from: i64, to: i64) -> &mut Job {
        let place = self.place();
        self.exports.jobs.push(Job {
            id,
            project_id: project,
            project_path: format!("acme/p{project}"),
            name: "deploy".to_owned(),
            stage: String::new(),
            status: "success".to_owned(),
            git_ref: "main".to_owned(),
            tag: false,
            sha: format!("sha{id}"),
            created_at: Some(minute(from)),
            started_at: Some(minute(from)),
            finished_at: Some(minute(to)),
            user_id: None,
            username: "alice".to_owned(),
            pipeline_id: Some(1),
            pipeline_source: String::new(),
            environment: "prod".to_owned(),
            runner_id: None,
            runner_addresses: Vec::new(),
            runner_description: String::new(),
            failure_reason: String::new(),
            tags: Vec::new(),
            web_url: String::new(),
            place,
        });
        self.exports.jobs.last_mut().unwrap()
    }

    /// The pipelines so far.
    pub(super) fn pipelines(&self) -> &[Pipeline] {
        &self.exports.pipelines
    }

    /// A pipeline that somebody triggered.
    pub(super) fn pipeline(&mut self, id: u64, username: &str) {
        let place = self.place();
        self.exports.pipelines.push(Pipeline {
            id,
            project_id: 7,
            status: "success".to_owned(),
            source: "push".to_owned(),
            git_ref: "main".to_owned(),
            sha: String::new(),
            username: username.to_owned(),
            place,
        });
    }

    /// A service that runs as an account.
    pub(super) fn service(&mut self, name: &str, account: &str) -> &mut Service {
        let place = self.place();
        self.exports.services.push(Service {
            id: id::run_service("p", "r", name),
            project: "p".to_owned(),
            region: "r".to_owned(),
            name: name.to_owned(),
            revision: String::new(),
            service_account: account.to_owned(),
            images: Vec::new(),
            ingress: String::new(),
            created_at: None,
            updated_at: None,
            deployed_by: String::new(),
            labels: Vec::new(),
            place,
        });
        self.exports.services.last_mut().unwrap()
    }

    /// An attribute of a configured thing.
    pub(super) fn says(&mut self, kind: &'static str, object: &str, name: &str, value: &str) {
        let place = self.place();
        self.exports.attributes.push(Attribute {
            kind,
            object: object.to_owned(),
            name: name.to_owned(),
            value: value.to_owned(),
            valid_from: None,
            place,
        });
    }

    /// An allowed Vault operation, changed by `with` before it is recorded. Returns its number.
    pub(super) fn vault<'e>(
        &mut self,
        kind: EventKind,
        id: &'e str,
        at: i64,
        with: impl FnOnce(&mut Event<'e>),
    ) -> u32 {
        let place = self.place();
        let mut event = Event::new(System::Vault, kind, id.into(), place, minute(at));
        event.part = Part::Whole;
        event.outcome = Outcome::Allowed;
        with(&mut event);
        let mut symbols = Symbols::new();
        let half = Half::new(&event, &mut symbols);
        let mut known = Translation::default();
        self.ledger
            .record(&half, Translated::new(&half, &symbols, &mut known))
    }

    /// A GitLab audit event about a branch of a project.
    pub(super) fn gitlab(&mut self, operation: &str, project: &str, branch: &str, at: i64) {
        let place = self.place();
        let kind = EventKind::GitlabAudit;
        let mut event = Event::new(System::Gitlab, kind, "g".into(), place, minute(at));
        event.operation = operation.into();
        event.path = branch.into();
        event.project = Some(project.into());
        let mut symbols = Symbols::new();
        let half = Half::new(&event, &mut symbols);
        let mut known = Translation::default();
        self.ledger
            .record(&half, Translated::new(&half, &symbols, &mut known));
    }

    /// A successful call of Google's on an account.
    pub(super) fn google(&mut self, operation: &str, path: &str, account: &str, by: &str, at: i64) {
        let place = self.place();
        let kind = EventKind::AdminActivity;
        let mut event = Event::new(System::Gcp, kind, "g".into(), place, minute(at));
        event.outcome = Outcome::Allowed;
        event.operation = operation.into();
        event.path = path.into();
        event.principal = Some(by.into());
        event.target_account = Some(id::gcp_service_account(account).into());
        let mut symbols = Symbols::new();
        let half = Half::new(&event, &mut symbols);
        let mut known = Translation::default();
        self.ledger
            .record(&half, Translated::new(&half, &symbols, &mut known));
    }

    /// A login that got the token `accessor`, with metadata.
    pub(super) fn login<'e>(
        &mut self,
        id: &'e str,
        mount: &'e str,
        at: i64,
        address: &'e str,
        metadata: &[(&'e str, &'e str)],
    ) -> u32 {
        let accessor = format!("accessor-{id}");
        self.vault(EventKind::Login, id, at, |event| {
            event.mount = Some(mount.into());
            event.role = Some("app".into());
            event.remote_address = Some(address.into());
            event.issued = Some(Issued {
                handles: Handles {
                    accessor: Some(accessor.into()),
                    token: None,
                },
                metadata: metadata
                    .iter()
                    .map(|(key, value)| ((*key).into(), (*value).into()))
                    .collect(),
                entity_id: metadata
                    .iter()
                    .find(|(key, _)| *key == "entity")
                    .map(|(_, value)| (*value).into()),
                display_name: Some(format!("{}-x", mount.trim_start_matches("auth/")).into()),
                ..Issued::default()
            });
        })
    }

    /// Gives the token of the last login a lifetime.
    pub(super) fn last_login_lives(&mut self, ttl_s: Option<i64>) {
        if let Some(login) = self.ledger.logins.last_mut() {
            login.ttl_s = ttl_s;
        }
    }

    /// A request with the token of a login.
    pub(super) fn request(&mut self, id: &str, login: &str, at: i64) -> u32 {
        let accessor = format!("accessor-{login}");
        self.vault(EventKind::Request, id, at, |event| {
            event.caller.accessor = Some(accessor.into());
        })
    }

    /// A Google credential that Vault hands out of an account.
    pub(super) fn mint(&mut self, id: &str, path: &str, at: i64) -> u32 {
        self.vault(EventKind::Request, id, at, |event| {
            event.service = Some("gcp".into());
            event.mount = Some("gcp/".into());
            event.path = path.into();
        })
    }

    /// One record of Vault in every hour between two minutes.
    pub(super) fn busy(&mut self, from: i64, to: i64) {
        let mut at = from;
        while at <= to {
            self.vault(EventKind::Request, "busy", at, |_| {});
            at += 30;
        }
    }

    /// Everything joined.
    pub(super) fn join(mut self, world: &World) -> Identity {
        let directory = Directory::new(&mut self.exports, &BTreeMap::new());
        Identity::resolve(self.ledger, directory, &world.scope())
    }
}

impl Identity {
    /// Its mismatches, whatever the period.
    pub(super) fn mismatches_ever(&self, world: &World) -> Vec<Mismatch> {
        self.mismatches(&world.scope(), Period::ALL)
    }
}

/// The subjects of facts of one detail.
pub(super) fn subjects(found: &[Mismatch], detail: &str) -> BTreeSet<String> {
    found
        .iter()
        .filter(|mismatch| mismatch.kind.as_str() == detail)
        .map(|mismatch| mismatch.subject.clone())
        .collect()
}

/// A request as mismatches see it.
pub(super) fn seen(object: &'static str, address: &'static str, at: i64) -> Seen<'static> {
    Seen {
        object,
        address,
        error: "",
        role: "vault:role/gitlab/app",
        login_id: "",
        at: minute(at),
        place: place(99),
    }
}

/// A caller without delegation.
pub(super) fn caller(principal: &'static str, user_agent: &'static str) -> Caller<'static> {
    Caller {
        principal,
        delegation: &[],
        user_agent,
    }
}

/// The session and facts of an operation.
pub(super) fn of(identity: &Identity, op: u32, world: &World) -> (Session, Facts) {
    let session = identity.session(op).unwrap_or(Session {
        login: u32::MAX,
        key: Key::K5,
    });
    (session, identity.facts(session, &world.scope()))
}
