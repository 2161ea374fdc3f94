//! Sequences of Vault records as servers write them: namespaces, a second factor, wrapped logins,
//! inline logins, control groups. Each is told by a small log of its own.

use serde_json::{Value, json};

use super::product::{Pack, report};
use super::vault_log::{folder, lines};

const CONFIGURATION: &str = "[vault]\nci_mounts = [\"auth/gitlab/\"]\nhuman_mounts = [\"auth/userpass/\"]\n\n\
    [[owner]]\nprefix = \"team-a/secret/shop/\"\nproject = \"acme/shop\"\n";

fn hash(what: &str) -> String {
    format!("hmac-sha256:{what:0>64}")
}

/// Request and response of one operation at second `at`.
fn pair(at: u32, id: u32, auth: &Value, request: &Value, answer: &Value) -> [Value; 2] {
    let time = |part: u32| format!("2026-09-01T10:{:02}:{:02}.{part}Z", at / 60, at % 60);
    let mut request = request.clone();
    request["id"] = json!(format!("{id:08x}-0000-4000-8000-000000000000"));
    request["remote_address"] = json!("10.40.9.7");
    let error = answer.get("error").cloned().unwrap_or(json!(""));
    let mut response = answer.clone();
    response.as_object_mut().unwrap().remove("error");
    [
        json!({"time": time(1), "type": "request", "auth": auth, "request": request}),
        json!({"time": time(2), "type": "response", "auth": auth, "request": request,
            "response": response, "error": error}),
    ]
}

/// The identity of a token, as requests made with it name it.
fn token(name: &str, metadata: Value) -> Value {
    json!({"client_token": hash("a"), "accessor": hash("b"), "display_name": name,
        "policies": ["app"], "token_policies": ["app"], "metadata": metadata, "entity_id": "e1",
        "token_type": "service", "token_ttl": 600})
}

fn request(mount: &str, path: &str, operation: &str) -> Value {
    json!({"operation": operation, "mount_point": mount, "path": path, "namespace": {"id": "root"}})
}

/// A read with the token of [`token`].
fn read(at: u32, id: u32, auth: &Value) -> [Value; 2] {
    let mut read = request("secret/", "secret/data/shop/db", "read");
    read["client_token"] = json!(hash("a"));
    read["client_token_accessor"] = json!(hash("b"));
    pair(
        at,
        id,
        auth,
        &read,
        &json!({"data": {"data": {"x": "hmac-sha256:0"}}}),
    )
}

fn pack(records: &[Value], more: &[(&str, &str)]) -> Pack {
    let log = lines(records);
    let mut files = vec![
        ("piperoll.toml", CONFIGURATION.as_bytes()),
        ("in/vault/audit.log", log.as_bytes()),
    ];
    files.extend(more.iter().map(|(name, text)| (*name, text.as_bytes())));
    let folder = folder(&files);
    let configuration = folder.path().join("piperoll.toml");
    report(
        &[folder.path().join("in")],
        &configuration,
        &["--from", "2026-09-01", "--to", "2026-10-01"],
    )
}

/// Outcome and login of each operation, in order.
fn chains(pack: &Pack) -> Vec<(String, String)> {
    let login = |id: &str| {
        id.trim_start_matches("vault:login/")
            .chars()
            .take(8)
            .collect()
    };
    let chains = pack.rows("identity_chains");
    chains
        .iter()
        .map(|row| (row["outcome"].clone(), login(&row["login_id"])))
        .collect()
}

fn told(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = expected.iter();
    owned
        .map(|(outcome, login)| ((*outcome).to_owned(), (*login).to_owned()))
        .collect()
}

const NOBODY: &str = r#"{"token_type": "default"}"#;

fn nobody() -> Value {
    serde_json::from_str(NOBODY).unwrap()
}

