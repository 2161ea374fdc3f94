//! Tests of every format here, over small answers.

use serde_json::json;

use super::*;
use crate::model::{Attribute, Kept, PolicyText, Sample, Verdict};

/// Detects and reads a file; a JSON one is one record.
fn read(path: &str, text: &str) -> Result<(&'static str, Kept), Verdict> {
    let value = serde_json::from_str(text).ok();
    let sample = Sample {
        path,
        value: value.as_ref(),
        head: text.as_bytes(),
    };
    let found: Vec<&&dyn Format> = FORMATS.iter().filter(|f| f.recognises(&sample)).collect();
    assert!(found.len() <= 1, "{path} is of {} formats", found.len());
    let format = found.first().ok_or(Verdict::Foreign)?;
    match Kept::of(**format, path, text) {
        (Verdict::Parsed, kept) => Ok((format.about().title, kept)),
        (other, _) => Err(other),
    }
}

fn attributes(path: &str, value: &serde_json::Value) -> Vec<Attribute> {
    match read(path, &value.to_string()) {
        Ok((_, kept)) => kept.exports.attributes,
        Err(verdict) => panic!("{path}: {verdict:?}"),
    }
}

fn policies(path: &str, text: &str) -> Vec<PolicyText> {
    read(path, text).map_or_else(|_| Vec::new(), |(_, kept)| kept.exports.policies)
}

fn all<'a>(attributes: &'a [Attribute], name: &str) -> Vec<&'a str> {
    let named = attributes.iter().filter(|attribute| attribute.name == name);
    named.map(|attribute| attribute.value.as_str()).collect()
}

fn answer(data: serde_json::Value) -> serde_json::Value {
    json!({"request_id": "r", "lease_id": "", "data": data, "wrap_info": null, "auth": null})
}

#[test]
fn a_jwt_role_is_flattened() {
    let role = answer(json!({
        "role_type": "jwt", "user_claim": "project_id", "bound_subject": "",
        "bound_audiences": ["https://vault.example"],
        "bound_claims": {"project_id": ["42", "43"], "ref_protected": true},
        "claim_mappings": {"job_id": "job", "/a/b": "deep"},
        "token_policies": ["ci", "ci-extra"], "token_ttl": 900, "token_no_default_policy": false,
        "oidc_scopes": null, "token_bound_cidrs": []
    }));
    let role = attributes("x/vault/auth/gitlab/role/shop.json", &role);
    assert!(
        role.iter()
            .all(|a| a.object == "vault:role/gitlab/shop" && a.kind == "vault-role")
    );
    assert_eq!(all(&role, "method"), ["jwt"]);
    assert_eq!(all(&role, "mount"), ["gitlab"]);
    assert_eq!(all(&role, "name"), ["shop"]);
    assert_eq!(all(&role, "bound_claims.project_id"), ["42", "43"]);
    assert_eq!(all(&role, "bound_claims.ref_protected"), ["true"]);
    assert_eq!(all(&role, "claim_mappings.job_id"), ["job"]);
    assert_eq!(all(&role, "claim_mappings./a/b"), ["deep"]);
    assert_eq!(all(&role, "token_policies"), ["ci", "ci-extra"]);
    assert_eq!(all(&role, "token_ttl"), ["900"]);
    assert_eq!(all(&role, "token_no_default_policy"), ["false"]);
    for unset in ["bound_subject", "oidc_scopes", "token_bound_cidrs"] {
        assert!(all(&role, unset).is_empty(), "{unset}");
    }
}

#[test]
fn the_method_of_a_role_is_told_by_its_fields() {
    for (method, fields) in [
        ("oidc", json!({"role_type": "oidc", "user_claim": "sub"})),
        (
            "gcp",
            json!({"type": "iam", "bound_service_accounts": ["a@b"], "role_id": "x"}),
        ),
        ("kubernetes", json!({"bound_service_account_names": ["sa"]})),
        (
            "approle",
            json!({"bind_secret_id": true, "secret_id_ttl": 0}),
        ),
        (
            "token",
            json!({"disallowed_policies": ["a"], "orphan": false}),
        ),
    ] {
        let role = attributes("auth/m/role/r.json", &fields);
        assert_eq!(all(&role, "method"), [method]);
    }
}

