//! `extends`, for every entry of a file, before anything else is resolved.
//!
//! GitLab merges `extends` first and looks `!reference` up in the result
//! (`Gitlab::Ci::Config`: `Extendable` before `Yaml::Tags::Resolver`), so a reference sees what the
//! job it names inherits.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::node::{Entries, Node};

/// GitLab's own limit of nested `extends`; `!reference` has the same.
pub(super) const DEPTH: usize = 11;
/// Nodes that merging may copy for one file; hostile templates are wide and extended often.
const COPIED: usize = 1_000_000;

/// What stands for everything that a spent budget leaves out.
pub(super) const TOO_MANY: &str = "too many references";

/// The entries of a file over what they extend.
pub(super) struct Extended {
    /// The mapping of all entries.
    pub(super) top: Node,
    missing: BTreeMap<String, BTreeSet<String>>,
}

impl Extended {
    /// Extends every entry of `top`.
    pub(super) fn new(top: &Node) -> Extended {
        let all = top.entries().iter();
        let mut extension = Extension {
            top: all.map(|(name, node)| (name.as_str(), node)).collect(),
            done: BTreeMap::new(),
            open: Vec::new(),
            merge: Merge::new(),
        };
        let mut entries = Vec::new();
        let mut missing = BTreeMap::new();
        for (name, _) in top.entries() {
            let (node, lost) = extension.entry(name);
            if !lost.is_empty() {
                missing.insert(name.clone(), lost);
            }
            entries.push((name.clone(), node));
        }
        Extended {
            top: Node::Map(entries),
            missing,
        }
    }

    /// What an entry extends and the file does not hold.
    pub(super) fn missing(&self, name: &str) -> impl Iterator<Item = &String> {
        self.missing.get(name).into_iter().flatten()
    }
}

type Found = (Node, BTreeSet<String>);

struct Extension<'t> {
    /// What stands at the top, by name.
    top: HashMap<&'t str, &'t Node>,
    done: BTreeMap<String, Found>,
    /// The entries on the way, from the first.
    open: Vec<String>,
    merge: Merge,
}

impl Extension<'_> {
    /// An entry over what it extends: mappings merge key by key, everything else is replaced.
    fn entry(&mut self, name: &str) -> Found {
        if let Some(found) = self.done.get(name) {
            return found.clone();
        }
        let node = self.top.get(name).copied().cloned().unwrap_or_default();
        let parents: Vec<String> = node
            .get("extends")
            .map(|extends| extends.texts().into_iter().map(str::to_owned).collect())
            .unwrap_or_default();
        let mut lost = BTreeSet::new();
        let mut base = Node::Map(Vec::new());
        self.open.push(name.to_owned());
        for parent in &parents {
            let known = self.top.contains_key(parent.as_str()) && !self.open.contains(parent);
            if !known || self.open.len() > DEPTH {
                lost.insert(format!("extends {parent}"));
                continue;
            }
            let (found, lost_above) = self.entry(parent);
            lost.extend(lost_above);
            base = self.merge.over(base, &found);
        }
        self.open.pop();
        let node = match parents.is_empty() {
            true => node,
            false => self.merge.over(base, &node),
        };
        if self.merge.is_spent() {
            lost.insert(TOO_MANY.to_owned());
        }
        let found = (node, lost);
        self.done.insert(name.to_owned(), found.clone());
        found
    }
}

/// Merges mappings within a budget of copied nodes.
pub(super) struct Merge {
    left: usize,
}

impl Merge {
    /// A merge with the whole budget.
    pub(super) fn new() -> Merge {
        Merge { left: COPIED }
    }

    /// Whether something was left out.
    pub(super) fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// `over` on `base`: of equal keys mappings merge, anything else is replaced.
    pub(super) fn over(&mut self, base: Node, over: &Node) -> Node {
        let (mut entries, own) = match (base, over) {
            (Node::Map(entries), Node::Map(own)) => (Entries::from(entries), own),
            (_, over) => return self.copied(over),
        };
        for (key, value) in own {
            if self.is_spent() {
                break;
            }
            let below = entries.get_mut(key).map(std::mem::take);
            let value = self.over(below.unwrap_or_default(), value);
            entries.put(key.clone(), value);
        }
        entries.into_map()
    }

    fn copied(&mut self, node: &Node) -> Node {
        self.left = self.left.saturating_sub(weight(node, self.left));
        match self.is_spent() {
            true => Node::Null,
            false => node.clone(),
        }
    }
}

/// The nodes in a node, counted no further than `limit`.
fn weight(node: &Node, limit: usize) -> usize {
    let inner: &mut dyn Iterator<Item = &Node> = match node {
        Node::List(items) => &mut items.iter(),
        Node::Map(entries) => &mut entries.iter().map(|(_, node)| node),
        Node::Null | Node::Scalar(_) | Node::Reference(_) => return 1,
    };
    let mut count = 1;
    for node in inner {
        if count >= limit {
            break;
        }
        count += weight(node, limit - count);
    }
    count
}
