//! What the exports say of jobs, projects, services, people and roles, ready to be looked up.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;
use std::sync::Arc;

use super::merge_request::MergeRequests;
use super::project_paths::{owners, two_paths};
use super::protection::{ProtectionChange, Protections};
use super::repeated_job::{JobConflict, repeated_pipelines, unique};
use super::repeated_user::disputed;
use crate::model::{Attribute, Exports, FileId, Job, Place, Service, Timestamp, fill_predefined};

/// Exports, sorted and indexed.
#[derive(Debug, Default)]
pub struct Directory {
    /// Jobs by project and id; a job exported twice is kept in its later state, and several times
    /// only where its records contradict each other.
    pub jobs: Vec<Job>,
    /// Jobs, pipelines and users that bear the id of another and say something else.
    pub job_conflicts: Vec<JobConflict>,
    /// Services by id and revision.
    pub services: Arc<[Service]>,
    /// Attributes by kind, object, name and value.
    pub attributes: Arc<[Attribute]>,
    /// Files whose lists are as long as their server said: nothing of them is missing.
    pub counted: BTreeSet<FileId>,
    /// The first record of each job with an id.
    jobs_by_id: BTreeMap<u64, Vec<u32>>,
    projects: BTreeMap<u64, Project>,
    project_ids: BTreeMap<String, u64>,
    users: BTreeMap<String, Place>,
    /// Who triggered a pipeline, by all of its records.
    pipeline_users: BTreeMap<u64, BTreeSet<String>>,
    /// Projects of the exported pipelines, and whether each must have had jobs.
    pipeline_projects: BTreeMap<u64, (u64, bool)>,
    protections: Protections,
    merge_requests: MergeRequests,
}

