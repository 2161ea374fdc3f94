//! `piperoll policy can`: one request asked for whoever a name stands for.

use super::cli::{estate, policy};

/// Roles, entities and policies of a small server, as its exports lie.
fn server() -> tempfile::TempDir {
    estate(&[
        (
            "policies/orders.hcl",
            "path \"secret/data/orders/*\" {\n  capabilities = [\"read\"]\n}\npath \"secret/data/orders/root\" {\n  capabilities = [\"deny\"]\n}\n",
        ),
        (
            "policies/own.hcl",
            "path \"secret/data/people/{{identity.entity.name}}/*\" { capabilities = [\"read\"] }\n",
        ),
        (
            "secrets-list.json",
            r#"{"secret/":{"type":"kv","options":{"version":"2"},"accessor":"kv_1"}}"#,
        ),
        (
            "auth/gitlab/role/orders.json",
            r#"{"data":{"role_type":"jwt","user_claim":"project_id","bound_claims_type":"glob","bound_claims":{"project_path":"mill/ord*"},"token_policies":["orders","gone"]}}"#,
        ),
        (
            "auth/gitlab/role/own.json",
            r#"{"data":{"role_type":"jwt","user_claim":"user_login","bound_claims":{"project_path":["mill/own"]},"token_policies":["own"],"token_no_default_policy":true}}"#,
        ),
        (
            "identity/entity/id/e1.json",
            r#"{"data":{"id":"e1","name":"ada","policies":["own"],"aliases":[{"id":"a1","name":"ada@mill.example","mount_accessor":"x"}],"direct_group_ids":["g1"],"merged_entity_ids":null}}"#,
        ),
        (
            "identity/group/id/g1.json",
            r#"{"data":{"id":"g1","name":"orders","type":"internal","policies":["orders"],"member_entity_ids":["e1"]}}"#,
        ),
    ])
}

fn ask(who: &str, operation: &str, path: &str, more: &[&str]) -> (u8, String, String) {
    let server = server();
    let dir = server.path().display().to_string();
    let mut words = vec!["can", who, operation, path, "--policies", &dir];
    words.extend_from_slice(more);
    let (code, out, err) = policy(&words);
    (code, out.replace(&dir, "DIR"), err.replace(&dir, "DIR"))
}

#[test]
fn a_role_is_asked_by_name_by_mount_and_by_the_project_that_it_lets_in() {
    for who in [
        "orders-api",
        "vault:role/gitlab/orders",
        "gitlab/orders",
        "auth/gitlab/orders",
        "mill/orders",
    ] {
        let (code, out, err) = ask(who, "read", "secret/orders/db", &[]);
        if who == "orders-api" {
            assert_eq!(code, 2, "{out}");
            assert!(err.contains("near it: ") && err.contains("orders"), "{err}");
            continue;
        }
        assert_eq!(code, 0, "{who}: {err}");
        assert!(
            out.starts_with(
                "yes  vault:role/gitlab/orders: read secret/data/orders/db\n     \"secret/data/orders/*\" at "
            ),
            "{who}: {out}"
        );
        assert!(
            out.contains("policies/orders.hcl:1, of policy orders"),
            "{out}"
        );
        assert!(
            out.contains("not among the files, so what they grant is not known: gone"),
            "{out}"
        );
    }
}

#[test]
fn a_project_that_no_role_lets_in_is_nobody() {
    let (code, out, _) = ask("mill/billing", "read", "secret/orders/db", &[]);
    assert_eq!((code, out.as_str()), (2, ""));
}

#[test]
fn the_line_that_forbids_is_named() {
    let (code, out, _) = ask("orders", "read", "secret/orders/root", &["--exit-code"]);
    assert_eq!(code, 1);
    let role = out
        .split("no ")
        .find(|part| part.contains("vault:role/gitlab/orders"));
    assert!(role.unwrap().contains("policies/orders.hcl:4"), "{out}");
}

#[test]
fn an_entity_has_its_own_policies_and_those_of_its_groups_with_templates_filled_in() {
    for who in ["ada", "ada@mill.example", "vault:entity/e1"] {
        let (_, out, err) = ask(
            who,
            "read",
            "secret/people/ada/key",
            &["--format", "ndjson"],
        );
        let said: serde_json::Value = serde_json::from_str(&out).expect(&err);
        assert_eq!(said["allowed"], true, "{out}");
        assert_eq!(said["rule"], "secret/data/people/ada/*");
        assert_eq!(
            said["policies"],
            serde_json::json!(["default", "orders", "own"])
        );
        let (_, out, _) = ask(who, "read", "secret/people/eve/key", &[]);
        assert!(out.starts_with("no "), "{out}");
        let (_, out, _) = ask(who, "list", "secret/orders", &[]);
        assert!(
            out.starts_with("no   vault:entity/e1: list secret/metadata/orders"),
            "{out}"
        );
    }
}

#[test]
fn a_template_without_a_value_is_told_and_not_guessed() {
    let (_, out, _) = ask("mill/own", "read", "secret/people/ada/key", &[]);
    assert!(out.starts_with("no   vault:role/gitlab/own"), "{out}");
    assert!(
        out.contains(
            "may match, by the entity's values: \"secret/data/people/{{identity.entity.name}}/*\""
        ),
        "{out}"
    );
    assert!(out.contains("policies: own\n"), "{out}");
}

#[test]
fn policies_by_name_have_no_default() {
    let (code, out, _) = ask("orders,own", "read", "secret/data/orders/db", &[]);
    assert_eq!(code, 0);
    assert!(
        out.starts_with("yes  orders,own: read secret/data/orders/db"),
        "{out}"
    );
    assert!(out.contains("policies: orders, own\n"), "{out}");
}

#[test]
fn a_broken_policy_is_no_answer_to_rely_on() {
    let dir = estate(&[
        ("policies/a.hcl", "path \"x\" { capabilities = [\"read\"] }"),
        ("policies/b.hcl", "path \"x\" { capabilities = [\"raed\"] }"),
    ]);
    let dir = dir.path().display().to_string();
    let (code, out, err) = policy(&["can", "a", "read", "x", "--policies", &dir]);
    assert_eq!(code, 3, "{out}{err}");
    assert!(err.contains("b.hcl:1"), "{err}");
}

#[test]
fn a_difference_has_an_exit_code_where_it_is_asked() {
    let dir = estate(&[
        ("old/a.hcl", "path \"x\" { capabilities = [\"read\"] }"),
        (
            "new/a.hcl",
            "path \"x\" { capabilities = [\"read\", \"list\"] }",
        ),
    ]);
    let side = |name: &str| dir.path().join(name).display().to_string();
    let (old, new) = (side("old"), side("new"));
    let code = |words: &[&str]| policy(words).0;
    assert_eq!(code(&["diff", "--before", &old, "--after", &new]), 0);
    assert_eq!(
        code(&["diff", "--before", &old, "--after", &new, "--exit-code"]),
        1
    );
    assert_eq!(
        code(&["diff", "--before", &old, "--after", &old, "--exit-code"]),
        0
    );
}