#[test]
fn what_lies_in_a_namespace_is_joined_there_and_root_is_not_blamed() {
    let metadata = json!({"role": "app", "project_id": "42", "job_id": "7"});
    let auth = token("team-a-auth-gitlab-42", metadata);
    let within = |mut request: Value| {
        request["namespace"] = json!({"id": "n1", "path": "team-a/"});
        request
    };
    let login = within(request(
        "team-a/auth/gitlab/",
        "auth/gitlab/login",
        "update",
    ));
    let mut read = within(request("team-a/secret/", "secret/data/shop/db", "read"));
    read["client_token_accessor"] = json!(hash("b"));
    let answer = json!({"data": {"data": {"x": "hmac-sha256:0"}, "metadata": {"version": 3}}});
    let records = [
        pair(0, 1, &nobody(), &login, &json!({"auth": auth})),
        pair(1, 2, &auth, &read, &answer),
    ]
    .concat();
    let wide = "path \"*\" { capabilities = [\"read\"] }";
    let narrow = "path \"secret/data/shop/*\" { capabilities = [\"read\"] }";
    let role = r#"{"data": {"role_type": "jwt", "user_claim": "project_id", "bound_audiences": ["https://vault.example"],
        "bound_claims": {"project_id": "42", "ref_protected": "true"}, "token_policies": ["app"], "token_ttl": 600,
        "token_max_ttl": 600, "token_explicit_max_ttl": 600}}"#;
    let mounts = r#"{"secret/": {"type": "kv", "accessor": "kv_1", "options": {"version": "2"}}}"#;
    let methods = r#"{"gitlab/": {"type": "jwt", "accessor": "auth_jwt_1"}}"#;
    let jobs = r#"[{"id": 7, "status": "success", "ref": "main", "started_at": "2026-09-01T09:59:00Z",
        "finished_at": "2026-09-01T10:05:00Z", "pipeline": {"id": 1, "project_id": 42}, "name": "deploy", "stage": "deploy",
        "created_at": "2026-09-01T09:58:00Z", "user": {"username": "ada"}, "web_url": "https://gitlab.example/acme/shop/-/jobs/7"}]"#;
    let pack = pack(
        &records,
        &[
            ("in/vault/v1/team-a/policies/app.hcl", narrow),
            ("in/vault/policies/app.hcl", wide),
            ("in/vault/v1/team-a/auth/gitlab/role/app.json", role),
            ("in/vault/v1/team-a/auth-list.json", methods),
            ("in/vault/v1/team-a/secrets-list.json", mounts),
            ("in/gitlab/projects/42/jobs.json", jobs),
        ],
    );
    let chains = pack.rows("identity_chains");
    let read = chains.last().unwrap();
    assert_eq!(read["role"], "vault:role/team-a/gitlab/app");
    assert_eq!(read["object"], "vault:path/team-a/secret/data/shop/db");
    assert!(
        read["owner"].starts_with("gitlab:project/"),
        "{}",
        read["owner"]
    );
    assert_eq!(read["origin_id"], "gitlab:job/42/7");
    let findings = pack.rows("findings");
    let of = |rule: &str| -> Vec<&str> {
        let found = findings.iter().filter(|row| row["rule_id"] == rule);
        found.map(|row| row["subject"].as_str()).collect()
    };
    // The policy of root that has the same name is another one.
    assert_eq!(of("VLT-POL-001"), ["vault:policy/app"]);
    assert_eq!(of("VLT-POL-009"), [""; 0]);
    for row in &findings {
        let named = format!("{} {}", row["subject"], row["object"]);
        assert!(!named.contains("team-a/team-a"), "{named}");
        assert!(
            !named.contains("vault:mount/auth/"),
            "{} {named}",
            row["rule_id"]
        );
    }
}

