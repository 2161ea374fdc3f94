//! What the author of a merge request may write so that the gate passes over a policy that opens
//! everything: each is a finding, or the file is named as one that could not be judged.

use crate::lint::{estate, lint};

const OPEN: &str = "path \"*\" { capabilities = [\"sudo\", \"read\"] }\n";

/// What `lint` says of one file beside a sound policy: its exit code and its text.
fn judged(name: &str, text: &str) -> (i32, String) {
    let sound = "path \"secret/data/a\" {\n  capabilities = [\"read\"]\n}\n";
    let dir = estate(&[(name, text), ("policies/sound.hcl", sound)]);
    let (code, out, err) = lint(dir.path(), &[]);
    (code, format!("{out}{err}"))
}

#[test]
fn a_placeholder_hides_nothing_of_a_policy() {
    let read = "{ capabilities = [\"read\"] }\n";
    let texts = [
        format!("path \"secret/${{x}}\" {read}{OPEN}"),
        format!("path \"secret/{{{{ .Tenant }}}}\" {read}{OPEN}"),
        format!("{OPEN}path \"a\" {{ capabilities = [\"${{what}}\"] }}\n"),
        format!("name = \"${{x}}\"\n{OPEN}"),
        format!("${{x}}\n{OPEN}"),
        format!("%{{ if x }}\n{OPEN}%{{ endif }}\n"),
        "# ${x}\npath = { \"*\" = { capabilities = [\"sudo\"] } }\n".to_owned(),
    ];
    for text in texts {
        let (code, said) = judged("policies/a.hcl", &text);
        assert_ne!(code, 0, "{text}\n{said}");
        let (code, said) = judged(
            "sys/policies/acl/a.json",
            &serde_json::json!({"data": {"name": "a", "policy": text}}).to_string(),
        );
        assert_ne!(code, 0, "{text}\n{said}");
    }
}

#[test]
fn what_a_placeholder_stands_for_is_said_to_be_unknown() {
    let text = "path \"secret/data/${team}\" { capabilities = [\"read\"] }\n";
    let (code, said) = judged("policies/a.hcl", text);
    assert_eq!(code, 0, "{said}");
    let note = "policies/a.hcl: policy `a`: its placeholders were taken for text";
    assert!(said.contains(note), "{said}");
    // A template by name and by text is what no server reads as it is.
    let (code, said) = judged("policies/a.hcl.tpl", &format!("{text}%{{ if x }}\n"));
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("a template: what the server would read"),
        "{said}"
    );
}

#[test]
fn the_form_of_a_policy_hides_nothing_of_it() {
    let utf_8 = |text: &str| ("policies/a.hcl", text.to_owned());
    let json = |text: &str| ("policies/a.json", text.to_owned());
    let rule = "{ capabilities = [\"sudo\"] }\n";
    for (name, text) in [
        utf_8(&format!("\u{feff}{OPEN}")),
        utf_8(&OPEN.replace(' ', "\r\n")),
        utf_8(&format!("\0{OPEN}")),
        utf_8(&format!("\u{a0}{OPEN}")),
        utf_8(&format!("/* x */ path /* y */ \"*\" /* {{ */ {rule}")),
        utf_8(&format!("path <<EOT\n*\nEOT\n {rule}")),
        utf_8("path \"*\" { capabilities = [<<EOT\nsudo\nEOT\n] }\n"),
        utf_8("path \"\\u002a\" { capabilities = [\"\\u0073udo\"] }\n"),
        utf_8(&format!("path \"/*\" {rule}")),
        utf_8(&format!("path \"+/*\" {rule}")),
        utf_8("path \"*\" { policy = \"sudo\" }\n"),
        utf_8("path \"*\" { capabilities = \"sudo\" }\n"),
        utf_8(&format!("path \"*\" = {rule}")),
        utf_8(&format!("\"path\" \"*\" {rule}")),
        utf_8(&format!("PATH \"*\" {rule}")),
        utf_8("{\"path\":{\"*\":{\"capabilities\":[\"sudo\"]}}}"),
        json(
            "{\"path\":{\"secret/a\":{\"capabilities\":[\"read\"]}},\"path\":{\"*\":{\"capabilities\":[\"sudo\"]}}}",
        ),
        json(
            "{\"path\":{\"*\":{\"capabilities\":[\"sudo\"]}},\"path\":{\"secret/a\":{\"capabilities\":[\"read\"]}}}",
        ),
        json("{\"path\":{\"*\":{\"capabilities\":[\"sudo\"],}},}"),
        json("{\"p\\u0061th\":{\"*\":{\"capabilities\":[\"sudo\"]}}}"),
        json("// x\n{\"path\":{\"*\":{\"capabilities\":[\"sudo\"]}}}"),
        json(OPEN),
        ("policies/a.HCL", OPEN.to_owned()),
        ("policies/a.hcl.bak", OPEN.to_owned()),
        ("policies/a", OPEN.to_owned()),
        (".hidden/a.txt", OPEN.to_owned()),
    ] {
        let (code, said) = judged(name, &text);
        assert_ne!(code, 0, "{name} {text:?}\n{said}");
    }
}

