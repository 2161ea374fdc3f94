//! What a pipeline makes of a job: rules of the workflow, conditions that GitLab refuses, predefined
//! variables, and logins in functions and in PowerShell.

use crate::lint::{estate, lint};
use crate::owners_meaning::{found, open_jobs};

#[test]
fn a_workflow_may_change_what_a_job_logs_in_as_and_whether_it_runs() {
    let login = "  id_tokens: { T: { aud: x } }\n  secrets: { D: { vault: a/b@secret, token: $T } }\n  script: [x]\n";
    let job = |name: &str, keys: &str| format!("{name}:\n{login}  {keys}\n");
    let rules = |set: &str| {
        format!(
            "variables: {{ VAULT_AUTH_ROLE: other, OWN: '' }}\nworkflow:\n  rules:\n    - if: '$CI_COMMIT_BRANCH == \"main\"'\n      variables: {{ VAULT_AUTH_ROLE: kept }}\n    - if: '$CI_PIPELINE_SOURCE == \"push\"'\n      variables: {{ {set} }}\n"
        )
    };
    let of = |set: &str| -> Vec<String> {
        let jobs = [
            job("inherits", ""),
            job("own", "variables: { VAULT_AUTH_ROLE: mine }"),
            job("without", "inherit: { variables: false }"),
            job("through", "variables: { VAULT_AUTH_ROLE: $NAME }"),
            job(
                "asks",
                "variables: { VAULT_AUTH_ROLE: shop }\n  rules: [{ if: '$DEPLOY == \"yes\" && $CI_PIPELINE_SOURCE == \"push\"' }]",
            ),
        ];
        open_jobs(&format!("{}{}", rules(set), jobs.concat()))
    };
    assert_eq!(of("VAULT_AUTH_ROLE: shop"), ["inherits"]);
    assert_eq!(of("NAME: shop"), ["through"]);
    assert_eq!(of("DEPLOY: 'yes'"), ["asks"]);
    assert_eq!(of("OTHER: x"), [""; 0]);
    // Only the branch that projects protect gets it.
    let kept = rules("OTHER: x").replace("kept", "shop") + &job("inherits", "");
    assert_eq!(open_jobs(&kept), [""; 0]);
    // What a job sets for itself is no variable of the pipeline.
    let own = format!(
        "workflow: {{ rules: [{{ if: '$RUN == \"yes\" && $CI_PIPELINE_SOURCE == \"push\"' }}] }}\n{}",
        job("a", "variables: { VAULT_AUTH_ROLE: shop, RUN: 'yes' }")
    );
    assert_eq!(open_jobs(&own), [""; 0]);
}

/// A login job with other keys.
fn job(name: &str, keys: &str) -> String {
    format!(
        "{name}:\n  id_tokens: {{ T: {{ aud: https://vault.example }} }}\n  script: [\"vault write auth/jwt/login role=shop jwt=$T\"]\n  {keys}\n"
    )
}

#[test]
fn a_condition_that_gitlab_refuses_is_named_with_its_line() {
    let sound = job("a", "rules: [{ if: '$CI_COMMIT_BRANCH == \"main\"' }]");
    for condition in [
        "$CI_COMMIT_BRANCH == main",
        "$CI_COMMIT_BRANCH == \\\"main\\\" and $X",
        "${CI_COMMIT_BRANCH} =~ /x/",
        "$CI_COMMIT_BRANCH =~ /^(?!main)/",
        "!$X",
        "($X",
    ] {
        for text in [
            format!("{sound}b:\n  script: [x]\n  rules:\n    - if: \"{condition}\"\n"),
            format!("{sound}b:\n  script: [x]\n  only:\n    variables: [\"{condition}\"]\n"),
            format!("workflow: {{ rules: [{{ if: \"{condition}\" }}] }}\n{sound}"),
        ] {
            let dir = estate(&[("gitlab/projects/7/.gitlab-ci.yml", text.as_str())]);
            let (code, out, err) = lint(dir.path(), &[]);
            assert_eq!(code, 3, "{text}\n{out}{err}");
            let at = text
                .lines()
                .position(|line| line.contains(condition))
                .unwrap()
                + 1;
            let place = format!("gitlab/projects/7/.gitlab-ci.yml:{at}");
            assert!(
                out.contains("GitLab refuses the file") && out.contains(&place),
                "{text}\n{out}"
            );
        }
    }
    let dir = estate(&[("gitlab/projects/7/.gitlab-ci.yml", sound.as_str())]);
    assert_eq!(lint(dir.path(), &[]).0, 0);
}

