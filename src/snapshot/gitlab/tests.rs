//! Tests of the snapshot formats.

use super::*;
use crate::model::{Framing, Kept, Sample, Verdict};

/// Reads with the one format that recognises the object.
fn read_by_content(path: &str, json: &str) -> (&'static str, Verdict, Vec<String>) {
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    let sample = Sample {
        path,
        value: Some(&value),
        head: json.as_bytes(),
    };
    let fitting: Vec<&&dyn Format> = FORMATS
        .iter()
        .filter(|format| format.recognises(&sample))
        .collect();
    assert_eq!(fitting.len(), 1, "{json}");
    let (verdict, kept) = Kept::of(*fitting[0], path, json);
    let said = kept
        .exports
        .attributes
        .iter()
        .map(|a| format!("{} {} {}={}", a.kind, a.object, a.name, a.value))
        .collect();
    (fitting[0].about().title, verdict, said)
}

fn says(said: &[String], line: &str) {
    assert!(
        said.iter().any(|known| known == line),
        "{line} in {said:#?}"
    );
}

#[test]
fn a_user_carries_its_identities() {
    let json = r#"{"id":2,"username":"ada","name":"Ada","state":"active","email":"ada@fen.example","bot":false,
        "identities":[{"provider":"saml","extern_uid":"00u1"},{"provider":null}],"bio":null}"#;
    let (title, verdict, said) = read_by_content("users.json", json);
    assert_eq!((title, verdict), ("GitLab users", Verdict::Parsed));
    says(&said, "gitlab-user gitlab:user/ada identities.saml=00u1");
    says(&said, "gitlab-user gitlab:user/ada email=ada@fen.example");
    says(&said, "gitlab-user gitlab:user/ada bot=false");
    let bot = r#"{"id":9,"username":"project_42_bot_ab12","name":"b","state":"active"}"#;
    says(
        &read_by_content("u", bot).2,
        "gitlab-user gitlab:user/project_42_bot_ab12 bot=by name",
    );
    // A person may choose such a name.
    let person =
        r#"{"id":9,"username":"service_account_x","name":"b","state":"active","bot":false}"#;
    says(
        &read_by_content("u", person).2,
        "gitlab-user gitlab:user/service_account_x bot=false",
    );
}

#[test]
fn a_project_carries_its_paths() {
    let json = r#"{"id":21,"path_with_namespace":"fen/orders","default_branch":"main","visibility":"private",
        "namespace":{"id":7},"archived":false,"description":null,"web_url":"x","runner_type":null}"#;
    let (_, verdict, said) = read_by_content("projects.json", json);
    assert_eq!(verdict, Verdict::Parsed);
    says(
        &said,
        "gitlab-project gitlab:project/21 path_with_namespace=fen/orders",
    );
    let hook = r#"{"event_name":"project_rename","project_id":21,"path_with_namespace":"fen/orders",
        "old_path_with_namespace":"fen/shop"}"#;
    says(
        &read_by_content("h", hook).2,
        "gitlab-project gitlab:project/21 path_history=fen/shop",
    );
}

#[test]
fn a_variable_never_shows_its_value() {
    let value = "k3JxQ9vTz7LmW2pR";
    let json = format!(
        r#"{{"key":"DB_PASSWORD","value":"{value}","variable_type":"env_var","protected":false,"masked":true,
        "hidden":false,"environment_scope":"prod/*","description":"{value}"}}"#
    );
    let (_, verdict, said) = read_by_content("projects/21/variables.json", &json);
    assert_eq!(verdict, Verdict::Parsed);
    let object = "gitlab-variable gitlab:variable/21/DB_PASSWORD@prod/*";
    for line in [
        "masked=true",
        "protected=false",
        "secret_like=true",
        "pattern=named-literal",
        "project=gitlab:project/21",
    ] {
        says(&said, &format!("{object} {line}"));
    }
    assert!(!said.concat().contains(value));
    let hidden = r#"{"key":"COLOUR","value":null,"variable_type":"env_var"}"#;
    let (_, _, said) = read_by_content("groups/3/variables.json", hidden);
    says(
        &said,
        "gitlab-variable gitlab:variable/group/3/COLOUR secret_like=false",
    );
}

#[test]
fn protection_says_who_may() {
    let branch = r#"{"id":21,"name":"release/*","push_access_levels":[{"access_level":40},{"access_level":null,"user_id":5}],
        "merge_access_levels":null,"allow_force_push":false}"#;
    let (_, _, said) = read_by_content("projects/21/protected_branches.json", branch);
    says(
        &said,
        "protected-branch gitlab:branch/21/release/* push_access_level=40",
    );
    says(
        &said,
        "protected-branch gitlab:branch/21/release/* push_access_level=user:5",
    );
    let environment = r#"{"name":"production","deploy_access_levels":[{"access_level":40}],"required_approval_count":1,
        "approval_rules":[{"group_id":3,"required_approvals":2}]}"#;
    let (_, _, said) = read_by_content("projects/21/protected_environments.json", environment);
    says(
        &said,
        "protected-environment gitlab:environment/21/production approval_rule=group:3=2",
    );
}

