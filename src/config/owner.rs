//! `[[owner]]`: which project or service a secret path belongs to.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::pattern::{Captures, Filling, Pattern, Placeholder};
use super::reading::Fields;
use super::{Environments, ProjectName};

/// Whom a path belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Owner {
    /// The GitLab project.
    pub project: Option<ProjectName>,
    /// The Cloud Run service.
    pub service: Option<String>,
    /// The environment, as written or as it stands in the path.
    pub environment: Option<String>,
    /// Everybody may use it.
    pub shared: bool,
}

/// The owners of secret paths.
///
/// A prefix owns the path of that name and all below it: it ends at a segment boundary, so
/// `secret/app` and `secret/app/` both own `secret/app/db` and neither owns `secret/apple`. A
/// pattern does the same, each placeholder standing for one segment or a part of one, except
/// `{project_path}`, which spans two or more. Paths are logical (without `data/` or `metadata/`)
/// and, outside root, begin with their namespace.
///
/// Of several matches the one with the longest literal beginning wins, so an exception written out
/// beats a pattern; then the one that covers more segments; then the one with more literal
/// characters; then the first of the file.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    prefixes: BTreeMap<String, Owner>,
    patterns: Vec<(Pattern, Owner)>,
    environments: Environments,
}

/// How long a match is; greater wins.
type Rank = (usize, usize, usize);

/// What owns a path.
struct Match {
    rank: Rank,
    /// Which pattern; none for a prefix.
    pattern: Option<usize>,
    owner: Owner,
}

/// Which placeholders a pattern has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placeholders {
    /// `{project}`.
    pub project: bool,
    /// `{project_path}`.
    pub project_path: bool,
    /// `{service}`.
    pub service: bool,
    /// `{environment}`.
    pub environment: bool,
}

impl Owners {
    /// The owner of a logical path.
    #[must_use]
    pub fn find(&self, logical_path: &str) -> Option<Owner> {
        self.best(logical_path.trim_matches('/'))
            .map(|best| best.owner)
    }

    /// How many segments of a logical path its owner is told by; none without an owner.
    #[must_use]
    pub fn depth(&self, logical_path: &str) -> Option<usize> {
        self.best(logical_path.trim_matches('/'))
            .map(|best| best.rank.1)
    }

    fn best(&self, path: &str) -> Option<Match> {
        let mut best: Option<Match> = self.longest_prefix(path);
        for (at, (pattern, owner)) in self.patterns.iter().enumerate() {
            if best
                .as_ref()
                .is_some_and(|best| best.rank >= pattern.best_rank())
            {
                continue;
            }
            let Some(captures) = pattern.captures(path, &self.environments) else {
                continue;
            };
            let rank = pattern.rank(&captures);
            if best.as_ref().is_none_or(|before| rank > before.rank) {
                best = Some(Match {
                    rank,
                    pattern: Some(at),
                    owner: filled(owner, captures),
                });
            }
        }
        best
    }

    fn longest_prefix(&self, path: &str) -> Option<Match> {
        let ends = path.match_indices('/').map(|(at, _)| at).rev();
        std::iter::once(path.len()).chain(ends).find_map(|end| {
            let prefix = path.get(..end)?;
            let owner = self.prefixes.get(prefix)?.clone();
            let segments = prefix.split('/').count();
            Some(Match {
                rank: (prefix.len(), segments, prefix.len()),
                pattern: None,
                owner,
            })
        })
    }

    /// Whether nothing is declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.prefixes.is_empty() && self.patterns.is_empty()
    }

    /// The literal prefixes with their owners, sorted; without the slash at the end.
    pub fn prefixes(&self) -> impl Iterator<Item = (&str, &Owner)> {
        self.prefixes
            .iter()
            .map(|(prefix, owner)| (prefix.as_str(), owner))
    }

    /// The literal prefixes that begin with `path`, and those that it lies below.
    #[must_use]
    pub fn near<'o>(&'o self, path: &str) -> Vec<(&'o str, &'o Owner)> {
        let from = (Bound::Included(path), Bound::Unbounded);
        let below = self.prefixes.range::<str, _>(from);
        let below = below.take_while(|(prefix, _)| prefix.starts_with(path));
        let ends = path.match_indices('/').map(|(at, _)| at);
        let above = ends.filter_map(|end| self.prefixes.get_key_value(path.get(..end)?));
        let near = below.chain(above);
        near.map(|(prefix, owner)| (prefix.as_str(), owner))
            .collect()
    }

    /// The patterns as written, in the order of the file, with what they declare beside.
    pub fn patterns(&self) -> impl Iterator<Item = (&str, &Owner)> {
        self.patterns
            .iter()
            .map(|(pattern, owner)| (pattern.text(), owner))
    }
}

impl Owners {
    /// What every pattern, by its position in the file, has to be filled.
    pub fn placeholders(&self) -> impl Iterator<Item = Placeholders> {
        self.patterns.iter().map(|(pattern, _)| Placeholders {
            project: pattern.has(Placeholder::Project),
            project_path: pattern.has(Placeholder::ProjectPath),
            service: pattern.has(Placeholder::Service),
            environment: pattern.has(Placeholder::Environment),
        })
    }

