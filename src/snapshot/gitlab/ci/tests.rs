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