/// One project's jobs by start, and the names it had.
#[derive(Debug, Default)]
struct Project {
    /// (start, job), by start.
    starts: Vec<(Timestamp, u32)>,
    /// The latest end of all jobs up to here.
    latest_end: Vec<Timestamp>,
    path: String,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl Directory {
    /// Takes what is looked up by name out of what was read, sorts and indexes it.
    ///
    /// `project_numbers` gives Google project ids by number: Knative exports name projects by
    /// number, everything else by id.
    #[must_use]
    pub fn new(exports: &mut Exports, project_numbers: &BTreeMap<String, String>) -> Directory {
        let (jobs, pipelines) = (take(&mut exports.jobs), take(&mut exports.pipelines));
        let mut services = take(&mut exports.services);
        let mut attributes = take(&mut exports.attributes);
        name_projects(&mut services, &mut attributes, project_numbers);
        fill_predefined(&mut attributes);
        services.sort_by(|a, b| (&a.id, &a.revision, a.place).cmp(&(&b.id, &b.revision, b.place)));
        attributes.sort();
        let (jobs, mut job_conflicts) = unique(jobs);
        job_conflicts.extend(repeated_pipelines(&pipelines));
        job_conflicts.extend(disputed(&mut attributes));
        let mut directory = Directory {
            jobs,
            job_conflicts,
            services: services.into(),
            attributes: attributes.into(),
            ..Directory::default()
        };
        let mut sources: BTreeMap<u64, BTreeSet<&str>> = BTreeMap::new();
        for pipeline in pipelines.iter().filter(|it| !it.source.is_empty()) {
            let said = sources.entry(pipeline.id).or_default();
            said.insert(&pipeline.source);
        }
        for job in &mut directory.jobs {
            let said = job.pipeline_id.and_then(|id| sources.get(&id));
            // Two records of one pipeline that say two things say nothing.
            let agreed = said
                .filter(|said| said.len() == 1)
                .and_then(BTreeSet::first);
            if job.pipeline_source.is_empty()
                && let Some(source) = agreed
            {
                job.pipeline_source = (*source).to_owned();
            }
        }
        directory.pipeline_projects = pipelines
            .iter()
            .map(|pipeline| {
                // A file that could not be read, or rules that chose no job, end a pipeline otherwise.
                let ran = pipeline.status == "success";
                (pipeline.id, (pipeline.project_id, ran))
            })
            .collect();
        for pipeline in pipelines
            .iter()
            .filter(|pipeline| !pipeline.username.is_empty())
        {
            let users = directory.pipeline_users.entry(pipeline.id).or_default();
            users.insert(pipeline.username.clone());
        }
        directory.index();
        directory
    }

    fn index(&mut self) {
        for (job, number) in self.jobs.iter().zip(0u32..) {
            if self.first_record(number) == number {
                self.jobs_by_id.entry(job.id).or_default().push(number);
            }
            let project = self.projects.entry(job.project_id).or_default();
            if let Some(start) = job.started_at {
                project.starts.push((start, number));
            }
            let times = [job.created_at, job.started_at, job.finished_at];
            for at in times.into_iter().flatten() {
                project.first = Some(project.first.map_or(at, |first| first.min(at)));
                project.last = Some(project.last.map_or(at, |last| last.max(at)));
            }
            if project.path.is_empty() {
                project.path.clone_from(&job.project_path);
            }
        }
        let paths: Vec<(u64, String)> = self
            .of_kind("gitlab-project")
            .filter(|attribute| attribute.name == "path_with_namespace")
            .filter_map(|attribute| Some((number(&attribute.object)?, attribute.value.clone())))
            .collect();
        let two = two_paths(&paths);
        for (id, path) in paths {
            let project = self.projects.entry(id).or_default();
            // Of two paths that the exports give it, the one that its jobs bear.
            if project.path.is_empty() || !two.contains(&id) {
                project.path = path;
            }
        }
        for project in self.projects.values_mut() {
            project.starts.sort_unstable();
            let mut latest = Timestamp::MIN;
            for &(_, job) in &project.starts {
                let end = self.jobs.get(job as usize).and_then(|job| job.finished_at);
                latest = latest.max(end.unwrap_or(Timestamp::MAX));
                project.latest_end.push(latest);
            }
        }
        self.paths();
        let mut protections = Protections::default();
        for kind in ["protected-branch", "protected-tag"] {
            protections.exported(self.of_kind(kind));
        }
        self.protections = protections;
        self.merge_requests = MergeRequests::new(self.of_kind("gitlab-merge-request"));
        let users: Vec<(String, Place)> = self
            .of_kind("gitlab-user")
            .filter_map(|attribute| {
                let name = attribute.object.strip_prefix("gitlab:user/")?;
                Some((name.to_owned(), attribute.place))
            })
            .collect();
        self.users.extend(users);
        for job in self.jobs.iter().filter(|job| !job.username.is_empty()) {
            self.users.entry(job.username.clone()).or_insert(job.place);
        }
    }

    /// Every path a project was seen under: renames leave the old one in jobs exported earlier and
    /// in the history that a project export may carry. A path of two projects names neither.
    fn paths(&mut self) {
        let mut seen: BTreeSet<(String, u64)> = BTreeSet::new();
        let objects = self.of_kind("gitlab-project");
        let exported: BTreeSet<u64> = objects.filter_map(|found| number(&found.object)).collect();
        let stated = self
            .of_kind("gitlab-project")
            .filter(|attribute| attribute.name == "path_with_namespace");
        let stated: Vec<(u64, String)> = stated
            .filter_map(|found| Some((number(&found.object)?, found.value.to_lowercase())))
            .collect();
        let two = two_paths(&stated);
        seen.extend(stated.into_iter().map(|(id, path)| (path, id)));
        for job in self.jobs.iter().filter(|job| !job.project_path.is_empty()) {
            seen.insert((job.project_path.to_lowercase(), job.project_id));
        }
        for (&id, project) in self
            .projects
            .iter()
            .filter(|(_, project)| !project.path.is_empty())
        {
            seen.insert((project.path.to_lowercase(), id));
        }
        for attribute in self
            .of_kind("gitlab-project")
            .filter(|attribute| attribute.name == "path_history")
        {
            if let Some(id) = number(&attribute.object) {
                seen.insert((attribute.value.to_lowercase(), id));
            }
        }
        self.project_ids = owners(seen, &exported, &two);
    }

    /// Attributes of one kind, by object and name.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Attribute> {
        let start = self
            .attributes
            .partition_point(|attribute| attribute.kind < kind);
        let end = self
            .attributes
            .partition_point(|attribute| attribute.kind <= kind);
        self.attributes.get(start..end).unwrap_or(&[]).iter()
    }

    /// Merge requests by their commits.
    pub(super) fn merge_requests(&self) -> &MergeRequests {
        &self.merge_requests
    }

