//! Tests of the Terraform reader.

use super::*;
use crate::model::{Digest, FileId, Kept, Place};

fn read(text: &str) -> (Verdict, Kept) {
    let place = Place {
        file: FileId(0),
        line: 1,
        byte: 0,
        sha256: Digest([0; 32]),
    };
    let record = Record {
        path: "main.tf",
        bytes: text.as_bytes(),
        place,
    };
    let mut kept = Kept::default();
    let verdict = Terraform.read(&record, &mut kept);
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
                "path \"secret/data/doc\" { capabilities = [\"read\", \"list\"] }\n",
                None
            ),
        ]
    );
    let of = |name: &str| -> Vec<&str> {
        kept.attributes
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
        .attributes
        .iter()
        .find(|a| a.kind == "terraform-unresolved");
    assert_eq!(unresolved.unwrap().object, "terraform:vault_policy.file");
}

#[test]
fn broken_text_is_refused_with_its_line() {
    for (text, line) in [
        ("resource \"a\" \"b\" {\n  x = \"y\n}\n", "line 2"),
        ("resource \"a\" \"b\" {\n  x = [1,\n", "line 3"),
        ("resource \"a\" \"b\" {\n  x = <<EOT\n a\n", "line 2"),
        ("resource \"a\" \"b\"\n", "line 1"),
    ] {
        let (verdict, _) = read(text);
        assert!(
            matches!(&verdict, Verdict::Rejected(why) if why.starts_with(line)),
            "{text}: {verdict:?}"
        );
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[a-c=\"{}\\[\\](),.<$%*#\n -]{0,80}") {
        let _ = read(&text);
    }
}
