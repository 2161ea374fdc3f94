//! A CI file with inputs, `extends`, `!reference` and `default` applied to its jobs, in this order.

use std::collections::{BTreeSet, HashMap};

use super::extend::{DEPTH, Extended, Merge, TOO_MANY};
use super::inputs;
use super::job::{Job, Variables};
use super::lines::top_lines;
use super::node::{Node, ParseError, put};
use super::workflow::Workflow;

/// A parsed `.gitlab-ci.yml`.
#[derive(Clone, Debug, Default)]
pub struct CiFile {
    /// The top-level mapping, as written but for inputs with a default.
    pub top: Node,
    /// `workflow:` with its references resolved.
    pub workflow: Workflow,
    /// Jobs that can run, in the order of the file; templates (`.name`) are left out.
    pub jobs: Vec<Job>,
}

/// Top-level keys that are no jobs.
const KEYWORDS: &[&str] = &[
    "after_script",
    "before_script",
    "cache",
    "default",
    "image",
    "include",
    "services",
    "stages",
    "types",
    "variables",
    "workflow",
];

/// Keys that a job takes from `default:` when it has none of its own.
const DEFAULTS: &[&str] = &[
    "after_script",
    "artifacts",
    "before_script",
    "cache",
    "hooks",
    "id_tokens",
    "image",
    "interruptible",
    "retry",
    "services",
    "tags",
    "timeout",
];

/// Those of them that may also stand at the top of the file; any other name there is a job.
const GLOBAL: &[&str] = &[
    "after_script",
    "before_script",
    "cache",
    "image",
    "services",
];

/// Nodes that references may bring into one job; hostile files double at every level.
const NODES: usize = 100_000;
/// Nodes that references may bring into all jobs of a file.
const NODES_OF_FILE: usize = 2_000_000;

impl CiFile {
    /// Parses the text of a file.
    pub fn parse(text: &str) -> Result<CiFile, ParseError> {
        let mut documents = Node::documents(text)?;
        documents.retain(|document| !matches!(document, Node::Null));
        // A header stands in a document of its own before the pipeline; elsewhere `spec` is a job.
        let has_header = documents.len() > 1
            && documents
                .first()
                .is_some_and(|first| first.get("spec").is_some());
        let values = match has_header {
            true => inputs::defaults(
                documents
                    .remove(0)
                    .get("spec")
                    .and_then(|spec| spec.get("inputs")),
            ),
            false => Vec::new(),
        };
        let top = documents.into_iter().next().unwrap_or_default();
        if !matches!(top, Node::Map(_)) {
            return Err(ParseError::NoMapping);
        }
        let top = inputs::FILE.fill(&top, &values);
        let own = top.clone();
        Ok(CiFile::resolved(text, top, &[&own], &Variables::new()))
    }

