//! `workflow:`: which pipelines run at all, and what their jobs run with (GitLab documentation,
//! "`workflow:rules:variables`").

use super::job::{Job, Variables, variables};
use super::node::Node;

/// `workflow:` with its references resolved.
#[derive(Clone, Debug, Default)]
pub struct Workflow {
    /// The section.
    pub body: Node,
    /// The variables of the file, which its conditions are asked with; a job's own are none of them.
    pub variables: Variables,
}

/// A job as one pipeline runs it.
#[derive(Clone, Debug)]
pub struct Run {
    /// What starts that pipeline.
    pub workflow: Workflow,
    /// The job with what that pipeline sets.
    pub job: Job,
}

impl Workflow {
    pub(super) fn new(body: Node, shared: Option<&Node>, predefined: &Variables) -> Workflow {
        let mut known = predefined.clone();
        known.extend(variables(shared));
        Workflow {
            body,
            variables: known,
        }
    }
}
