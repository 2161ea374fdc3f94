//! What Google's logs name and no export holds is a hole of the rules that look at such things.

use super::product::{Pack, fixture, try_report};
use super::vault_log::folder;
use std::fs;

const SERVICE: &str = r#"{"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "NAME", "namespace": "p", "labels": {"cloud.googleapis.com/location": "l"}}, "spec": {"template": {"spec": {"serviceAccountName": "NAME@p.iam.gserviceaccount.com", "containers": [{"image": "i"}]}}}}"#;
const REQUEST: &str = r#"{"logName": "projects/p/logs/run.googleapis.com%2Frequests", "httpRequest": {"requestMethod": "GET", "requestUrl": "https://shop.example/pay", "status": STATUS, "remoteIp": "203.0.113.9"}, "timestamp": "2026-09-02T03:04:05.678Z", "insertId": "r1", "resource": {"type": "cloud_run_revision", "labels": {"project_id": "p", "service_name": "shop", "revision_name": "shop-1", "location": "l"}}}"#;
const POLICY: &str = r#"{"version": 1, "etag": "e", "bindings": [{"role": "roles/viewer", "members": ["user:ada@example.org"]}], "auditConfigs": [{"service": "allServices", "auditLogConfigs": [{"logType": "DATA_READ"}, {"logType": "ADMIN_READ"}]}]}"#;
const ACTIVITY: &str = r#"{"logName": "projects/PROJECT/logs/cloudaudit.googleapis.com%2Factivity", "timestamp": "2026-09-02T03:04:05.678Z", "insertId": "a1", "resource": {"type": "project", "labels": {"project_id": "PROJECT"}}, "protoPayload": {"@type": "type.googleapis.com/google.cloud.audit.AuditLog", "serviceName": "cloudresourcemanager.googleapis.com", "methodName": "GetProject", "resourceName": "projects/PROJECT", "authenticationInfo": {"principalEmail": "ada@example.org"}}}"#;

fn reason(files: &[(&str, &str)], rule: &str) -> String {
    let log = fs::read(fixture("cases/vault-only/input/audit.log")).unwrap();
    let config = fs::read(fixture("cases/vault-only/piperoll.toml")).unwrap();
    let mut all: Vec<(&str, &[u8])> = vec![
        ("piperoll.toml", &config),
        ("exports/vault/audit.log", &log),
    ];
    all.extend(files.iter().map(|(name, text)| (*name, text.as_bytes())));
    let root = folder(&all);
    let input = root.path().join("exports");
    let (ran, pack) = try_report(&[input], &root.path().join("piperoll.toml"), &[]);
    let pack: Pack = pack.unwrap_or_else(|| panic!("{}", ran.err));
    let rules = pack.rows("rules");
    let row = rules.iter().find(|row| row["rule_id"] == rule).unwrap();
    format!("{} {}", row["outcome"], row["reason"])
}

#[test]
fn a_service_that_answered_and_was_not_exported_keeps_rules_from_passing() {
    let said = |name: &str, status: &str| {
        let (service, request) = (
            SERVICE.replace("NAME", name),
            REQUEST.replace("STATUS", status),
        );
        let files = [
            ("exports/gcp/run/one.json", service.as_str()),
            ("exports/gcp/requests.json", request.as_str()),
        ];
        reason(&files, "GCP-RUN-002")
    };
    let other = said("app", "200");
    assert!(
        other.contains("Cloud Run services that were not exported: run:service/p/l/shop"),
        "{other}"
    );
    assert!(!said("shop", "200").contains("not exported"));
    // A refused request proves nothing.
    assert!(!said("app", "404").contains("not exported"));
}

#[test]
fn a_project_whose_log_is_there_and_whose_policy_is_not_keeps_rules_from_passing() {
    let said = |project: &str| {
        let activity = ACTIVITY.replace("PROJECT", project);
        let files = [
            ("exports/gcp/projects/p/iam-policy.json", POLICY),
            ("exports/gcp/activity.json", activity.as_str()),
        ];
        reason(&files, "INT-005")
    };
    let other = said("q");
    assert!(
        other.contains("whose IAM policy was not exported: q"),
        "{other}"
    );
    let own = said("p");
    assert!(!own.contains("not exported"), "{own}");
}

#[test]
fn a_key_of_whose_making_the_log_says_nothing_keeps_rules_from_passing() {
    const KEYS: &str = r#"[{"name": "projects/p/serviceAccounts/a@p.iam.gserviceaccount.com/keys/k1", "keyType": "USER_MANAGED", "keyOrigin": "GOOGLE_PROVIDED", "validAfterTime": "2026-09-02T03:04:06Z"}]"#;
    let said = |method: &str| {
        let activity = ACTIVITY.replace("PROJECT", "p");
        let activity = activity.replace("GetProject", method);
        let files = [
            ("exports/gcp/keys.json", KEYS),
            ("exports/gcp/activity.json", activity.as_str()),
        ];
        reason(&files, "GCP-EVT-002")
    };
    let untold = said("GetProject");
    assert!(
        untold.contains("does not tell that keys of service accounts were made"),
        "{untold}"
    );
    let told = said("google.iam.admin.v1.CreateServiceAccountKey");
    assert!(!told.contains("does not tell"), "{told}");
}

#[test]
fn a_method_that_a_list_a_role_or_a_login_names_without_its_settings_keeps_a_rule_from_passing() {
    const SETTINGS: &str = r#"{"request_id": "r", "data": {"oidc_discovery_url": "https://gitlab.example", "bound_issuer": "https://gitlab.example"}}"#;
    const ROLE: &str = r#"{"request_id": "r", "data": {"role_type": "jwt", "user_claim": "project_id", "bound_audiences": ["https://vault.example"], "token_policies": ["app"]}}"#;
    const LIST: &str = r#"{"apps/": {"accessor": "auth_jwt_1", "config": {}, "type": "jwt"}}"#;
    let said = |more: &[(&str, &str)]| {
        let own = ("exports/vault/auth/gitlab/config.json", SETTINGS);
        let files: Vec<(&str, &str)> = std::iter::once(own).chain(more.iter().copied()).collect();
        reason(&files, "VLT-MNT-003")
    };
    let known = said(&[("exports/vault/auth/apps/config.json", SETTINGS)]);
    assert!(!known.contains("auth methods whose settings"), "{known}");
    for witness in [
        ("exports/vault/auth/apps/role/app.json", ROLE),
        ("exports/vault/auth-list.json", LIST),
    ] {
        let missing = said(&[witness]);
        assert!(
            missing.contains("settings were not exported: apps"),
            "{missing}"
        );
    }
    let settings_of_another = [("exports/vault/auth/apps/config.json", SETTINGS)];
    let by_login = reason(&settings_of_another, "VLT-MNT-003");
    assert!(
        by_login.contains("settings were not exported: gitlab"),
        "{by_login}"
    );
}
