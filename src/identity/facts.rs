//! What is known for certain of the origin of a login: only what all candidates agree on.

use super::declared::MountClass;
use super::edge::Candidates;
use super::ledger::Login;
use super::origin;
use super::resolve::{Identity, Session};
use super::scope::{Scope, person_of_user};
use crate::model::{Confidence, Job, Service, Timestamp, id};

/// The origin of a login, universally quantified: a field is filled only if every candidate says
/// the same.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// `job`, `service`, `person`, or empty.
    pub origin_kind: &'static str,
    /// The job, service or person, when there is one only.
    pub origin_id: String,
    /// The job.
    pub job_id: String,
    /// `gitlab:project/<id>`.
    pub project_id: String,
    /// Full path of the project.
    pub project_path: String,
    /// Branch or tag.
    pub git_ref: String,
    /// Whether the ref is protected.
    pub ref_protected: Option<bool>,
    /// Environment.
    pub environment: String,
    /// Tier of the environment.
    pub tier: String,
    /// Start of the job.
    pub job_started_at: Option<Timestamp>,
    /// End of the job; the latest end where several jobs fit and all have ended, the earliest that
    /// fits its login where records of one job contradict each other.
    pub job_finished_at: Option<Timestamp>,
    /// Until when another record of the job has it run, where its records contradict each other.
    pub end_disputed_until: Option<Timestamp>,
    /// The service.
    pub service_id: String,
    /// Name of the service.
    pub service_name: String,
    /// The person behind it.
    pub person_id: String,
    /// The name that a person logged in by; empty on other mounts.
    pub alias: String,
    /// How many origins fit.
    pub candidates: usize,
    /// The login, as an id.
    pub login_id: String,
    /// Mount of the login.
    pub mount: String,
    /// The mount as an id, with its namespace.
    pub mount_id: String,
    /// What the mount is for.
    pub mount_class: Option<MountClass>,
    /// Role of the login.
    pub role_id: String,
    /// Address of the login.
    pub address: String,
    /// Weakest edge between request and origin, undivided: what is filled holds for every
    /// candidate. `None` when there is no origin.
    pub confidence: Option<Confidence>,
}

impl Identity {
    /// The facts of the login behind `session`.
    #[must_use]
    pub fn facts(&self, session: Session, declared: &Scope<'_>) -> Facts {
        let root = self.root(session);
        let (Some(login), Some(own)) = (self.login(root.login), self.login(session.login)) else {
            return Facts::default();
        };
        let mut facts = self.of_login(login, declared);
        facts.login_id = id::vault_login(self.ledger.text(own.id));
        let Some(origin) = self.origin(root.login) else {
            return facts;
        };
        if let Some(found) = &origin.jobs {
            self.of_jobs(&mut facts, found, Some(login), declared);
            // What GitLab itself said of the ref when it made the token.
            let claim = self
                .ledger
                .claim(login.metadata, "ref_protected")
                .parse()
                .ok();
            facts.ref_protected = claim.or(facts.ref_protected);
        } else if let Some(found) = &origin.services {
            let services: Vec<&Service> = found
                .found
                .iter()
                .filter_map(|&number| self.directory.services.get(number as usize))
                .collect();
            facts.origin_kind = "service";
            facts.candidates = services.len();
            facts.service_id = agreed(services.iter().map(|service| service.id.as_str()));
            facts.service_name = agreed(services.iter().map(|service| service.name.as_str()));
            facts.origin_id.clone_from(&facts.service_id);
            facts.confidence = Some(if facts.origin_id.is_empty() {
                found.confidence()
            } else {
                found.key.confidence()
            });
        } else if let Some(known) = &origin.person {
            facts.origin_kind = "person";
            facts.origin_id.clone_from(&known.person);
            facts.person_id.clone_from(&known.person);
            facts.candidates = 1;
            facts.confidence = Some(known.key.confidence());
        }
        facts.confidence = facts
            .confidence
            .map(|found| found.min(session.key.confidence()));
        facts
    }

    /// The facts that all candidate jobs agree on.
    pub(super) fn facts_of_candidates(&self, found: &Candidates, declared: &Scope<'_>) -> Facts {
        let mut facts = Facts::default();
        self.of_jobs(&mut facts, found, None, declared);
        facts
    }

    fn of_login(&self, login: &Login, declared: &Scope<'_>) -> Facts {
        let text = |sym| self.ledger.text(sym);
        let (namespace, mount, role) = (text(login.namespace), text(login.mount), text(login.role));
        let role_id = if role.is_empty() {
            String::new()
        } else {
            id::vault_role(Some(namespace), mount, role)
        };
        let mount_class = declared.mount_class(namespace, mount);
        let alias = match mount_class {
            Some(MountClass::Human) => origin::alias(login, &self.ledger).unwrap_or(""),
            _ => "",
        };
        Facts {
            alias: alias.to_owned(),
            mount: mount.to_owned(),
            mount_id: if mount.is_empty() {
                String::new()
            } else {
                id::vault_mount(Some(namespace), mount)
            },
            mount_class,
            role_id,
            address: text(login.address).to_owned(),
            ..Facts::default()
        }
    }

