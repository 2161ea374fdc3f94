//! Rows of what exports state: jobs, services, principals, attributes, grants, exposures, coverage.

use super::Error;
use super::fact_rows::EvidenceColumns;
use crate::identity::Scope;
use crate::identity::{Directory, IdpUsers, MountClass};
use crate::model::{BY_NAME, Exposure, FileCoverage, Grant, Period, RejectedLine, id};
use crate::table::row::{
    Batch, config, coverage, exposure, grant, job, principal, rejected_line, service,
};

/// Where rows are named and dated from.
#[derive(Clone, Copy)]
pub(super) struct Export<'e> {
    pub(super) directory: &'e Directory,
    pub(super) idp: &'e IdpUsers,
    pub(super) scope: Scope<'e>,
    pub(super) files: &'e [String],
    pub(super) period: Period,
}

/// Takes rows as soon as they are as many as are added at a time.
pub(super) type Add<'a> = &'a mut dyn FnMut(Batch) -> Result<(), Error>;

impl Export<'_> {
    /// Hands on all jobs.
    pub(super) fn jobs(&self, add: Add<'_>) -> Result<(), Error> {
        let mut batch = Batch::new(&job::SCHEMA);
        for found in &self.directory.jobs {
            let start = found.started_at.or(found.created_at);
            let end = found.finished_at;
            let inside = start.is_some_and(|start| start < self.period.to)
                && end.is_none_or(|end| self.period.from <= end);
            let path = self
                .directory
                .project_path(found.project_id)
                .unwrap_or(&found.project_path);
            let user = if found.username.is_empty() {
                String::new()
            } else {
                id::gitlab_user(&found.username)
            };
            let whole = |value: Option<u64>| value.and_then(|value| i64::try_from(value).ok());
            let mut row = batch.row();
            row.text(job::JOB_ID, &id::gitlab_job(found.project_id, found.id))
                .text(job::PROJECT_ID, &id::gitlab_project(found.project_id))
                .text(job::PROJECT_PATH, path)
                .text(job::NAME, &found.name)
                .text(job::STAGE, &found.stage)
                .text(job::STATUS, &found.status)
                .text(job::FAILURE_REASON, &found.failure_reason)
                .text(job::GIT_REF, &found.git_ref)
                .int(job::TAG, i64::from(found.tag))
                .int(
                    job::REF_PROTECTED,
                    self.directory.ref_protected(found).map(i64::from),
                )
                .text(job::SHA, &found.sha)
                .int(job::CREATED_AT, found.created_at.map(|at| at.0))
                .int(job::STARTED_AT, found.started_at.map(|at| at.0))
                .int(job::FINISHED_AT, found.finished_at.map(|at| at.0))
                .text(job::USER_ID, &user)
                .int(job::PIPELINE_ID, whole(found.pipeline_id))
                .text(job::PIPELINE_SOURCE, &found.pipeline_source)
                .text(job::ENVIRONMENT, &found.environment)
                .text(job::TIER, self.scope.tier(&found.environment).unwrap_or(""))
                .int(job::RUNNER_ID, whole(found.runner_id))
                .int(job::IN_PERIOD, i64::from(inside));
            for address in &found.runner_addresses {
                row.item(job::RUNNER_ADDRESSES, address);
            }
            EvidenceColumns(job::SOURCE_FILE).fill(&mut row, found.place, self.files)?;
            if batch.is_full() {
                add(batch.take())?;
            }
        }
        add(batch)
    }

    /// All services.
    pub(super) fn services(&self) -> Result<Batch, Error> {
        let mut batch = Batch::new(&service::SCHEMA);
        for found in self.directory.services.iter() {
            let account = found.service_account.as_str();
            let account = if account.is_empty() {
                String::new()
            } else {
                id::gcp_service_account(account)
            };
            let mut row = batch.row();
            row.text(service::SERVICE_ID, &found.id)
                .text(service::PROJECT, &found.project)
                .text(service::REGION, &found.region)
                .text(service::NAME, &found.name)
                .text(service::REVISION, &found.revision)
                .text(service::SERVICE_ACCOUNT, &account)
                .int(
                    service::DEFAULT_ACCOUNT,
                    i64::from(found.has_default_account()),
                )
                .text(service::INGRESS, &found.ingress)
                .int(service::CREATED_AT, found.created_at.map(|at| at.0))
                .int(service::UPDATED_AT, found.updated_at.map(|at| at.0))
                .text(service::DEPLOYED_BY, &found.deployed_by)
                .text(service::FAMILY, &found.family());
            for image in &found.images {
                row.item(service::IMAGES, image);
            }
            for (key, value) in &found.labels {
                row.item(service::LABELS, &format!("{key}={value}"));
            }
            EvidenceColumns(service::SOURCE_FILE).fill(&mut row, found.place, self.files)?;
        }
        Ok(batch)
    }

    /// The identity directory: GitLab users, users of the identity provider, Vault entities with
    /// their aliases.
    pub(super) fn principals(&self) -> Result<Batch, Error> {
        let mut batch = Batch::new(&principal::SCHEMA);
        for attribute in self
            .directory
            .of_kind("gitlab-user")
            .filter(|attribute| attribute.name == "username" || attribute.name == "id")
        {
            let bot = self
                .directory
                .values("gitlab-user", &attribute.object, "bot")
                .any(|value| value == "true" || value == BY_NAME);
            let name = self
                .directory
                .values("gitlab-user", &attribute.object, "name")
                .next()
                .unwrap_or("");
            let mut row = batch.row();
            row.text(principal::PRINCIPAL_ID, &attribute.object)
                .text(principal::KIND, if bot { "bot" } else { "user" })
                .text(principal::NAME, name)
                .text(
                    principal::PERSON,
                    self.scope.person(&attribute.object).unwrap_or(""),
                );
            EvidenceColumns(principal::SOURCE_FILE).fill(&mut row, attribute.place, self.files)?;
        }
        self.idp_users(&mut batch)?;
        for attribute in self.directory.of_kind("vault-entity") {
            let Some(prefix) = attribute
                .name
                .strip_suffix(".name")
                .filter(|prefix| prefix.starts_with("alias."))
            else {
                continue;
            };
            let field = format!("{prefix}.mount_path");
            let mount = self
                .directory
                .values("vault-entity", &attribute.object, &field)
                .next()
                .unwrap_or("");
            let class = self
                .scope
                .mount_class("", mount)
                .map_or("", MountClass::as_str);
            let name = self
                .directory
                .values("vault-entity", &attribute.object, "name")
                .next()
                .unwrap_or("");
            let mut row = batch.row();
            row.text(principal::PRINCIPAL_ID, &attribute.object)
                .text(principal::KIND, "entity")
                .text(principal::NAME, name)
                .text(principal::ALIAS, &format!("{mount}{}", attribute.value))
                .text(principal::CLASS, class);
            EvidenceColumns(principal::SOURCE_FILE).fill(&mut row, attribute.place, self.files)?;
        }
        Ok(batch)
    }

    /// Users of the identity provider, with the GitLab user that each is.
    fn idp_users(&self, batch: &mut Batch) -> Result<(), Error> {
        for (login, place) in self.idp.all() {
            let known = self.idp.person(login, &self.scope);
            let person = known.map(|known| known.person).unwrap_or_default();
            for number in self.idp.numbers(login) {
                let mut row = batch.row();
                row.text(principal::PRINCIPAL_ID, &format!("okta:user/{login}"))
                    .text(principal::KIND, "user")
                    .text(principal::NAME, login)
                    .text(principal::ALIAS, number)
                    .text(principal::PERSON, &person);
                EvidenceColumns(principal::SOURCE_FILE).fill(&mut row, place, self.files)?;
            }
        }
        Ok(())
    }

    /// Hands on all attributes.
    pub(super) fn attributes(&self, add: Add<'_>) -> Result<(), Error> {
        let mut batch = Batch::new(&config::SCHEMA);
        for found in self.directory.attributes.iter() {
            let mut row = batch.row();
            if found.names_aws_key() {
                row.clean(config::OBJECT, &found.object)
                    .clean(config::VALUE, &found.value);
            } else {
                row.text(config::OBJECT, &found.object)
                    .text(config::VALUE, &found.value);
            }
            row.text(config::KIND, found.kind)
                .text(config::NAME, &found.name)
                .int(config::VALID_FROM, found.valid_from.map(|at| at.0));
            EvidenceColumns(config::SOURCE_FILE).fill(&mut row, found.place, self.files)?;
            if batch.is_full() {
                add(batch.take())?;
            }
        }
        add(batch)
    }

    /// All grants, in their order.
    pub(super) fn grants(&self, grants: &[Grant]) -> Result<Batch, Error> {
        let mut batch = Batch::new(&grant::SCHEMA);
        for found in grants {
            let mut row = batch.row();
            row.text(grant::HOLDER, &found.holder)
                .text(grant::RESOURCE, &found.resource)
                .text(grant::CAPABILITY, &found.capability)
                .text(grant::CONDITION, &found.condition)
                .text(grant::LANGUAGE, found.language);
            EvidenceColumns(grant::SOURCE_FILE).fill(&mut row, found.place, self.files)?;
        }
        Ok(batch)
    }

    /// What looks like a secret in traces, sorted. A line without a time has its job's; a trace
    /// whose job was not exported belongs to the period.
    pub(super) fn exposures(&self, mut exposures: Vec<Exposure>) -> Result<Batch, Error> {
        exposures.sort();
        let mut batch = Batch::new(&exposure::SCHEMA);
        for found in &exposures {
            let job = self.directory.job_named(&found.job);
            let began = job.and_then(|job| job.started_at.or(job.created_at));
            let at = found.at.or(began);
            let mut times = found.at.into_iter().chain(began).peekable();
            // What GitLab says of the job counts too: a trace is what the job printed.
            let inside = times.peek().is_none() || times.any(|at| self.period.contains(at));
            let mut row = batch.row();
            row.text(exposure::JOB_ID, &found.job)
                .text(exposure::PATTERN, &found.pattern)
                .text(exposure::REDACTED, &found.redacted)
                .int(exposure::AT, at.map(|at| at.0))
                .text(exposure::SECTION, &found.section)
                .int(exposure::IN_PERIOD, i64::from(inside));
            EvidenceColumns(exposure::SOURCE_FILE).fill(&mut row, found.place, self.files)?;
        }
        Ok(batch)
    }
}

