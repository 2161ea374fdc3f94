//! The ways in which anybody with push access starts a pipeline, and what its variables are then:
//! what the pipeline's starter may choose is unknown, what nobody sets is null (GitLab
//! documentation, "Predefined CI/CD variables").

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::snapshot::gitlab::ci::Job;

/// One way to start a pipeline on a branch that nobody protects.
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
}

const fn trigger(name: &'static str, only: &'static str, on_branch: bool, free: bool) -> Trigger {
    Trigger {
        name,
        source: name,
        only,
        on_branch,
        free,
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
    trigger("merge_request_event", "merge_requests", false, false),
    trigger("push", "pushes", true, false),
    trigger("trigger", "triggers", true, true),
    trigger("web", "web", true, true),
];

/// A branch name that no rule is made for.
const BRANCH: &str = "untrusted-branch";
/// Branches that projects protect by their whole name.
const PROTECTED: [&str; 8] = [
    "develop",
    "main",
    "master",
    "prod",
    "production",
    "stable",
    "staging",
    "trunk",
];
/// Branches of families that projects protect by their beginning.
const FAMILIES: [&str; 6] = [
    "hotfix/1",
    "rel/1",
    "release",
    "release-1.0",
    "release/1.0",
    "v1.0.0",
];

/// Names that anybody may give to a branch and that nobody protects: one that no rule is made for, and
/// those that a pattern for a protected branch takes as well where it lacks an anchor (`/main/` takes
/// `x/main`, `/^main/` takes `mainx`).
pub(super) static BRANCHES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let begun = PROTECTED.iter().map(|name| format!("{name}{BRANCH}"));
    let ended = PROTECTED.iter().chain(&FAMILIES);
    let ended = ended.map(|name| format!("{BRANCH}/{name}"));
    std::iter::once(BRANCH.to_owned())
        .chain(begun)
        .chain(ended)
        .collect()
});

/// The ref of a merge request's pipeline, which no branch pattern is made for.
pub(super) const REQUEST: &str = "refs/merge-requests/1/head";

/// One start of a pipeline, as a job sees it.
pub(super) struct Scene<'s> {
    pub(super) job: &'s Job,
    pub(super) trigger: &'s Trigger,
    /// The branch, of [`BRANCHES`].
    pub(super) branch: &'s str,
}

impl Scene<'_> {
    /// What the file says that a variable is.
    pub(super) fn written(&self, name: &str) -> Option<String> {
        self.job.variable(name).filter(|value| !value.is_empty())
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
            ("CI_COMMIT_TAG", None),
            ("CI_MERGE_REQUEST_IID", (!trigger.on_branch).then_some("1")),
            ("CI_MERGE_REQUEST_ID", (!trigger.on_branch).then_some("1")),
            ("CI_OPEN_MERGE_REQUESTS", None),
        ]);
        if let Some(value) = known.get(name) {
            return Some(value.map(str::to_owned));
        }
        if name.starts_with("CI_") || name.starts_with("GITLAB_") || trigger.free {
            return None;
        }
        match self.job.variable(name) {
            Some(value) if value.contains('$') => None,
            value => Some(value),
        }
    }
}
