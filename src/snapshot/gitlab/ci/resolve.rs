//! A CI file with `default`, `extends` and `!reference` applied to its jobs.

use std::collections::BTreeSet;

use super::job::Job;
use super::node::{Node, ParseError, put};

/// A parsed `.gitlab-ci.yml`.
#[derive(Clone, Debug, Default)]
pub struct CiFile {
    /// The top-level mapping, as written.
    pub top: Node,
    /// Jobs that can run, in the order of the file; templates (`.name`) are left out.
    pub jobs: Vec<Job>,
}

/// Top-level keys that are no jobs.
pub(super) const KEYWORDS: &[&str] = &[
    "after_script",
    "before_script",
    "cache",
    "default",
    "image",
    "include",
    "services",
    "spec",
    "stages",
    "types",
    "variables",
    "workflow",
];

/// Keys that a job takes from the top of the file or `default:` when it has none of its own.
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

/// GitLab's own limit of nested `extends`; `!reference` has the same.
const DEPTH: usize = 11;
/// Nodes that references may bring into one job; hostile files double at every level.
const NODES: usize = 100_000;

impl CiFile {
    /// Parses the text of a file.
    pub fn parse(text: &str) -> Result<CiFile, ParseError> {
        let mut documents = Node::documents(text)?;
        // A component puts `spec:` into a document of its own before the pipeline.
        documents.retain(|document| {
            !matches!(document, Node::Null)
                && !matches!(document.entries(), [(only, _)] if only == "spec")
        });
        let top = documents.into_iter().next().unwrap_or_default();
        if !matches!(top, Node::Map(_)) {
            return Err(ParseError::NoMapping);
        }
        Ok(CiFile::resolved(text, top, &[]))
    }

    /// The file with what it includes below it: its own jobs, templates and defaults looked up in
    /// both. Where both have a key, mappings merge and the file itself wins; `included` is in the
    /// order of `include:`, the last of them winning over the first.
    #[must_use]
    pub fn with_included(&self, text: &str, included: &[&Node]) -> CiFile {
        CiFile::resolved(text, self.top.clone(), included)
    }

    fn resolved(text: &str, top: Node, included: &[&Node]) -> CiFile {
        let mut below = Resolver::new(&Node::Null);
        let mut whole = Node::Map(Vec::new());
        for node in included.iter().copied().chain([&top]) {
            whole = below.merged(whole, node);
        }
        let mut jobs = Vec::new();
        for (name, _) in top.entries() {
            let Some(node) = whole.get(name) else {
                continue;
            };
            let is_job = !name.starts_with('.')
                && !KEYWORDS.contains(&name.as_str())
                && matches!(node, Node::Map(_));
            if is_job {
                let mut resolver = Resolver::new(&whole);
                let body = resolver.job(name, node);
                let mut unresolved = resolver.unresolved;
                unresolved.extend(below.unresolved.iter().cloned());
                jobs.push(Job::new(name, line_of(text, name), body, unresolved));
            }
        }
        CiFile { top, jobs }
    }
}

/// The line, from 1, on which a top-level key stands.
fn line_of(text: &str, key: &str) -> usize {
    let stands = |line: &str| {
        let line = line.trim_start_matches(['"', '\'']);
        line.strip_prefix(key)
            .map(|rest| rest.trim_start_matches(['"', '\'', ' ']))
            .is_some_and(|rest| rest.starts_with(':'))
    };
    text.lines().position(stands).map_or(1, |index| index + 1)
}

struct Resolver<'t> {
    top: &'t Node,
    budget: usize,
    unresolved: BTreeSet<String>,
}

impl<'t> Resolver<'t> {
    fn new(top: &'t Node) -> Self {
        Resolver {
            top,
            budget: NODES,
            unresolved: BTreeSet::new(),
        }
    }

