//! Whether a pipeline that anybody with push access can start runs a job: `rules`, `only`,
//! `workflow:rules` (GitLab documentation, "CI/CD job rules").
//!
//! The expressions of `if` are decided by `expression` with three values: true, false, unknown.

use super::expression;
use super::trigger::{REQUEST, Scene, Trigger};
use crate::posture::CiText;
use crate::snapshot::gitlab::ci::condition::{compiled, of_ref};
use crate::snapshot::gitlab::ci::{Node, Run, Variables};

/// How deep pipelines start each other.
const GENERATIONS: usize = 2;

/// Whether a pipeline started so, on an unprotected branch of one of these names, certainly can run
/// the job of a file: in a pipeline that a job of another file starts, it runs where that one does.
pub(super) fn admits(
    (files, file): (&[CiText<'_>], &CiText<'_>),
    run: &Run,
    trigger: &Trigger,
    branches: &[String],
) -> bool {
    branches
        .iter()
        .any(|branch| starts((files, file), run, (trigger, branch), GENERATIONS).is_some())
}

/// How a job of a file is started, and with which variables of jobs that start others; none where
/// it is not.
fn starts(
    (files, file): (&[CiText<'_>], &CiText<'_>),
    run: &Run,
    (trigger, branch): (&Trigger, &str),
    generations: usize,
) -> Option<(Trigger, Variables)> {
    if file.parents.is_empty() {
        let none = Variables::new();
        let starts =
            admitted_by(run, trigger, branch, &none) && included(file, run, trigger, branch);
        return starts.then_some((*trigger, none));
    }
    let generations = generations.checked_sub(1)?;
    let mut parents = file
        .parents
        .iter()
        .flat_map(|parent| parent.runs.iter().map(|run| (parent.file, run)));
    parents.find_map(|(of, parent)| {
        let of = (files, files.get(of)?);
        let (trigger, mut given) = starts(of, parent, (trigger, branch), generations)?;
        // What a job that starts a pipeline has for variables the pipeline has as well; what its own
        // pipeline was given goes no further. `trigger: forward:` says otherwise of either.
        let handed_on = forwards(parent, "pipeline_variables", false);
        if !handed_on {
            given.clear();
        }
        if forwards(parent, "yaml_variables", true) {
            given.extend(parent.job.variables.clone());
        }
        let child = trigger.of_child(handed_on);
        admitted_by(run, &child, branch, &given).then_some((child, given))
    })
}

/// Whether a job hands some of its variables to the pipeline that it starts.
fn forwards(run: &Run, which: &str, otherwise: bool) -> bool {
    let trigger = run.job.body.get("trigger");
    let said = trigger
        .and_then(|it| it.get("forward"))
        .and_then(|it| it.get(which));
    let said = said.and_then(Node::text);
    said.map_or(otherwise, |said| said.eq_ignore_ascii_case("true"))
}

/// Whether a pipeline started so holds the file at all (`include:rules`).
fn included(file: &CiText<'_>, run: &Run, trigger: &Trigger, branch: &str) -> bool {
    let scene = Scene {
        variables: &run.workflow.variables,
        trigger,
        branch,
    };
    file.gates.iter().all(|rules| scene.admitted(rules))
}

fn admitted_by(run: &Run, trigger: &Trigger, branch: &str, given: &Variables) -> bool {
    let with = |own: &Variables| -> Variables {
        let both = own.iter().chain(given);
        both.map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    let (workflow, job) = (with(&run.workflow.variables), with(&run.job.variables));
    let scene = |variables| Scene {
        variables,
        trigger,
        branch,
    };
    let starts = match run.workflow.body.get("rules") {
        Some(rules @ Node::List(_)) => scene(&workflow).admitted(rules),
        _ => true,
    };
    starts && admitted(&run.job.body, &scene(&job))
}

fn admitted(job: &Node, scene: &Scene<'_>) -> bool {
    match job.get("rules") {
        Some(rules @ Node::List(_)) => scene.admitted(rules),
        None | Some(Node::Null) => scene.only(job),
        Some(_) => false,
    }
}

/// The elements of a list; lists in it are flat, as GitLab reads anchors of lists.
fn flat(node: &Node) -> Vec<&Node> {
    match node {
        Node::List(items) => items.iter().flat_map(flat).collect(),
        node => vec![node],
    }
}

impl Scene<'_> {
    /// The first rule that applies decides; none means no.
    fn admitted(&self, rules: &Node) -> bool {
        for rule in flat(rules) {
            let never = rule.get("when").and_then(Node::text) == Some("never");
            let holds = match rule.get("if").map(Node::text) {
                None => Some(true),
                Some(Some(text)) => expression::decide(text, self, !never),
                Some(None) => None,
            };
            // The files that must have changed or exist are the pusher's to choose.
            let by_files = rule.get("changes").is_some() || rule.get("exists").is_some();
            match holds {
                Some(false) => {}
                Some(true) if never && by_files => {}
                Some(true) => return !never,
                None if self.trigger.free && !never => return true,
                None => {}
            }
        }
        false
    }

    /// `only` and `except`, each a list of refs or a mapping with `refs` and `variables`. Without
    /// refs `only` means branches and tags. Files that must have changed are the pusher's to choose.
    fn only(&self, job: &Node) -> bool {
        if let Some(except) = job.get("except") {
            let refs = self.refs(except).is_some_and(|found| found);
            if refs || self.variables(except, false) == Some(true) {
                return false;
            }
        }
        let Some(only) = job.get("only").filter(|only| **only != Node::Null) else {
            return self.is_of_ref();
        };
        let refs = self.refs(only).unwrap_or(self.is_of_ref());
        let chosen = match self.variables(only, true) {
            Some(found) => found,
            // Who starts it so sets what is unknown.
            None => only.get("variables").is_none() || self.trigger.free,
        };
        refs && chosen
    }

    /// Whether the pipeline is of a branch or a tag.
    fn is_of_ref(&self) -> bool {
        self.trigger.on_branch || self.trigger.on_tag
    }

    /// Whether a ref of the list is that of the pipeline; none without a list.
    fn refs(&self, node: &Node) -> Option<bool> {
        let refs = match node {
            Node::Map(_) => node.get("refs")?,
            node => node,
        };
        Some(refs.texts().into_iter().any(|word| self.means(word)))
    }

    /// A keyword, a name, or a pattern; what stands behind `@` is the project that it is for.
    fn means(&self, word: &str) -> bool {
        let trigger = self.trigger;
        let name = if self.is_of_ref() {
            self.branch
        } else {
            REQUEST
        };
        if word.starts_with('/') {
            let pattern = of_ref(word);
            let regex = pattern.and_then(|pattern| compiled(&pattern));
            return regex.is_some_and(|regex| regex.is_match(name));
        }
        let word = word.split('@').next().unwrap_or(word);
        word == trigger.only || word == name || (trigger.on_branch && word == "branches")
    }

    /// Whether one of the expressions under `variables` holds; none where that is unknown, or
    /// nothing stands there.
    fn variables(&self, node: &Node, chosen: bool) -> Option<bool> {
        let texts = node.get("variables")?.texts();
        let held: Vec<Option<bool>> = texts
            .iter()
            .map(|text| expression::decide(text, self, chosen))
            .collect();
        match (held.contains(&Some(true)), held.contains(&None)) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        }
    }
}
