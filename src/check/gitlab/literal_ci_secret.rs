//! GLC-001: a secret written into the CI file.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::{Check, Known, Verdict, without_files, written};
use crate::model::secret;
use crate::posture::{CiText, Posture};
use crate::rule::Observation;
use crate::snapshot::gitlab::ci::{Node, top_lines};

pub(in crate::check) struct LiteralCiSecret;

impl Check for LiteralCiSecret {
    fn name(&self) -> &'static str {
        "literal-ci-secret"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        if let Some(verdict) = without_files(input) {
            return verdict;
        }
        let mut observations = Vec::new();
        for file in &input.ci_files {
            let mut search = Search {
                file,
                blocks: top_lines(file.text),
                found: Vec::new(),
                seen: BTreeSet::new(),
            };
            for (key, node) in file.ci.top.entries() {
                search.visit(key, key, key == "variables", node);
            }
            search.rest();
            observations.extend(search.found);
        }
        Verdict::Looked {
            population: input.ci_files.len() as u64,
            observations,
        }
    }
}

/// The pattern and place of the first typed secret of a text, in whatever spelling.
fn typed(text: &str) -> Option<(&'static str, Range<usize>)> {
    let bytes = text.as_bytes();
    let plain = secret::find(bytes).into_iter().next();
    let plain = plain.map(|found| (found.pattern, found.range));
    plain.or_else(|| {
        let spelled = secret::spelled(bytes).into_iter().next()?;
        Some((spelled.pattern, spelled.range))
    })
}

struct Search<'f> {
    file: &'f CiText<'f>,
    /// Where each top-level key stands.
    blocks: HashMap<&'f str, usize>,
    found: Vec<Observation>,
    /// Lines already reported: anchors and merge keys repeat what stands once.
    seen: BTreeSet<usize>,
}

impl Search<'_> {
    /// Looks at `node`, which stands at the dotted `path` below the top-level key `top`.
    fn visit(&mut self, top: &str, path: &str, is_variable: bool, node: &Node) {
        match node {
            Node::Map(entries) => {
                for (key, value) in entries {
                    let below = format!("{path}.{key}");
                    self.visit(top, &below, is_variable || key == "variables", value);
                }
            }
            Node::List(items) => {
                for item in items {
                    self.visit(top, path, is_variable, item);
                }
            }
            Node::Scalar(text) if is_variable => {
                // `variables: {NAME: {value: ..., description: ...}}` is the longer spelling.
                let name = path.strip_suffix(".value").unwrap_or(path);
                let name = name.rsplit('.').next().unwrap_or(name);
                if let Some(pattern) = secret::literal_secret(name, text) {
                    self.report(top, path, pattern, text);
                }
            }
            Node::Scalar(text) => {
                if let Some((pattern, range)) = typed(text) {
                    let value = text.get(range).unwrap_or(text);
                    return self.report(top, path, pattern, value);
                }
                for line in text.lines() {
                    for (name, value) in written::assignments(line) {
                        let value = value.trim_matches(['"', '\'', ';']);
                        if let Some(pattern) = secret::literal_secret(name, value) {
                            self.report(top, &format!("{path}.{name}"), pattern, value);
                        }
                    }
                }
            }
            Node::Null | Node::Reference(_) => {}
        }
    }

    /// Lines that hold a secret outside of what the file says: in a comment, or as a key.
    fn rest(&mut self) {
        for (number, line) in self.file.text.lines().enumerate() {
            let Some((pattern, _)) = typed(line) else {
                continue;
            };
            let number = number + 1;
            if self.seen.insert(number) {
                let subject = format!("gitlab:ci-file/{}", self.file.prefix);
                let seen = Observation::of(subject, "text", self.file.evidence(number));
                let excerpt = self.file.excerpt(number);
                self.found
                    .push(seen.with_detail(pattern).with_excerpt(excerpt));
            }
        }
    }

    fn report(&mut self, top: &str, path: &str, pattern: &str, value: &str) {
        let block = self.blocks.get(top).copied().unwrap_or(1);
        let line = written::line_in(&self.file.lines, block, value);
        if !self.seen.insert(line) {
            return;
        }
        let subject = match top {
            "variables" | "default" => format!("gitlab:ci-file/{}", self.file.prefix),
            job => self.file.job_id(job),
        };
        let evidence = self.file.evidence(line);
        // Redaction by pattern misses a value that only its name gives away.
        let mut excerpt = self.file.excerpt(line);
        if let Some(excerpt) = &mut excerpt
            && let Some(first) = value.lines().next()
        {
            excerpt.text = excerpt.text.replace(first, "****");
            let length = excerpt.text.trim().chars().count();
            excerpt.length = u32::try_from(length).unwrap_or(u32::MAX);
        }
        self.found.push(
            Observation::of(subject, path, evidence)
                .with_detail(pattern)
                .with_excerpt(excerpt),
        );
    }
}