#[test]
fn what_grants_policies_and_is_not_read_is_told() {
    for (text, shown) in [
        (
            "resource \"vault_identity_group\" \"g\" {\n  name = \"g\"\n  policies = [\"root\"]\n}\n",
            "main.tf:1: terraform:vault_identity_group.g: what it grants by `policies`",
        ),
        (
            "resource \"vault_approle_auth_backend_role\" \"g\" {\n  role_name = \"g\"\n  token_policies = [\"root\"]\n}\n",
            "terraform:vault_approle_auth_backend_role.g: what it grants by `token_policies`",
        ),
        (
            "resource \"openbao_policy\" \"g\" {\n  policy = \"x\"\n}\n",
            "what it grants by `policy`",
        ),
        // A letter that only looks like Latin.
        (
            "resource \"vault_p\u{43e}licy\" \"g\" {\n  policy = \"x\"\n}\n",
            "what it grants by `policy`",
        ),
        (
            "resource \"vault_generic_endpoint\" \"g\" {\n  path = \"identity/group/name/g\"\n  data_json = jsonencode({ policies = [\"root\"] })\n}\n",
            "terraform:vault_generic_endpoint.g: what it grants by `policies`",
        ),
    ] {
        let (code, said) = judged("main.tf", text);
        assert_eq!(code, 0, "{said}");
        assert!(said.contains(shown), "{text}\n{said}");
    }
    let other = "resource \"aws_s3_bucket_policy\" \"g\" {\n  policy = \"x\"\n}\n";
    assert!(!judged("main.tf", other).1.contains("what it grants"));
    let doubled = "resource \"vault_generic_endpoint\" \"g\" {\n  path = \"sys//policies/acl/x\"\n  data_json = jsonencode({ policy = \"path \\\"*\\\" { capabilities = [\\\"sudo\\\"] }\" })\n}\n";
    assert_eq!(judged("main.tf", doubled).0, 1);
}

#[test]
fn an_include_hides_no_secret() {
    let token = format!("glpat-{}", "9xTq2LZk3bW1mN8pR5uE");
    let variables = format!("variables:\n  X: {token}\n");
    let include = "include:\n  - local: /ci/x.yml\njob:\n  script: [\"true\"]\n";
    for (name, text) in [
        ("ci/x.yml", variables.as_str()),
        (
            ".gitlab-ci.yml",
            &format!("# {token}\njob:\n  script: [\"true\"]\n"),
        ),
    ] {
        let dir = estate(&[(".gitlab-ci.yml", include), (name, text)]);
        let (code, out, err) = lint(dir.path(), &[]);
        assert_eq!(code, 1, "{name}\n{out}{err}");
        assert!(out.contains("GLC-001") && !out.contains(&token), "{out}");
    }
    let (code, said) = judged(".gitlab-ci.yml", include);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains(".gitlab-ci.yml:2: the included file `/ci/x.yml` is not among"),
        "{said}"
    );
}

