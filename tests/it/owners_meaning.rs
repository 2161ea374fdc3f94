//! Inputs of GitLab and Google Cloud say what their owners mean by them: forms that people write,
//! each beside one that looks alike and means something else.

use serde_json::Value;

use crate::lint::{estate, lint};

const ROLE: &str = r#"{"data":{"role_type":"jwt","user_claim":"project_id","bound_audiences":["https://vault.example"],"bound_claims":{"project_id":"7"},"token_policies":["shop"]}}"#;

/// `rule subject: message` of every finding of the files, as of June 2026.
pub fn found(files: &[(&str, &str)]) -> Vec<String> {
    let dir = estate(files);
    let args = ["--format", "json"];
    let (_, out, err) = lint(dir.path(), &args);
    let out: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
    let findings = out["findings"].as_array().unwrap().iter();
    let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    findings
        .map(|one| {
            format!(
                "{} {}: {}",
                text(one, "rule_id"),
                text(one, "subject"),
                text(one, "message")
            )
        })
        .collect()
}

/// The jobs that reach a role from any branch; those that a tag alone starts are suspected, and left
/// out here.
pub fn open_jobs(ci: &str) -> Vec<String> {
    let files = [
        ("gitlab/projects/7/.gitlab-ci.yml", ci),
        ("vault/auth/jwt/role/shop.json", ROLE),
    ];
    let found = found(&files).into_iter();
    let mut jobs: Vec<String> = found
        .filter(|one| !one.contains("(a tag, unless the project protects it)"))
        .filter_map(|one| {
            let (subject, _) = one
                .strip_prefix("GLC-005 gitlab:ci-job/7/")?
                .split_once(": ")?;
            Some(subject.to_owned())
        })
        .collect();
    jobs.sort();
    jobs
}

/// A job for each (name, keys), all of which log in.
pub fn pipeline(jobs: &[(&str, &str)]) -> String {
    let mut text = "variables: { RELEASE: '/^release\\/.*$/', ANY: '/.*/' }\n".to_owned();
    for (name, keys) in jobs {
        text.push_str(&format!(
            "{name}:\n  id_tokens: {{ T: {{ aud: https://vault.example }} }}\n  \
             script: [\"vault write auth/jwt/login role=shop jwt=$T\"]\n  {keys}\n"
        ));
    }
    text
}

#[test]
fn a_branch_that_a_rule_is_made_for_is_protected_only_where_projects_protect_it() {
    let ci = pipeline(&[
        ("a1", r"rules: [{ if: '$CI_COMMIT_BRANCH =~ /^feat/' }]"),
        (
            "a2",
            r"rules: [{ if: '$CI_COMMIT_BRANCH =~ /^[A-Z]+-\d+/' }]",
        ),
        (
            "a3",
            r#"rules: [{ if: '$CI_COMMIT_BRANCH =~ /^(main|renovate\/.*)$/ && $CI_PIPELINE_SOURCE == "push"' }]"#,
        ),
        ("a4", "only: [/^feat.*$/]"),
        ("a5", "only: ['/^bugfix/.+$/i@mill/shop']"),
        (
            "a6",
            "rules: [{ if: '$CI_PIPELINE_SOURCE == \"merge_request_event\" && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == \"main\"' }]",
        ),
        (
            "a7",
            "rules: [{ if: '$CI_PIPELINE_SOURCE == \"push\" && $CI_COMMIT_MESSAGE =~ /deploy/' }]",
        ),
        (
            "a8",
            "rules: [{ if: '$CI_MERGE_REQUEST_TITLE =~ /^Draft:/', when: never }, { if: '$CI_PIPELINE_SOURCE == \"merge_request_event\"' }]",
        ),
        (
            "a9",
            r#"rules: [{ if: '$CI_COMMIT_BRANCH !~ "main" && $CI_PIPELINE_SOURCE == "push"' }]"#,
        ),
        (
            "z0",
            r#"rules: [{ if: '$CI_COMMIT_BRANCH =~ "main" && $CI_PIPELINE_SOURCE == "push"' }]"#,
        ),
        (
            "z1",
            r"rules: [{ if: '$CI_COMMIT_BRANCH =~ /^\d+-\d+-stable$/' }]",
        ),
        (
            "z2",
            r"rules: [{ if: '$CI_COMMIT_BRANCH =~ /^v\d+\.\d+/' }]",
        ),
        ("z3", r"rules: [{ if: '$CI_COMMIT_BRANCH =~ /^env\/.+/' }]"),
        ("z4", "only: ['/^release/.*$/']"),
        (
            "z5",
            "rules: [{ if: '$CI_COMMIT_REF_PROTECTED == \"true\" && $CI_COMMIT_BRANCH =~ /^feat/' }]",
        ),
        (
            "z6",
            "rules: [{ if: '$CI_PIPELINE_SOURCE == \"push\" && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == \"main\"' }]",
        ),
    ]);
    let jobs = open_jobs(&ci);
    let expected: Vec<String> = (1..=9).map(|number| format!("a{number}")).collect();
    assert_eq!(jobs, expected);
}

