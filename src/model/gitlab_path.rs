//! What the path of a GitLab export says: project, group and job ids.
//!
//! API responses do not name themselves, so an export's path ends with its API path
//! (`.../projects/<id>/jobs/<id>/trace.log`). The path names things; it never decides their kind.

/// The ids that stand in the path of an exported file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GitlabPath {
    /// The id behind the last `projects/`.
    pub project: Option<u64>,
    /// The id behind the last `groups/`.
    pub group: Option<u64>,
    /// The id behind the last `jobs/`.
    pub job: Option<u64>,
    /// Whether the file is `jobs/<id>/trace*`.
    pub is_trace: bool,
}

impl GitlabPath {
    /// Reads the ids out of `path`, whose separators are `/`.
    #[must_use]
    pub fn parse(path: &str) -> GitlabPath {
        let segments: Vec<&str> = path.split('/').collect();
        let behind = |word: &str| {
            segments.windows(2).rev().find_map(|pair| match pair {
                [first, second] if *first == word => digits(second),
                _ => None,
            })
        };
        let is_trace = matches!(
            segments.as_slice(),
            [.., "jobs", id, file] if digits(id).is_some() && file.starts_with("trace")
        );
        GitlabPath {
            project: behind("projects"),
            group: behind("groups"),
            job: behind("jobs"),
            is_trace,
        }
    }

    /// The owner of what the file lists, as a URI: project before group.
    #[must_use]
    pub fn owner(&self) -> Option<String> {
        match (self.project, self.group) {
            (Some(project), _) => Some(super::id::gitlab_project(project)),
            (None, Some(group)) => Some(format!("gitlab:group/{group}")),
            (None, None) => None,
        }
    }

    /// How ids of things below the owner begin: `<project>`, `group/<group>`, or else `path`.
    #[must_use]
    pub fn prefix(&self, path: &str) -> String {
        match (self.project, self.group) {
            (Some(project), _) => project.to_string(),
            (None, Some(group)) => format!("group/{group}"),
            (None, None) => path.to_owned(),
        }
    }
}

fn digits(text: &str) -> Option<u64> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_from_below_any_folder() {
        let path = GitlabPath::parse("exports/2026/projects/42/jobs/1001/trace.log");
        assert_eq!((path.project, path.job), (Some(42), Some(1001)));
        assert!(path.is_trace);
        assert_eq!(path.owner().as_deref(), Some("gitlab:project/42"));
    }

    #[test]
    fn the_last_project_wins_and_names_are_no_ids() {
        let path = GitlabPath::parse("projects/1/old/projects/7/jobs.json");
        assert_eq!((path.project, path.job), (Some(7), None));
        assert_eq!(GitlabPath::parse("projects/fen/jobs.json").project, None);
        assert_eq!(
            GitlabPath::parse("projects/99999999999999999999/x").project,
            None
        );
    }

    #[test]
    fn a_group_owns_what_no_project_owns() {
        let path = GitlabPath::parse("groups/9/variables.json");
        assert_eq!(path.owner().as_deref(), Some("gitlab:group/9"));
        assert_eq!(path.prefix("x"), "group/9");
        assert_eq!(GitlabPath::parse("v.json").prefix("v.json"), "v.json");
    }
}
