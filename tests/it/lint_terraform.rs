//! What the author of a merge request may write in Terraform so that the gate passes over a policy
//! that opens everything: each is a finding, or named as what could not be judged.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::lint::{estate, lint};

const OPEN: &str = "path \"*\" { capabilities = [\"sudo\", \"read\"] }\n";
const QUOTED: &str = r#"path \"*\" { capabilities = [\"sudo\", \"read\"] }"#;
/// Whose path is `var.p`.
const ANY: &str = "resource \"vault_policy\" \"x\" {\n  name = \"x\"\n  policy = \"path \\\"${var.p}\\\" { capabilities = [\\\"sudo\\\"] }\"\n}\n";

/// Exit code and text of a lint over some files beside a sound policy.
fn judged(files: &[(&str, &str)]) -> (i32, String) {
    let sound = "path \"secret/data/a\" {\n  capabilities = [\"read\"]\n}\n";
    let mut all = vec![("policies/sound.hcl", sound)];
    all.extend_from_slice(files);
    let dir = estate(&all);
    let (code, out, err) = lint(dir.path(), &[]);
    (code, format!("{out}{err}"))
}

/// The rule of a stanza that opens everything.
fn found(files: &[(&str, &str)], place: &str) {
    let (code, said) = judged(files);
    assert_eq!(code, 1, "{files:?}\n{said}");
    assert!(said.contains("VLT-POL-001"), "{files:?}\n{said}");
    assert!(said.contains(place), "{files:?}\n{said}");
}

fn policy(expression: &str) -> String {
    format!("resource \"vault_policy\" \"x\" {{\n  name = \"x\"\n  policy = {expression}\n}}\n")
}

#[test]
fn a_function_hides_nothing() {
    let encoded = STANDARD.encode(OPEN);
    for expression in [
        format!("base64decode(\"{encoded}\")"),
        format!("\"{encoded}\""),
        r#"jsondecode("{\"p\":\"path \\\"*\\\" { capabilities = [\\\"sudo\\\"] }\"}").p"#
            .to_owned(),
        format!("try(\"{QUOTED}\", \"\")"),
        format!("coalesce(\"\", \"{QUOTED}\")"),
        format!("element([\"{QUOTED}\"], 3)"),
        format!("chomp(\"{QUOTED}\")"),
        format!(
            "<<EOT\n%{{ for p in [\"*\"] }}\n{}%{{ endfor }}\nEOT",
            OPEN.replace('*', "${p}")
        ),
        format!("<<EOT\n%{{ if false }}x%{{ else }}\n{OPEN}%{{ endif }}\nEOT"),
    ] {
        found(&[("main.tf", &policy(&expression))], "main.tf:3");
    }
}

#[test]
fn a_file_that_a_function_names_is_the_policy() {
    let call = policy("file(\"${path.module}/texts/x.pol\")");
    found(
        &[("tf/main.tf", &call), ("tf/texts/x.pol", OPEN)],
        "tf/texts/x.pol:1",
    );
    let module = "module \"m\" { source = \"./m\" }\n";
    let call = policy("templatefile(\"${path.module}/x.tpl\", { p = \"*\" })");
    let template = "# first\npath \"${p}\" { capabilities = [\"sudo\"] }\n";
    found(
        &[
            ("main.tf", module),
            ("m/main.tf", &call),
            ("m/x.tpl", template),
        ],
        "m/x.tpl:2",
    );
    // What was not given is not looked for.
    for path in ["../elsewhere.pol", "/etc/hostname", "absent.pol"] {
        let (code, said) = judged(&[("main.tf", &policy(&format!("file(\"{path}\")")))]);
        assert_eq!(code, 3, "{path}\n{said}");
        assert!(said.contains("main.tf:3"), "{path}\n{said}");
    }
}