    /// The whole body of a job.
    fn job(&mut self, name: &str, node: &Node) -> Node {
        let extended = self.extended(name, node, 0);
        let resolved = self.references(&extended, 0);
        let Node::Map(mut entries) = resolved else {
            return resolved;
        };
        // `inherit:default: false`, or the list of what is inherited.
        let inherit = |what: &str, key: &str| {
            let rule = extended
                .get("inherit")
                .and_then(|inherit| inherit.get(what));
            match rule {
                None => true,
                Some(Node::Scalar(flag)) => flag == "true",
                Some(list) => list.texts().contains(&key),
            }
        };
        for key in DEFAULTS {
            let value = self
                .top
                .get("default")
                .and_then(|default| default.get(key))
                .or_else(|| self.top.get(key));
            if let Some(value) = value
                && inherit("default", key)
                && !entries.iter().any(|(known, _)| known == key)
            {
                let value = self.references(value, 0);
                entries.push(((*key).to_owned(), value));
            }
        }
        let mut variables = Vec::new();
        for (key, value) in self
            .top
            .get("variables")
            .map(Node::entries)
            .unwrap_or_default()
        {
            if inherit("variables", key) {
                put(&mut variables, key.clone(), value.clone());
            }
        }
        let own = entries.iter().find(|(key, _)| key == "variables");
        for (key, value) in own.map(|(_, node)| node.entries()).unwrap_or_default() {
            put(&mut variables, key.clone(), value.clone());
        }
        put(&mut entries, "variables".to_owned(), Node::Map(variables));
        Node::Map(entries)
    }

    /// `node` over what it extends: mappings merge key by key, everything else is replaced.
    fn extended(&mut self, name: &str, node: &Node, depth: usize) -> Node {
        let parents: Vec<String> = node
            .get("extends")
            .map(|extends| extends.texts().into_iter().map(str::to_owned).collect())
            .unwrap_or_default();
        let mut base = Node::Map(Vec::new());
        for parent in parents {
            match self.top.get(&parent) {
                Some(found) if depth < DEPTH && parent != name && self.spend(1) => {
                    let found = self.extended(&parent, found, depth + 1);
                    base = self.merged(base, &found);
                }
                _ => {
                    self.unresolved.insert(format!("extends {parent}"));
                }
            }
        }
        self.merged(base, node)
    }

    fn merged(&mut self, base: Node, over: &Node) -> Node {
        match (base, over) {
            (Node::Map(mut entries), Node::Map(own)) => {
                for (key, value) in own {
                    if !self.spend(1) {
                        break;
                    }
                    let known = entries.iter().position(|(name, _)| name == key);
                    let below = match known {
                        Some(at) => std::mem::take(
                            entries
                                .get_mut(at)
                                .map(|(_, node)| node)
                                .unwrap_or(&mut Node::Null),
                        ),
                        None => Node::Null,
                    };
                    let value = self.merged(below, value);
                    put(&mut entries, key.clone(), value);
                }
                Node::Map(entries)
            }
            (_, over) => over.clone(),
        }
    }

    /// `node` with every `!reference` replaced; lists in lists become flat, as GitLab does.
    fn references(&mut self, node: &Node, depth: usize) -> Node {
        if !self.spend(1) {
            return Node::Null;
        }
        match node {
            Node::Reference(steps) => {
                let mut found = Some(self.top);
                for step in steps {
                    found = found.and_then(|node| node.get(step));
                }
                match found {
                    Some(found) if depth < DEPTH => self.references(found, depth + 1),
                    _ => {
                        self.unresolved
                            .insert(format!("!reference {}", steps.join(".")));
                        Node::Null
                    }
                }
            }
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

    /// Takes nodes from the budget; an empty one is reported as unresolved.
    fn spend(&mut self, nodes: usize) -> bool {
        match self.budget.checked_sub(nodes) {
            Some(left) => {
                self.budget = left;
                true
            }
            None => {
                self.unresolved.insert("too many references".to_owned());
                false
            }
        }
    }
}
