//! How input files are named in the evidence: from the deepest directory that contains all inputs,
//! without the secrets in their names.

use std::path::{Component, Path, PathBuf};

use crate::model::name_as_text;

/// What a file at an absolute path is called beside inputs that had `bases`.
#[must_use]
pub fn named_beside(bases: &[PathBuf], path: &Path) -> String {
    relative(&common_ancestor(bases), path)
}

/// The absolute form of a path without `.` and `..`, links unresolved: names are what was typed.
#[must_use]
pub fn absolute(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut clean = PathBuf::new();
    for component in whole.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

pub(super) fn common_ancestor(bases: &[PathBuf]) -> PathBuf {
    let Some((first, rest)) = bases.split_first() else {
        return PathBuf::new();
    };
    rest.iter().fold(first.clone(), |common, base| {
        common
            .components()
            .zip(base.components())
            .take_while(|(a, b)| a == b)
            .map(|(a, _)| a)
            .collect()
    })
}

pub(super) fn relative(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<String> = below
        .components()
        .filter(|component| !matches!(component, Component::RootDir | Component::Prefix(_)))
        .map(|component| name_as_text(component.as_os_str()))
        .collect();
    parts.join("/")
}

/// Numbers the names, in their order, that are the same once their secrets are taken out.
pub fn tell_apart<'n>(names: impl Iterator<Item = &'n mut String>) {
    let mut before: Option<(String, usize)> = None;
    for name in names {
        match &mut before {
            Some((same, count)) if same == name => {
                *count += 1;
                name.push_str(&format!("~{count}"));
            }
            _ => before = Some((name.clone(), 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_files_have_one_name() {
        let mut names = ["a", "b", "b", "b", "c"].map(str::to_owned);
        tell_apart(names.iter_mut());
        assert_eq!(names, ["a", "b", "b~2", "b~3", "c"]);
    }
}
