//! Tests of the CI language.

use super::node::ParseError;
use super::*;

fn parse(text: &str) -> CiFile {
    CiFile::parse(text).unwrap()
}

const FILE: &str = r#"
spec:
  inputs: {}
---
stages: [build, deploy]
default:
  id_tokens:
    VAULT_ID_TOKEN: { aud: "$VAULT_ADDR_AUD" }
variables:
  VAULT_ADDR_AUD: https://vault.example
  VAULT_AUTH_ROLE: reader
.shared: &shared
  variables: { VAULT_AUTH_ROLE: deployer, EXTRA: "1" }
.script:
  script:
    - echo one
    - echo two
.deploy:
  environment: { name: production }
  variables: { VAULT_AUTH_PATH: gitlab }
build:
  script: [make]
  variables: { VAULT_AUTH_ROLE: first, VAULT_AUTH_ROLE: second }
deploy:
  <<: *shared
  extends: [.deploy, .elsewhere]
  stage: deploy
  id_tokens:
    GCP: { aud: [a, "b-${EXTRA}"] }
  secrets:
    DB: { vault: production/db/password@ops, token: $VAULT_ID_TOKEN }
    LONG:
      vault: { engine: { name: kv-v2, path: kv }, path: a/b, field: c }
    SM:
      gcp_secret_manager: { name: my-secret, version: 5 }
  script:
    - !reference [.script, script]
    - !reference [.missing, script]
    - deploy
"#;

#[test]
fn a_job_has_what_default_extends_anchors_and_references_give_it() {
    let file = parse(FILE);
    let names: Vec<&str> = file.jobs.iter().map(|job| job.name.as_str()).collect();
    assert_eq!(names, ["build", "deploy"]);
    let build = &file.jobs[0];
    assert_eq!(build.id_tokens["VAULT_ID_TOKEN"], ["https://vault.example"]);
    assert_eq!(build.variable("VAULT_AUTH_ROLE").as_deref(), Some("second"));
    assert_eq!(FILE.lines().nth(build.line - 1), Some("build:"));

    let deploy = &file.jobs[1];
    assert_eq!(deploy.environment, "production");
    assert_eq!(deploy.variables["VAULT_AUTH_ROLE"], "deployer");
    assert_eq!(deploy.variables["VAULT_AUTH_PATH"], "gitlab");
    assert_eq!(deploy.id_tokens["GCP"], ["a", "b-1"]);
    assert!(!deploy.id_tokens.contains_key("VAULT_ID_TOKEN"));
    assert_eq!(deploy.commands(), ["echo one", "echo two", "deploy"]);
    let missing: Vec<&str> = deploy.unresolved.iter().map(String::as_str).collect();
    assert_eq!(
        missing,
        ["!reference .missing.script", "extends .elsewhere"]
    );
}

#[test]
fn secrets_are_read_in_short_and_long_form() {
    let file = parse(FILE);
    let secrets = &file.jobs[1].secrets;
    assert_eq!(
        (secrets["DB"].path.as_str(), secrets["DB"].field.as_str()),
        ("ops/production/db", "password")
    );
    assert_eq!(secrets["DB"].token, "$VAULT_ID_TOKEN");
    assert_eq!(
        (
            secrets["LONG"].path.as_str(),
            secrets["LONG"].field.as_str()
        ),
        ("kv/a/b", "c")
    );
    assert_eq!(
        (secrets["SM"].provider.as_str(), secrets["SM"].path.as_str()),
        ("gcp_secret_manager", "my-secret")
    );
}

#[test]
fn inherit_keeps_defaults_and_variables_out() {
    let file = parse(
        "default: { image: x, tags: [t] }\nvariables: { A: 1, B: 2 }\n\
         j: { script: [a], inherit: { default: [tags], variables: false } }\n",
    );
    let job = &file.jobs[0];
    assert!(job.body.get("image").is_none() && job.body.get("tags").is_some());
    assert!(job.variables.is_empty());
}

