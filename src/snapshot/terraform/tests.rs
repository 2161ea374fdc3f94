//! Tests of the Terraform reader.

use super::*;
use crate::model::{Digest, FileId, Kept, Place};

pub(super) fn read(text: &str) -> (Verdict, Kept) {
    let (verdict, mut kept) = Kept::of(&Terraform, "main.tf", text);
    let texts = std::mem::take(&mut kept.exports.texts);
    resolve(&texts, &[], |_| "main.tf", &mut kept);
    (verdict, kept)
}

const FILE: &str = r#"
# comment
resource "vault_jwt_auth_backend" "gl" {
  path         = "gitlab"
  bound_issuer = "https://gitlab.com"
}
resource "vault_policy" "app" {
  name   = "app"
  policy = <<-EOT
    path "secret/data/app/*" {
      capabilities = ["read"]
    }
  EOT
}
data "vault_policy_document" "doc" {
  rule {
    path         = "secret/data/doc"
    capabilities = ["read", "list"]
  }
}
resource "vault_policy" "doc" {
  name   = "doc"
  policy = data.vault_policy_document.doc.hcl
}
resource "vault_policy" "file" {
  name   = "file"
  policy = file("${path.module}/x.hcl")
}
resource "vault_jwt_auth_backend_role" "app" {
  backend        = vault_jwt_auth_backend.gl.path
  role_name      = "app"
  role_type      = "jwt"
  token_policies = [vault_policy.app.name, "other", var.more]
  token_ttl      = 8 * 60
  bound_claims = {
    project_id = "7,8"
    ref        = var.ref
  }
}
"#;

#[test]
fn policies_roles_and_references_within_the_file_are_read() {
    let (verdict, kept) = read(FILE);
    assert_eq!(verdict, Verdict::Parsed);
    let policies: Vec<_> = kept
        .exports
        .policies
        .iter()
        .map(|policy| {
            (
                policy.name.as_str(),
                policy.text.as_str(),
                policy.first_line,
            )
        })
        .collect();
    assert_eq!(
        policies,
        [
            (
                "app",
                "path \"secret/data/app/*\" {\n  capabilities = [\"read\"]\n}\n",
                Some(10)
            ),
            (
                "doc",
                "path \"secret/data/doc\" {\n  capabilities = [\"read\", \"list\"]\n}\n",
                None
            ),
        ]
    );
    let of = |name: &str| -> Vec<&str> {
        kept.exports
            .attributes
            .iter()
            .filter(|a| a.object == "vault:role/gitlab/app" && a.name == name)
            .map(|a| a.value.as_str())
            .collect()
    };
    assert_eq!(of("token_policies"), ["app", "other", "${var.more}"]);
    assert_eq!(of("unresolved"), ["token_policies", "bound_claims"]);
    assert_eq!(of("bound_claims.project_id"), ["7", "8"]);
    assert_eq!(of("bound_claims.ref"), ["${var.ref}"]);
    assert_eq!(
        (of("token_ttl"), of("token_max_ttl")),
        (vec!["480"], vec!["0"])
    );
    let unresolved = kept
        .exports
        .attributes
        .iter()
        .find(|a| a.kind == "terraform-unresolved");
    assert_eq!(unresolved.unwrap().object, "terraform:vault_policy.file");
}

#[test]
fn broken_text_is_refused_with_its_line() {
    for (text, line) in [
        ("resource \"a\" \"b\" {\n  x = \"y\n}\n", "line 2"),
        ("resource \"a\" \"b\" {\n  x = [1,\n", "line 2"),
        ("resource \"a\" \"b\" {\n  x = <<EOT\n a\n", "line 3"),
        ("resource \"a\" \"b\"\n", "line 1"),
    ] {
        let (verdict, _) = read(text);
        assert!(
            matches!(&verdict, Verdict::Rejected(why) if why.starts_with(line)),
            "{text}: {verdict:?}, expected {line}"
        );
    }
}