#[test]
fn a_rule_and_a_matrix_may_change_what_a_job_logs_in_as() {
    let login = "  id_tokens: { T: { aud: x } }\n  secrets: { D: { vault: a/b@secret, token: $T } }\n  script: [x]\n";
    let job = |name: &str, keys: &str| format!("{name}:\n{login}  {keys}\n");
    let shop = "VAULT_AUTH_ROLE: shop";
    let ci = [
        job(
            "a1",
            &format!("rules: [{{ if: $CI_COMMIT_BRANCH, variables: {{ {shop} }} }}]"),
        ),
        job(
            "a2",
            "parallel: { matrix: [{ VAULT_AUTH_ROLE: [other, shop] }] }",
        ),
        job(
            "z1",
            &format!(
                "variables: {{ {shop} }}\n  rules: [{{ if: '$CI_COMMIT_BRANCH == \"main\"' }}, {{ when: always, variables: {{ VAULT_AUTH_ROLE: readonly }} }}]"
            ),
        ),
        job("z2", "parallel: { matrix: [{ VAULT_AUTH_ROLE: [other] }] }"),
    ];
    assert_eq!(open_jobs(&ci.concat()), ["a1", "a2"]);
}

#[test]
fn a_pattern_ends_at_a_slash_that_is_not_escaped() {
    let ci = pipeline(&[
        (
            "z1",
            r"rules: [{ if: '$CI_COMMIT_REF_NAME =~ /^(trunk$|rel\/.*|main$)/' }]",
        ),
        (
            "z2",
            r"rules: [{ if: '$CI_COMMIT_BRANCH =~ /^deploy\/.+|^main$|^hotfix\/.+/' }]",
        ),
        ("z3", r"rules: [{ if: '$CI_COMMIT_BRANCH =~ $RELEASE' }]"),
        (
            "z4",
            r#"rules: [{ if: '$CI_COMMIT_BRANCH =~ "/^release\/.*$/"' }]"#,
        ),
        ("z5", r"rules: [{ if: '$CI_COMMIT_TAG =~ /^v1\/.*$/' }]"),
        ("a1", r"rules: [{ if: '$CI_COMMIT_BRANCH !~ /^rel\/.*$/' }]"),
        (
            "a2",
            r"rules: [{ if: '$CI_COMMIT_BRANCH !~ $RELEASE && $CI_COMMIT_TAG == null' }]",
        ),
        ("a3", r"rules: [{ if: '$CI_COMMIT_BRANCH =~ $ANY' }]"),
        (
            "a4",
            r"rules: [{ if: '$CI_COMMIT_BRANCH =~ /^UNTRUSTED-|^rel\/x/i' }]",
        ),
        (
            "a5",
            r"rules: [[{ if: '$CI_COMMIT_TAG', when: never }], [{ when: on_success }]]",
        ),
        ("a6", "rules: [{ if: '$CI_COMMIT_BRANCH =~ /main/' }]"),
        ("a7", "rules: [{ if: '$CI_COMMIT_REF_NAME =~ /^main/' }]"),
        ("a8", "only: ['/^main|release$/']"),
        ("z6", "rules: [{ if: '$CI_COMMIT_BRANCH =~ /^main$/i' }]"),
        (
            "z7",
            "rules: [{ if: '$CI_COMMIT_BRANCH =~ /main/', when: never }, { if: '$CI_COMMIT_BRANCH == \"main\"' }]",
        ),
    ]);
    assert_eq!(
        open_jobs(&ci),
        ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"]
    );
}

