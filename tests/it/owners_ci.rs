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

/// Why GLC-005 did not judge everything, and the jobs that it found.
fn reach(files: &[(&str, &str)]) -> (String, Vec<String>) {
    const ROLE: &str = "{\"data\":{\"role_type\":\"jwt\",\"user_claim\":\"project_id\",\"bound_audiences\":[\"https://vault.example\"],\"bound_claims\":{\"project_id\":\"7\"},\"token_policies\":[\"shop\"]}}";
    let mut all = vec![("vault/auth/jwt/role/shop.json", ROLE)];
    all.extend(files);
    let dir = estate(&all);
    let (_, out, _) = lint(dir.path(), &["--verbose", "--select", "GLC-005"]);
    let told = out.lines().find(|line| line.contains("in part GLC-005"));
    let told = told.map(|line| line.trim().to_owned()).unwrap_or_default();
    let mut jobs: Vec<String> = found(&all)
        .iter()
        .filter_map(|one| {
            one.strip_prefix("GLC-005 gitlab:ci-job/7/")?
                .split_once(": ")
        })
        .map(|(job, _)| job.to_owned())
        .collect();
    jobs.sort();
    (told, jobs)
}

const MAIN: &str = "gitlab/projects/7/.gitlab-ci.yml";

#[test]
fn jobs_and_logins_that_nobody_read_keep_a_rule_from_passing_whole() {
    let sound = job(
        "s",
        "rules: [{ if: '$CI_COMMIT_REF_PROTECTED == \"true\"' }]",
    );
    let token = "d:\n  id_tokens: { T: { aud: https://vault.example } }\n  script:";
    for (more, says) in [
        (
            "include: { component: $CI_SERVER_FQDN/mill/login@1.2 }\n".to_owned(),
            "mill/login@1.2",
        ),
        (
            "include: https://x.example/a.yml\n".to_owned(),
            "https://x.example/a.yml",
        ),
        (
            "include: [{ project: mill/x, file: /a.yml }]\n".to_owned(),
            "mill/x",
        ),
        (
            "include: { template: Jobs/SAST.gitlab-ci.yml }\n".to_owned(),
            "SAST",
        ),
        ("include: ci/none.yml\n".to_owned(), "ci/none.yml"),
        (
            "t: { trigger: { include: [{ artifact: g.yml, job: s }] } }\n".to_owned(),
            "g.yml",
        ),
        (
            "t: { trigger: { include: ci/none.yml } }\n".to_owned(),
            "ci/none.yml",
        ),
        (format!("{token} [./deploy.sh]\n"), "shows no login"),
        (
            format!("{token} [vault write auth/jwt/login role=$R jwt=$T]\n"),
            "its role is `$R`",
        ),
        (
            format!("{token} [vault write auth/jwt/login role=x jwt=$T]\n"),
            "was not exported",
        ),
    ] {
        let (told, jobs) = reach(&[(MAIN, &format!("{more}{sound}"))]);
        assert!(
            told.contains(says) && jobs.is_empty(),
            "{more}\n{told} {jobs:?}"
        );
    }
    let other = "d:\n  id_tokens: { T: { aud: https://iam.example } }\n  script: [./x.sh]\n";
    for whole in [
        sound.clone(),
        format!("{other}{sound}"),
        format!("t: {{ trigger: mill/other }}\n{sound}"),
    ] {
        let (told, jobs) = reach(&[(MAIN, &whole)]);
        assert!(
            told.is_empty() && jobs.is_empty(),
            "{whole}\n{told} {jobs:?}"
        );
    }
}

#[test]
fn a_file_is_part_of_the_pipelines_that_its_include_has_rules_for() {
    let part = job("d", "");
    let of = |rules: &str| {
        let main = format!("include:\n  - local: ci/d.yml\n    rules: [{{ {rules} }}]\n");
        reach(&[(MAIN, &main), ("gitlab/projects/7/ci/d.yml", &part)]).1
    };
    assert!(of("if: '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH'").is_empty());
    assert!(of("if: '$CI_COMMIT_REF_PROTECTED == \"true\"'").is_empty());
    assert_eq!(of("if: $CI_COMMIT_BRANCH"), ["d"]);
    assert_eq!(of("exists: [Dockerfile]"), ["d"]);
}

#[test]
fn who_pushes_a_tag_that_nobody_protects_starts_its_jobs() {
    let tags = "gitlab/projects/7/protected_tags.json";
    let list = |name: &str, level: u8| {
        format!(
            "[{{\"name\": \"{name}\", \"create_access_levels\": [{{\"access_level\": {level}}}]}}]"
        )
    };
    for keys in [
        "rules: [{ if: $CI_COMMIT_TAG }]",
        "rules: [{ if: '$CI_COMMIT_TAG =~ /^v\\d+/' }]",
        "only: [tags]",
    ] {
        let ci = job("d", keys);
        // Not known, and so suspected.
        assert_eq!(reach(&[(MAIN, &ci)]).1, ["d"]);
        for (name, level, open) in [
            ("*", 40, false),
            ("*", 0, false),
            ("*", 30, true),
            ("x-*", 40, true),
        ] {
            let export = list(name, level);
            let (told, jobs) = reach(&[(MAIN, &ci), (tags, &export)]);
            assert_eq!(!jobs.is_empty(), open, "{keys} {name} {level}");
            assert!(told.is_empty(), "{told}");
        }
    }
    let versions = job("d", "rules: [{ if: '$CI_COMMIT_TAG =~ /^v\\d+$/' }]");
    let covered = list("v*", 40);
    assert!(reach(&[(MAIN, &versions), (tags, &covered)]).1.is_empty());
    let never = job(
        "d",
        "rules: [{ if: $CI_COMMIT_TAG, when: never }, { if: '$CI_COMMIT_BRANCH == \"main\"' }]",
    );
    assert!(reach(&[(MAIN, &never)]).1.is_empty());
}
