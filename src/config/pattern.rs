//! Owner patterns: paths with `{project}`, `{project_path}`, `{service}` and `{environment}`.

mod fill;

pub use fill::Filling;

use super::Environments;
use super::problem::choice;

const PLACEHOLDERS: [&str; 4] = ["project", "project_path", "service", "environment"];

/// A path pattern, cut into segments.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    text: String,
    segments: Vec<Segment>,
    /// Length of the literal beginning, without a slash at its end.
    head: usize,
    /// Literal characters in all.
    literal: usize,
}

/// One segment: literal text, with at most one placeholder in it.
#[derive(Clone, Debug)]
struct Segment {
    before: String,
    placeholder: Option<Placeholder>,
    after: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placeholder {
    Project,
    ProjectPath,
    Service,
    Environment,
}

/// What a path says at the placeholders.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Captures {
    pub(super) project: Option<String>,
    pub(super) project_path: Option<String>,
    pub(super) service: Option<String>,
    pub(super) environment: Option<String>,
    /// Segments of the path that the pattern covers.
    pub(super) segments: usize,
}

/// What is wrong with a pattern.
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) help: String,
}

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Pattern, Fault> {
        let path = text.trim().trim_matches('/');
        let segments = path
            .split('/')
            .map(Segment::parse)
            .collect::<Result<Vec<_>, _>>()?;
        let mut seen = Vec::new();
        for placeholder in segments.iter().filter_map(|segment| segment.placeholder) {
            if seen.contains(&placeholder) {
                return Err(Fault {
                    message: format!("`owner.pattern` has a placeholder twice: \"{text}\""),
                    help: "name each placeholder once".to_owned(),
                });
            }
            seen.push(placeholder);
        }
        if seen.is_empty() {
            return Err(Fault {
                message: format!("`owner.pattern` has no placeholder: \"{text}\""),
                help: "use `prefix` for a literal path".to_owned(),
            });
        }
        if seen.contains(&Placeholder::Project) && seen.contains(&Placeholder::ProjectPath) {
            return Err(Fault {
                message: format!("`owner.pattern` names the project twice: \"{text}\""),
                help: "use either {project} or {project_path}".to_owned(),
            });
        }
        let head = path.split('{').next().unwrap_or_default();
        Ok(Pattern {
            text: text.to_owned(),
            head: head.trim_end_matches('/').len(),
            literal: segments
                .iter()
                .map(|segment| segment.before.len() + segment.after.len())
                .sum(),
            segments,
        })
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether a placeholder fills the key `project`, `service` or `environment`.
    pub(super) fn names(&self, key: &str) -> bool {
        self.segments.iter().any(|segment| {
            matches!(
                (segment.placeholder, key),
                (
                    Some(Placeholder::Project | Placeholder::ProjectPath),
                    "project"
                ) | (Some(Placeholder::Service), "service")
                    | (Some(Placeholder::Environment), "environment")
            )
        })
    }

    pub(super) fn rank(&self, captures: &Captures) -> (usize, usize, usize) {
        (self.head, captures.segments, self.literal)
    }

    /// A rank that no match of this pattern exceeds.
    pub(super) fn best_rank(&self) -> (usize, usize, usize) {
        (self.head, usize::MAX, self.literal)
    }

    /// Matches the beginning of a path, up to a segment boundary.
    ///
    /// Where `{project_path}` could end in several places, the first at which `{environment}` is a
    /// known environment name decides, else the shortest.
    pub(super) fn captures(&self, path: &str, environments: &Environments) -> Option<Captures> {
        let parts: Vec<&str> = path.split('/').collect();
        let spans_several = self
            .segments
            .iter()
            .any(|segment| segment.placeholder == Some(Placeholder::ProjectPath));
        if !spans_several {
            return self.captures_with(&parts, 1);
        }
        let longest = (parts.len() + 1).saturating_sub(self.segments.len());
        let mut first = None;
        for width in 2..=longest {
            let Some(found) = self.captures_with(&parts, width) else {
                continue;
            };
            let known = found
                .environment
                .as_deref()
                .is_none_or(|name| environments.tier(name).is_some());
            if known {
                return Some(found);
            }
            first.get_or_insert(found);
        }
        first
    }

    /// Matches with `{project_path}` spanning `width` segments.
    fn captures_with(&self, parts: &[&str], width: usize) -> Option<Captures> {
        let mut captures = Captures::default();
        let mut at = 0;
        for segment in &self.segments {
            let spans = segment.placeholder == Some(Placeholder::ProjectPath);
            let taken = if spans { width } else { 1 };
            let text = parts.get(at..at + taken)?.join("/");
            let value = text
                .strip_prefix(segment.before.as_str())?
                .strip_suffix(segment.after.as_str())?;
            at += taken;
            let Some(placeholder) = segment.placeholder else {
                if value.is_empty() {
                    continue;
                }
                return None;
            };
            if value.is_empty() || value.starts_with('/') || value.ends_with('/') {
                return None;
            }
            let slot = match placeholder {
                Placeholder::Project => &mut captures.project,
                Placeholder::ProjectPath => &mut captures.project_path,
                Placeholder::Service => &mut captures.service,
                Placeholder::Environment => &mut captures.environment,
            };
            *slot = Some(value.to_owned());
        }
        captures.segments = at;
        Some(captures)
    }
}

impl Segment {
    fn parse(text: &str) -> Result<Segment, Fault> {
        if text.is_empty() || text.contains('*') {
            return Err(Fault {
                message: format!("`owner.pattern` has an empty or wildcard segment: \"{text}\""),
                help: "write placeholders in braces, e.g. \"secret/ci/{project}/{environment}/\""
                    .to_owned(),
            });
        }
        let Some((before, rest)) = text.split_once('{') else {
            return match text.contains('}') {
                true => Err(Fault::brace(text)),
                false => Ok(Segment {
                    before: text.to_owned(),
                    placeholder: None,
                    after: String::new(),
                }),
            };
        };
        let (name, after) = rest.split_once('}').ok_or_else(|| Fault::brace(text))?;
        if after.contains(['{', '}']) || before.contains('}') {
            return Err(Fault::brace(text));
        }
        let placeholder = match name {
            "project" => Placeholder::Project,
            "project_path" => Placeholder::ProjectPath,
            "service" => Placeholder::Service,
            "environment" => Placeholder::Environment,
            _ => {
                return Err(Fault {
                    message: format!("`owner.pattern` has an unknown placeholder `{{{name}}}`"),
                    help: choice(name, "valid placeholders", &PLACEHOLDERS),
                });
            }
        };
        Ok(Segment {
            before: before.to_owned(),
            placeholder: Some(placeholder),
            after: after.to_owned(),
        })
    }
}

impl Fault {
    fn brace(text: &str) -> Fault {
        Fault {
            message: format!("`owner.pattern` cannot be read at \"{text}\""),
            help: "one placeholder in braces per path segment".to_owned(),
        }
    }
}
