//! Tests of owner matching, against a search that tries everything.

use proptest::prelude::*;

use super::*;
use crate::config::Settings;

fn owners(tables: &[(&str, &str, &str)]) -> Owners {
    let text: String = tables
        .iter()
        .map(|(kind, path, rest)| format!("[[owner]]\n{kind} = \"{path}\"\n{rest}\n"))
        .collect();
    match Settings::parse("piperoll.toml", &text, &[]) {
        Ok(settings) => settings.owners,
        Err(problems) => panic!("{problems}"),
    }
}

fn project(owners: &Owners, path: &str) -> Option<String> {
    let owner = owners.find(path)?;
    owner.project.map(|project| project.as_str().to_owned())
}

fn fault(table: &str) -> String {
    match Settings::parse("p", &format!("[[owner]]\n{table}"), &[]) {
        Ok(_) => String::new(),
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn a_prefix_ends_at_a_segment_boundary_with_or_without_slash() {
    for prefix in ["secret/app", "secret/app/", "/secret/app"] {
        let owners = owners(&[("prefix", prefix, "project = \"g/app\"")]);
        assert!(owners.find("secret/app/db").is_some(), "{prefix}");
        assert!(owners.find("secret/app").is_some(), "{prefix}");
        assert!(owners.find("secret/app/").is_some(), "{prefix}");
        assert!(owners.find("secret/apple").is_none(), "{prefix}");
        assert!(owners.find("secret").is_none(), "{prefix}");
    }
}

#[test]
fn a_pattern_reads_the_owner_out_of_the_path() {
    let owners = owners(&[("pattern", "secret/ci/{project}/{environment}/", "")]);
    let owner = owners.find("secret/ci/shop/prod/db").unwrap_or_default();
    assert_eq!(owner.environment.as_deref(), Some("prod"));
    let project = owner.project.unwrap_or(ProjectName::Path(String::new()));
    assert!(project.matches("acme/backend/Shop") && !project.matches("acme/shop2"));
    assert_eq!(owners.find("secret/ci/shop"), None);
}

#[test]
fn a_project_path_ends_before_a_known_environment() {
    let owners = owners(&[("pattern", "kv/{project_path}/{environment}", "")]);
    let find = |path| {
        let owner = owners.find(path).unwrap_or_default();
        let project = owner.project.map(|project| project.as_str().to_owned());
        (
            project.unwrap_or_default(),
            owner.environment.unwrap_or_default(),
        )
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(find("kv/g/sub/p/prod/db"), pair("g/sub/p", "prod"));
    assert_eq!(find("kv/g/p/staging"), pair("g/p", "staging"));
    // No known name: the shortest.
    assert_eq!(find("kv/g/p/x/y"), pair("g/p", "x"));
    assert_eq!(owners.find("kv/g/prod"), None);
}

#[test]
fn an_exception_beats_a_pattern_and_a_pattern_beats_what_holds_it() {
    let owners = owners(&[
        ("prefix", "secret/ci/", "shared = true"),
        ("pattern", "secret/ci/{project}/{environment}/", ""),
        ("prefix", "secret/ci/legacy/", "project = \"old/monolith\""),
        ("pattern", "secret/ci/app-{project}/{environment}/", ""),
    ]);
    assert_eq!(
        project(&owners, "secret/ci/shop/prod/db").as_deref(),
        Some("shop")
    );
    assert_eq!(
        project(&owners, "secret/ci/legacy/prod/db").as_deref(),
        Some("old/monolith")
    );
    assert_eq!(
        project(&owners, "secret/ci/app-web/prod/db").as_deref(),
        Some("web")
    );
    assert!(
        owners
            .find("secret/ci/notes")
            .is_some_and(|owner| owner.shared)
    );
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for (table, expected) in [
        ("project = \"a/b\"", "no `prefix` or `pattern`"),
        (
            "prefix = \"a\"\npattern = \"b/{project}\"",
            "both `prefix` and `pattern`",
        ),
        ("prefix = \"a/*\"\nproject = \"p\"", "wildcard"),
        ("prefix = \"a/\"", "no owner"),
        ("pattern = \"a/{projct}\"", "did you mean `project`?"),
        ("pattern = \"a/{project}/{project}\"", "twice"),
        ("pattern = \"a/b\"", "no placeholder"),
        ("pattern = \"a/{project\"", "cannot be read"),
        (
            "pattern = \"a/{service}\"\nservice = \"s\"",
            "declared and in the pattern",
        ),
        ("prefix = 7", "`owner.prefix` is a whole number"),
    ] {
        let fault = fault(table);
        assert!(fault.contains(expected), "{table}: {fault}");
    }
}

/// The project of the longest declared prefix that the path has, segment by segment.
fn naive(prefixes: &[Vec<u8>], path: &[u8]) -> Option<String> {
    let matching = prefixes.iter().filter(|prefix| path.starts_with(prefix));
    matching
        .max_by_key(|prefix| prefix.len())
        .map(|prefix| join(prefix))
}

fn join(segments: &[u8]) -> String {
    let names: Vec<String> = segments
        .iter()
        .map(|n| "x".repeat(usize::from(*n) + 1))
        .collect();
    names.join("/")
}

proptest! {
    #[test]
    fn the_longest_prefix_wins(
        prefixes in prop::collection::btree_set(prop::collection::vec(0u8..3, 1..5), 0..12),
        path in prop::collection::vec(0u8..3, 1..7),
    ) {
        let prefixes: Vec<Vec<u8>> = prefixes.into_iter().collect();
        let tables: Vec<(String, String)> = prefixes
            .iter()
            .map(|prefix| (join(prefix), format!("project = \"{}\"", join(prefix))))
            .collect();
        let tables: Vec<(&str, &str, &str)> =
            tables.iter().map(|(path, rest)| ("prefix", path.as_str(), rest.as_str())).collect();
        prop_assert_eq!(project(&owners(&tables), &join(&path)), naive(&prefixes, &path));
    }

    #[test]
    fn no_pattern_and_no_path_panics(pattern in "[a-z{}/*_]{0,30}", path in "[a-z/]{0,30}") {
        if let Ok(pattern) = Pattern::parse(&pattern) {
            let captures = pattern.captures(&path, &Environments::default());
            if let Some(captures) = captures {
                prop_assert!(pattern.rank(&captures) < pattern.best_rank());
            }
        }
    }
}