#[test]
fn a_policy_has_one_name_wherever_the_command_runs() {
    let policy = "path \"*\" {\n  capabilities = [\"read\", \"sudo\"]\n}\n";
    let dir = estate(&[
        ("vault/policies/team/db-admin.hcl", policy),
        ("vault/policies/README.md", "what lies here\n"),
    ]);
    let inside = dir.path().join("vault/policies");
    let elsewhere = tempfile::tempdir().unwrap();
    let whole = inside.display().to_string();
    for (at, path) in [
        (dir.path().to_owned(), "vault"),
        (inside.clone(), "."),
        (inside.join("team"), "."),
        (inside.join("team"), "db-admin.hcl"),
        (inside.join("team"), ".."),
        (elsewhere.path().to_owned(), whole.as_str()),
    ] {
        let (code, out, _) = lint(&at, &["--format", "csv", path]);
        assert_eq!(code, 1, "{path} in {}", at.display());
        assert!(
            out.contains(",vault:policy/team/db-admin,"),
            "{path}: {out}"
        );
    }
}

#[test]
fn a_policy_in_a_file_that_is_not_read_is_told() {
    let text = OPEN.replace('\n', " ");
    let quoted = serde_json::to_string(&text).unwrap();
    let dir = estate(&[
        (
            "policies/sound.hcl",
            "path \"secret/data/a\" {\n  capabilities = [\"read\"]\n}\n",
        ),
        (
            "plan.json",
            &format!("{{\"planned_values\": {{\"policy\": {quoted}}}}}"),
        ),
        (
            "terraform.tfstate",
            &format!("{{\"version\": 4, \"resources\": [{{\"policy\": {quoted}}}]}}"),
        ),
        (
            "configmap.yaml",
            &format!("kind: ConfigMap\ndata:\n  a.hcl: |\n    {text}\n"),
        ),
        (
            "values.yaml",
            &format!("vault:\n  policies:\n    - rules: |\n        {text}\n"),
        ),
        (
            "setup.sh",
            &format!("vault policy write a - <<X\n{text}\nX\n"),
        ),
        ("other.sh", "cd path; echo capabilities\n"),
    ]);
    let (code, out, _) = lint(dir.path(), &["."]);
    assert_eq!(code, 0, "{out}");
    let told = out
        .lines()
        .filter(|line| line.contains("holds the text of a policy"));
    let files = [
        "configmap.yaml",
        "plan.json",
        "setup.sh",
        "terraform.tfstate",
        "values.yaml",
    ];
    let told: Vec<&str> = told.collect();
    assert_eq!(told.len(), files.len(), "{out}");
    assert!(files.iter().all(|file| out.contains(file)), "{out}");
    assert_eq!(lint(dir.path(), &["--strict", "."]).0, 3);
}

#[test]
fn a_policy_in_terraform_that_nothing_takes_is_told() {
    let line = "path \\\"*\\\" { capabilities = [\\\"sudo\\\"] }";
    let command = format!(
        "resource \"null_resource\" \"n\" {{\n  provisioner \"local-exec\" {{\n    command = <<E\nvault policy write x - <<X\n{OPEN}X\nE\n  }}\n}}\n"
    );
    for (name, text) in [
        ("main.tf", command),
        ("terraform.tfvars", format!("p = \"{line}\"\n")),
        (
            "x.pkr.hcl",
            format!("variable \"p\" {{\n  default = \"{line}\"\n}}\n"),
        ),
    ] {
        let (code, said) = judged(name, &text);
        assert_eq!(code, 0, "{said}");
        let told = format!("{name}: it holds the text of a policy, which was not judged");
        assert!(said.contains(&told), "{said}");
    }
    let taken = format!(
        "resource \"vault_policy\" \"a\" {{\n  name = \"a\"\n  policy = <<E\n{OPEN}E\n}}\n"
    );
    assert!(!judged("main.tf", &taken).1.contains("was not judged"));
}

#[test]
fn an_include_with_wildcards_hides_no_login() {
    let role = r#"{"data": {"role_type": "jwt", "user_claim": "project_path", "bound_audiences": ["https://vault.example"], "bound_claims": {"project_id": "101"}, "token_policies": ["a"]}}"#;
    let login = ".login:\n  id_tokens: {T: {aud: https://vault.example}}\n  script: [vault write auth/gitlab/login role=orders jwt=$T]\n";
    for include in ["ci/*.yml", "/ci/**.yml"] {
        let job = format!("include: \"{include}\"\njob:\n  extends: .login\n");
        let dir = estate(&[
            ("auth/gitlab/role/orders.json", role),
            (".gitlab-ci.yml", &job),
            ("ci/login.yml", login),
        ]);
        let (code, out, _) = lint(dir.path(), &["--select", "GLC-005", "--format", "csv", "."]);
        assert_eq!(code, 1, "{include}: {out}");
        assert!(out.contains("gitlab:ci-job/.gitlab-ci.yml/job"), "{out}");
    }
}

