//! Names that anybody may give to a branch and that nobody protects.

use std::collections::BTreeSet;

use super::example::examples;
use super::expression;
use crate::snapshot::gitlab::ci::condition::of_ref;
use crate::snapshot::gitlab::ci::{Node, Run};

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
/// Words by which the branches of an environment or a release are told, wherever they stand in a name.
const WORDS: [&str; 34] = [
    "default",
    "demo",
    "deploy",
    "deployment",
    "deployments",
    "deploys",
    "dev",
    "env",
    "environment",
    "environments",
    "envs",
    "hotfix",
    "hotfixes",
    "integration",
    "int",
    "live",
    "lts",
    "maint",
    "maintenance",
    "next",
    "patch",
    "pre",
    "preprod",
    "prd",
    "preview",
    "qa",
    "rc",
    "rel",
    "release",
    "releases",
    "stage",
    "stg",
    "support",
    "uat",
];

/// One that no rule is made for; what a pattern for a protected branch takes as well where it lacks
/// an anchor (`/main/` takes `x/main`, `/^main/` takes `mainx`); and what a pattern of this job is
/// made for (`/^feature/`), unless it is a branch that projects protect.
pub(super) fn unprotected(run: &Run) -> Vec<String> {
    let begun = PROTECTED.iter().map(|name| format!("{name}{BRANCH}"));
    let ended = PROTECTED.iter().chain(&FAMILIES);
    let ended = ended.map(|name| format!("{BRANCH}/{name}"));
    let asked: BTreeSet<String> = patterns(run)
        .iter()
        .flat_map(|pattern| examples(pattern))
        .filter(|name| is_branch(name) && !is_protected(name))
        .collect();
    std::iter::once(BRANCH.to_owned())
        .chain(begun)
        .chain(ended)
        .chain(asked)
        .collect()
}

/// A name that a pattern of refs takes (`feature/*`).
pub(super) fn like(pattern: &str) -> Option<String> {
    let name = pattern.replace('*', BRANCH);
    is_branch(&name).then_some(name)
}

/// The same, where projects protect no branch of that name.
pub(super) fn of_family(pattern: &str) -> Option<String> {
    like(pattern).filter(|name| !is_protected(name))
}

/// Names of tags: one that no rule is made for, and those that patterns of this job are made for. How
/// a project names its versions, whoever makes a tag knows.
pub(super) fn tags(run: &Run) -> Vec<String> {
    let patterns = patterns(run);
    let asked = patterns.iter().flat_map(|pattern| examples(pattern));
    let asked: BTreeSet<String> = asked.filter(|name| is_branch(name)).collect();
    let usual = [BRANCH, "v1.0.0"].into_iter().map(str::to_owned);
    usual.chain(asked).collect()
}

/// Every pattern that decides whether a job runs.
fn patterns(run: &Run) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let (workflow, job) = (&run.workflow, &run.job);
    for (body, variables) in [
        (&workflow.body, &workflow.variables),
        (&job.body, &job.variables),
    ] {
        for text in body.get("rules").into_iter().flat_map(conditions) {
            found.extend(expression::patterns(text, variables));
        }
    }
    for words in ["only", "except"].map(|key| job.body.get(key)) {
        let Some(words) = words else { continue };
        let refs = words.get("refs").unwrap_or(words);
        found.extend(refs.texts().into_iter().filter_map(of_ref));
        let variables = words.get("variables").map(Node::texts).unwrap_or_default();
        for text in variables {
            found.extend(expression::patterns(text, &job.variables));
        }
    }
    found
}

/// The texts of `if` of rules, however nested their lists are.
fn conditions(rules: &Node) -> Vec<&str> {
    match rules {
        Node::List(rules) => rules.iter().flat_map(conditions).collect(),
        rule => rule.get("if").and_then(Node::text).into_iter().collect(),
    }
}

/// Whether git takes a text for the name of a branch.
fn is_branch(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !"~^:?*[\\".contains(c);
    !name.is_empty() && name.chars().all(plain) && !name.starts_with(['-', '/'])
}

/// Whether projects protect a branch of this name: one of its words says so, or it is a version.
fn is_protected(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let digits = name.strip_prefix('v').unwrap_or(&name);
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_version = rest.len() < digits.len() && (rest.is_empty() || rest.starts_with(['.', 'x']));
    let known = |word: &str| {
        let begun = PROTECTED.iter().any(|name| word.starts_with(name));
        let family = WORDS.iter().any(|name| {
            let rest = word.strip_prefix(name);
            rest.is_some_and(|rest| {
                rest.bytes()
                    .all(|byte| byte == b'x' || byte.is_ascii_digit())
            })
        });
        begun || family
    };
    is_version || words.any(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_of_environments_and_releases_are_told_from_those_of_people() {
        for name in [
            "main",
            "release/1",
            "relx",
            "hotfixes-1",
            "v1",
            "1.2",
            "1.x",
            "deploy/x",
            "app-prod",
            "1-0-stable",
            "env/x",
            "masterx",
        ] {
            assert!(is_protected(name), "{name}");
        }
        for name in [
            "feat",
            "featurex",
            "X-1",
            "dependabot/",
            "1-x",
            "wip",
            "x",
            "intern",
            "devin",
        ] {
            assert!(!is_protected(name), "{name}");
        }
    }
}