    /// Values of one attribute of one object.
    pub fn values<'d>(
        &'d self,
        kind: &'d str,
        object: &'d str,
        name: &'d str,
    ) -> impl Iterator<Item = &'d str> {
        self.stated(kind, object, name)
            .iter()
            .map(|attribute| attribute.value.as_str())
    }

    /// One attribute of one object, with every value.
    #[must_use]
    pub fn stated(&self, kind: &str, object: &str, name: &str) -> &[Attribute] {
        let key = (kind, object, name);
        let before = |attribute: &Attribute| {
            (
                attribute.kind,
                attribute.object.as_str(),
                attribute.name.as_str(),
            ) < key
        };
        let upto = |attribute: &Attribute| {
            (
                attribute.kind,
                attribute.object.as_str(),
                attribute.name.as_str(),
            ) <= key
        };
        let start = self.attributes.partition_point(before);
        let end = self.attributes.partition_point(upto);
        self.attributes.get(start..end).unwrap_or(&[])
    }

    /// A job.
    #[must_use]
    pub fn job(&self, number: u32) -> Option<&Job> {
        self.jobs.get(number as usize)
    }

    /// The job of an id `gitlab:job/<project>/<job>`.
    #[must_use]
    pub fn job_named(&self, id: &str) -> Option<&Job> {
        let (project, job) = id.strip_prefix("gitlab:job/")?.split_once('/')?;
        let (project, job): (u64, u64) = (project.parse().ok()?, job.parse().ok()?);
        let found = self
            .jobs
            .binary_search_by_key(&(project, job), |job| (job.project_id, job.id));
        found.ok().and_then(|position| self.jobs.get(position))
    }

    /// Jobs with this id: one, unless several GitLab instances were exported.
    #[must_use]
    pub fn jobs_with_id(&self, id: u64) -> &[u32] {
        self.jobs_by_id.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Whether a number may be the id of a job that the export lacks: none that was exported has it,
    /// and it is of their order.
    pub(super) fn may_lack_job(&self, id: u64) -> bool {
        let ends = self
            .jobs_by_id
            .first_key_value()
            .zip(self.jobs_by_id.last_key_value());
        let near = ends
            .is_some_and(|((first, _), (last, _))| first / 2 <= id && id <= last.saturating_mul(2));
        near && !self.jobs_by_id.contains_key(&id)
    }

    /// The id of the project with this path, letter case aside.
    #[must_use]
    pub fn project_id(&self, path: &str) -> Option<u64> {
        self.project_ids.get(&path.to_lowercase()).copied()
    }

    /// The project an owner names, by full path or, without a slash, by its last segment when that
    /// is unique.
    #[must_use]
    pub fn project_named(&self, name: &str) -> Option<u64> {
        if name.contains('/') {
            return self.project_id(name);
        }
        let suffix = format!("/{}", name.to_lowercase());
        let mut found = self
            .project_ids
            .iter()
            .filter(|(path, _)| path.ends_with(&suffix));
        let (_, id) = found.next()?;
        found.next().is_none().then_some(*id)
    }

    /// The id of the service of this name, when only one project and region has it.
    #[must_use]
    pub fn service_named(&self, name: &str) -> Option<&str> {
        let mut found = self
            .services
            .iter()
            .filter(|service| service.name == name)
            .map(|service| service.id.as_str());
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }

    /// Projects of which anything is known, by number.
    pub fn projects(&self) -> impl Iterator<Item = u64> {
        self.projects.keys().copied()
    }

    /// The path of a project.
    #[must_use]
    pub fn project_path(&self, id: u64) -> Option<&str> {
        self.projects
            .get(&id)
            .map(|project| project.path.as_str())
            .filter(|path| !path.is_empty())
    }

    /// Jobs of a project that ran at `at`, give or take: `[start - before, end + after]`.
    #[must_use]
    pub fn running(&self, project: u64, at: Timestamp, before: i64, after: i64) -> Vec<u32> {
        let Some(project) = self.projects.get(&project) else {
            return Vec::new();
        };
        let latest_start = at.plus_micros(before);
        let mut index = project
            .starts
            .partition_point(|(start, _)| *start <= latest_start);
        let mut found = Vec::new();
        while let Some(above) = index.checked_sub(1) {
            index = above;
            // No job that started up to here is still running: nothing further back can be.
            let latest_end = project
                .latest_end
                .get(index)
                .copied()
                .unwrap_or(Timestamp::MIN);
            if latest_end.plus_micros(after) < at {
                break;
            }
            let Some(&(_, number)) = project.starts.get(index) else {
                break;
            };
            let end = self
                .job(number)
                .and_then(|job| job.finished_at)
                .unwrap_or(Timestamp::MAX);
            if at <= end.plus_micros(after) {
                found.push(self.first_record(number));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether the export of a project's jobs reaches over `at`; of any project for `None`.
    #[must_use]
    pub fn covers(&self, project: Option<u64>, at: Timestamp) -> bool {
        let inside = |project: &Project| {
            let hour = at.hour();
            project.first.is_some_and(|first| first.hour() <= hour)
                && project.last.is_some_and(|last| hour <= last.hour())
        };
        match project {
            Some(id) => self.projects.get(&id).is_some_and(inside),
            None => self.projects.values().any(inside),
        }
    }

    /// The exported pipelines, each with its project and whether it must have had jobs.
    #[must_use]
    pub fn pipelines(&self) -> &BTreeMap<u64, (u64, bool)> {
        &self.pipeline_projects
    }

    /// Names of the user who triggered a pipeline, where its export says: several where two records
    /// of it contradict each other.
    pub fn pipeline_users(&self, pipeline: u64) -> impl Iterator<Item = &str> {
        let users = self.pipeline_users.get(&pipeline);
        users.into_iter().flatten().map(String::as_str)
    }

    /// Where a GitLab user of exactly this name was read.
    #[must_use]
    pub fn user(&self, username: &str) -> Option<Place> {
        self.users.get(username).copied()
    }

    /// GitLab user names, sorted.
    pub fn usernames(&self) -> impl Iterator<Item = &str> {
        self.users.keys().map(String::as_str)
    }

    /// Whether a job's ref was protected when it ran, by the project's export and what GitLab
    /// audited; `None` where nothing says so.
    #[must_use]
    pub fn ref_protected(&self, job: &Job) -> Option<bool> {
        self.protections.of(job)
    }

    /// Takes audited changes of protected branches.
    pub(super) fn protection_changed(&mut self, changes: Vec<ProtectionChange>) {
        self.protections.changed(changes);
    }
}

/// Names Cloud Run services by the ids of their projects: Knative exports have numbers, everything
/// else ids. `known` gives ids by number, and the accounts of a project's services tell them too.
pub fn name_projects(
    services: &mut [Service],
    attributes: &mut [Attribute],
    known: &BTreeMap<String, String>,
) {
    let project_numbers = with_accounts(known.clone(), services);
    for service in services {
        if let Some(project) = project_numbers.get(&service.project) {
            service.project.clone_from(project);
            let sort = service
                .id
                .split_once('/')
                .map_or("run:service", |(sort, _)| sort);
            service.id = format!("{sort}/{project}/{}/{}", service.region, service.name);
        }
    }
    for attribute in attributes {
        // `run:service/<project>/...`; jobs and worker pools are named alike.
        let renamed = attribute.object.strip_prefix("run:").and_then(|name| {
            let (sort, name) = name.split_once('/')?;
            let (number, rest) = name.split_once('/')?;
            let project = project_numbers.get(number)?;
            Some(format!("run:{sort}/{project}/{rest}"))
        });
        if let Some(renamed) = renamed {
            attribute.object = renamed;
        }
    }
}

/// Adds the projects that only service accounts tell: where all accounts of a numbered project's
/// services are of one project, that project has the number.
fn with_accounts(
    mut known: BTreeMap<String, String>,
    services: &[Service],
) -> BTreeMap<String, String> {
    let mut told: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let numbered = |service: &&Service| service.project.bytes().all(|byte| byte.is_ascii_digit());
    for service in services.iter().filter(numbered) {
        let domain = service
            .service_account
            .split_once('@')
            .map(|(_, domain)| domain);
        let project = domain.and_then(|domain| domain.strip_suffix(".iam.gserviceaccount.com"));
        if let Some(project) = project {
            told.entry(&service.project).or_default().insert(project);
        }
    }
    for (number, projects) in told {
        if let (1, Some(project)) = (projects.len(), projects.first()) {
            known
                .entry(number.to_owned())
                .or_insert_with(|| (*project).to_owned());
        }
    }
    known
}

/// `gitlab:project/42` to 42.
fn number(object: &str) -> Option<u64> {
    object.strip_prefix("gitlab:project/")?.parse().ok()
}
