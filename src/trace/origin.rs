//! The way from a login up to the job, service or person it came from, and why there is none.

use super::inquiry::Inquiry;
use crate::identity::{Candidates, CloudUse, Facts, Login, MountClass, NoJob};
use crate::model::trace::{Gap, Node, Via};
use crate::model::{Job, Key, id};

/// A gap's reason: one word for programs, and the words.
type Reason = (&'static str, &'static str);

fn no_job(reason: NoJob) -> Reason {
    match reason {
        NoJob::NotCi => ("not-ci", "the login is on no CI mount and names no job"),
        NoJob::NamedJobMissing => (
            "named-job-missing",
            "the token names a job that the export of its project should hold and does not",
        ),
        NoJob::NoneRan => (
            "none-ran",
            "no job of the project ran at the time, although the export reaches over it",
        ),
        NoJob::NotExported => (
            "not-exported",
            "the export of the project's jobs does not reach over the time, or there is none",
        ),
        NoJob::Untraceable => ("untraceable", "nothing in the log names a project or a job"),
        NoJob::Contradiction => (
            "contradiction",
            "the token names a job of another project than the one it names",
        ),
    }
}

fn plain_via(edge: &str, key: Key, key_name: &str) -> Via {
    Via {
        edge: edge.to_owned(),
        key: key.as_str().to_owned(),
        key_name: key_name.to_owned(),
        confidence: key.confidence(),
        alternatives: Vec::new(),
    }
}

/// An edge with the plain confidence of its key.
pub(super) fn via(edge: &str, key: Key, key_name: &str) -> Option<Via> {
    Some(plain_via(edge, key, key_name))
}

/// Puts `leaf` below the last of `path`.
pub(super) fn nest(path: Vec<Node>, leaf: Node) -> Node {
    path.into_iter().rev().fold(leaf, |below, mut above| {
        above.children.push(below);
        above
    })
}