#[test]
fn old_field_names_are_also_known_by_their_present_one() {
    let old = json!({"bind_secret_id": true, "policies": ["a"], "ttl": 60, "period": 5, "token_period": 7});
    let old = attributes("auth/m/role/r.json", &old);
    assert_eq!(
        (all(&old, "policies"), all(&old, "token_policies")),
        (vec!["a"], vec!["a"])
    );
    assert_eq!(all(&old, "token_ttl"), ["60"]);
    assert_eq!(
        (all(&old, "period"), all(&old, "token_period")),
        (vec!["5"], vec!["7"])
    );
}

#[test]
fn a_role_without_a_mount_is_rejected_not_lost() {
    let role = json!({"bind_secret_id": true}).to_string();
    let verdict = read("roles/app.json", &role).map(|(title, _)| title);
    assert!(matches!(verdict, Err(Verdict::Rejected(why)) if why.contains("auth/<mount>/role")));
}

#[test]
fn a_namespace_is_taken_from_the_answer_or_a_path_like_a_url() {
    let role = json!({"bind_secret_id": true});
    let object = |path: &str, role: &serde_json::Value| attributes(path, role)[0].object.clone();
    let path = "team/auth/a/role/r.json";
    assert_eq!(object(path, &role), "vault:role/a/r");
    assert_eq!(object(&format!("v1/{path}"), &role), "vault:role/team/a/r");
    let mut stated = answer(role);
    stated["namespace_path"] = json!("org/team/");
    assert_eq!(object(path, &stated), "vault:role/org/team/a/r");
    let policy = "path \"a\" { capabilities = [\"read\"] }";
    for (path, namespace, name) in [
        ("v1/team/sys/policies/acl/p.hcl", "team", "p"),
        ("v1/team/sub/policies/db/p.hcl", "team/sub", "db/p"),
        ("team/policies/p.hcl", "", "p"),
        ("policies/team/db-admin.hcl", "", "team/db-admin"),
    ] {
        let found = &policies(path, policy)[0];
        assert_eq!(
            (&*found.namespace, &*found.name),
            (namespace, name),
            "{path}"
        );
    }
    let list = json!({"jwt/": {"type": "jwt", "accessor": "auth_jwt_1"}});
    let of = |path: &str| object(path, &list);
    assert_eq!(of("v1/team/auth-list.json"), "vault:mount/team/auth/jwt/");
    assert_eq!(of("v1/auth-list.json"), "vault:mount/auth/jwt/");
    assert_eq!(of("team/auth-list.json"), "vault:mount/auth/jwt/");
}

#[test]
fn settings_of_a_method_keep_public_keys_and_lose_secrets() {
    let config = answer(json!({
        "bound_issuer": "https://gitlab.example", "oidc_client_secret": "hunter2",
        "jwt_validation_pubkeys": ["-----BEGIN PUBLIC KEY-----\nAA"],
        "provider_config": {"provider": "gsuite", "gsuite_service_account": "/x"}
    }));
    let config = attributes("auth/gitlab/config.json", &config);
    assert_eq!(config[0].object, "vault:mount/auth/gitlab/");
    assert_eq!(config[0].kind, "vault-auth-config");
    assert_eq!(all(&config, "oidc_client_secret"), ["[redacted]"]);
    assert_eq!(all(&config, "jwt_validation_pubkeys").len(), 1);
    assert_eq!(all(&config, "provider_config.provider"), ["gsuite"]);
    let kubernetes = json!({"kubernetes_host": "https://k", "token_reviewer_jwt": "eyJ"});
    let kubernetes = attributes("auth/k8s/config.json", &kubernetes);
    assert_eq!(all(&kubernetes, "token_reviewer_jwt"), ["[redacted]"]);
}