/// Access in a cloud that Terraform grants is judged as an exported policy is; what only Terraform
/// knows, and what is of another kind, is said to be unjudged: once of each kind.
#[test]
fn what_terraform_grants_in_a_cloud_is_judged_or_told() {
    let account = "serviceAccount:app@p.iam.gserviceaccount.com";
    let member = |name: &str, role: &str, member: &str| {
        format!(
            "resource \"google_project_iam_member\" \"{name}\" {{\n  project = \"p\"\n  role = \"{role}\"\n  member = {member}\n}}\n"
        )
    };
    let owner = member("a", "roles/owner", &format!("\"{account}\""));
    let (code, said) = judged("main.tf", &owner);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("GCP-IAM-002") && said.contains("main.tf:3"),
        "{said}"
    );
    let quiet = [
        member("a", "roles/logging.logWriter", &format!("\"{account}\"")),
        owner.replace("}\n", "  condition {\n    title = \"t\"\n    expression = \"request.time < timestamp('2020-01-01T00:00:00Z')\"\n  }\n}\n"),
    ];
    for text in quiet {
        let (code, said) = judged("main.tf", &text);
        assert!(code == 0 && !said.contains("GCP-IAM-002"), "{text}\n{said}");
    }
    let json = format!(
        "{{\"resource\": {{\"google_project_iam_binding\": {{\"x\": {{\"project\": \"p\", \"role\": \"roles/editor\", \"members\": [\"{account}\"]}}}}}}}}"
    );
    let (code, said) = judged("main.tf.json", &json);
    assert!(code == 1 && said.contains("GCP-IAM-002"), "{said}");
    let unknown = member("a", "roles/owner", "var.m") + &member("b", "roles/owner", "var.m");
    let other = "resource \"google_pubsub_subscription_iam_member\" \"s\" {\n  role = \"x\"\n}\n";
    let trust = "resource \"aws_iam_role_policy_attachment\" \"r\" {\n  policy_arn = \"x\"\n}\n";
    let data = "data \"google_iam_policy\" \"none\" {}\nresource \"google_project\" \"p\" {\n  role = \"x\"\n}\n";
    let (code, said) = judged("main.tf", &format!("{unknown}{other}{trust}{data}"));
    assert_eq!(code, 0, "{said}");
    let kind = "was not judged: this kind of resource is not read";
    for note in [
        "terraform:google_project_iam_member.a: what it grants by `member` was not judged: only Terraform knows its value (1 more of google_project_iam_member)".to_owned(),
        format!("terraform:google_pubsub_subscription_iam_member.s: what it grants by `role` {kind}"),
        format!("terraform:aws_iam_role_policy_attachment.r: what it grants by `policy_arn` {kind}"),
    ] {
        assert!(said.contains(&note), "{said}");
    }
    assert!(!said.contains("google_project_iam_member.b"), "{said}");
    assert!(!said.contains("google_project.p"), "{said}");
}

#[test]
fn a_comment_that_is_not_closed_is_no_empty_policy() {
    for name in [
        "policies/a.hcl",
        "policies/team/a.hcl",
        "sys/policies/acl/a.hcl",
        "a.hcl",
    ] {
        for text in [
            "/*",
            "/* x\n",
            "# x\n/* path \"*\" { capabilities = [\"sudo\"] }",
            "/",
        ] {
            let (code, said) = judged(name, text);
            assert_eq!(code, 3, "{name} {text:?}\n{said}");
            assert!(said.contains(name), "{said}");
        }
        assert_eq!(judged(name, "/* closed */\n# x\n").0, 0);
    }
}

