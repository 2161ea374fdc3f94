//! IM-12: an actor, its sponsor and the people who approve differ in power.
//!
//! A bot is what GitLab says is one (`bot`; where it says nothing, the names of its token bots), or what
//! the operator declares under `[people] bots`. A name alone, which a user may choose, excuses no
//! sponsor. Bots declared under `[people] admins` have a scope of their own and are not judged.

use std::collections::{BTreeMap, BTreeSet};

use super::{Identity, Mismatch, MismatchKind};
use crate::identity::Scope;
use crate::model::{Attribute, BY_NAME, Job, Place, Timestamp, id, is_bot_name};

/// A merged change, as an export of merge requests tells it.
struct Change<'d> {
    id: &'d str,
    author: &'d str,
    merged_by: &'d str,
    merged_at: Option<Timestamp>,
    /// `None` where the export does not hold approvals.
    approved_by: Option<Vec<&'d str>>,
    place: Place,
}

impl Identity {
    /// Changes without a person's hand: merged by a bot, or deployed to production by one, while
    /// neither an approver nor the merger is a person other than the author. Judged only where
    /// approvals were exported; a protected environment that asks for approval has a person's.
    pub(super) fn unapproved_bots(&self, declared: &Scope<'_>) -> Vec<Mismatch> {
        let merged = |it: &&Attribute| it.name == "state" && it.value == "merged";
        let changes = self.directory.of_kind("gitlab-merge-request");
        let changes: Vec<&Attribute> = changes.filter(merged).collect();
        if changes.is_empty() {
            return Vec::new();
        }
        let deployments = self.bot_deployments(declared);
        let mut found = Vec::new();
        for state in changes {
            let change = self.change(state);
            let Some(approvers) = &change.approved_by else {
                continue;
            };
            let person =
                |who: &str| !who.is_empty() && who != change.author && !self.is_bot(who, declared);
            if approvers.iter().any(|who| person(who)) || person(change.merged_by) {
                continue;
            }
            let said = (
                "the approval of a person other than the author".to_owned(),
                format!("merged by {}", shown(change.merged_by)),
            );
            if self.is_bot(change.merged_by, declared) && !declared.is_exempt(change.merged_by) {
                found.push(
                    Mismatch::new(
                        MismatchKind::MergedByBotUnapproved,
                        (change.merged_by.to_owned(), change.id.to_owned()),
                        (said.0.clone(), said.1.clone()),
                        (change.merged_at.unwrap_or(declared.as_of), change.place),
                    )
                    .of_configuration(change.merged_at.is_none()),
                );
            }
            for job in self.deployments_of(&change, &deployments) {
                found.push(
                    Mismatch::new(
                        MismatchKind::DeployedByBotUnapproved,
                        (id::gitlab_user(&job.username), change.id.to_owned()),
                        (
                            said.0.clone(),
                            format!(
                                "{} deployed to {}",
                                id::gitlab_job(job.project_id, job.id),
                                job.environment
                            ),
                        ),
                        (job.started_at.unwrap_or(declared.as_of), job.place),
                    )
                    .of_configuration(job.started_at.is_none()),
                );
            }
        }
        found
    }

    /// Jobs of production that a bot plays in a pipeline of a person whose level in the project is
    /// lower than the bot's.
    pub(super) fn beyond_sponsor(&self, declared: &Scope<'_>) -> Vec<Mismatch> {
        let mut found = Vec::new();
        for job in &self.directory.jobs {
            let actor = id::gitlab_user(&job.username);
            if declared.tier(&job.environment) != Some("prod")
                || !self.is_bot(&actor, declared)
                || declared.is_exempt(&actor)
            {
                continue;
            }
            let pipeline = job.pipeline_id.into_iter();
            let users = pipeline.flat_map(|pipeline| self.directory.pipeline_users(pipeline));
            let others = users.filter(|user| *user != job.username && !job.username.is_empty());
            let beyond = others.map(id::gitlab_user).find_map(|sponsor| {
                let has = self.level(&actor, job.project_id)?;
                let may = self.level(&sponsor, job.project_id)?;
                let lower = has > may && !self.is_stated_bot(&sponsor, declared);
                lower.then_some((sponsor, has, may))
            });
            if let Some((sponsor, has, may)) = beyond {
                found.push(
                    Mismatch::new(
                        MismatchKind::BotBeyondSponsor,
                        (actor, id::gitlab_job(job.project_id, job.id)),
                        (format!("{sponsor} has level {may}"), format!("level {has}")),
                        (job.started_at.unwrap_or(declared.as_of), job.place),
                    )
                    .of_configuration(job.started_at.is_none()),
                );
            }
        }
        found
    }