    /// Whether nothing at the top is a job, a template or a keyword.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        let known = |name: &str| KEYWORDS.contains(&name) || name.starts_with('.');
        let entries = self.top.entries();
        entries
            .iter()
            .all(|(name, node)| !known(name) && !matches!(node, Node::Map(_)))
    }

    /// The file with what it includes below it: its own jobs, templates and defaults looked up in
    /// both. Where both have a key, mappings merge and the file itself wins; `included` is in the
    /// order of `include:`, the last of them winning over the first. `predefined` are the variables
    /// that GitLab sets for every job of the project, as far as they are known.
    #[must_use]
    pub fn with_included(&self, text: &str, included: &[&Node], predefined: &Variables) -> CiFile {
        let tops: Vec<&Node> = included.iter().copied().chain([&self.top]).collect();
        CiFile::resolved(text, self.top.clone(), &tops, predefined)
    }

    /// The file as part of the pipeline that includes it: its own jobs, with all that `pipeline` says,
    /// which is in the order of [`CiFile::with_included`] and holds the file too.
    #[must_use]
    pub fn within(&self, text: &str, pipeline: &[&Node], predefined: &Variables) -> CiFile {
        CiFile::resolved(text, self.top.clone(), pipeline, predefined)
    }

    /// The file with values for its inputs that whoever includes it gives.
    #[must_use]
    pub fn with_inputs(&self, given: &Node) -> CiFile {
        let top = inputs::FILE.fill(&self.top, given.entries());
        CiFile {
            top,
            ..self.clone()
        }
    }

    fn resolved(text: &str, top: Node, tops: &[&Node], predefined: &Variables) -> CiFile {
        let mut merge = Merge::new();
        let mut whole = Node::Map(Vec::new());
        for node in tops.iter().copied() {
            whole = merge.over(whole, node);
        }
        let extended = Extended::new(&whole);
        let mut resolver = Resolver::new(&extended, predefined);
        let workflow = resolver.entry("workflow");
        let workflow = workflow.map(|node| resolver.references(node, 0));
        let shared = resolver.entry("variables");
        let shared = shared.map(|node| resolver.references(node, 0));
        let workflow = Workflow::new(workflow.unwrap_or_default(), shared.as_ref(), predefined);
        let lines = top_lines(text);
        let mut jobs = Vec::new();
        for (name, _) in top.entries() {
            let node = resolver.entry(name);
            let Some(node) = node.filter(|node| is_job(name, node)) else {
                continue;
            };
            let (body, mut unresolved) = resolver.job(name, node);
            if merge.is_spent() {
                unresolved.insert(TOO_MANY.to_owned());
            }
            let line = lines.get(name.as_str()).copied().unwrap_or(1);
            jobs.push(Job {
                own: std::mem::take(&mut resolver.own),
                ..Job::new(name, line, body, unresolved)
            });
        }
        CiFile {
            workflow,
            top,
            jobs,
        }
    }
}

fn is_job(name: &str, node: &Node) -> bool {
    !name.starts_with('.') && !KEYWORDS.contains(&name) && matches!(node, Node::Map(_))
}

struct Resolver<'t> {
    extended: &'t Extended,
    /// What is set where nothing else sets it.
    predefined: &'t Variables,
    /// Its entries by name: a file may have thousands, and each is asked for by all of them.
    entries: HashMap<&'t str, &'t Node>,
    /// Nodes that all jobs may still bring.
    left: usize,
    /// Nodes that this one may.
    budget: usize,
    unresolved: BTreeSet<String>,
    /// The variables that the job sets itself.
    own: BTreeSet<String>,
}

impl<'t> Resolver<'t> {
    fn new(extended: &'t Extended, predefined: &'t Variables) -> Self {
        let entries = extended.top.entries().iter();
        Resolver {
            extended,
            predefined,
            entries: entries.map(|(name, node)| (name.as_str(), node)).collect(),
            left: NODES_OF_FILE,
            budget: NODES,
            unresolved: BTreeSet::new(),
            own: BTreeSet::new(),
        }
    }