#[test]
fn a_second_factor_makes_one_login_and_a_wrong_one_a_failed_login() {
    let auth = token("userpass-ada", json!({"username": "ada"}));
    let first = request("auth/userpass/", "auth/userpass/login/ada", "update");
    let second = request("sys/", "sys/mfa/validate", "update");
    let due = json!({"auth": {"token_type": "default"}, "warnings": ["a second factor is due"]});
    let wrong = json!({"data": {"error": "hmac-sha256:0"}, "error": "permission denied"});
    let records = [
        pair(0, 1, &nobody(), &first, &due),
        pair(5, 2, &nobody(), &second, &wrong),
        pair(10, 3, &nobody(), &first, &due),
        pair(20, 4, &nobody(), &second, &json!({"auth": auth})),
        read(30, 5, &auth),
    ]
    .concat();
    let pack = pack(&records, &[]);
    let expected = told(&[
        ("unknown", ""),
        ("failed", ""),
        ("unknown", ""),
        ("allowed", "00000004"),
        ("allowed", "00000004"),
    ]);
    assert_eq!(chains(&pack), expected);
}

#[test]
fn a_wrapped_login_is_the_login_and_its_unwrapping_is_none() {
    let auth = token("gitlab-42", json!({"role": "app"}));
    let mut login = request("auth/gitlab/", "auth/gitlab/login", "update");
    login["wrap_ttl"] = json!(60);
    let wrapped = json!({"wrap_info": {"ttl": 60, "token": hash("c"), "accessor": hash("d"),
        "creation_path": "auth/gitlab/login", "wrapped_accessor": hash("b")}});
    let wrapping = json!({"client_token": hash("c"), "accessor": hash("d"), "policies": ["response-wrapping"]});
    let unwrap = request("sys/", "sys/wrapping/unwrap", "update");
    let mut first = pair(0, 1, &auth, &login, &wrapped);
    first[0]["auth"] = nobody();
    let records = [
        first,
        pair(1, 2, &wrapping, &unwrap, &json!({"auth": auth})),
        read(2, 3, &auth),
    ]
    .concat();
    let pack = pack(&records, &[]);
    let expected = told(&[
        ("allowed", "00000001"),
        ("allowed", ""),
        ("allowed", "00000001"),
    ]);
    assert_eq!(chains(&pack), expected);
    let roles: Vec<String> = pack
        .rows("identity_chains")
        .iter()
        .map(|row| row["role"].clone())
        .collect();
    assert_eq!(roles[2], "vault:role/gitlab/app");
    let rules: Vec<String> = pack
        .rows("findings")
        .iter()
        .map(|row| row["rule_id"].clone())
        .collect();
    assert!(!rules.contains(&"JOI-006".to_owned()), "{rules:?}");
}

#[test]
fn a_request_with_its_login_inline_is_made_with_the_token_of_that_login() {
    let auth = token("userpass-ada", json!({"username": "ada"}));
    let login = request("auth/userpass/", "auth/userpass/login/ada", "update");
    let mut bare = auth.clone();
    bare.as_object_mut().unwrap().remove("accessor");
    let mut asked = read(1, 2, &bare);
    for record in &mut asked {
        let request = record["request"].as_object_mut().unwrap();
        request.remove("client_token_accessor");
    }
    let records = [pair(0, 1, &nobody(), &login, &json!({"auth": auth})), asked].concat();
    let expected = told(&[("allowed", "00000001"), ("allowed", "00000001")]);
    assert_eq!(chains(&pack(&records, &[])), expected);
}

#[test]
fn what_a_control_group_holds_back_is_read_only_when_it_is_let_through() {
    let auth = token("userpass-ada", json!({"username": "ada"}));
    let login = request("auth/userpass/", "auth/userpass/login/ada", "update");
    let mut asked = read(1, 2, &auth);
    asked[1]["response"] =
        json!({"wrap_info": {"ttl": 600, "token": hash("c"), "accessor": hash("d")}});
    let mut later = read(60, 2, &auth);
    for record in &mut later {
        record["request"]["forwarded_from"] = json!("unwrap-deferred");
    }
    let records = [
        pair(0, 1, &nobody(), &login, &json!({"auth": auth})),
        asked,
        later,
    ]
    .concat();
    let pack = pack(&records, &[]);
    let expected = told(&[
        ("allowed", "00000001"),
        ("failed", "00000001"),
        ("allowed", "00000001"),
    ]);
    assert_eq!(chains(&pack), expected);
    assert_eq!(pack.rows("coverage")[0]["duplicates"], "0");
}