    /// What all records of all these jobs say, as far as they fit the login.
    fn of_jobs(
        &self,
        facts: &mut Facts,
        found: &Candidates,
        login: Option<&Login>,
        declared: &Scope<'_>,
    ) {
        let records: Vec<Vec<&Job>> = found
            .found
            .iter()
            .map(|&first| self.fitting(self.directory.records(first), login))
            .collect();
        let jobs: Vec<&Job> = records.iter().flatten().copied().collect();
        facts.origin_kind = "job";
        facts.candidates = found.found.len();
        facts.confidence = Some(found.key.confidence());
        let projects = jobs.iter().map(|job| job.project_id);
        if let Some(project) = agreed_value(projects) {
            facts.project_id = id::gitlab_project(project);
            let known = self.directory.project_path(project).unwrap_or("");
            let exported = jobs.first().map_or("", |job| job.project_path.as_str());
            facts.project_path = if known.is_empty() { exported } else { known }.to_owned();
        }
        facts.git_ref = agreed(jobs.iter().map(|job| job.git_ref.as_str()));
        facts.environment = agreed(jobs.iter().map(|job| job.environment.as_str()));
        facts.tier = declared.tier(&facts.environment).unwrap_or("").to_owned();
        let protected = |job: &&Job| self.directory.ref_protected(job);
        facts.ref_protected = agreed_value(jobs.iter().map(protected)).flatten();
        // A forged record does not make a branch protected, nor the other certain.
        let disputed = |records: &Vec<&Job>| {
            let said = records.iter().map(protected);
            records.len() > 1 && said.clone().flatten().any(|on| on) && said.flatten().any(|on| !on)
        };
        if found.found.len() == 1 && records.iter().any(disputed) {
            facts.ref_protected = Some(false);
            facts.confidence = Some(found.key.confidence().shared_by(2));
        }
        facts.job_started_at = agreed_value(jobs.iter().map(|job| job.started_at)).flatten();
        // A use after the end must hold for every candidate: after the latest end.
        let ends: Option<Vec<Ends>> = records.iter().map(|job| Ends::of(job)).collect();
        let ends = ends.unwrap_or_default();
        facts.job_finished_at = ends.iter().map(|ends| ends.first).max();
        let disputed = ends.iter().filter_map(|ends| ends.disputed_until);
        facts.end_disputed_until = disputed.max();
        let users = jobs.iter().map(|job| job.username.as_str());
        let user = agreed(users);
        if !user.is_empty() {
            facts.person_id = person_of_user(&user, declared);
        }
        if let ([_], Some(job)) = (found.found.as_slice(), jobs.first()) {
            facts.job_id = id::gitlab_job(job.project_id, job.id);
            facts.origin_id.clone_from(&facts.job_id);
        }
    }
}

impl Identity {
    /// The records of one job that fit a login with its token: none from before the token's life, and
    /// none that says of branch, user or pipeline what GitLab did not sign. All, where none fits.
    fn fitting<'d>(&self, records: &'d [Job], login: Option<&Login>) -> Vec<&'d Job> {
        let all = || records.iter().collect();
        let (Some(login), [_, _, ..]) = (login, records) else {
            return all();
        };
        let at = login.at.plus_micros(self.shift);
        let claim = |name| self.ledger.claim(login.metadata, name);
        let agrees = |name, said: &str| {
            let signed = claim(name);
            signed.is_empty() || said.is_empty() || signed == said
        };
        let fits = |job: &&Job| {
            let pipeline = job.pipeline_id.map(|id| id.to_string()).unwrap_or_default();
            job.started_at
                .is_none_or(|start| start.plus_micros(LONGEST_JOB) >= at)
                && agrees("ref", &job.git_ref)
                && agrees("user_login", &job.username)
                && agrees("pipeline_id", &pipeline)
        };
        let fitting: Vec<&Job> = records.iter().filter(fits).collect();
        if fitting.is_empty() { all() } else { fitting }
    }
}

impl Facts {
    /// How certain it is that the job had ended at `at`, which lies after its end: less where
    /// another record of it says that it still ran.
    pub(super) fn ended_before(&self, at: Timestamp) -> Option<Confidence> {
        let disputed = self.end_disputed_until.is_some_and(|until| at <= until);
        let confidence = self.confidence?;
        Some(confidence.shared_by(if disputed { 2 } else { 1 }))
    }
}

/// How long before a login its job can have begun, in microseconds: Vault takes no ID token whose
/// time is over, and GitLab's ends with the job's timeout, which is a month at most.
const LONGEST_JOB: i64 = 31 * 24 * 3_600 * 1_000_000;

/// What the records of one job say of its end: a forged one neither hides a use after the end nor
/// makes one certain.
struct Ends {
    first: Timestamp,
    disputed_until: Option<Timestamp>,
}

impl Ends {
    /// None where no record has the job end.
    fn of(records: &[&Job]) -> Option<Ends> {
        let ends = records.iter().map(|job| job.finished_at);
        let first = ends.clone().flatten().min()?;
        let last = ends.map(|end| end.unwrap_or(Timestamp::MAX)).max()?;
        Some(Ends {
            first,
            disputed_until: (last != first).then_some(last),
        })
    }
}

/// The value all agree on, else empty.
fn agreed<'a>(values: impl Iterator<Item = &'a str>) -> String {
    agreed_value(values).unwrap_or("").to_owned()
}

fn agreed_value<T: PartialEq + Copy>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}
