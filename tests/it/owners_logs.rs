//! Logs and the exports beside them say together what their owners mean by them.

use crate::product::{Pack, run_in};
use crate::vault_log::folder;

/// The jobs that a secret's reading by a federated subject is traced to, with the key, where the
/// pool's providers map the subject so.
fn federated(subject: &str, mappings: &[&str]) -> Vec<String> {
    let pool = "projects/12/locations/global/workloadIdentityPools/gl";
    let job = serde_json::json!([{
        "id": 5001, "name": "deploy", "stage": "deploy", "status": "success", "ref": "main", "tag": false,
        "created_at": "2026-09-07T09:59:00Z", "started_at": "2026-09-07T10:00:00Z",
        "finished_at": "2026-09-07T10:05:00Z", "duration": 300.0, "user": {"id": 7, "username": "ada"},
        "pipeline": {"id": 900, "project_id": 101, "ref": "main", "sha": "abc", "status": "success", "source": "push"},
    }]);
    let providers: Vec<_> = (mappings.iter().enumerate())
        .map(|(nth, mapping)| {
            serde_json::json!({
                "name": format!("{pool}/providers/p{nth}"), "state": "ACTIVE",
                "attributeMapping": {"google.subject": mapping},
                "oidc": {"issuerUri": "https://gitlab.mill.example"},
            })
        })
        .collect();
    let entry = serde_json::json!({
        "insertId": "i1", "timestamp": "2026-09-07T10:01:00Z",
        "logName": "projects/mill-prod/logs/cloudaudit.googleapis.com%2Fdata_access",
        "protoPayload": {
            "serviceName": "secretmanager.googleapis.com",
            "methodName": "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion",
            "resourceName": "projects/12/secrets/db/versions/1",
            "authenticationInfo": {
                "principalSubject": format!("principal://iam.googleapis.com/{pool}/subject/{subject}"),
            },
        },
    });
    let texts = [
        job.to_string(),
        serde_json::json!(providers).to_string(),
        entry.to_string(),
    ];
    let [jobs, providers, log] = texts.each_ref().map(String::as_bytes);
    let folder = folder(&[
        ("in/gitlab/projects/101/jobs.json", jobs),
        ("in/gcp/projects/mill-prod/wif-gl.json", providers),
        ("in/gcp/logs/audit.json", log),
    ]);
    let period = ["--from", "2026-09-01", "--to", "2026-10-01"];
    let ran = run_in(
        folder.path(),
        &[&["report", "in", "-o", "out"], &period[..]].concat(),
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let edges = Pack::read(&folder.path().join("out")).rows("identity_edges");
    let cloud = edges.iter().filter(|row| row["edge"] == "job-cloud");
    cloud
        .map(|row| format!("{} {}", row["left_id"], row["key"]))
        .collect()
}

#[test]
fn a_federated_subject_is_what_its_pool_maps_it_from() {
    let job = |key: &str| vec![format!("gitlab:job/101/5001 {key}")];
    assert_eq!(
        federated("job_id:5001", &["'job_id:' + assertion.job_id"]),
        job("K1")
    );
    assert_eq!(federated("5001", &["assertion.job_id"]), job("K1"));
    assert_eq!(federated("101", &["assertion.project_id"]), job("K3"));
    // A number is nobody's id where nothing says whose, or two say otherwise.
    for mappings in [
        &[][..],
        &["assertion.user_id"],
        &["assertion.job_id", "assertion.user_id"],
    ] {
        assert_eq!(
            federated("5001", mappings),
            Vec::<String>::new(),
            "{mappings:?}"
        );
    }
}

/// Whether VLT-USE-001 accuses a request of `dev`, by a policy that is open to what `value` is of the
/// entity: its alias is called `101`, and its last login was of `main`.
fn accuses(value: &str) -> bool {
    let policy = format!("path \"secret/data/{{{{{value}}}}}/*\" {{ capabilities = [\"read\"] }}");
    let entity = r#"{"data":{"id":"e1","name":"x","policies":[],"direct_group_ids":[],"aliases":[{"id":"a1","name":"101","mount_accessor":"auth_jwt_1","mount_path":"auth/gitlab/","mount_type":"jwt","metadata":{"ref":"main"}}]}}"#;
    let line = |kind: &str, at: u8| {
        serde_json::json!({
            "time": format!("2026-09-07T10:00:0{at}Z"), "type": kind,
            "auth": {
                "client_token": "hmac-sha256:11", "accessor": "hmac-sha256:12", "policies": ["ci"],
                "token_policies": ["ci"], "entity_id": "e1", "metadata": {"ref": "dev"}, "token_type": "service",
                "policy_results": {"allowed": true, "granting_policies": [{"name": "ci", "type": "acl"}]},
            },
            "request": {
                "id": "r1", "operation": "read", "path": "secret/data/dev/db", "mount_point": "secret/",
                "mount_type": "kv", "client_token": "hmac-sha256:11", "remote_address": "10.1.0.9",
            },
            "response": {"mount_point": "secret/", "mount_type": "kv"},
        })
        .to_string()
    };
    let log = format!("{}\n{}\n", line("request", 0), line("response", 1));
    let folder = folder(&[
        ("in/vault/policies/ci.hcl", policy.as_bytes()),
        ("in/vault/identity/entity/id/e1.json", entity.as_bytes()),
        ("in/vault/file/audit.log", log.as_bytes()),
    ]);
    let period = ["--from", "2026-09-01", "--to", "2026-10-01"];
    let ran = run_in(
        folder.path(),
        &[&["report", "in", "-o", "out"], &period[..]].concat(),
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let findings = Pack::read(&folder.path().join("out")).rows("findings");
    findings.iter().any(|row| row["rule_id"] == "VLT-USE-001")
}

#[test]
fn what_each_login_writes_anew_is_not_held_against_an_earlier_request() {
    assert!(accuses("identity.entity.aliases.auth_jwt_1.name"));
    assert!(!accuses("identity.entity.aliases.auth_jwt_1.metadata.ref"));
}