#[test]
fn auth_methods_and_engines_are_told_by_their_accessor() {
    let mount = |accessor: &str, kind: &str| {
        json!({"accessor": accessor, "type": kind, "local": false, "options": {"version": "2"},
               "config": {"max_lease_ttl": 0, "audit_non_hmac_request_keys": ["role", "x"]}})
    };
    let auth = json!({"team/jwt/": mount("auth_jwt_1", "jwt")});
    let auth = attributes("auth-list.json", &auth);
    assert_eq!(auth[0].kind, "vault-auth-mount");
    assert_eq!(auth[0].object, "vault:mount/auth/team/jwt/");
    assert_eq!(all(&auth, "path"), ["auth/team/jwt/"]);
    assert_eq!(
        all(&auth, "config.audit_non_hmac_request_keys"),
        ["role", "x"]
    );
    let engines = answer(json!({"secret/": mount("kv_1", "kv")}));
    let engines = attributes("secrets-list.json", &engines);
    assert_eq!(engines[0].kind, "vault-secret-mount");
    assert_eq!(engines[0].object, "vault:mount/secret/");
    assert_eq!(all(&engines, "options.version"), ["2"]);
}

#[test]
fn audit_devices_are_counted_even_where_there_are_none() {
    let list = json!({"file/": {"type": "file", "path": "file/", "options": {"log_raw": "true"}}});
    let list = attributes("audit-list.json", &list);
    assert_eq!(all(&list, "devices"), ["1"]);
    assert_eq!(all(&list, "options.log_raw"), ["true"]);
    assert!(
        list.iter()
            .any(|a| a.object == "vault:audit/file" && a.name == "type")
    );
    let none = attributes("v/audit-list.json", &answer(json!({})));
    assert_eq!((all(&none, "devices"), none.len()), (vec!["0"], 1));
    assert!(read("x.json", "{}").is_err());
}

#[test]
fn aliases_of_an_entity_are_numbered() {
    let entity = answer(json!({
        "id": "e1", "name": "ada", "disabled": false, "direct_group_ids": [], "policies": ["p"],
        "metadata": {"team": "x"}, "group_ids": ["g1", "g2"],
        "aliases": [
            {"id": "a1", "name": "ada", "mount_path": "auth/userpass/", "metadata": null},
            {"id": "a2", "name": "7", "mount_accessor": "auth_jwt_1", "metadata": {"role": "r"}}
        ]
    }));
    let entity = attributes("identity/entity/id/e1.json", &entity);
    assert!(
        entity
            .iter()
            .all(|a| a.object == "vault:entity/e1" && a.kind == "vault-entity")
    );
    assert_eq!(all(&entity, "alias.0.mount_path"), ["auth/userpass/"]);
    assert_eq!(all(&entity, "alias.1.metadata.role"), ["r"]);
    assert_eq!(all(&entity, "group_ids"), ["g1", "g2"]);
    assert_eq!(all(&entity, "metadata.team"), ["x"]);
    assert!(all(&entity, "id").is_empty());
}

#[test]
fn a_group_has_members_and_policies() {
    let group = answer(json!({
        "id": "g1", "name": "oncall", "type": "internal", "policies": ["p", "q"],
        "member_entity_ids": ["e1", "e2"], "member_group_ids": null, "alias": {},
        "namespace_id": "root"
    }));
    let group = attributes("identity/group/id/g1.json", &group);
    assert!(
        group
            .iter()
            .all(|a| a.object == "vault:group/g1" && a.kind == "vault-group")
    );
    assert_eq!(all(&group, "policies"), ["p", "q"]);
    assert_eq!(all(&group, "member_entity_ids"), ["e1", "e2"]);
    assert!(all(&group, "id").is_empty());
}

#[test]
fn google_accounts_are_named_by_the_path_they_serve() {
    let account = answer(json!({
        "service_account_email": "deploy@p.iam.gserviceaccount.com", "token_scopes": ["s"], "ttl": 0
    }));
    let account = attributes("vault/gcp/impersonated-account/deploy.json", &account);
    assert_eq!(
        account[0].object,
        "vault:path/gcp/impersonated-account/deploy"
    );
    assert_eq!(all(&account, "account_type"), ["impersonated-account"]);
    assert_eq!(
        all(&account, "service_account_email"),
        ["deploy@p.iam.gserviceaccount.com"]
    );
}

