//! CI files: text, jobs, and the project they belong to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use globset::GlobBuilder;

use super::{Things, name};
use crate::model::{
    Digest, Evidence, GitlabPath, Place, Predefined, SourceFile, SourceText, predefined,
};
use crate::rule::Excerpt;
use crate::snapshot::gitlab::ci::{CiFile, Node, Run};

/// Files that include each other in a circle end somewhere; GitLab's own limit is 150 files.
const INCLUDED: usize = 150;

/// Resolves every file once more, with the files that lie beside it and that it includes by
/// `include: local`, and with what GitLab sets for jobs of its project. A file that only the
/// `.gitlab-ci.yml` above it includes is part of that pipeline: its rules, variables and defaults hold.
pub(super) fn resolve(files: &mut [CiText<'_>], things: &Things<'_>) {
    give_inputs(files);
    let by_path = by_path(files);
    let mut pipelines: BTreeMap<&str, Vec<Vec<&Node>>> = BTreeMap::new();
    for file in files.iter().filter(|file| is_main(&by_path, file.path)) {
        let known = closure(&by_path, file);
        let folder = file.path.trim_end_matches(MAIN);
        for (path, _) in known.iter().filter(|(path, _)| *path != file.path) {
            if path.starts_with(folder) {
                let tops = known.iter().map(|(_, top)| *top).collect();
                pipelines.entry(path).or_default().push(tops);
            }
        }
    }
    let resolved: Vec<Option<CiFile>> = files
        .iter()
        .map(|file| {
            let predefined = file.project.as_deref();
            let predefined = predefined.map(|project| known_of(project, things));
            let predefined = predefined.unwrap_or_default();
            // In several pipelines it may be several things.
            if let Some([pipeline]) = pipelines.get(file.path).map(Vec::as_slice) {
                return Some(file.ci.within(file.text, pipeline, &predefined));
            }
            let mut known = closure(&by_path, file);
            known.pop();
            let tops: Vec<&Node> = known.iter().map(|(_, top)| *top).collect();
            let more = !tops.is_empty() || !predefined.is_empty();
            more.then(|| file.ci.with_included(file.text, &tops, &predefined))
        })
        .collect();
    for (file, ci) in files.iter_mut().zip(resolved) {
        if let Some(ci) = ci {
            file.ci = ci;
        }
    }
    let gates = gates(files);
    for (file, gates) in files.iter_mut().zip(gates) {
        file.gates = gates;
    }
    for (child, parent) in started(files) {
        if let Some(file) = files.get_mut(child) {
            file.parents.push(parent);
        }
    }
}

/// How deep files that include each other are followed for the rules by which they do.
const GATED: usize = 8;

/// The rules of `include` by which each file becomes part of a pipeline: none where some pipeline
/// holds it in any case.
fn gates(files: &[CiText<'_>]) -> Vec<Vec<Node>> {
    let by_path = by_path(files);
    let mut named: BTreeMap<&str, Vec<(&CiText<'_>, Option<&Node>)>> = BTreeMap::new();
    for file in files {
        let root = root(&by_path, file.path);
        for (paths, rules) in by_rules(file.ci.top.get("include")) {
            for name in paths {
                for found in included(&by_path, &join(root, name.trim_start_matches('/'))) {
                    named.entry(found.path).or_default().push((file, rules));
                }
            }
        }
    }
    let of = |file: &CiText<'_>| -> Vec<Node> {
        let (mut path, mut found) = (file.path, Vec::new());
        for _ in 0..GATED {
            let Some([(by, rules)]) = named.get(path).map(Vec::as_slice) else {
                break;
            };
            found.extend(rules.cloned());
            path = by.path;
        }
        found
    };
    files.iter().map(of).collect()
}

/// What `include` names as local, with the rules of each.
fn by_rules(node: Option<&Node>) -> Vec<(Vec<&str>, Option<&Node>)> {
    match node {
        Some(Node::List(items)) => items.iter().flat_map(|item| by_rules(Some(item))).collect(),
        Some(map @ Node::Map(_)) => vec![(local(node), map.get("rules"))],
        node => vec![(local(node), None)],
    }
}

/// The files that jobs start as pipelines of their own (`trigger: include:`), by position. One that
/// a file includes as well is part of that one's pipelines all the same.
fn started(files: &[CiText<'_>]) -> Vec<(usize, Parent)> {
    let by_path = by_path(files);
    let positions: HashMap<&str, usize> = files.iter().map(|file| file.path).zip(0..).collect();
    let mut parts: BTreeSet<&str> = BTreeSet::new();
    for file in files {
        let own = |(path, _): &(&str, &Node)| *path != file.path;
        parts.extend(
            closure(&by_path, file)
                .iter()
                .filter(|it| own(it))
                .map(|it| it.0),
        );
    }
    let mut found = Vec::new();
    for (position, file) in files.iter().enumerate() {
        let root = root(&by_path, file.path);
        for job in &file.ci.jobs {
            let trigger = job.body.get("trigger");
            for name in local(trigger.and_then(|trigger| trigger.get("include"))) {
                for child in included(&by_path, &join(root, name.trim_start_matches('/'))) {
                    let part = parts.contains(child.path) || child.path.ends_with(MAIN);
                    let child = positions
                        .get(child.path)
                        .filter(|child| **child != position);
                    let parent = Parent {
                        file: position,
                        runs: file.ci.runs(job, |_| false),
                    };
                    found.extend(child.filter(|_| !part).map(|child| (*child, parent)));
                }
            }
        }
    }
    found
}

/// The name of the file that GitLab starts from.
const MAIN: &str = ".gitlab-ci.yml";

/// Whether a file is the one that GitLab starts from, and no other above it is.
fn is_main(files: &HashMap<&str, &CiText<'_>>, path: &str) -> bool {
    let Some(folder) = path.strip_suffix(MAIN) else {
        return false;
    };
    let folder = folder.trim_end_matches('/');
    let mut above = folder
        .rmatch_indices('/')
        .map(|(at, _)| folder.get(..at).unwrap_or(""));
    let outer = above.any(|above| files.contains_key(join(above, MAIN).as_str()));
    let top = !folder.is_empty() && files.contains_key(MAIN);
    (folder.is_empty() || path.ends_with(&format!("/{MAIN}"))) && !outer && !top
}

/// What a file includes, and then itself.
fn closure<'f, 'c>(
    files: &HashMap<&'f str, &'f CiText<'c>>,
    file: &'f CiText<'c>,
) -> Vec<(&'f str, &'f Node)> {
    let mut known = Vec::new();
    collect(files, file, root(files, file.path), &mut known);
    known
}

/// Fills in the inputs of files that one `include:` gives them.
fn give_inputs(files: &mut [CiText<'_>]) {
    let mut given: BTreeMap<String, Vec<Node>> = BTreeMap::new();
    let known = by_path(files);
    for file in &*files {
        let root = root(&known, file.path);
        for (name, inputs) in with_inputs(file.ci.top.get("include")) {
            let path = join(root, name.trim_start_matches('/'));
            given.entry(path).or_default().push(inputs.clone());
        }
    }
    for file in files {
        // Given twice it is two files.
        if let Some([inputs]) = given.get(file.path).map(Vec::as_slice) {
            file.ci = file.ci.with_inputs(inputs);
        }
    }
}

/// The local files that are included with inputs.
fn with_inputs(node: Option<&Node>) -> Vec<(&str, &Node)> {
    match node {
        Some(Node::List(items)) => items
            .iter()
            .flat_map(|item| with_inputs(Some(item)))
            .collect(),
        Some(map @ Node::Map(_)) => {
            let local = map.get("local").and_then(Node::text);
            local.zip(map.get("inputs")).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The predefined variables of a project, as far as its export tells them.
fn known_of(project: &str, things: &Things<'_>) -> Predefined {
    let all = |name: &str| -> BTreeSet<&str> {
        let said = things.named("gitlab-project", project);
        said.flat_map(|thing| thing.values(name)).collect()
    };
    predefined(project, &all("path_with_namespace"), &all("default_branch"))
}

/// The local files that are named and are none of those read: who names them, in which line, and
/// what they are called.
pub(super) fn unread_includes<'f>(files: &'f [CiText<'_>]) -> Vec<(&'f str, u64, String)> {
    let by_path = by_path(files);
    let mut unread = Vec::new();
    for file in files {
        for named in unread_local(&by_path, file, file.ci.top.get("include")) {
            let line = file.text.lines().position(|line| line.contains(named));
            let line = line.map_or(1, |line| line as u64 + 1);
            unread.push((file.path, line, named.to_owned()));
        }
    }
    unread
}

/// The local files that an `include` of a file names and that are none of those read.
pub(super) fn unread_local<'n>(
    by_path: &HashMap<&str, &CiText<'_>>,
    file: &CiText<'_>,
    include: Option<&'n Node>,
) -> Vec<&'n str> {
    let root = root(by_path, file.path);
    let mut named = local(include);
    named.retain(|name| {
        let path = join(root, name.trim_start_matches('/'));
        included(by_path, &path).is_empty()
    });
    named
}

/// Files by their paths; the first of those that share one.
pub(super) fn by_path<'f, 'c>(files: &'f [CiText<'c>]) -> HashMap<&'f str, &'f CiText<'c>> {
    let mut by_path = HashMap::with_capacity(files.len());
    for file in files {
        by_path.entry(file.path).or_insert(file);
    }
    by_path
}

/// The files that a path stands for, the last first: one, or those that its wildcards match.
fn included<'f, 'c>(files: &HashMap<&'f str, &'f CiText<'c>>, path: &str) -> Vec<&'f CiText<'c>> {
    if let Some(file) = files.get(path) {
        return vec![file];
    }
    let glob = || GlobBuilder::new(path).literal_separator(true).build().ok();
    let Some(glob) = path.contains('*').then(glob).flatten() else {
        return Vec::new();
    };
    let matcher = glob.compile_matcher();
    let matched = files.iter().filter(|(path, _)| matcher.is_match(path));
    let mut matched: Vec<&CiText<'_>> = matched.map(|(_, file)| *file).collect();
    matched.sort_by(|a, b| b.path.cmp(a.path));
    matched
}

/// The folder that local paths start from: the deepest above the file that holds a
/// `.gitlab-ci.yml`, else the file's own.
fn root<'f>(files: &HashMap<&str, &CiText<'_>>, path: &'f str) -> &'f str {
    let mut folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let own = folder;
    loop {
        let main = join(folder, ".gitlab-ci.yml");
        if files.contains_key(main.as_str()) {
            return folder;
        }
        match folder.rsplit_once('/') {
            Some((above, _)) => folder = above,
            None if folder.is_empty() => return own,
            None => folder = "",
        }
    }
}

fn join(folder: &str, path: &str) -> String {
    match folder {
        "" => path.to_owned(),
        folder => format!("{folder}/{path}"),
    }
}

/// What a file includes and then the file itself, each once.
fn collect<'f, 'c>(
    files: &HashMap<&'f str, &'f CiText<'c>>,
    file: &'f CiText<'c>,
    root: &str,
    known: &mut Vec<(&'f str, &'f Node)>,
) {
    let mut open = vec![(file, false)];
    let mut begun: Vec<&str> = vec![file.path];
    while let Some((file, done)) = open.pop() {
        if done {
            known.push((file.path, &file.ci.top));
            continue;
        }
        open.push((file, true));
        let named = local(file.ci.top.get("include"));
        // Last in, first out: the first include is to be read first.
        for name in named.iter().rev() {
            let path = join(root, name.trim_start_matches('/'));
            for found in included(files, &path) {
                if !begun.contains(&found.path) && begun.len() < INCLUDED {
                    begun.push(found.path);
                    open.push((found, false));
                }
            }
        }
    }
}

/// The paths that `include:` names as local.
fn local(node: Option<&Node>) -> Vec<&str> {
    match node {
        Some(Node::Scalar(path)) if !path.contains("://") => vec![path],
        Some(Node::List(items)) => items.iter().flat_map(|item| local(Some(item))).collect(),
        Some(map @ Node::Map(_)) => map.get("local").map(Node::texts).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// A job that starts another file as a pipeline of its own.
#[derive(Debug)]
pub struct Parent {
    /// The position of its file.
    pub file: usize,
    /// The job as the pipelines of its file run it.
    pub runs: Vec<Run>,
}

/// One parsed `.gitlab-ci.yml`.
#[derive(Debug)]
pub struct CiText<'c> {
    /// `gitlab:project/<id>` from the path; none where the path names no project.
    pub project: Option<String>,
    /// What comes before a job's name in its id, as `snapshot::gitlab` writes it:
    /// `gitlab:ci-job/<prefix>/<job>`.
    pub prefix: String,
    /// The top of the file as written, and its jobs, resolved together with local includes.
    pub ci: CiFile,
    /// The jobs that start it, where nothing else does.
    pub parents: Vec<Parent>,
    /// The rules by which it is included, where one file does: all must hold.
    pub gates: Vec<Node>,
    /// The text. It may hold secrets: show it through [`super::Posture::excerpt`] only.
    pub text: &'c str,
    /// Its lines.
    pub lines: SourceFile<'c>,
    /// Path of the file.
    pub path: &'c str,
    /// Where it was read.
    pub place: Place,
}

impl<'c> CiText<'c> {
    /// Parses a text; `None` when it is broken, which its format has reported.
    pub(super) fn read(text: &'c SourceText, files: &'c [String]) -> Option<CiText<'c>> {
        let path = name(files, text.place.file);
        let ci = CiFile::parse(&text.text).ok()?;
        let hint = GitlabPath::parse(path);
        Some(CiText {
            project: hint.owner(),
            prefix: hint.prefix(path).to_string(),
            ci,
            parents: Vec::new(),
            gates: Vec::new(),
            text: &text.text,
            lines: SourceFile::new(&text.text),
            path,
            place: text.place,
        })
    }

    /// The id of a job.
    #[must_use]
    pub fn job_id(&self, job: &str) -> String {
        format!("gitlab:ci-job/{}/{job}", self.prefix)
    }

    /// A line of the file, from 1, as evidence; the record is that line.
    #[must_use]
    pub fn evidence(&self, line: usize) -> Evidence {
        let found = self.lines.line(line);
        let byte = found.map_or(self.text.len(), |found| found.start);
        Evidence {
            file: self.path.to_owned(),
            line: line as u64,
            byte: byte as u64,
            sha256: Digest::of(found.map_or("", |found| found.text)).to_string(),
        }
    }

    /// A line of the file, redacted.
    #[must_use]
    pub fn excerpt(&self, line: usize) -> Option<Excerpt> {
        let found = self.lines.line(line)?;
        Some(Excerpt::of_line(found.text, line as u64))
    }

    /// The place of a line of the file.
    #[must_use]
    pub fn line(&self, line: usize) -> Place {
        Place {
            line: line as u64,
            ..self.place
        }
    }
}