#[test]
fn what_gitlab_sets_for_a_project_is_known_from_its_export() {
    let ci = format!(
        "{}{}{}{}",
        job(
            "here",
            "rules: [{ if: '$CI_PROJECT_PATH == \"mill/shop\"' }]"
        ),
        job(
            "elsewhere",
            "rules: [{ if: '$CI_PROJECT_PATH == \"mill/other\"' }]"
        ),
        job("name", "").replace("role=shop", "role=$CI_PROJECT_NAME"),
        job("number", "").replace("role=shop", "role=ci-${CI_PROJECT_ID}"),
    );
    let role = "{\"data\":{\"role_type\":\"jwt\",\"user_claim\":\"project_id\",\"bound_audiences\":[\"https://vault.example\"],\"bound_claims\":{\"project_id\":\"7\"},\"token_policies\":[\"shop\"]}}";
    let project = "[{\"id\": 7, \"path_with_namespace\": \"mill/shop\", \"default_branch\": \"main\", \"visibility\": \"private\"}]";
    let other = project.replace("mill/shop", "mill/stop");
    let jobs = |exports: &[(&str, &str)]| -> Vec<String> {
        let mut files = vec![
            ("gitlab/projects/7/.gitlab-ci.yml", ci.as_str()),
            ("vault/auth/jwt/role/shop.json", role),
            ("vault/auth/jwt/role/ci-7.json", role),
        ];
        files.extend(exports);
        let found = found(&files).into_iter();
        let jobs = found.filter_map(|one| {
            let (subject, _) = one
                .strip_prefix("GLC-005 gitlab:ci-job/7/")?
                .split_once(": ")?;
            Some(subject.to_owned())
        });
        let mut jobs: Vec<String> = jobs.collect();
        jobs.sort();
        jobs
    };
    let told = [("gitlab/projects.json", project)];
    assert_eq!(jobs(&told), ["here", "name", "number"]);
    // Not known, so that whoever starts a pipeline may set it; nor where two exports differ.
    let unknown = ["elsewhere", "here", "number"];
    assert_eq!(jobs(&[]), unknown);
    let two = [
        ("gitlab/projects.json", project),
        ("old/gitlab/projects.json", other.as_str()),
    ];
    assert_eq!(jobs(&two), unknown);
}

#[test]
fn a_login_in_a_function_or_in_powershell_is_one() {
    let ci = [
        "a1:\n  id_tokens: { T: { aud: https://vault.example } }\n  before_script:\n    - |\n      log_in() {\n        export VAULT_TOKEN=$(vault write -field=token auth/jwt/login role=\"$1\" jwt=\"$T\")\n      }\n  script: [log_in shop]\n",
        "a2:\n  id_tokens: { T: { aud: https://vault.example } }\n  script:\n    - $body = @{ role = \"shop\"; jwt = $env:T } | ConvertTo-Json\n    - $r = Invoke-RestMethod -Method Post -Uri \"$env:VAULT_ADDR/v1/auth/jwt/login\" -Body $body\n",
        "z1:\n  id_tokens: { T: { aud: https://vault.example } }\n  script: ['log_in() { vault write auth/jwt/login role=$1; }', log_in other]\n",
    ];
    assert_eq!(open_jobs(&ci.concat()), ["a1", "a2"]);
}