    /// Whether a GitLab user is a machine.
    pub(super) fn is_bot(&self, user: &str, declared: &Scope<'_>) -> bool {
        let mut said = self.directory.values("gitlab-user", user, "bot").peekable();
        let named = || is_bot_name(user.strip_prefix("gitlab:user/").unwrap_or(user));
        declared.is_bot(user)
            || match said.peek() {
                Some(_) => said.any(|said| said == "true" || said == BY_NAME),
                None => named(),
            }
    }

    /// Whether more than its name says that a GitLab user is a machine.
    fn is_stated_bot(&self, user: &str, declared: &Scope<'_>) -> bool {
        let mut said = self.directory.values("gitlab-user", user, "bot");
        declared.is_bot(user) || said.any(|said| said == "true")
    }

    fn change<'d>(&'d self, state: &'d Attribute) -> Change<'d> {
        let values = |name: &'d str| {
            self.directory
                .values("gitlab-merge-request", &state.object, name)
        };
        let approved_by = values("approvals_exported")
            .next()
            .map(|_| values("approved_by").collect());
        Change {
            id: &state.object,
            author: values("author").next().unwrap_or(""),
            merged_by: values("merged_by").next().unwrap_or(""),
            merged_at: values("merged_at").next().and_then(Timestamp::parse),
            approved_by,
            place: state.place,
        }
    }

    /// Jobs of production that a bot ran, by project and commit.
    fn bot_deployments(&self, declared: &Scope<'_>) -> BTreeMap<(u64, &str), Vec<&Job>> {
        let mut found: BTreeMap<_, Vec<&Job>> = BTreeMap::new();
        for job in &self.directory.jobs {
            let user = id::gitlab_user(&job.username);
            if declared.tier(&job.environment) == Some("prod")
                && self.is_bot(&user, declared)
                && !declared.is_exempt(&user)
                && !self.asks_for_approval(job)
            {
                let commit = (job.project_id, job.sha.as_str());
                found.entry(commit).or_default().push(job);
            }
        }
        found
    }

    /// Those of `deployments` on the commits that a change made.
    fn deployments_of<'d>(
        &self,
        change: &Change<'_>,
        deployments: &BTreeMap<(u64, &str), Vec<&'d Job>>,
    ) -> Vec<&'d Job> {
        let project = change
            .id
            .strip_prefix("gitlab:merge-request/")
            .and_then(|rest| rest.split('/').next())
            .and_then(|number| number.parse::<u64>().ok());
        let commits: BTreeSet<&str> = ["merge_commit_sha", "squash_commit_sha", "sha"]
            .into_iter()
            .flat_map(|name| {
                self.directory
                    .values("gitlab-merge-request", change.id, name)
            })
            .collect();
        let on = |commit| deployments.get(&(project?, commit));
        let jobs = commits.into_iter().filter_map(on).flatten();
        let mut jobs: Vec<&Job> = jobs.copied().collect();
        jobs.sort_by_key(|job| job.id);
        jobs
    }

    /// Whether the job's environment lets nothing through without an approval.
    fn asks_for_approval(&self, job: &Job) -> bool {
        let environment = format!("gitlab:environment/{}/{}", job.project_id, job.environment);
        let values = |name| {
            self.directory
                .values("protected-environment", &environment, name)
        };
        let counted = values("required_approval_count").any(|count| count != "0");
        counted || values("approval_rule").any(|rule| !rule.ends_with("=0"))
    }

    /// The level of a member of a project.
    fn level(&self, user: &str, project: u64) -> Option<u32> {
        let name = format!("access.{}", id::gitlab_project(project));
        let mut levels = self.directory.stated("gitlab-member", user, &name).iter();
        levels.next()?.value.parse().ok()
    }
}

fn shown(who: &str) -> &str {
    if who.is_empty() { "nobody named" } else { who }
}

#[cfg(test)]
mod tests;