#[test]
fn a_role_of_aws_in_terraform_is_judged_by_whom_it_trusts() {
    let role = |trust: &str| {
        format!(
            "resource \"aws_iam_openid_connect_provider\" \"g\" {{\n  url = \"https://gitlab.example\"\n}}\nresource \"aws_iam_role\" \"ci\" {{\n  name = \"ci\"\n  assume_role_policy = {trust}\n}}\n"
        )
    };
    let document = |principal: &str, sub: &str| {
        format!(
            "jsonencode({{ Version = \"2012-10-17\", Statement = [{{ Effect = \"Allow\", Action = \"sts:AssumeRoleWithWebIdentity\", Principal = {{ Federated = {principal} }}, Condition = {{ StringLike = {{ \"gitlab.example:sub\" = \"{sub}\", \"gitlab.example:aud\" = \"https://aws.example\" }} }} }}] }})"
        )
    };
    for principal in [
        "\"arn:aws:iam::111122223333:oidc-provider/gitlab.example\"",
        "aws_iam_openid_connect_provider.g.arn",
        "\"arn:aws:iam::${data.aws_caller_identity.current.account_id}:oidc-provider/gitlab.example\"",
    ] {
        let (code, said) = judged("main.tf", &role(&document(principal, "project_path:*")));
        assert!(
            code == 1 && said.contains("AWS-TRU-"),
            "{principal}\n{said}"
        );
    }
    let anybody = "jsonencode({ Statement = [{ Effect = \"Allow\", Action = \"sts:AssumeRole\", Principal = \"*\" }] })";
    let (code, said) = judged("main.tf", &role(anybody));
    assert!(code == 1 && said.contains("aws:role/unknown/ci"), "{said}");
    let (_, said) = judged("main.tf", &role("var.trust"));
    assert!(said.contains("terraform:aws_iam_role.ci: what it grants by `assume_role_policy` was not judged: only Terraform knows its value"), "{said}");
}

#[test]
fn what_is_packed_in_a_form_that_is_not_opened_is_told() {
    for (mark, name, code) in [
        ("BZh91AY", "policies/a.hcl.bz2", 3),
        ("PK\u{3}\u{4}", "policies/all.zip", 3),
        ("BZh91AY", "infra/main.tf.bz2", 3),
        ("Rar!\u{1a}\u{7}\u{1}\0", "policies/all.rar", 3),
        ("LZIP\u{1}\0", "policies/a.hcl.lz", 3),
        ("\u{4}\u{22}\u{4d}\u{18}@", "policies/a.hcl.lz4", 3),
        ("PK\u{5}\u{6}\0", "policies/none.zip", 3),
        ("PK\u{3}\u{4}", "docs/pictures.zip", 0),
    ] {
        let (found, said) = judged(name, mark);
        assert_eq!(found, code, "{name}\n{said}");
        assert!(said.contains(name) && said.contains("unpack it"), "{said}");
    }
    let dir = estate(&[("policies/a.hcl", "")]);
    let twice = gzip(&gzip(OPEN.as_bytes()));
    std::fs::write(dir.path().join("policies/a.hcl.gz.gz"), twice).unwrap();
    let (code, out, _) = lint(dir.path(), &["policies/a.hcl.gz.gz"]);
    assert!(code == 3 && out.contains("compressed twice"), "{out}");
}

#[test]
fn terraform_in_json_is_judged_compressed_too() {
    let resource = serde_json::json!({"name": "a", "policy": OPEN});
    let text = serde_json::json!({"resource": {"vault_policy": {"a": resource}}}).to_string();
    let dir = estate(&[("infra/main.tf.json.gz", "")]);
    std::fs::write(
        dir.path().join("infra/main.tf.json.gz"),
        gzip(text.as_bytes()),
    )
    .unwrap();
    let (code, out, _) = lint(dir.path(), &["infra/main.tf.json.gz"]);
    assert!(code == 1 && out.contains("main.tf.json.gz"), "{out}");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn a_write_is_found_among_more_wildcards_than_are_told_apart() {
    let mut text = String::new();
    for number in 0..64 {
        let (first, second) = (number / 8, number % 8);
        let ahead = "+/".repeat(number % 10);
        text.push_str(&format!(
            "path \"{ahead}{first}{second}*\" {{ capabilities = [\"read\"] }}\n\
             path \"{ahead}{first}/+/{second}\" {{ capabilities = [\"read\"] }}\n"
        ));
    }
    text.push_str("path \"sys/policies/acl/*\" { capabilities = [\"update\"] }\n");
    text.push_str("path \"sys/policies/acl/x\" { capabilities = [\"deny\"] }\n");
    let (code, said) = judged("policies/a.hcl", &text);
    assert!(code == 1 && said.contains("VLT-POL-003"), "{said}");
}