/// What the files of a repository state together.
fn together(files: &[(&str, &str)]) -> Kept {
    let mut kept = Kept::default();
    for (number, (path, text)) in (0u32..).zip(files) {
        let place = Place {
            file: FileId(number),
            line: 1,
            byte: 0,
            sha256: Digest([0; 32]),
        };
        let record = Record {
            path,
            bytes: text.as_bytes(),
            place,
        };
        let format: &dyn Format = match path.ends_with(".tfvars") {
            true => &Variables,
            false => &Terraform,
        };
        let sample = Sample {
            path,
            value: None,
            head: text.as_bytes(),
        };
        assert!(format.recognises(&sample), "{path}");
        assert_eq!(format.read(&record, &mut kept), Verdict::Parsed, "{path}");
    }
    let texts = std::mem::take(&mut kept.exports.texts);
    resolve(&texts, &[], |file| files[file.0 as usize].0, &mut kept);
    kept
}

/// Name and text of each policy.
fn policies(kept: &Kept) -> Vec<(&str, &str)> {
    let policies = kept.exports.policies.iter();
    policies.map(|p| (p.name.as_str(), p.text.trim())).collect()
}

#[test]
fn a_heredoc_with_one_hole_keeps_its_literal_stanzas_and_names_the_policy() {
    let kept = together(&[(
        "main.tf",
        r#"
variable "app" {}
resource "vault_policy" "a" {
  name   = "deployer"
  policy = <<EOT
path "secret/data/${var.app}/*" {
  capabilities = ["read"]
}
path "sys/*" {
  capabilities = ["sudo", "update"]
}
EOT
}
resource "vault_policy" "b" {
  name   = "reader-${var.app}"
  policy = "path \"secret/${var.app}\" { capabilities = [\"read\"] }"
}
"#,
    )]);
    let [policy] = kept.exports.policies.as_slice() else {
        panic!("{:?}", kept.exports.policies);
    };
    assert_eq!(policy.name, "deployer");
    let lines: Vec<&str> = policy.text.lines().map(str::trim_end).collect();
    assert_eq!(lines[..4], ["", "", "", "path \"sys/*\" {"]);
    assert_eq!((policy.first_line, policy.place.line), (Some(6), 6));
    let said: Vec<(&str, &str, &str)> = kept
        .exports
        .attributes
        .iter()
        .map(|a| (a.object.as_str(), a.name.as_str(), a.value.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            ("terraform:vault_policy.a", "expression", "${var.app}"),
            ("terraform:vault_policy.a", "policy", "deployer"),
            ("terraform:vault_policy.b", "expression", "${var.app}"),
            ("terraform:vault_policy.b", "policy", "reader-${var.app}"),
        ]
    );
}

#[test]
fn locals_variables_loops_and_calls_of_modules_are_followed() {
    let kept = together(&[
        (
            "infra/main.tf",
            r#"
module "a" {
  source   = "../modules/app"
  for_each = { shop = "prod", till = local.stage }
  app      = each.key
  stage    = each.value
}
resource "vault_policy" "plain" {
  for_each = toset([for n in ["x", "y"] : upper(n)])
  name     = format("p-%s", each.value)
  policy   = local.text
}
"#,
        ),
        (
            "infra/locals.tf",
            "locals {\n  stage = var.dev ? \"dev\" : \"staging\"\n  text = <<-EOT\n    path \"a\" { capabilities = [\"read\"] }\n  EOT\n}\n",
        ),
        (
            "infra/variables.tf",
            "variable \"dev\" {\n  default = false\n}\n",
        ),
        ("infra/terraform.tfvars", "# set\ndev = true\n"),
        (
            "modules/app/main.tf",
            r#"
variable "app" {}
variable "stage" { default = "none" }
variable "mount" { default = "secret" }
resource "vault_policy" "this" {
  name   = "${var.app}-${var.stage}"
  policy = data.vault_policy_document.this.hcl
}
data "vault_policy_document" "this" {
  dynamic "rule" {
    for_each = ["data", "metadata"]
    content {
      path         = "${var.mount}/${rule.value}/${var.app}/*"
      capabilities = ["read"]
    }
  }
}
resource "vault_jwt_auth_backend_role" "this" {
  count          = 1
  role_name      = vault_policy.this.name
  role_type      = "jwt"
  token_policies = [vault_policy.this.name]
  token_ttl      = 60 * 5
}
"#,
        ),
    ]);
    let document = |app: &str| {
        ["data", "metadata"]
            .map(|kind| {
                format!("path \"secret/{kind}/{app}/*\" {{\n  capabilities = [\"read\"]\n}}")
            })
            .join("\n")
    };
    let (shop, till) = (document("shop"), document("till"));
    let plain = "path \"a\" { capabilities = [\"read\"] }";
    assert_eq!(
        policies(&kept),
        [
            ("p-X", plain),
            ("p-Y", plain),
            ("shop-prod", shop.as_str()),
            ("till-dev", till.as_str()),
        ]
    );
    // The text stands in another file than the resource.
    let place = kept.exports.policies[0].place;
    assert_eq!((place.file, place.line), (FileId(1), 4));
    let ttl = kept
        .exports
        .attributes
        .iter()
        .find(|a| a.name == "token_ttl");
    let ttl = ttl.unwrap();
    assert_eq!(
        (ttl.object.as_str(), ttl.value.as_str()),
        ("vault:role/jwt/shop-prod", "300")
    );
    assert!(
        kept.exports
            .attributes
            .iter()
            .all(|a| a.name != "unresolved")
    );
}

