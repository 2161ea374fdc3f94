//! Whether a pipeline that anybody with push access can start runs a job: `rules`, `only`,
//! `workflow:rules` (GitLab documentation, "CI/CD job rules").
//!
//! The expressions of `if` are decided by `expression` with three values: true, false, unknown.

use super::expression;
use super::trigger::{REQUEST, Scene, Trigger};
use crate::snapshot::gitlab::ci::condition::{compiled, of_ref};
use crate::snapshot::gitlab::ci::{Node, Run};

/// Whether a pipeline started so, on an unprotected branch of one of these names, certainly can run
/// the job.
pub(super) fn admits(run: &Run, trigger: &Trigger, branches: &[String]) -> bool {
    branches.iter().any(|branch| {
        let scene = |variables| Scene {
            variables,
            trigger,
            branch,
        };
        let (workflow, job) = (&run.workflow, &run.job);
        let starts = match workflow.body.get("rules") {
            Some(rules @ Node::List(_)) => scene(&workflow.variables).admitted(rules),
            _ => true,
        };
        starts && admitted(&job.body, &scene(&job.variables))
    })
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
            return self.trigger.on_branch;
        };
        let refs = self.refs(only).unwrap_or(self.trigger.on_branch);
        let chosen = match self.variables(only, true) {
            Some(found) => found,
            // Who starts it so sets what is unknown.
            None => only.get("variables").is_none() || self.trigger.free,
        };
        refs && chosen
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
        let name = if trigger.on_branch {
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
