//! What fills a pattern, and what does not.

use std::collections::BTreeMap;

use super::over;
use crate::assess::example::with_configuration;

/// The places of a configuration and some files: path and what names the owner.
fn places(config: &str, files: &[(&str, &str)]) -> BTreeMap<String, String> {
    let (rule, example) = over("VLT-POL-005", config, files);
    with_configuration(&rule, &example, |input, _| {
        let all = input.places().all().iter();
        all.map(|(path, place)| (path.clone(), place.derived.clone()))
            .collect()
    })
    .unwrap()
}

fn paths(config: &str, files: &[(&str, &str)]) -> Vec<String> {
    places(config, files).into_keys().collect()
}

fn pattern(text: &str) -> String {
    format!("[[owner]]\npattern = \"{text}\"\n")
}

fn policy(path: &str) -> String {
    format!("path \"{path}\" {{ capabilities = [\"read\"] }}\n")
}

const PROJECTS: (&str, &str) = (
    "projects.json",
    r#"[{"id": 7, "path_with_namespace": "fen/pay", "default_branch": "main"},
        {"id": 8, "path_with_namespace": "fen/team/shop", "default_branch": "main"}]"#,
);
const ENVIRONMENTS: (&str, &str) = (
    "projects/7/protected_environments.json",
    r#"[{"name": "prod", "deploy_access_levels": [{"access_level": 40}]},
        {"name": "review/x", "deploy_access_levels": [{"access_level": 40}]}]"#,
);

#[test]
fn whole_literal_segments_of_a_policy_name_owners() {
    let owners = pattern("secret/{project}/{environment}/");
    for (path, named) in [
        ("secret/data/pay/prod/*", vec!["secret/pay/prod"]),
        ("secret/metadata/pay/prod/x", vec!["secret/pay/prod"]),
        ("secret/pay/prod/x", vec!["secret/pay/prod"]),
        ("+/data/pay/prod/x", vec!["secret/pay/prod"]),
        ("secret/data/pay/*", vec!["secret/pay/piperoll-canary"]),
        ("secret/data/pay*", vec![]),
        ("secret/data/pay", vec![]),
        ("secret/data/*", vec![]),
        ("secret/data/+/prod/*", vec![]),
        ("secret/+/pay/prod/*", vec![]),
        ("secret/data/{{identity.entity.name}}/prod/*", vec![]),
        ("other/data/pay/prod/*", vec![]),
        ("sys/policies/acl/pay", vec![]),
    ] {
        let files = [("policies/a.hcl", policy(path))];
        let files: Vec<_> = files.iter().map(|(p, t)| (*p, t.as_str())).collect();
        assert_eq!(paths(&owners, &files), named, "{path}");
    }
}

#[test]
fn a_listed_mount_tells_what_is_an_endpoint() {
    let owners = pattern("team/kv/{project}/");
    let list = |version: &str| {
        format!(
            r#"{{"request_id": "r", "data": {{"team/kv/": {{"type": "kv", "options": {{"version": "{version}"}}, "accessor": "kv_1"}}}}}}"#
        )
    };
    let text = policy("team/kv/data/pay/x");
    let with = |version| {
        let list = list(version);
        paths(
            &owners,
            &[("secrets-list.json", &list), ("policies/a.hcl", &text)],
        )
    };
    assert_eq!(with("2"), ["team/kv/pay"]);
    assert_eq!(with("1"), ["team/kv/data"]);
}

#[test]
fn exports_fill_what_policies_leave_open() {
    let owners = pattern("secret/{project}/{environment}/");
    let text = policy("secret/data/+/dev/*");
    let found = places(
        &owners,
        &[PROJECTS, ENVIRONMENTS, ("policies/all.hcl", &text)],
    );
    let named: Vec<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(
        named,
        ["secret/pay/dev", "secret/pay/prod", "secret/shop/dev"]
    );
    assert_eq!(
        found["secret/shop/dev"],
        "`secret/{project}/{environment}/`, named by vault:policy/all and named by gitlab:project/8"
    );
    assert!(found["secret/pay/prod"].contains("gitlab:environment/7/prod"));
}

#[test]
fn a_whole_project_path_is_taken_from_who_has_it() {
    let owners = pattern("secret/{project_path}/");
    let text = policy("secret/data/fen/team/*");
    let found = paths(&owners, &[PROJECTS, ("policies/a.hcl", &text)]);
    assert_eq!(found, ["secret/fen/pay", "secret/fen/team/shop"]);
}

#[test]
fn what_nothing_names_together_is_not_put_together() {
    let owners = pattern("secret/{project}/{service}/");
    assert!(paths(&owners, &[PROJECTS]).is_empty());
    let text = policy("secret/data/pay/api/*");
    let found = paths(&owners, &[PROJECTS, ("policies/a.hcl", &text)]);
    assert_eq!(found, ["secret/pay/api"]);
}

#[test]
fn a_longer_match_owns_the_place() {
    let owners = pattern("secret/{project}/") + "[[owner]]\nprefix = \"secret/pay\"\nshared = true";
    assert_eq!(paths(&owners, &[PROJECTS]), ["secret/shop"]);
    assert!(paths("", &[PROJECTS]).is_empty());
}

#[test]
fn a_policy_of_a_namespace_names_owners_there() {
    let owners = pattern("team/secret/{project}/");
    let answer = r#"{"request_id": "r", "data": {"name": "a", "policy": "path \"secret/data/pay/*\" { capabilities = [\"read\"] }"}}"#;
    let inside = [("v1/team/sys/policies/acl/a.json", answer)];
    assert_eq!(paths(&owners, &inside), ["team/secret/pay"]);
    assert!(paths(&pattern("secret/{project}/"), &inside).is_empty());
}
