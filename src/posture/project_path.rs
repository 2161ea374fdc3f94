//! What a project of GitLab is called, where the exports call it two things.

use std::collections::BTreeSet;

use super::Things;

/// Kind of a project.
const KIND: &str = "gitlab-project";

impl Things<'_> {
    /// The path of a project, by its id. Of two that the exports give it, the one that no other
    /// project bears: whoever writes a list gives a project the path of another.
    #[must_use]
    pub fn project_path<'t>(&'t self, object: &'t str) -> Option<&'t str> {
        let stated: BTreeSet<&str> = self
            .named(KIND, object)
            .filter_map(|it| path(&it))
            .collect();
        if stated.len() < 2 {
            return stated.first().copied();
        }
        let others = self.of(KIND).filter(|project| project.object != object);
        let others: BTreeSet<&str> = others.filter_map(|project| path(&project)).collect();
        let own = stated.iter().find(|path| !others.contains(*path));
        own.or(stated.first()).copied()
    }
}

fn path<'t>(project: &super::Thing<'t>) -> Option<&'t str> {
    project
        .value("path_with_namespace")
        .or_else(|| project.value("path"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attribute, Digest, FileId, Place};

    #[test]
    fn of_two_paths_the_one_that_is_no_other_projects() {
        let said = |file: u32, object: &str, path: &str| Attribute {
            kind: KIND,
            object: object.to_owned(),
            name: "path_with_namespace".to_owned(),
            value: path.to_owned(),
            valid_from: None,
            place: Place {
                file: FileId(file),
                line: 1,
                byte: 0,
                sha256: Digest([0; 32]),
            },
        };
        for forged in [0, 2] {
            let attributes = [
                said(1, "gitlab:project/1", "mill/orders"),
                said(1, "gitlab:project/2", "mill/billing"),
                said(forged, "gitlab:project/2", "mill/orders"),
            ];
            let things = Things::new(&attributes);
            assert_eq!(things.project_path("gitlab:project/1"), Some("mill/orders"));
            assert_eq!(
                things.project_path("gitlab:project/2"),
                Some("mill/billing")
            );
            assert_eq!(things.project_path("gitlab:project/3"), None);
        }
    }
}