#[test]
fn an_included_file_is_part_of_the_pipeline_that_includes_it() {
    let main = "gitlab/projects/7/.gitlab-ci.yml";
    let part = "gitlab/projects/7/ci/d.yml";
    let include = "include:\n  - local: /ci/d.yml\n";
    let login = "  id_tokens: { T: { aud: https://vault.example } }\n  script: [\"vault write auth/jwt/login role=shop jwt=$T\"]\n";
    let secrets = "  id_tokens: { T: { aud: x } }\n  secrets: { D: { vault: a/b@secret, token: $T } }\n  script: [x]\n";
    let reaches = |main_text: &str, part_text: &str, more: &[(&str, &str)]| {
        let role = "{\"data\":{\"role_type\":\"jwt\",\"user_claim\":\"project_id\",\"bound_audiences\":[\"https://vault.example\"],\"bound_claims\":{\"project_id\":\"7\"},\"token_policies\":[\"shop\"]}}";
        let mut files = vec![
            (main, main_text),
            (part, part_text),
            ("vault/auth/jwt/role/shop.json", role),
        ];
        files.extend(more);
        let found = found(&files);
        found
            .iter()
            .any(|one| one.starts_with("GLC-005 gitlab:ci-job/7/d:"))
    };
    let job = format!("d:\n{login}");
    let protected = "workflow: { rules: [{ if: '$CI_COMMIT_REF_PROTECTED == \"true\"' }] }\n";
    assert!(reaches(include, &job, &[]));
    assert!(!reaches(&format!("{protected}{include}"), &job, &[]));
    let rules = format!("{include}d:\n  rules: [{{ if: '$CI_COMMIT_BRANCH == \"main\"' }}]\n");
    assert!(!reaches(&rules, &job, &[]));
    let variables = format!("variables: {{ VAULT_AUTH_ROLE: shop }}\n{include}");
    assert!(reaches(&variables, &format!("d:\n{secrets}"), &[]));
    let given = "include:\n  - local: /ci/d.yml\n    inputs: { role: shop }\n";
    let asks = format!(
        "spec: {{ inputs: {{ role: {{}} }} }}\n---\n{}",
        job.replace("role=shop", "role=$[[ inputs.role ]]")
    );
    assert!(reaches(given, &asks, &[]));
    assert!(!reaches(include, &asks, &[]));
    // Who adds a file beside it that GitLab never starts from hides nothing.
    let beside = format!("{protected}include: [/.gitlab-ci.yml, /ci/d.yml]\n");
    for name in [
        "gitlab/projects/7/zz.yml",
        "gitlab/projects/7/x/.gitlab-ci.yml",
        "gitlab/projects/7/a.gitlab-ci.yml",
    ] {
        assert!(reaches(include, &job, &[(name, beside.as_str())]), "{name}");
    }
}

#[test]
fn a_login_without_a_role_takes_the_default_of_its_mount() {
    let settings = "{\"data\":{\"default_role\":\"shop\",\"oidc_discovery_url\":\"https://gitlab.example\",\"bound_issuer\":\"https://gitlab.example\"}}";
    let role = "{\"data\":{\"role_type\":\"jwt\",\"user_claim\":\"project_id\",\"bound_audiences\":[\"https://vault.example\"],\"bound_claims\":{\"project_id\":\"7\"},\"token_policies\":[\"shop\"]}}";
    let of = |body: &str, settings: &str| {
        let ci = format!("d:\n  id_tokens: {{ T: {{ aud: https://vault.example }} }}\n  {body}\n");
        let files = [
            ("gitlab/projects/7/.gitlab-ci.yml", ci.as_str()),
            ("vault/auth/jwt/role/shop.json", role),
            ("vault/auth/jwt/config.json", settings),
        ];
        found(&files).iter().any(|one| one.starts_with("GLC-005 "))
    };
    let command = "script: [\"vault write auth/jwt/login jwt=$T\"]";
    let secrets = "secrets: { D: { vault: a/b@secret, token: $T } }\n  script: [x]";
    let set_up = format!("variables: {{ VAULT_SERVER_URL: https://v }}\n  {secrets}");
    assert!(of(command, settings) && of(&set_up, settings));
    // Where the file says nothing of Vault, the project's variables do.
    assert!(!of(secrets, settings));
    assert!(!of(command, &settings.replace("shop", "")));
    assert!(!of(
        &command.replace("jwt=$T", "role=other jwt=$T"),
        settings
    ));
}