/// Coverage by file and hour.
pub(super) fn coverage_rows(files: &[FileCoverage]) -> Batch {
    let mut batch = Batch::new(&coverage::SCHEMA);
    for file in files {
        let none = [(None, 0)];
        let hours = file
            .hours
            .iter()
            .map(|(hour, events)| (Some(*hour), *events));
        let hours: Vec<_> = if file.hours.is_empty() {
            none.to_vec()
        } else {
            hours.collect()
        };
        for (hour, events) in hours {
            let whole = |value: u64| i64::try_from(value).ok();
            batch
                .row()
                .text(coverage::SOURCE, &file.source)
                .text(coverage::FILE, &file.path)
                .int(coverage::HOUR, hour.map(|hour| hour.0))
                .int(coverage::EVENTS, whole(events))
                .int(coverage::FIRST_AT, file.first_at.map(|at| at.0))
                .int(coverage::LAST_AT, file.last_at.map(|at| at.0))
                .int(coverage::LINES, whole(file.lines))
                .int(coverage::PARSED, whole(file.parsed))
                .int(coverage::SKIPPED, whole(file.skipped))
                .int(coverage::REJECTED, whole(file.rejected))
                .int(coverage::DUPLICATES, whole(file.duplicates))
                .int(coverage::LONGEST_SILENCE_S, whole(file.longest_silence_s))
                .int(coverage::IS_LOG, i64::from(file.is_log))
                .text(coverage::SOURCE_FILE, &file.path)
                .int(coverage::SOURCE_LINE, 1)
                .int(coverage::SOURCE_BYTE, 0)
                .text(coverage::SOURCE_SHA256, &file.sha256.to_string());
        }
    }
    batch
}

/// What could not be read, by path and place.
pub(super) fn rejected_rows(rejected: &[RejectedLine]) -> Batch {
    let mut batch = Batch::new(&rejected_line::SCHEMA);
    for line in rejected {
        batch
            .row()
            .text(rejected_line::FILE, &line.path)
            .text(rejected_line::REASON, &line.reason)
            .text(rejected_line::SOURCE_FILE, &line.path)
            .int(rejected_line::SOURCE_LINE, i64::try_from(line.line).ok())
            .int(rejected_line::SOURCE_BYTE, i64::try_from(line.byte).ok())
            .text(rejected_line::SOURCE_SHA256, &line.sha256.to_string());
    }
    batch
}