    /// What stands at the top under a name.
    fn entry(&self, name: &str) -> Option<&'t Node> {
        self.entries.get(name).copied()
    }

    /// The whole body of a job, and what it names that is not there.
    fn job(&mut self, name: &str, node: &Node) -> (Node, BTreeSet<String>) {
        self.budget = NODES.min(self.left);
        let granted = self.budget;
        self.unresolved = self.extended.missing(name).cloned().collect();
        let body = self.body(node);
        let body = inputs::JOB.fill(&body, &inputs::defaults(body.get("inputs")));
        let mut open = Vec::new();
        inputs::FILE.left_in(&body, &mut open);
        self.unresolved.extend(open);
        self.left -= granted - self.budget;
        (body, std::mem::take(&mut self.unresolved))
    }

    fn body(&mut self, node: &Node) -> Node {
        let resolved = self.references(node, 0);
        let Node::Map(mut entries) = resolved else {
            return resolved;
        };
        let inherit = entries.iter().find(|(key, _)| key == "inherit");
        let inherit = inherit.map(|(_, node)| node.clone()).unwrap_or_default();
        for key in DEFAULTS {
            // What a job sets to null it takes from the defaults all the same.
            let own = entries
                .iter()
                .any(|(known, node)| known == key && !matches!(node, Node::Null));
            if !own
                && inherits(&inherit, "default", key)
                && let Some(value) = self.default(key)
            {
                put(&mut entries, (*key).to_owned(), value);
            }
        }
        let predefined = self.predefined.iter();
        let mut variables: Vec<(String, Node)> = predefined
            .map(|(name, value)| (name.clone(), Node::Scalar(value.clone())))
            .collect();
        let top = self.entry("variables");
        let shared = top.map(|node| self.references(node, 0));
        for (key, value) in shared.as_ref().map(Node::entries).unwrap_or_default() {
            if inherits(&inherit, "variables", key) {
                put(&mut variables, key.clone(), value.clone());
            }
        }
        let own = entries.iter().find(|(key, _)| key == "variables");
        for (key, value) in own.map(|(_, node)| node.entries()).unwrap_or_default() {
            put(&mut variables, key.clone(), value.clone());
            self.own.insert(key.clone());
        }
        put(&mut entries, "variables".to_owned(), Node::Map(variables));
        Node::Map(entries)
    }

    /// What the file says for all jobs.
    fn default(&mut self, key: &str) -> Option<Node> {
        let default = self.entry("default").map(|node| match node {
            // `default: !reference [...]` and a merged mapping alike.
            Node::Reference(_) => self.references(node, 0),
            node => node.get(key).map_or(Node::Null, |value| {
                Node::Map(vec![(key.to_owned(), value.clone())])
            }),
        });
        let default = default.as_ref().and_then(|default| default.get(key));
        let global = || self.entry(key).filter(|_| GLOBAL.contains(&key));
        let value = default.or_else(global)?;
        Some(self.references(value, 0))
    }

    /// `node` with every `!reference` replaced; lists in lists become flat, as GitLab does.
    fn references(&mut self, node: &Node, depth: usize) -> Node {
        if !self.spend() {
            return Node::Null;
        }
        match node {
            Node::Reference(steps) => match self.named(steps, depth) {
                Some(found) => found,
                None => {
                    self.unresolved
                        .insert(format!("!reference {}", steps.join(".")));
                    Node::Null
                }
            },
            Node::List(items) => {
                let mut flat = Vec::new();
                for item in items {
                    match (item, self.references(item, depth)) {
                        (Node::Reference(_), Node::List(inner)) => flat.extend(inner),
                        (_, node) => flat.push(node),
                    }
                }
                Node::List(flat)
            }
            Node::Map(entries) => Node::Map(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), self.references(value, depth)))
                    .collect(),
            ),
            Node::Null | Node::Scalar(_) => node.clone(),
        }
    }

    /// What a reference names, resolved; a step may lead through another reference.
    fn named(&mut self, steps: &[String], depth: usize) -> Option<Node> {
        if depth >= DEPTH {
            return None;
        }
        let extended = self.extended;
        let first = steps.first()?;
        self.unresolved.extend(extended.missing(first).cloned());
        let mut found = self.entry(first)?;
        let mut through = None;
        for (step, at) in steps.iter().zip(0..) {
            if at > 0 {
                found = found.get(step)?;
            }
            if let (Node::Reference(inner), false) = (found, at + 1 == steps.len()) {
                through = Some((self.named(inner, depth + 1)?, at + 1));
                break;
            }
        }
        match through {
            None => Some(self.references(found, depth + 1)),
            Some((node, at)) => {
                let mut found = &node;
                for step in steps.get(at..).unwrap_or_default() {
                    found = found.get(step)?;
                }
                Some(found.clone())
            }
        }
    }

    /// Takes a node from the budget; an empty one is reported as unresolved.
    fn spend(&mut self) -> bool {
        match self.budget.checked_sub(1) {
            Some(left) => {
                self.budget = left;
                true
            }
            None => {
                self.unresolved.insert(TOO_MANY.to_owned());
                false
            }
        }
    }
}

/// `inherit:default: false`, or the list of what is inherited.
pub(super) fn inherits(inherit: &Node, what: &str, key: &str) -> bool {
    match inherit.get(what) {
        None | Some(Node::Null) => true,
        Some(Node::Scalar(flag)) => flag == "true",
        Some(list) => list.texts().contains(&key),
    }
}
