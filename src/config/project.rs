//! How an owner names a GitLab project.

/// A project as an owner names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProjectName {
    /// The full path, `group/name`.
    Path(String),
    /// The last segment of the path, from `{project}` in a pattern.
    LastSegment(String),
}

impl ProjectName {
    /// Whether a project of that full path is meant. GitLab paths have no case.
    #[must_use]
    pub fn matches(&self, full_path: &str) -> bool {
        let full_path = full_path.trim_matches('/');
        match self {
            ProjectName::Path(path) => path.eq_ignore_ascii_case(full_path),
            ProjectName::LastSegment(name) => full_path
                .rsplit('/')
                .next()
                .is_some_and(|last| last.eq_ignore_ascii_case(name)),
        }
    }

    /// The name as written or captured.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            ProjectName::Path(name) | ProjectName::LastSegment(name) => name,
        }
    }
}
