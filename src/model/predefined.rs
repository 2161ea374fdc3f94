//! What GitLab sets for every job of a project: the predefined variables that follow from the
//! project's number, path and default branch (GitLab documentation, "Predefined CI/CD variables").

use std::collections::{BTreeMap, BTreeSet};

use super::{Attribute, replaced};

/// Predefined variables by name.
pub type Predefined = BTreeMap<String, String>;

/// The longest slug.
const SLUG: usize = 63;

/// The variables of a project by its id (`gitlab:project/42`), as far as its export tells them: of a
/// project that exports name in two ways only the number is known.
#[must_use]
pub fn predefined(
    project: &str,
    paths: &BTreeSet<&str>,
    default_branches: &BTreeSet<&str>,
) -> Predefined {
    let mut known = Predefined::new();
    let mut set = |name: &str, value: &str| {
        known.insert(name.to_owned(), value.to_owned());
    };
    if let Some(number) = project.strip_prefix("gitlab:project/") {
        set("CI_PROJECT_ID", number);
    }
    if let (1, Some(path)) = (paths.len(), paths.first()) {
        let (namespace, name) = path.rsplit_once('/').unwrap_or(("", path));
        set("CI_PROJECT_PATH", path);
        set("CI_PROJECT_PATH_SLUG", &slug(path));
        set("CI_PROJECT_NAME", name);
        set("CI_PROJECT_NAMESPACE", namespace);
        set("CI_PROJECT_NAMESPACE_SLUG", &slug(namespace));
        let root = path.split('/').next().unwrap_or(path);
        set("CI_PROJECT_ROOT_NAMESPACE", root);
    }
    if let (1, Some(branch)) = (default_branches.len(), default_branches.first()) {
        set("CI_DEFAULT_BRANCH", branch);
    }
    known
}

/// In lower case, shortened, with everything but letters and digits replaced by `-`.
fn slug(text: &str) -> String {
    let plain = |c: char| match c.to_ascii_lowercase() {
        c if c.is_ascii_alphanumeric() => c,
        _ => '-',
    };
    let slug: String = text.chars().map(plain).take(SLUG).collect();
    slug.trim_matches('-').to_owned()
}

/// A text with the variables in it that are known, as `$NAME` or `${NAME}`.
#[must_use]
pub fn with_predefined(text: &str, known: &Predefined) -> String {
    replaced(text, '$', |after| {
        let braced = after
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'));
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = after.find(|c| !is_name(c)).unwrap_or(after.len());
        let (name, behind) = braced
            .or_else(|| after.split_at_checked(end))
            .unwrap_or((after, ""));
        Some((known.get(name)?.clone(), behind))
    })
}

/// What is said of one attribute, by object.
type Told<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Fills in what jobs of CI files say by the predefined variables of their projects.
pub fn fill_predefined(attributes: &mut [Attribute]) {
    let (mut owners, mut paths, mut branches) = (Told::new(), Told::new(), Told::new());
    for said in &*attributes {
        let (object, value) = (said.object.as_str(), said.value.as_str());
        let told = match (said.kind, said.name.as_str()) {
            ("ci-job", "project") => &mut owners,
            ("gitlab-project", "path_with_namespace") => &mut paths,
            ("gitlab-project", "default_branch") => &mut branches,
            _ => continue,
        };
        told.entry(object).or_default().insert(value);
    }
    let mut projects: BTreeMap<&str, Predefined> = BTreeMap::new();
    let mut filled = Vec::new();
    for (at, said) in attributes.iter().enumerate() {
        if said.kind != "ci-job" || !said.value.contains('$') {
            continue;
        }
        let owner = owners.get(said.object.as_str()).and_then(|of| of.first());
        let Some(project) = owner.copied() else {
            continue;
        };
        let known = projects.entry(project).or_insert_with(|| {
            let paths = paths.get(project).cloned().unwrap_or_default();
            let branches = branches.get(project).cloned().unwrap_or_default();
            predefined(project, &paths, &branches)
        });
        filled.push((at, with_predefined(&said.value, known)));
    }
    for (at, value) in filled {
        if let Some(said) = attributes.get_mut(at) {
            said.value = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_from_a_path_is_filled_in() {
        let paths = BTreeSet::from(["Mill/Back.End/Shop_1"]);
        let known = predefined("gitlab:project/7", &paths, &BTreeSet::from(["trunk"]));
        for (text, expected) in [
            ("ci-$CI_PROJECT_ID", "ci-7"),
            ("${CI_PROJECT_PATH}x", "Mill/Back.End/Shop_1x"),
            ("$CI_PROJECT_PATH_SLUG", "mill-back-end-shop-1"),
            (
                "$CI_PROJECT_NAME-$CI_PROJECT_NAMESPACE",
                "Shop_1-Mill/Back.End",
            ),
            (
                "$CI_PROJECT_ROOT_NAMESPACE/$CI_DEFAULT_BRANCH",
                "Mill/trunk",
            ),
            (
                "$CI_PROJECT_PATHS ${X} $ $CI_JOB_ID${",
                "$CI_PROJECT_PATHS ${X} $ $CI_JOB_ID${",
            ),
        ] {
            assert_eq!(with_predefined(text, &known), expected);
        }
        let two = BTreeSet::from(["a/b", "a/c"]);
        let known = predefined("gitlab:project/7", &two, &BTreeSet::new());
        assert_eq!(known.keys().collect::<Vec<_>>(), ["CI_PROJECT_ID"]);
    }
}