#[test]
fn only_and_except_take_names_and_patterns() {
    let ci = pipeline(&[
        ("z1", r"only: ['/^release\/.*$/i']"),
        ("z2", "only: [main, tags]"),
        ("z3", "except: ['/.*/']"),
        (
            "z4",
            "only: { refs: [branches], variables: ['$CI_COMMIT_BRANCH == \"main\"'] }",
        ),
        (
            "z5",
            "except: { variables: ['$CI_COMMIT_BRANCH !~ /^main$/'] }",
        ),
        ("a1", r"except: ['/^release\/.*$/']"),
        ("a2", "only: ['/^untrusted-.*$/']"),
        ("a3", "only: ['branches@mill/shop']"),
        ("a4", "except: [main, tags]"),
        (
            "a5",
            "only: { variables: ['$CI_COMMIT_BRANCH != \"main\"'] }",
        ),
    ]);
    let open = open_jobs(&ci);
    assert_eq!(open, ["a1", "a2", "a3", "a4", "a5"]);
}

#[test]
fn a_login_by_reference_and_extends_is_seen() {
    let ci = r#"
.where: { variables: { VAULT_AUTH_PATH: jwt, VAULT_AUTH_ROLE: shop } }
.settings: { variables: !reference [.where, variables] }
.job: { extends: [.settings] }
.login-base: { script: ["export VAULT_TOKEN=\"$(vault write -field=token \"auth/jwt/login\" role=\"shop\" jwt=\"$T\")\""] }
.login: { extends: .login-base, image: vault }
.again: { script: [!reference [.login, script]] }
default: { id_tokens: { T: { aud: https://vault.example } } }
by-variables:
  variables: !reference [.job, variables]
  secrets: { P: { vault: a/b/c@kv, token: $T } }
  script: [make]
by-script: { script: [!reference [.again, script], make] }
control: { variables: !reference [.job, image], script: [make] }
"#;
    assert_eq!(open_jobs(ci), ["by-script", "by-variables"]);
}

#[test]
fn a_lasting_token_is_seen_through_quotes_and_one_just_fetched_is_none() {
    let ci = r#"
a1:
  script: ['vault login "$T"']
a2:
  script: ['vault login - <<< "$T"']
a3:
  script: ['echo "$T" | vault login -no-print -']
z1:
  script: ['vault login "$(vault write -field=token auth/jwt/login role=shop jwt=$J)"']
z2:
  script: ['T=$(vault write -field=token auth/jwt/login role=shop jwt=$J)', 'vault login "$T"']
z3:
  secrets: { T: { vault: a/b@kv } }
  script: ['vault login "$T"']
"#;
    let found = found(&[("gitlab/projects/7/.gitlab-ci.yml", ci)]).into_iter();
    let mut jobs: Vec<String> = found
        .filter(|one| one.starts_with("GLC-002 "))
        .filter_map(|one| Some(one.split(": ").next()?.rsplit('/').next()?.to_owned()))
        .collect();
    jobs.sort();
    assert_eq!(jobs, ["a1", "a2", "a3"]);
}

const POLICY: &str = "gcp/projects/acme/iam-policy.json";

fn admin(account: &str, condition: &str) -> String {
    let condition = Value::from(condition);
    format!(
        r#"{{"role":"roles/storage.admin","members":["serviceAccount:{account}@acme.iam.gserviceaccount.com"],"condition":{{"title":"t","expression":{condition}}}}}"#
    )
}

#[test]
fn a_grant_whose_condition_is_over_is_no_finding_and_others_show_theirs() {
    let over = [
        "request.time < timestamp('2020-10-01T00:00:00.000Z')",
        "request.time > timestamp('2027-01-01T00:00:00Z')",
        "request.time < timestamp('2020-10-01T00:00:00Z') && request.time.getHours('UTC') < 9",
        "resource.name.startsWith('projects/_/buckets/logs')",
        "resource.type == 'storage.googleapis.com/Bucket' && resource.name == 'projects/_/buckets/logs'",
    ];
    let held = [
        (
            "request.time < timestamp('2028-01-01T00:00:00Z')",
            "under the condition request.time <",
        ),
        (
            "request.time.getHours('Europe/Berlin') >= 9",
            "a condition that was not evaluated: request",
        ),
        (
            "resource.matchTag('1/env', 'prod')",
            "a condition that was not evaluated: resource",
        ),
        (
            "resource.name.startsWith('projects/_/buckets/')",
            "a condition that was not evaluated",
        ),
        (
            "request.time < timestamp('2020-10-01T00:00:00Z') || true",
            "under the condition",
        ),
        (
            "no expression at all",
            "a condition that was not evaluated: no expression",
        ),
    ];
    let bindings = over.iter().map(|condition| admin("over", condition));
    let bindings: Vec<String> = bindings
        .chain(
            held.iter()
                .zip(0..)
                .map(|((one, _), at)| admin(&format!("held{at}"), one)),
        )
        .collect();
    let policy = format!(
        r#"{{"version":3,"etag":"a","bindings":[{}]}}"#,
        bindings.join(",")
    );
    let found = found(&[(POLICY, &policy)]);
    assert!(!found.iter().any(|one| one.contains("over@")), "{found:#?}");
    for ((condition, words), at) in held.iter().zip(0..) {
        let start = format!("GCP-IAM-002 gcp:sa/held{at}@");
        let seen = found.iter().find(|one| one.starts_with(&start));
        assert!(
            seen.is_some_and(|one| one.contains(words)),
            "{condition}: {found:#?}"
        );
    }
}

#[test]
fn a_flattened_policy_grants_what_it_says_in_json_and_in_yaml() {
    let account = "serviceAccount:app@acme.iam.gserviceaccount.com";
    let json = format!(
        r#"[{{"bindings":{{"members":"{account}","role":"roles/owner"}},"etag":"a","version":1}}]"#
    );
    let yaml =
        format!("---\nbindings:\n  members: {account}\n  role: roles/owner\netag: a\nversion: 1\n");
    let listed = format!(r#"{{"bindings":[{{"members":"{account}","role":"roles/owner"}}]}}"#);
    for (path, text) in [
        (POLICY, &json),
        ("gcp/projects/acme/iam-policy.yaml", &yaml),
        (POLICY, &listed),
    ] {
        let found = found(&[(path, text)]);
        assert!(
            found
                .iter()
                .any(|one| one.starts_with("GCP-IAM-002 gcp:sa/app@")),
            "{text}: {found:#?}"
        );
    }
    let refused = estate(&[(
        POLICY,
        r#"{"etag":"a","version":1,"bindings":{"role":"roles/owner"}}"#,
    )]);
    let (code, out, err) = lint(refused.path(), &[]);
    assert_eq!(code, 3, "{out}{err}");
    assert!(out.contains("names no members"), "{out}{err}");
}

#[test]
fn a_disabled_version_behind_an_alias_is_pinned_all_the_same() {
    let service = |kind: &str, at: &str| {
        let annotation =
            "annotations: { run.googleapis.com/secrets: 'pass:projects/mill-data/secrets/db' }";
        let (outer, inner) = match at {
            "service" => (annotation, "annotations: {}"),
            _ => ("annotations: {}", annotation),
        };
        let spec = "spec: { containers: [{ image: i, env: [{ name: PASS, valueFrom: { secretKeyRef: { name: pass, key: '3' } } }] }] }";
        let (api, template) = match kind {
            "Job" => (
                "run.googleapis.com/v1",
                format!("metadata: {{ {inner} }}\n    spec:\n      template: {{ {spec} }}"),
            ),
            "WorkerPool" => (
                "run.googleapis.com/v1",
                format!("metadata: {{ {inner} }}\n    {spec}"),
            ),
            _ => (
                "serving.knative.dev/v1",
                format!("metadata: {{ {inner} }}\n    {spec}"),
            ),
        };
        format!(
            "apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: shop\n  namespace: '1'\n  {outer}\nspec:\n  template:\n    {template}\n"
        )
    };
    let versions = |state: &str| {
        format!(
            r#"[{{"name":"projects/222/secrets/db/versions/3","state":"{state}","createTime":"2026-09-01T00:00:00Z"}}]"#
        )
    };
    let projects = r#"[{"projectId":"mill-data","projectNumber":"222","lifecycleState":"ACTIVE"}]"#;
    for (kind, at) in [
        ("Service", "template"),
        ("Service", "service"),
        ("Job", "template"),
        ("WorkerPool", "template"),
    ] {
        for (state, expected) in [("DISABLED", 1), ("ENABLED", 0)] {
            let found = found(&[
                ("gcp/projects/mill-prod/run.yaml", &service(kind, at)),
                ("gcp/secret-versions.json", &versions(state)),
                ("gcp/projects.json", projects),
            ]);
            let seen = found.iter().filter(|one| one.starts_with("GCP-RUN-005 "));
            assert_eq!(seen.count(), expected, "{kind} {at} {state}: {found:#?}");
        }
    }
}