    /// What a logical path says at the placeholders of a pattern, where `+` stands for any segment
    /// and `open` lets any rest follow; `None` when no path of it is one of the pattern.
    #[must_use]
    pub fn bind(&self, pattern: usize, logical_path: &str, open: bool) -> Option<Filling> {
        let (pattern, _) = self.patterns.get(pattern)?;
        pattern.bind(logical_path, open, &self.environments)
    }

    /// The path of a pattern with names filled in, `unnamed` at an environment without one, and
    /// its owner; `None` where a name is missing, or a longer match owns the path.
    #[must_use]
    pub fn fill(
        &self,
        pattern: usize,
        filling: &Filling,
        unnamed: &str,
    ) -> Option<(String, Owner)> {
        let (written, owner) = self.patterns.get(pattern)?;
        let (path, captures) = written.fill(filling, unnamed)?;
        let best = self.best(&path)?;
        (best.pattern == Some(pattern)).then(|| (path, filled(owner, captures)))
    }
}

fn filled(owner: &Owner, captures: Captures) -> Owner {
    let project = captures
        .project_path
        .map(ProjectName::Path)
        .or_else(|| captures.project.map(ProjectName::LastSegment));
    Owner {
        project: project.or_else(|| owner.project.clone()),
        service: captures.service.or_else(|| owner.service.clone()),
        environment: captures.environment.or_else(|| owner.environment.clone()),
        shared: owner.shared,
    }
}

/// Reads every `[[owner]]`.
pub(super) fn read(tables: Vec<Fields<'_>>, environments: &Environments) -> Owners {
    let mut owners = Owners {
        environments: environments.clone(),
        ..Owners::default()
    };
    for mut fields in tables {
        read_one(&mut fields, &mut owners);
        fields.finish();
    }
    owners
}

fn read_one(fields: &mut Fields<'_>, owners: &mut Owners) {
    let prefix = fields.string("prefix");
    let pattern = fields.string("pattern");
    let owner = Owner {
        project: fields
            .string("project")
            .map(|path| ProjectName::Path(path.trim_matches('/').to_owned())),
        service: fields.string("service"),
        environment: fields.string("environment"),
        shared: fields.boolean("shared").unwrap_or(false),
    };
    match (prefix, pattern) {
        (Some(_), Some(_)) => fields.complain(
            "pattern",
            "an owner has both `prefix` and `pattern`",
            "keep one of them, or write two `[[owner]]` tables",
        ),
        (None, None) if fields.has("prefix") || fields.has("pattern") => {}
        (None, None) => fields.missing(
            "`prefix` or `pattern`",
            "write e.g. prefix = \"secret/ci/shop/\" or pattern = \"secret/ci/{project}/{environment}/\"",
        ),
        (Some(prefix), None) => {
            if owner == Owner::default() && !fields.has("shared") {
                fields.missing(
                    "owner",
                    "name a project, service or environment, or write shared = true",
                );
            }
            add_prefix(fields, owners, &prefix, owner);
        }
        (None, Some(text)) => match Pattern::parse(&text) {
            Ok(pattern) => add_pattern(fields, owners, pattern, owner),
            Err(fault) => fields.complain("pattern", fault.message, fault.help),
        },
    }
}

fn add_prefix(fields: &Fields<'_>, owners: &mut Owners, prefix: &str, owner: Owner) {
    let path = prefix.trim().trim_matches('/').to_owned();
    if path.contains(['*', '{', '}']) {
        fields.complain(
            "prefix",
            format!("`owner.prefix` has a wildcard: \"{prefix}\""),
            "a prefix owns all below it; drop `*`, or use `pattern` for placeholders",
        );
        return;
    }
    if path.is_empty() {
        let message = "`owner.prefix` names no path";
        fields.complain("prefix", message, "write e.g. \"secret/ci/shop/\"");
        return;
    }
    if matches!(path.split('/').nth(1), Some("data" | "metadata")) {
        fields.document.warn(
            &fields.span_of("prefix"),
            format!("`owner.prefix` looks like an API path: \"{prefix}\""),
            "on a KV version 2 mount leave out `data/` or `metadata/`",
        );
    }
    if owners.prefixes.contains_key(&path) {
        fields.complain(
            "prefix",
            format!("prefix \"{prefix}\" has two owners"),
            "a path has one owner; use shared = true for a path of several",
        );
        return;
    }
    owners.prefixes.insert(path, owner);
}

fn add_pattern(fields: &Fields<'_>, owners: &mut Owners, pattern: Pattern, owner: Owner) {
    for (key, declared) in [
        ("project", owner.project.is_some()),
        ("service", owner.service.is_some()),
        ("environment", owner.environment.is_some()),
    ] {
        if declared && pattern.names(key) {
            fields.complain(
                key,
                format!("`owner.{key}` is declared and in the pattern"),
                format!("drop `{key}`, or the placeholder of it"),
            );
        }
        if pattern.names(key) {
            let key = fields.dotted(key);
            fields.document.set.borrow_mut().insert(key);
        }
    }
    owners.patterns.push((pattern, owner));
}

#[cfg(test)]
mod tests;