#[test]
fn stanzas_that_only_a_run_of_terraform_can_know_are_an_error() {
    for expression in [
        "var.text",
        "\"${var.text}\"",
        "\"# a comment\\n${var.text}\"",
        "data.http.policy.response_body",
        "title(\"path\")",
        "\"path \\\"a\\\" { capabilities = ${var.list} }\"",
        "\"%{ for p in var.list }path \\\"${p}\\\" { capabilities = [\\\"sudo\\\"] }%{ endfor }\"",
    ] {
        let (code, said) = judged(&[("main.tf", &policy(expression))]);
        assert_eq!(code, 3, "{expression}\n{said}");
        let reason = "the policy's text is left to Terraform";
        assert!(
            said.contains("main.tf:3") && said.contains(reason),
            "{said}"
        );
    }
    // A name that is not known within a stanza is said.
    let (code, said) = judged(&[(
        "main.tf",
        &policy("\"path \\\"${var.team}/a\\\" { capabilities = [\\\"read\\\"] }\""),
    )]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("main.tf:3: the policy's text is left to Terraform: ${var.team}"),
        "{said}"
    );
}

#[test]
fn every_syntax_and_name_of_a_file_is_read() {
    let text = policy(&format!("<<EOT\n{OPEN}EOT"));
    found(&[("main.tofu", &text)], "main.tofu:4");
    let json = format!(
        "{{\n \"resource\": {{\n  \"vault_policy\": {{\"x\": {{\n   \"name\": \"x\",\n   \"policy\": {OPEN:?}\n  }}}}\n }}\n}}\n"
    );
    for name in ["main.tf.json", "a/main.tofu.json"] {
        found(&[(name, &json)], &format!("{name}:5"));
    }
    let list = format!(
        "{{\"resource\":[{{\"vault_policy\":[{{\"x\":[{{\"name\":\"x\",\"policy\":{OPEN:?}}}]}}]}}]}}"
    );
    found(&[("main.tf.json", &list)], "main.tf.json:1");
    let document = r#"{"data":{"vault_policy_document":{"d":{"rule":[{"path":"*","capabilities":["sudo"]}]}}},
      "resource":{"vault_policy":{"x":{"name":"x","policy":"${data.vault_policy_document.d.hcl}"}}}}"#;
    found(&[("main.tf.json", document)], "main.tf.json:2");
    for text in [
        "{\"resource\":",
        "{\"x\":1}",
        "[]",
        "{\"resource\":{\"vault_policy\":7}}",
    ] {
        let (code, said) = judged(&[("main.tf.json", text)]);
        assert_eq!(code, 3, "{text}\n{said}");
        assert!(said.contains("main.tf.json:"), "{said}");
    }
}

#[test]
fn what_sets_a_variable_is_asked_in_the_order_of_terraform() {
    let declared = format!("variable \"p\" {{ default = \"secret/data/a\" }}\n{ANY}");
    for settings in [
        &[("terraform.tfvars", "p = \"*\"\n")][..],
        &[("terraform.tfvars.json", "{\"p\":\"*\"}")],
        &[("z.auto.tfvars.json", "{\"p\": \"*\"}")],
        &[
            ("a.auto.tfvars", "p = \"*\"\n"),
            ("terraform.tfvars", "p = \"secret/data/a\"\n"),
        ],
        &[
            ("a.auto.tfvars", "p = \"secret/data/a\"\n"),
            ("b.auto.tfvars.json", "{\"p\":\"*\"}"),
        ],
        &[("x_override.tf", "variable \"p\" { default = \"*\" }\n")],
        &[(
            "override.tf.json",
            "{\"variable\":{\"p\":{\"default\":\"*\"}}}",
        )],
    ] {
        let mut files = vec![("main.tf", declared.as_str())];
        files.extend_from_slice(settings);
        found(&files, "main.tf:4");
    }
    // Two files of which a tool reads one: nobody knows which.
    let (code, said) = judged(&[
        (
            "main.tf",
            &format!(
                "locals {{ p = \"secret/data/a\" }}\n{}",
                ANY.replace("var.p", "local.p")
            ),
        ),
        ("main.tofu", "locals { p = \"*\" }\n"),
    ]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("left to Terraform: ${local.p}"), "{said}");
}