impl Inquiry<'_> {
    /// Person and job: the nodes above a login that came from `job`.
    pub(super) fn above_job(&self, job: &Job) -> Vec<Node> {
        let mut node = self.job_node(job);
        if job.username.is_empty() {
            let words = "the export does not say as whom the job ran";
            return vec![Node::missing("person", "no-user", words), node];
        }
        node.via = via("person-job", Key::K1, "job.user.username");
        vec![self.person_node(&self.person_of(&job.username)), node]
    }

    pub(super) fn person_node(&self, person: &str) -> Node {
        let mut node = Node::new("person", person);
        let people = &self.scope.settings.people;
        let user = person.strip_prefix("gitlab:user/");
        let user = user.or_else(|| {
            let users = people.ids_of(person);
            users
                .filter_map(|id| id.strip_prefix("gitlab:user/"))
                .next()
        });
        let place = user.and_then(|user| self.estate.identity.directory.user(user));
        node.evidence.extend(place.map(|place| self.pointer(place)));
        node
    }

    pub(super) fn job_node(&self, job: &Job) -> Node {
        let mut node = Node::new("job", &id::gitlab_job(job.project_id, job.id));
        let directory = &self.estate.identity.directory;
        let path = directory.project_path(job.project_id);
        let protected = match directory.ref_protected(job) {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        node.at = job.started_at.or(job.created_at);
        node.until = job.finished_at;
        node.fact("name", &job.name)
            .fact("project", path.unwrap_or(&job.project_path))
            .fact("ref", &job.git_ref)
            .fact("protected", protected)
            .fact("environment", &job.environment)
            .fact("pipeline source", &job.pipeline_source)
            .fact("status", &job.status);
        if let Some((requests, key)) = self.estate.identity.merge_requests_of(job) {
            node.fact("change", &format!("{} ({key})", requests.join(" or ")));
        }
        node.evidence.push(self.pointer(job.place));
        node
    }

    /// The nodes above a login, from the person or workload down, and the edge to the login.
    pub(super) fn above(&self, position: u32) -> (Vec<Node>, Option<Via>) {
        let identity = &self.estate.identity;
        let (Some(login), Some(origin)) = (identity.login(position), identity.origin(position))
        else {
            return (Vec::new(), None);
        };
        if let Some(found) = &origin.jobs {
            let jobs = found
                .found
                .iter()
                .filter_map(|&n| identity.directory.job(n));
            let jobs: Vec<&Job> = jobs.collect();
            let names = jobs
                .iter()
                .map(|job| id::gitlab_job(job.project_id, job.id));
            let via = candidates_via("job-login", found, names.collect());
            return match jobs.as_slice() {
                [job] => (self.above_job(job), Some(via)),
                _ => (
                    self.undecided("job", &self.facts(position), &via),
                    Some(via),
                ),
            };
        }
        if let Some(found) = &origin.services {
            let services = found.found.iter();
            let services = services.filter_map(|&n| identity.directory.services.get(n as usize));
            let services: Vec<_> = services.collect();
            let names = services.iter().map(|service| service.id.clone());
            let via = candidates_via("service-login", found, names.collect());
            return match services.as_slice() {
                [service] => (vec![self.service_node(&service.id)], Some(via)),
                _ => (
                    self.undecided("service", &self.facts(position), &via),
                    Some(via),
                ),
            };
        }
        if let Some(known) = &origin.person {
            return (
                vec![self.person_node(&known.person)],
                via("person-login", known.key, known.key_name),
            );
        }
        (vec![self.no_origin(login, origin.no_job)], None)
    }

    /// The nodes down to the jobs that may have federated into the caller of a Google event, and
    /// the edge from them.
    pub(super) fn above_cloud(&self, found: &Candidates) -> (Vec<Node>, Via) {
        let directory = &self.estate.identity.directory;
        let jobs: Vec<&Job> = found
            .found
            .iter()
            .filter_map(|&n| directory.job(n))
            .collect();
        let names = jobs
            .iter()
            .map(|job| id::gitlab_job(job.project_id, job.id));
        let via = candidates_via("job-cloud", found, names.collect());
        match jobs.as_slice() {
            [job] => (self.above_job(job), via),
            _ => {
                let cloud = CloudUse {
                    jobs: Some(found.clone()),
                    lease: None,
                };
                (self.undecided("job", &self.cloud_facts(&cloud), &via), via)
            }
        }
    }

    /// Several fit: what they agree on, and all of them in the edge.
    fn undecided(&self, kind: &'static str, facts: &Facts, via: &Via) -> Vec<Node> {
        let count = via.alternatives.len();
        let words = format!(
            "{count} {kind}s fit equally, {} each: none is named",
            via.confidence
        );
        let mut node = Node {
            kind,
            gap: Some(Gap {
                reason: "ambiguous",
                words,
            }),
            ..Node::default()
        };
        node.fact("project", &facts.project_path)
            .fact("ref", &facts.git_ref)
            .fact("environment", &facts.environment);
        if facts.person_id.is_empty() {
            return vec![node];
        }
        vec![self.person_node(&facts.person_id), node]
    }

    fn no_origin(&self, login: &Login, reason: Option<NoJob>) -> Node {
        let text = |sym| self.estate.identity.ledger.text(sym);
        let class = self
            .scope
            .mount_class(text(login.namespace), text(login.mount));
        let (kind, (word, words)) = match (class, reason) {
            (Some(MountClass::Human), _) => (
                "person",
                (
                    "no-user",
                    "no [people.aliases] entry and no GitLab user has the name on the token",
                ),
            ),
            (Some(MountClass::Workload), _) => (
                "service",
                (
                    "no-service",
                    "no exported Cloud Run service ran as the account of the token at the time",
                ),
            ),
            (Some(MountClass::Ci), Some(reason)) => ("job", no_job(reason)),
            (None, Some(reason)) if reason != NoJob::NotCi => ("job", no_job(reason)),
            _ => (
                "origin",
                (
                    "undeclared-mount",
                    "the auth mount is none of [vault] ci_mounts, workload_mounts, human_mounts",
                ),
            ),
        };
        Node::missing(kind, word, words)
    }
}

/// The edge to one of `names`: to the only one without alternatives, to several with all of them.
fn candidates_via(edge: &str, found: &Candidates, mut names: Vec<String>) -> Via {
    names.sort();
    let mut via = plain_via(edge, found.key, found.key_name);
    via.confidence = found.confidence();
    if names.len() > 1 {
        via.alternatives = names;
    }
    via
}