#[test]
fn circles_end_and_are_reported() {
    for text in [
        "a: { extends: b, script: [x] }\nb: { extends: a, script: [y] }\n",
        "a: { script: !reference [a, script] }\n",
        "a: { extends: a, script: [x] }\n",
    ] {
        let file = parse(text);
        assert!(!file.jobs[0].unresolved.is_empty(), "{text}");
    }
    let mut wide = String::from("j0: { script: [x] }\n");
    for level in 1..40 {
        let below = level - 1;
        wide.push_str(&format!(
            "j{level}: {{ script: [!reference [j{below}, script], !reference [j{below}, script]] }}\n"
        ));
    }
    assert_eq!(parse(&wide).jobs.len(), 40);
}

fn job<'f>(file: &'f CiFile, name: &str) -> &'f Job {
    file.jobs.iter().find(|job| job.name == name).unwrap()
}

#[test]
fn a_reference_sees_what_the_named_job_extends() {
    let file = parse(
        r#"
.where: { variables: { VAULT_AUTH_ROLE: orders } }
.settings: { variables: !reference [.where, variables] }
.base: { extends: .settings }
.other: { variables: { OTHER: "1" } }
.both: { extends: [.other, .base] }
.login-base: { script: [log in, !reference [.prepare, script]] }
.prepare: { before_script: [never], script: [prepare] }
.login: { extends: .login-base, image: i }
.login-again: { script: [!reference [.login, script]] }
whole: { variables: !reference [.base, variables], script: [make] }
one: { variables: { R: !reference [.base, variables, VAULT_AUTH_ROLE] }, script: [make] }
array: { variables: !reference [.both, variables], script: [make] }
three: { script: [!reference [.login-again, script], make] }
"#,
    );
    assert_eq!(job(&file, "whole").variables["VAULT_AUTH_ROLE"], "orders");
    assert_eq!(job(&file, "one").variables["R"], "orders");
    // The last of what is extended wins as a whole where it is a reference.
    assert_eq!(job(&file, "array").variables["VAULT_AUTH_ROLE"], "orders");
    assert_eq!(
        job(&file, "three").commands(),
        ["log in", "prepare", "make"]
    );
    for job in &file.jobs {
        assert!(
            job.unresolved.is_empty(),
            "{} {:?}",
            job.name,
            job.unresolved
        );
    }
}

#[test]
fn what_a_referenced_job_lacks_is_named() {
    let file = parse(
        "\
.part: { extends: .elsewhere, variables: { A: 1 } }
.empty: { image: i }
own: { variables: !reference [.part, variables], script: [x] }
none: { variables: !reference [.empty, variables], script: [x] }
before: { script: [!reference [.empty, before_script]] }
circle: { variables: !reference [circle, variables], script: [x] }
",
    );
    let unresolved =
        |name: &str| -> Vec<String> { job(&file, name).unresolved.iter().cloned().collect() };
    assert_eq!(job(&file, "own").variables["A"], "1");
    assert_eq!(unresolved("own"), ["extends .elsewhere"]);
    assert_eq!(unresolved("none"), ["!reference .empty.variables"]);
    assert_eq!(unresolved("before"), ["!reference .empty.before_script"]);
    assert_eq!(unresolved("circle"), ["!reference circle.variables"]);
}

#[test]
fn defaults_reach_what_is_unset_and_a_name_at_the_top_is_a_job() {
    let file = parse(
        "\
.d: { image: from-default, hooks: { pre_get_sources_script: [export A] } }
default: { image: !reference [.d, image], hooks: { pre_get_sources_script: !reference [.d, hooks, pre_get_sources_script] } }
variables: !reference [.v, variables]
.v: { variables: { ROLE: app } }
.t: { image: template }
plain: { script: [x] }
nulled: { extends: .t, image: null, script: [x] }
own: { image: own, script: [x] }
tags: { script: [spec] }
spec: { script: [rspec] }
hooks: { script: [x] }
",
    );
    let image = |name: &str| {
        job(&file, name)
            .body
            .get("image")
            .and_then(Node::text)
            .map(str::to_owned)
    };
    assert_eq!(image("plain").as_deref(), Some("from-default"));
    assert_eq!(image("nulled").as_deref(), Some("from-default"));
    assert_eq!(image("own").as_deref(), Some("own"));
    assert_eq!(job(&file, "plain").commands(), ["export A", "x"]);
    assert_eq!(job(&file, "plain").variables["ROLE"], "app");
    assert!(job(&file, "plain").body.get("tags").is_none());
    assert_eq!(job(&file, "spec").commands(), ["export A", "rspec"]);
    assert_eq!(file.jobs.len(), 6);
}