#[test]
fn policies_are_recognised_by_their_first_statement() {
    let stanza =
        "path \"secret/data/{{identity.entity.name}}/*\" {\n  capabilities = [\"read\"]\n}\n";
    for text in [
        stanza.to_owned(),
        format!("\u{feff}# ${{comment}}\n/* path */ // x\n{stanza}"),
        format!("name = \"app\"\n{stanza}"),
        format!(
            "{stanza} # see ${{x}} and {{{{ .y }}}}\n/* ${{z}} */ // %{{ if }}\n# it's \"${{open}}\n"
        ),
        "path \"a/http://#x/*\" { capabilities = [\"list\"] }".to_owned(),
        "\"path\" \"a\" { policy = \"read\" }".to_owned(),
        // Broken, but meant as a policy: the parser says what is wrong with it.
        "path \"a\" { capabilities = [\"read }".to_owned(),
        r#"{"path": {"secret/*": {"capabilities": ["read"]}}}"#.to_owned(),
        // The server takes a placeholder for text: it hides nothing of the policy.
        "path \"${mount}/data/*\" {\n capabilities = [\"read\"]\n}".to_owned(),
        "path \"{{ .Tenant }}/*\" {\n capabilities = [\"read\"]\n}".to_owned(),
        "path \"a\" {\n}\npath \"b//#${x}\" {\n}".to_owned(),
        "path \"a\" {\n}\n%{ if extra }\npath \"b\" {\n}\n%{ endif }".to_owned(),
    ] {
        let found = policies("policies/app.prod.hcl", &text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(
            (found[0].name.as_str(), found[0].text.as_str()),
            ("app.prod", text.as_str())
        );
    }
    for text in [
        "resource \"vault_policy\" \"a\" {\n  policy = <<EOT\npath \"a\" {}\nEOT\n}",
        "path = \"/var/lib/vault\"",
        "pathology \"x\" {}",
        r#"{"path": "/var/lib"}"#,
        r#"{"path": {"a": 1}}"#,
        "",
    ] {
        assert!(policies("policies/a.hcl", text).is_empty(), "{text}");
    }
}

#[test]
fn a_policy_in_an_answer_is_its_text() {
    let text = "path \"a\" {\n  capabilities = [\"read\"]\n}\n";
    let acl = answer(json!({"name": "ci", "policy": text})).to_string();
    let found = policies("sys/policies/acl/other.json", &acl);
    assert_eq!(
        (found[0].name.as_str(), found[0].text.as_str()),
        ("ci", text)
    );
    let old = json!({"rules": text}).to_string();
    assert_eq!(policies("sys/policy/legacy.json", &old)[0].name, "legacy");
    let empty = answer(json!({"name": "none", "policy": ""})).to_string();
    assert_eq!(policies("sys/policies/acl/none.json", &empty)[0].text, "");
    assert!(policies("x.json", r#"{"policy": "be kind"}"#).is_empty());
}

#[test]
fn foreign_json_is_left_to_others() {
    for text in [
        r#"[{"id": 1, "name": "job"}]"#,
        r#"{"data": {"data": {"password": "x"}, "metadata": {}}, "request_id": "r"}"#,
        r#"{"bindings": [{"role": "roles/viewer", "members": ["user:a@b"]}], "etag": "x"}"#,
        r#"{"type": "request", "request": {"id": "r"}, "auth": {}}"#,
        "null",
        "7",
    ] {
        assert!(
            matches!(read("a.json", text), Err(Verdict::Foreign)),
            "{text}"
        );
    }
}

#[test]
fn claims_that_are_json_pointers_have_their_plain_names() {
    let role = answer(json!({
        "role_type": "jwt", "user_claim": "/user_email", "user_claim_json_pointer": true,
        "bound_claims": {"/project_id": "101", "/realm_access/roles": ["dev"], "ref": "main"},
        "claim_mappings": {"/job_id": "job_id"}, "groups_claim": "/groups",
    }));
    let found = attributes("auth/gitlab/role/r.json", &role);
    for (name, value) in [
        ("user_claim", "user_email"),
        ("groups_claim", "groups"),
        ("bound_claims.project_id", "101"),
        ("bound_claims./realm_access/roles", "dev"),
        ("bound_claims.ref", "main"),
        ("claim_mappings.job_id", "job_id"),
    ] {
        assert_eq!(all(&found, name), [value], "{name}");
    }
    // Without the switch the name is taken as it is.
    let literal = json!({"role_type": "jwt", "user_claim": "/user_email"});
    let found = attributes("auth/gitlab/role/r.json", &literal);
    assert_eq!(all(&found, "user_claim"), ["/user_email"]);
}

#[test]
fn users_groups_certificates_and_cel_roles_give_policies_too() {
    for (path, thing, object, method) in [
        (
            "auth/userpass/users/ada.json",
            answer(json!({"token_policies": ["t"], "token_ttl": 0})),
            "vault:role/userpass/ada",
            "userpass",
        ),
        (
            "v1/team/auth/corp/ldap/groups/dev.json",
            answer(json!({"policies": ["t"]})),
            "vault:role/team/corp/ldap/dev",
            "ldap",
        ),
        (
            "auth/ldap/users/ada.json",
            answer(json!({"policies": ["t"], "groups": "dev"})),
            "vault:role/ldap/ada",
            "ldap",
        ),
        (
            "auth/cert/certs/web.json",
            answer(
                json!({"certificate": "-", "allowed_common_names": [], "token_policies": ["t"]}),
            ),
            "vault:role/cert/web",
            "cert",
        ),
        (
            "auth/jwt/cel/role/c.json",
            answer(json!({"cel_program": {"expression": "true"}, "token_policies": ["t"]})),
            "vault:role/jwt/c",
            "jwt-cel",
        ),
    ] {
        let found = attributes(path, &thing);
        assert_eq!(found[0].object, object);
        assert_eq!(all(&found, "method"), [method], "{path}");
        assert_eq!(all(&found, "token_policies"), ["t"], "{path}");
    }
    // Elsewhere, lists of policies are no users.
    let elsewhere = answer(json!({"policies": ["t"]})).to_string();
    assert!(read("gitlab/users/ada.json", &elsewhere).is_err());
}

#[test]
fn an_answer_cut_down_to_its_data_is_read() {
    let config = json!({"data": {"bound_issuer": "https://gitlab.example"}});
    let found = attributes("auth/gitlab/config.json", &config);
    assert_eq!(all(&found, "bound_issuer"), ["https://gitlab.example"]);
}

#[test]
fn settings_of_another_type_are_damage_and_not_passed_over() {
    for config in [
        json!({"bound_issuer": ["https://gitlab.example"], "oidc_discovery_url": "https://g"}),
        json!({"bound_issuer": {"url": "https://gitlab.example"}}),
        json!({"oidc_discovery_url": "https://g", "jwt_validation_pubkeys": [["k"]]}),
        json!({"oidc_discovery_url": "https://g", "provider_config": "x"}),
        json!({"iam_alias": true}),
    ] {
        let read = read("auth/gitlab/config.json", &answer(config).to_string());
        assert!(
            matches!(read, Err(Verdict::Rejected(_))),
            "{:?}",
            read.err()
        );
    }
}

#[test]
fn a_policy_with_a_filter_path_is_no_template_and_a_cut_json_one_is_a_policy() {
    let filter = "path \"a/*\" { capabilities = [\"list\"] \
                  list_scan_response_keys_filter_path = \"{{ .path }}{{ .key }}\" }";
    assert_eq!(policies("policies/a.hcl", filter).len(), 1);
    let template = "path \"{{ .Values.path }}\" { capabilities = [\"list\"] }";
    assert!(has_placeholders(template) && !has_placeholders(filter));
    let cut = "{\"path\":{\"a\":{\"capabilities\":[\"read\"] \"b\":1}}}";
    assert_eq!(policies("policies/a.hcl", cut).len(), 1);
    assert_eq!(policies("other/a.hcl", cut).len(), 0);
}
