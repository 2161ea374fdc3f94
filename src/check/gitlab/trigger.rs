//! The ways in which anybody with push access starts a pipeline, on a branch or a tag, and what its variables are then:
//! what the pipeline's starter may choose is unknown, what nobody sets is null (GitLab
//! documentation, "Predefined CI/CD variables").

use std::collections::BTreeMap;

use crate::snapshot::gitlab::ci::{Variables, valued};

/// One way to start a pipeline on a branch or a tag that nobody protects.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trigger {
    /// What to call it.
    pub(super) name: &'static str,
    source: &'static str,
    /// The word by which `only` admits it, beside `branches`.
    pub(super) only: &'static str,
    pub(super) on_branch: bool,
    /// Whether its starter sets variables.
    pub(super) free: bool,
    /// Whether it runs for a merge request.
    request: bool,
    /// Whether it runs for a tag.
    pub(super) on_tag: bool,
}

const fn trigger(name: &'static str, only: &'static str, on_branch: bool, free: bool) -> Trigger {
    Trigger {
        name,
        source: name,
        only,
        on_branch,
        free,
        request: false,
        on_tag: false,
    }
}

impl Trigger {
    /// A pipeline that a job of this one starts: for the same branch or merge request, from another
    /// source. The variables that the starter set reach it only where they are handed on.
    pub(super) fn of_child(self, handed_on: bool) -> Trigger {
        Trigger {
            source: "parent_pipeline",
            only: "parent_pipelines",
            free: self.free && handed_on,
            ..self
        }
    }
}

pub(super) const TRIGGERS: [Trigger; 6] = [
    trigger("api", "api", true, true),
    trigger(
        "external_pull_request_event",
        "external_pull_requests",
        false,
        false,
    ),
    Trigger {
        request: true,
        ..trigger("merge_request_event", "merge_requests", false, false)
    },
    trigger("push", "pushes", true, false),
    trigger("trigger", "triggers", true, true),
    trigger("web", "web", true, true),
];

/// Whoever may push may make a tag, unless a pattern of the project's protects it.
pub(super) const TAG: Trigger = Trigger {
    source: "push",
    on_tag: true,
    ..trigger("tag", "tags", false, false)
};

/// The ref of a merge request's pipeline, which no branch pattern is made for.
pub(super) const REQUEST: &str = "refs/merge-requests/1/head";

/// One start of a pipeline, as a job or `workflow:` sees it.
pub(super) struct Scene<'s> {
    /// What the file sets there.
    pub(super) variables: &'s Variables,
    pub(super) trigger: &'s Trigger,
    /// The branch, of [`super::branch`], or the tag.
    pub(super) branch: &'s str,
}

/// What whoever pushes writes into a commit.
const COMMIT: [&str; 4] = [
    "CI_COMMIT_AUTHOR",
    "CI_COMMIT_DESCRIPTION",
    "CI_COMMIT_MESSAGE",
    "CI_COMMIT_TITLE",
];
/// What whoever opens a merge request chooses, behind `CI_MERGE_REQUEST_`.
const CHOSEN: [&str; 8] = [
    "ASSIGNEES",
    "DESCRIPTION",
    "DRAFT",
    "LABELS",
    "MILESTONE",
    "TARGET_BRANCH_NAME",
    "TARGET_BRANCH_PROTECTED",
    "TITLE",
];

impl Scene<'_> {
    /// What the file says that a variable is.
    pub(super) fn written(&self, name: &str) -> Option<String> {
        valued(self.variables, name).filter(|value| !value.is_empty())
    }

    /// Whether whoever starts the pipeline so makes a variable what he likes: it holds whatever a
    /// comparison asks for.
    pub(super) fn is_chosen(&self, name: &str) -> bool {
        let of_request = name.strip_prefix("CI_MERGE_REQUEST_");
        let of_request = of_request.is_some_and(|name| CHOSEN.contains(&name));
        COMMIT.contains(&name) || (of_request && self.is_merge_request())
    }

    fn is_merge_request(&self) -> bool {
        self.trigger.request
    }

    /// The value of a variable: unknown, null, or a text.
    #[allow(clippy::option_option, reason = "three states of one value")]
    pub(super) fn value(&self, name: &str) -> Option<Option<String>> {
        let (trigger, branch) = (self.trigger, self.branch);
        let slug = branch.replace(['/', '.'], "-");
        let known: BTreeMap<&str, Option<&str>> = BTreeMap::from([
            ("CI_PIPELINE_SOURCE", Some(trigger.source)),
            ("CI_COMMIT_REF_NAME", Some(branch)),
            ("CI_COMMIT_REF_SLUG", Some(slug.as_str())),
            ("CI_COMMIT_REF_PROTECTED", Some("false")),
            ("CI_DEFAULT_BRANCH", Some("main")),
            ("CI_COMMIT_BRANCH", trigger.on_branch.then_some(branch)),
            ("CI_COMMIT_TAG", trigger.on_tag.then_some(branch)),
            (
                "CI_MERGE_REQUEST_IID",
                self.is_merge_request().then_some("1"),
            ),
            (
                "CI_MERGE_REQUEST_ID",
                self.is_merge_request().then_some("1"),
            ),
            (
                "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
                self.is_merge_request().then_some(branch),
            ),
            ("CI_OPEN_MERGE_REQUESTS", None),
        ]);
        if let Some(value) = known.get(name) {
            return Some(value.map(str::to_owned));
        }
        // A fork has another path: a job that asks for this one runs here.
        let of_project = name.starts_with("CI_PROJECT_").then(|| self.written(name));
        if let Some(value) = of_project.flatten() {
            return Some(Some(value));
        }
        if name.starts_with("CI_MERGE_REQUEST_") && !self.is_merge_request() && !trigger.free {
            return Some(None);
        }
        if name.starts_with("CI_") || name.starts_with("GITLAB_") || trigger.free {
            return None;
        }
        match valued(self.variables, name) {
            Some(value) if value.contains('$') => None,
            value => Some(value),
        }
    }
}