#[test]
fn a_policy_written_through_the_api_is_one() {
    let data = "jsonencode({ policy = \"path \\\"*\\\" { capabilities = [\\\"sudo\\\"] }\" })";
    for path in [
        "sys/policies/acl/x",
        "/sys/policy/x",
        "team/sys/policies/acl/x",
    ] {
        for kind in ["vault_generic_endpoint", "vault_generic_secret"] {
            let text = format!(
                "resource \"{kind}\" \"x\" {{\n  path = \"{path}\"\n  data_json = {data}\n}}\n"
            );
            found(&[("main.tf", &text)], "main.tf:3");
        }
    }
    let text = format!(
        "resource \"vault_generic_endpoint\" \"x\" {{\n  path = var.where\n  data_json = {data}\n}}\n"
    );
    assert_eq!(judged(&[("main.tf", &text)]).0, 3);
    let text = "resource \"vault_generic_endpoint\" \"x\" {\n  path = \"sys/policy/x\"\n  data_json = var.data\n}\n";
    assert_eq!(judged(&[("main.tf", text)]).0, 3);
    let text = "resource \"vault_generic_endpoint\" \"x\" {\n  path = \"auth/userpass/users/x\"\n  data_json = var.data\n}\n";
    assert_eq!(judged(&[("main.tf", text)]).0, 0);
}

#[test]
fn a_document_says_what_its_rules_say() {
    let document = |rule: &str| {
        format!(
            "data \"vault_policy_document\" \"d\" {{\n  rule {{\n    {rule}\n  }}\n}}\n{}",
            policy("data.vault_policy_document.d.hcl")
        )
    };
    let rule = "path = \"*\"\n    capabilities = [\"sudo\"]\n    required_parameters = [\"a\"]\n    allowed_parameter {\n      key = \"a\"\n      value = [\"b\"]\n    }";
    found(&[("main.tf", &document(rule))], "main.tf");
    let rule = "path = \"secret/${var.team}\"\n    capabilities = [\"read\"]";
    assert_eq!(judged(&[("main.tf", &document(rule))]).0, 0);
    let rule = "path = \"a\"\n    capabilities = var.list";
    assert_eq!(judged(&[("main.tf", &document(rule))]).0, 3);
}

#[test]
fn a_role_written_through_the_api_is_one() {
    let role = |path: &str, data: &str| {
        format!(
            "resource \"vault_generic_endpoint\" \"x\" {{\n  path = \"{path}\"\n  data_json = {data}\n}}\n"
        )
    };
    let open =
        "jsonencode({ role_type = \"jwt\", user_claim = \"sub\", token_policies = [\"a\"] })";
    for (path, shown) in [
        ("auth/gitlab/role/x", "vault:role/gitlab/x"),
        ("/team/auth/gitlab/role/x", "vault:role/team/gitlab/x"),
    ] {
        let settings = "[vault]\nci_mounts = [\"auth/gitlab/\", \"team/auth/gitlab/\"]\n";
        let text = role(path, open);
        let dir = estate(&[("main.tf", &text), ("piperoll.toml", settings)]);
        let (code, out, err) = lint(dir.path(), &["--fail-on", "med"]);
        assert_eq!(code, 1, "{path}\n{out}{err}");
        assert!(out.contains("VLT-ROL-001") && out.contains(shown), "{out}");
    }
    let (code, said) = judged(&[("main.tf", &role("auth/gitlab/role/x", "var.data"))]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("vault:role/gitlab/x: left to Terraform: data_json"),
        "{said}"
    );
}

#[test]
fn a_module_that_is_not_there_is_told() {
    let call = |source: &str| format!("module \"m\" {{\n  source = {source}\n}}\n");
    for (source, shown) in [
        (
            "\"git::https://example.com/m.git\"",
            "git::https://example.com/m.git",
        ),
        ("\"./m\"", "./m"),
        ("\"../other/m\"", "../other/m"),
        ("\"hashicorp/vault/x\"", "hashicorp/vault/x"),
        ("var.where", "var.where"),
    ] {
        let text = call(source);
        let dir = estate(&[("main.tf", &text)]);
        let (code, out, err) = lint(dir.path(), &[]);
        assert_eq!(code, 0, "{source}\n{out}{err}");
        let note = format!("main.tf:1: terraform:module.m: the module `{shown}` is not among");
        assert!(out.contains(&note), "{source}\n{out}");
        let (code, _, err) = lint(dir.path(), &["--strict"]);
        assert_eq!(code, 3, "{source}\n{err}");
        assert!(err.contains("1 note(s), and --strict"), "{err}");
    }
    let files = [
        ("main.tf", call("\"./m\"")),
        (
            "m/main.tf",
            policy("\"path \\\"a\\\" { capabilities = [\\\"read\\\"] }\""),
        ),
    ];
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    let dir = estate(&files);
    let (code, out, err) = lint(dir.path(), &["--strict"]);
    assert_eq!(code, 0, "{out}{err}");
}