#[test]
fn what_only_a_run_knows_is_never_guessed() {
    let module = r#"
variable "a" { default = "x" }
variable "b" { default = "y" }
resource "vault_policy" "p" {
  name   = "p-${var.a}-${var.b}"
  policy = "path \"s\" { capabilities = [\"read\"] }"
}
resource "vault_policy" "none" {
  count  = 0
  name   = "none"
  policy = "path \"s\" { capabilities = [\"read\"] }"
}
"#;
    let kept = together(&[("main.tf", module), ("prod.tfvars", "a = \"live\"\n")]);
    let names: Vec<&str> = policies(&kept).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["p-${var.a}-y"]);
}

#[test]
fn circles_and_texts_without_end_are_left_unresolved() {
    let mut text = "locals {\n  a0 = \"0123456789\"\n  c = local.d\n  d = local.c\n".to_owned();
    for n in 1..40 {
        let m = n - 1;
        text.push_str(&format!("  a{n} = \"${{local.a{m}}}${{local.a{m}}}\"\n"));
    }
    text.push_str("}\nmodule \"self\" {\n  source = \"./\"\n}\n");
    for (name, local) in [("grows", "a39"), ("turns", "c")] {
        text.push_str(&format!(
            "resource \"vault_policy\" \"{name}\" {{\n  name = \"{name}\"\n  policy = local.{local}\n}}\n"
        ));
    }
    let kept = together(&[("main.tf", &text)]);
    assert!(
        kept.exports
            .policies
            .iter()
            .all(|p| p.text.trim().is_empty())
    );
    let named = kept
        .exports
        .attributes
        .iter()
        .filter(|a| a.name == "policy");
    let named: Vec<&str> = named.map(|a| a.value.as_str()).collect();
    assert_eq!(named, ["grows", "turns"]);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[a-c=\"{}\\[\\](),.<$%*#\n -]{0,80}") {
        let _ = read(&text);
    }
}

#[test]
fn a_comment_before_a_block_hides_nothing() {
    for text in [
        "/* who owns it */ resource \"vault_policy\" \"a\" {",
        "/* who\n owns it */\nlocals {",
        "// x\n/* a */\n/* b\n*/ terraform {",
    ] {
        let sample = Sample {
            path: "main.tf",
            value: None,
            head: text.as_bytes(),
        };
        assert!(Terraform.recognises(&sample), "{text}");
    }
}

#[test]
fn a_block_is_known_with_and_without_blanks_and_quotes() {
    for line in [
        "terraform{",
        "terraform {",
        "provider\"vault\"{",
        "resource \"vault_policy\"\"admin\"{",
        "resource vault_policy admin {",
        "variable x { default = 1 }",
        "locals{}",
    ] {
        assert!(begins_block(line), "{line}");
    }
    for line in [
        "terraform",
        "resource \"vault_policy\" {",
        "data is what it says {",
        "path \"*\" {",
        "locals x {",
        "moduled \"x\" {",
        "variable \"x",
        "",
    ] {
        assert!(!begins_block(line), "{line}");
    }
}
