//! Filling the placeholders of an owner pattern with names that something else states.

use super::{Captures, Pattern, Placeholder, Segment};
use crate::config::Environments;

/// Names for the placeholders of an owner pattern, as far as they are known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Filling {
    /// `{project}`: the last segment of the project's path.
    pub project: Option<String>,
    /// `{project_path}`: the whole path.
    pub project_path: Option<String>,
    /// `{service}`.
    pub service: Option<String>,
    /// `{environment}`.
    pub environment: Option<String>,
}

impl Filling {
    fn slot(&mut self, placeholder: Placeholder) -> &mut Option<String> {
        match placeholder {
            Placeholder::Project => &mut self.project,
            Placeholder::ProjectPath => &mut self.project_path,
            Placeholder::Service => &mut self.service,
            Placeholder::Environment => &mut self.environment,
        }
    }
}

impl Pattern {
    pub(in crate::config) fn has(&self, placeholder: Placeholder) -> bool {
        let mut all = self.segments.iter();
        all.any(|segment| segment.placeholder == Some(placeholder))
    }

    /// What a path says at the placeholders, where `+` stands for any segment and `open` lets any
    /// rest follow its last slash; `None` when no path of it is one of the pattern.
    pub(in crate::config) fn bind(
        &self,
        path: &str,
        open: bool,
        environments: &Environments,
    ) -> Option<Filling> {
        let whole = match open {
            true => path.rsplit_once('/').map_or("", |(whole, _)| whole),
            false => path,
        };
        if self.has(Placeholder::ProjectPath) {
            let found = self.captures(whole, environments)?;
            let named = Filling {
                project: None,
                project_path: found.project_path,
                service: found.service,
                environment: found.environment,
            };
            return named.without_wildcards();
        }
        let parts: Vec<&str> = match whole {
            "" => Vec::new(),
            whole => whole.split('/').collect(),
        };
        if !open && parts.len() < self.segments.len() {
            return None;
        }
        let mut filling = Filling::default();
        for (segment, part) in self.segments.iter().zip(parts) {
            if part == "+" {
                continue;
            }
            let value = segment.value(part)?;
            if let Some(placeholder) = segment.placeholder {
                *filling.slot(placeholder) = Some(value.to_owned());
            }
        }
        Some(filling)
    }

    /// The path of a filling, `unnamed` at an environment that it does not name, with what the
    /// path says; `None` where a name is missing or is none of a path.
    pub(in crate::config) fn fill(
        &self,
        filling: &Filling,
        unnamed: &str,
    ) -> Option<(String, Captures)> {
        let mut captures = Captures {
            environment: filling.environment.clone(),
            ..Captures::default()
        };
        let mut parts = Vec::new();
        for segment in &self.segments {
            let value = match segment.placeholder {
                None => "",
                Some(Placeholder::Environment) => filling.environment.as_deref().unwrap_or(unnamed),
                Some(placeholder) => {
                    let value = match placeholder {
                        Placeholder::Project => &filling.project,
                        Placeholder::ProjectPath => &filling.project_path,
                        _ => &filling.service,
                    };
                    let value = value.as_deref()?;
                    let slot = match placeholder {
                        Placeholder::Project => &mut captures.project,
                        Placeholder::ProjectPath => &mut captures.project_path,
                        _ => &mut captures.service,
                    };
                    *slot = Some(value.to_owned());
                    value
                }
            };
            let spans = segment.placeholder == Some(Placeholder::ProjectPath);
            let named = segment.placeholder.is_none() || !value.is_empty();
            if !named || value.contains(['*', '+']) || (value.contains('/') != spans) {
                return None;
            }
            parts.push(format!("{}{value}{}", segment.before, segment.after));
        }
        Some((parts.join("/"), captures))
    }
}

impl Filling {
    /// The filling, if no name has a wildcard in it.
    fn without_wildcards(self) -> Option<Filling> {
        let names = [&self.project_path, &self.service, &self.environment];
        let wild = names.into_iter().flatten().any(|name| name.contains('+'));
        (!wild).then_some(self)
    }
}

impl Segment {
    /// What stands at the placeholder; empty for a literal segment that is met.
    fn value<'p>(&self, part: &'p str) -> Option<&'p str> {
        let value = part
            .strip_prefix(self.before.as_str())?
            .strip_suffix(self.after.as_str())?;
        (self.placeholder.is_some() != value.is_empty()).then_some(value)
    }
}