#[test]
fn merge_requests_and_members_are_read() {
    let request = r#"{"id":1,"iid":5,"project_id":21,"title":"t","state":"merged","author":{"username":"ada"},
        "merge_user":{"username":"bruno"},"merged_by":null,"source_branch":"x","target_branch":"main","sha":"ab"}"#;
    let (_, _, said) = read_by_content("projects/22/merge_requests.json", request);
    says(
        &said,
        "gitlab-merge-request gitlab:merge-request/21/5 merged_by=gitlab:user/bruno",
    );
    says(
        &said,
        "gitlab-merge-request gitlab:merge-request/21/5 path-contradiction=the path says gitlab:project/22",
    );
    let member = r#"{"id":2,"username":"ada","name":"Ada","state":"active","access_level":40,"expires_at":null}"#;
    let (_, _, said) = read_by_content("projects/21/members/all.json", member);
    says(
        &said,
        "gitlab-member gitlab:user/ada access.gitlab:project/21=40",
    );
}

#[test]
fn what_is_of_no_use_is_skipped_by_name() {
    for (json, what) in [
        (
            r#"{"object_kind":"note","user":{}}"#,
            "GitLab note webhook: not used",
        ),
        (
            r#"{"event_name":"user_destroy","username":"x"}"#,
            "GitLab system hook: not used",
        ),
        (
            r#"{"object_kind":"merge_request","object_attributes":{}}"#,
            "GitLab merge_request webhook: not used",
        ),
    ] {
        let (_, verdict, said) = read_by_content("x.json", json);
        assert_eq!(verdict, Verdict::Skipped(what.into()));
        assert!(said.is_empty());
    }
}

#[test]
fn the_mark_of_an_encoding_is_no_part_of_a_ci_file() {
    let text = "deploy:\n  script: [vault write auth/gitlab/login role=b jwt=$V]\ntest:\n  script: [make]\n";
    let marked = format!("\u{feff}{text}");
    let sample = Sample {
        path: "x",
        value: None,
        head: marked.as_bytes(),
    };
    assert!(CiConfigs.recognises(&sample));
    let said = |text: &str| {
        let (verdict, kept) = Kept::of(&CiConfigs, "projects/21/.gitlab-ci.yml", text);
        assert_eq!(verdict, Verdict::Parsed);
        let attributes = kept.exports.attributes.into_iter();
        attributes
            .map(|a| format!("{} {} {}={}", a.kind, a.object, a.name, a.value))
            .collect::<Vec<_>>()
    };
    assert!(
        said(text).contains(&"ci-job gitlab:ci-job/21/deploy line=1".to_owned()),
        "{:?}",
        said(text)
    );
    assert_eq!(said(&marked), said(text));
}

#[test]
fn a_ci_file_tells_what_each_job_asks_for() {
    let text = "include:\n  - project: g/p\n    file: /a.yml\n    ref: v1\ndeploy:\n  id_tokens:\n    V: { aud: https://vault.example }\n  variables: { VAULT_AUTH_ROLE: deployer }\n  secrets:\n    DB: { vault: a/b/c@ops }\n  retry: { max: 2 }\n  parallel: { matrix: [{ A: b }] }\n  script: [vault write auth/gitlab/login role=b jwt=$V]\n";
    let sample = Sample {
        path: "x",
        value: None,
        head: text.as_bytes(),
    };
    assert!(CiConfigs.recognises(&sample));
    let (verdict, kept) = Kept::of(&CiConfigs, "projects/21/.gitlab-ci.yml", text);
    assert_eq!(verdict, Verdict::Parsed);
    let said: Vec<String> = kept
        .exports
        .attributes
        .iter()
        .map(|a| format!("{} {} {}={}", a.kind, a.object, a.name, a.value))
        .collect();
    says(
        &said,
        "ci-job gitlab:ci-job/21/deploy id_tokens.V.aud=https://vault.example",
    );
    says(
        &said,
        "ci-job gitlab:ci-job/21/deploy vault_auth_role=deployer",
    );
    says(
        &said,
        "ci-job gitlab:ci-job/21/deploy secrets.DB.path=ops/a/b",
    );
    for (name, value) in [
        ("login_role", "gitlab/b"),
        ("vault_logins", "2"),
        ("retry", "2"),
        ("matrix", "true"),
    ] {
        says(
            &said,
            &format!("ci-job gitlab:ci-job/21/deploy {name}={value}"),
        );
    }
    says(
        &said,
        "ci-file gitlab:ci-file/21 include=project g/p file /a.yml ref v1",
    );
    assert!(matches!(
        Kept::of(&CiConfigs, "x", "a: [").0,
        Verdict::Rejected(_)
    ));
}