#[test]
fn numbers_of_any_length_are_read() {
    let file = parse(
        "j: { variables: { A: 99999999999999999999, B: -99999999999999999999, C: 18446744073709551616 }, script: [x] }\n",
    );
    let variables = &file.jobs[0].variables;
    assert_eq!(variables["A"], "99999999999999999999");
    assert_eq!(variables["B"], "-99999999999999999999");
    assert_eq!(variables["C"], "18446744073709551616");
}

#[test]
fn the_headers_inputs_are_filled_in_and_others_are_named() {
    let file = parse(
        r#"
spec:
  inputs:
    role: { default: orders }
    stage: { default: production-eu, type: string }
    steps: { default: [one, two], type: array }
    mount:
---
"$[[ inputs.stage | truncate(0, 4) ]]-login":
  environment: $[[ inputs.stage ]]
  variables: { VAULT_AUTH_ROLE: "$[[inputs.role]]", PATH: "a/$[[ inputs.role ]]/b" }
  script: $[[ inputs.steps ]]
open:
  variables: { VAULT_AUTH_PATH: "$[[ inputs.mount ]]" }
  script: [x]
own:
  inputs: { role: { default: app } }
  script: ["log in as ${{ job.inputs.role }}"]
"#,
    );
    let first = job(&file, "prod-login");
    assert_eq!(first.variables["VAULT_AUTH_ROLE"], "orders");
    assert_eq!(first.variables["PATH"], "a/orders/b");
    assert_eq!(first.environment, "production-eu");
    assert_eq!(first.commands(), ["one", "two"]);
    assert!(first.unresolved.is_empty());
    let open: Vec<&String> = job(&file, "open").unresolved.iter().collect();
    assert_eq!(open, ["inputs.mount"]);
    assert_eq!(job(&file, "own").commands(), ["log in as app"]);
}

#[test]
fn wide_templates_end_and_are_reported() {
    let wide: String = (0..2_000).map(|key| format!("    k{key}: v\n")).collect();
    let mut text = format!(".t:\n  variables:\n{wide}");
    for number in 0..1_000 {
        text.push_str(&format!("j{number}: {{ extends: .t, script: [x] }}\n"));
    }
    let file = parse(&text);
    assert_eq!(file.jobs.len(), 1_000);
    assert!(file.jobs[0].unresolved.is_empty());
    assert!(!file.jobs[999].unresolved.is_empty());
}

#[test]
fn broken_files_are_errors_with_a_line() {
    let error = CiFile::parse("a: [1\nb: {").err();
    assert!(
        matches!(error, Some(ParseError::Yaml { line: Some(_) })),
        "{error:?}"
    );
    assert_eq!(CiFile::parse("- a\n").err(), Some(ParseError::NoMapping));
    assert_eq!(CiFile::parse("").err(), Some(ParseError::NoMapping));
}

proptest::proptest! {
    #[test]
    fn any_text_is_parsed_or_refused(text in "[a-c.:\\-&*<!{}\\[\\] \n\"']{0,60}") {
        let _ = CiFile::parse(&text);
    }
}

#[test]
fn brackets_without_an_end_are_refused_at_once() {
    for open in ["[", "{"] {
        let text = format!("job: {}", open.repeat(1_000_000));
        assert!(CiFile::parse(&text).is_err());
    }
}