#[test]
fn a_ci_file_is_known_by_keys_in_quotes_and_by_its_name() {
    for text in [
        "\"stages\": [\"build\"]\n",
        "'build':\n  'script' : [make]\n",
        "\"deploy prod\":\n  \"script\": [make]\n",
        "build:\r\n  script:\r\n    - make\r\n",
    ] {
        let sample = Sample {
            path: "build.yml",
            value: None,
            head: text.as_bytes(),
        };
        assert!(CiConfigs.recognises(&sample), "{text}");
    }
    for path in [
        "a/.gitlab-ci.yml",
        "ci/common.gitlab-ci.yaml",
        "x.gitlab-ci.yml.gz",
    ] {
        assert!(CiConfigs.owns(path), "{path}");
    }
    for path in ["gitlab-ci.yml.j2", "ci.yml"] {
        assert!(!CiConfigs.owns(path), "{path}");
    }
}

#[test]
fn other_yaml_is_no_ci_file() {
    for text in [
        "apiVersion: v1\nkind: Pod\nspec:\n  script: x\n",
        "on: push\njobs:\n  a:\n    steps: []\n",
        "services:\n  db:\n    image: x\n",
        "path \"secret/*\" { capabilities = [\"read\"] }\n",
        "{\"script\": 1}",
    ] {
        let sample = Sample {
            path: ".gitlab-ci.yml",
            value: None,
            head: text.as_bytes(),
        };
        assert!(!CiConfigs.recognises(&sample), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn any_value_in_any_field_gets_a_verdict(
        key in "(id|username|name|key|value|identities|push_access_levels|iid|author|scopes|namespace|path_history)",
        value in r#"(null|1|"x"|\[\]|\[null,\{\},1\]|\{\}|\{"id":\{\}\}|true)"#,
    ) {
        for base in [
            r#""username":"u","name":"n","state":"s""#,
            r#""path_with_namespace":"a/b""#,
            r#""variable_type":"file""#,
            r#""source_branch":"a","target_branch":"b","project_id":1"#,
            r#""name":"n","merge_access_levels":[],"deploy_access_levels":[1]"#,
        ] {
            let json = format!("{{{base},\"{key}\":{value}}}");
            for format in FORMATS.iter().filter(|format| format.about().framing == Framing::Json) {
                let _ = Kept::of(*format, "projects/1/x.json", &json);
            }
        }
    }

    #[test]
    fn any_text_gets_a_verdict(text in ".{0,60}") {
        for format in FORMATS {
            let _ = Kept::of(*format, "x", &text);
        }
    }
}

#[test]
fn approvals_of_the_free_tier_are_named_by_their_path() {
    let json = r#"{"user_has_approved":false,"user_can_approve":true,"approved":true,"approved_by":[{"user":{"id":2,"username":"ada"}}]}"#;
    let path = "gitlab/projects/21/merge_requests/7/approvals.json";
    let (_, verdict, said) = read_by_content(path, json);
    assert_eq!(verdict, Verdict::Parsed);
    let object = "gitlab-merge-request gitlab:merge-request/21/7";
    says(&said, &format!("{object} approved_by=gitlab:user/ada"));
    says(&said, &format!("{object} approvals_exported=true"));
    for path in ["approvals.json", "projects/21/merge_requests.json"] {
        let (_, verdict, _) = read_by_content(path, json);
        assert!(matches!(verdict, Verdict::Rejected(_)), "{path}");
    }
}

#[test]
fn a_value_of_another_type_is_damage_and_not_passed_over() {
    for json in [
        r#"{"id":21,"path_with_namespace":"fen/orders","archived":"no"}"#,
        r#"{"id":21,"path_with_namespace":["fen/orders"]}"#,
        r#"{"id":21,"path_with_namespace":"fen/orders","ci_inbound_job_token_scope_enabled":[false]}"#,
        r#"{"id":21,"path_with_namespace":"fen/orders","default_branch":{"name":"main"}}"#,
        r#"{"id":21,"path_with_namespace":"fen/orders","path_history":{"a":1}}"#,
        r#"{"id":1,"name":"main","push_access_levels":[40],"merge_access_levels":[]}"#,
        r#"{"id":2,"username":"ada","name":"Ada","state":"active","is_admin":1}"#,
    ] {
        let (_, verdict, said) = read_by_content("gitlab/projects/21/a.json", json);
        assert!(matches!(verdict, Verdict::Rejected(_)), "{json}");
        assert!(said.is_empty(), "{said:?}");
    }
}
