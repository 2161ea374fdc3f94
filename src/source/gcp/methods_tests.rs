//! Hand-written entries (synthetic) of every method that a rule looks at.

use serde_json::{Value, json};

use super::tests::{assert_has, entry, event};

fn admin(service: &str, method: &str, resource: &str, over: Value) -> String {
    let mut payload =
        json!({"serviceName": service, "methodName": method, "resourceName": resource});
    if let (Some(payload), Value::Object(over)) = (payload.as_object_mut(), over) {
        payload.extend(over);
    }
    event(&entry("activity", payload))
}

const DELTA: &str = r#"PolicyDelta { action: "ADD", role: "roles/owner", member: "user:eve@x.example", condition: "a < b", audit_service: None }"#;

#[test]
fn every_spelling_of_set_iam_policy_gives_its_deltas() {
    let delta = json!({"policyDelta": {"bindingDeltas": [
        {"action": "ADD", "role": "roles/owner", "member": "user:eve@x.example", "condition": {"expression": "a < b"}}
    ]}});
    for (service, method) in [
        ("cloudresourcemanager.googleapis.com", "SetIamPolicy"),
        ("iam.googleapis.com", "google.iam.admin.v1.SetIAMPolicy"),
        ("storage.googleapis.com", "storage.setIamPermissions"),
        (
            "run.googleapis.com",
            "google.cloud.run.v1.Services.SetIamPolicy",
        ),
        (
            "compute.googleapis.com",
            "v1.compute.instances.setIamPolicy",
        ),
    ] {
        for member in ["serviceData", "metadata"] {
            let logged = admin(
                service,
                method,
                "projects/p",
                json!({member: delta.clone()}),
            );
            assert_has(&logged, &[DELTA]);
        }
    }
    let bare = admin(
        "x.googleapis.com",
        "SetIamPolicy",
        "r",
        json!({"metadata": delta["policyDelta"]}),
    );
    assert_has(&bare, &[DELTA]);
}

#[test]
fn where_only_a_policy_is_logged_every_binding_is_unknown() {
    let policy = json!({
        "bindings": [{"role": "roles/viewer", "members": ["allUsers", "user:a@x.example"]}],
        "auditConfigs": [{"service": "allServices", "auditLogConfigs": [{"logType": "DATA_READ", "exemptedMembers": ["user:a@x.example"]}]}]
    });
    let asked = admin(
        "iap.googleapis.com",
        "a.b.SetIamPolicy",
        "r",
        json!({"request": {"policy": policy}}),
    );
    assert_has(
        &asked,
        &[
            r#"action: "UNKNOWN", role: "roles/viewer", member: "allUsers""#,
            r#"action: "UNKNOWN", role: "roles/viewer", member: "user:a@x.example""#,
            r#"action: "UNKNOWN", role: "DATA_READ", member: "", condition: "", audit_service: Some("allServices")"#,
            r#"action: "UNKNOWN", role: "DATA_READ", member: "user:a@x.example", condition: "", audit_service: Some("allServices")"#,
        ],
    );
    let answered = admin(
        "iap.googleapis.com",
        "a.b.SetIamPolicy",
        "r",
        json!({"response": policy}),
    );
    assert_has(
        &answered,
        &[r#"action: "UNKNOWN", role: "roles/viewer", member: "allUsers""#],
    );
    let read = admin(
        "iap.googleapis.com",
        "a.b.GetIamPolicy",
        "r",
        json!({"response": policy}),
    );
    assert_has(&read, &["deltas: []"]);
}

#[test]
fn a_log_that_is_switched_off_is_a_delta_of_its_service() {
    let changed = admin(
        "cloudresourcemanager.googleapis.com",
        "SetIamPolicy",
        "projects/p",
        json!({"serviceData": {"policyDelta": {"auditConfigDeltas": [
            {"action": "REMOVE", "service": "allServices", "logType": "DATA_READ"},
            {"action": "ADD", "service": "cloudkms.googleapis.com", "logType": "DATA_READ", "exemptedMember": "user:eve@x.example"}
        ]}}}),
    );
    assert_has(
        &changed,
        &[
            r#"action: "REMOVE", role: "DATA_READ", member: "", condition: "", audit_service: Some("allServices")"#,
            r#"action: "ADD", role: "DATA_READ", member: "user:eve@x.example", condition: "", audit_service: Some("cloudkms.googleapis.com")"#,
        ],
    );
}

const TARGET: &str = r#"target_account: Some("gcp:sa/app@p.iam.gserviceaccount.com")"#;
const EMAIL: &str = "App@p.iam.gserviceaccount.com";

#[test]
fn keys_accounts_and_impersonation_name_the_account_acted_on() {
    let (email, account) = (EMAIL, format!("projects/-/serviceAccounts/{EMAIL}"));
    let iam = "iam.googleapis.com";
    let create_key = "google.iam.admin.v1.CreateServiceAccountKey";
    let upload_key = "google.iam.admin.v1.UploadServiceAccountKey";
    for (service, method, resource, over) in [
        (iam, create_key, &*account, json!({})),
        (iam, upload_key, &*account, json!({})),
        (
            iam,
            "google.iam.admin.v1.CreateServiceAccount",
            "projects/p",
            json!({"response": {"email": email}}),
        ),
        (
            "iamcredentials.googleapis.com",
            "GenerateAccessToken",
            &*account,
            json!({}),
        ),
        (
            "iamcredentials.googleapis.com",
            "SignJwt",
            "projects/-/serviceAccounts/12345",
            json!({"request": {"name": account}}),
        ),
        (
            "storage.googleapis.com",
            "storage.hmacKeys.create",
            "projects/p",
            json!({"request": {"serviceAccountEmail": email}}),
        ),
        (
            "cloudbuild.googleapis.com",
            "CreateBuild",
            "projects/p/builds",
            json!({"request": {"build": {"serviceAccount": account}}}),
        ),
        (
            "compute.googleapis.com",
            "v1.compute.instances.insert",
            "projects/p/zones/z/instances/i",
            json!({"request": {"serviceAccounts": [{"email": email}]}}),
        ),
        (
            "deploymentmanager.googleapis.com",
            "x.insert",
            "projects/p",
            json!({"authorizationInfo": [{"permission": "iam.serviceAccounts.actAs", "resource": account, "granted": true}]}),
        ),
    ] {
        assert_has(&admin(service, method, resource, over), &[TARGET]);
    }
}

#[test]
fn the_account_acted_on_is_named_by_label_or_number_or_not_at_all() {
    let mut labelled = entry(
        "data_access",
        json!({"resourceName": "projects/-/serviceAccounts/12345"}),
    );
    labelled["resource"] =
        json!({"type": "service_account", "labels": {"email_id": EMAIL, "unique_id": "12345"}});
    assert_has(&event(&labelled), &[TARGET]);
    let numeric = admin(
        "iam.googleapis.com",
        "SetIAMPolicy",
        "projects/-/serviceAccounts/12345",
        json!({}),
    );
    assert_has(&numeric, &[r#"target_account: Some("gcp:sa/12345")"#]);
    assert_has(
        &admin(
            "storage.googleapis.com",
            "storage.objects.get",
            "projects/_/buckets/b/objects/o",
            json!({}),
        ),
        &["target_account: None"],
    );
}

#[test]
fn a_deploy_names_its_runtime_account_image_and_commit() {
    let knative = json!({"service": {"metadata": {"labels": {"commit-sha": "abc"}, "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{\"env\":\"hunter2\"}"}}, "spec": {"template": {"spec": {
        "serviceAccountName": "run@p.iam.gserviceaccount.com", "containers": [{"image": "eu.gcr.io/p/shop:1"}]
    }}}}});
    let v2 = json!({"service": {"labels": {"commit-sha": "abc"}, "template": {
        "serviceAccount": "run@p.iam.gserviceaccount.com", "containers": [{"image": "eu.gcr.io/p/shop:1"}]
    }}});
    for (method, request) in [
        ("google.cloud.run.v1.Services.ReplaceService", knative),
        ("google.cloud.run.v2.Services.UpdateService", v2),
    ] {
        let mut value = entry(
            "activity",
            json!({"serviceName": "run.googleapis.com", "methodName": method, "resourceName": "namespaces/1/services/shop", "request": request}),
        );
        value["resource"] = json!({"type": "cloud_run_revision", "labels": {"project_id": "p", "location": "l", "service_name": "shop"}});
        let logged = event(&value);
        assert!(!logged.contains("hunter2"));
        assert_has(
            &logged,
            &[
                r#"target_account: Some("gcp:sa/run@p.iam.gserviceaccount.com")"#,
                r#"("image", "eu.gcr.io/p/shop:1")"#,
                r#"("label.commit-sha", "abc")"#,
                r#"("run_service", "run:service/p/l/shop")"#,
            ],
        );
    }
}

#[test]
fn federated_and_delegated_callers_keep_their_subjects() {
    let subject = "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/gl/subject/project_path:acme/shop:ref:main";
    let exchange = event(&entry(
        "data_access",
        json!({
            "serviceName": "sts.googleapis.com", "methodName": "google.identity.sts.v1.SecurityTokenService.ExchangeToken",
            "authenticationInfo": {"principalSubject": subject},
            "request": {"grantType": "urn:ietf:params:oauth:grant-type:token-exchange", "audience": "//iam.googleapis.com/projects/1"},
            "metadata": {"mapped_principal": subject}
        }),
    ));
    assert_has(
        &exchange,
        &[
            &format!(r#"principal: Some("gcp:principal/{subject}")"#),
            r#"operation: "ExchangeToken""#,
            r#"("sts_audience", "//iam.googleapis.com/projects/1")"#,
            &format!(r#"("sts_mapped_principal", "{subject}")"#),
        ],
    );
    // As Google logs it: the caller is what the issuer calls it, mapped below.
    let raw = event(&entry(
        "data_access",
        json!({
            "serviceName": "sts.googleapis.com", "methodName": "google.identity.sts.v1.SecurityTokenService.ExchangeToken",
            "authenticationInfo": {"principalSubject": "project_path:acme/shop:ref:main"},
            "authorizationInfo": [{}],
            "metadata": {"@type": "type.googleapis.com/google.identity.sts.v1.AuditData", "mapped_principal": subject}
        }),
    ));
    assert_has(
        &raw,
        &[
            &format!(r#"principal: Some("gcp:principal/{subject}")"#),
            r#"display_name: Some("project_path:acme/shop:ref:main")"#,
            "outcome: Allowed",
        ],
    );
    let delegated = event(&entry(
        "data_access",
        json!({"authenticationInfo": {
            "principalEmail": "b@p.iam.gserviceaccount.com",
            "serviceAccountKeyName": "//iam.googleapis.com/projects/p/serviceAccounts/b/keys/k",
            "serviceAccountDelegationInfo": [
                {"principalSubject": subject},
                {"firstPartyPrincipal": {"principalEmail": "A@p.iam.gserviceaccount.com"}},
                {"thirdPartyPrincipal": {"thirdPartyClaims": {}}}
            ]
        }}),
    ));
    assert_has(
        &delegated,
        &[
            &format!(
                r#"delegation: ["gcp:principal/{subject}", "gcp:sa/a@p.iam.gserviceaccount.com"]"#
            ),
            r#"key_name: Some("//iam.googleapis.com/projects/p/serviceAccounts/b/keys/k")"#,
        ],
    );
}

/// Of two copies of an entry, one may have lost the e-mail: both name the same caller.
#[test]
fn a_caller_whose_subject_alone_is_logged_is_called_as_by_the_email() {
    for (subject, name) in [
        (
            "serviceAccount:b@p.iam.gserviceaccount.com",
            "b@p.iam.gserviceaccount.com",
        ),
        ("user:ada@acme.example", "ada@acme.example"),
        ("user:ada", "user:ada"),
    ] {
        let said = event(&entry(
            "data_access",
            json!({"authenticationInfo": {"principalEmail": null, "principalSubject": subject}}),
        ));
        assert_has(&said, &[&format!("display_name: Some({name:?})")]);
    }
}

#[test]
fn callers_without_an_address_are_named_as_logged_or_not_at_all() {
    for (info, expected) in [
        (json!({}), "principal: None"),
        (json!({"principalEmail": ""}), "principal: None"),
        (
            json!({"principalEmail": "system:node:n1"}),
            r#"principal: Some("gcp:principal/system:node:n1")"#,
        ),
        (
            json!({"principalEmail": "system@google.com"}),
            r#"principal: Some("gcp:principal/system@google.com")"#,
        ),
        (
            json!({"principalEmail": "Bob@x.example"}),
            r#"principal: Some("gcp:principal/user:bob@x.example")"#,
        ),
        (
            json!({"principalSubject": "user:Bob@x.example"}),
            r#"principal: Some("gcp:principal/user:bob@x.example")"#,
        ),
        (
            json!({"principalSubject": "serviceAccount:a@p.iam.gserviceaccount.com"}),
            r#"principal: Some("gcp:sa/a@p.iam.gserviceaccount.com")"#,
        ),
    ] {
        let logged = event(&entry("data_access", json!({"authenticationInfo": info})));
        assert_has(&logged, &[expected]);
    }
}

#[test]
fn sinks_roles_and_keys_say_what_changed() {
    let sink = admin(
        "logging.googleapis.com",
        "google.logging.v2.ConfigServiceV2.DeleteSink",
        "projects/p/sinks/s",
        json!({}),
    );
    assert_has(
        &sink,
        &[
            r#"operation: "DeleteSink""#,
            r#"object: "gcp:resource/logging.googleapis.com/projects/p/sinks/s""#,
        ],
    );
    let role = admin(
        "iam.googleapis.com",
        "google.iam.admin.v1.UpdateRole",
        "projects/p/roles/r",
        json!({"serviceData": {"permissionDelta": {"addedPermissions": ["iam.serviceAccounts.actAs"]}}}),
    );
    assert_has(
        &role,
        &[r#"("permission_added", "iam.serviceAccounts.actAs")"#],
    );
    let role = admin(
        "iam.googleapis.com",
        "google.iam.admin.v1.CreateRole",
        "projects/p",
        json!({"request": {"role": {"included_permissions": ["a.b.c"]}}}),
    );
    assert_has(&role, &[r#"("permission_added", "a.b.c")"#]);
    let key = admin(
        "cloudkms.googleapis.com",
        "UpdateCryptoKeyVersion",
        "projects/p/x",
        json!({"request": {"cryptoKeyVersion": {"state": "DISABLED"}}}),
    );
    assert_has(&key, &[r#"("key_state", "DISABLED")"#]);
    let minted = admin(
        "iamcredentials.googleapis.com",
        "GenerateAccessToken",
        "projects/-/serviceAccounts/t@p.iam.gserviceaccount.com",
        json!({"metadata": {"identityDelegationChain": ["projects/-/serviceAccounts/m@p.iam.gserviceaccount.com"]}}),
    );
    assert_has(
        &minted,
        &[r#"("delegate", "gcp:sa/m@p.iam.gserviceaccount.com")"#],
    );
}

#[test]
fn a_perimeter_says_what_was_violated_and_a_rehearsal_refuses_nothing() {
    let refused = event(&entry(
        "policy",
        json!({"metadata": {"violationReason": "NO_MATCHING_ACCESS_LEVEL"}, "policyViolationInfo": {"orgPolicyViolationInfo": {"violationInfo": [{"constraint": "constraints/x"}]}}}),
    ));
    assert_has(
        &refused,
        &[
            "kind: PolicyDenied",
            "outcome: Denied",
            r#"("constraint", "constraints/x")"#,
            r#"("violation", "NO_MATCHING_ACCESS_LEVEL")"#,
        ],
    );
    let rehearsed = event(&entry("policy", json!({"metadata": {"dryRun": true}})));
    assert_has(&rehearsed, &["outcome: Unknown", r#"("dry_run", "true")"#]);
}

#[test]
fn an_empty_check_refuses_nothing_and_an_ungranted_one_does() {
    for (checks, outcome) in [
        (json!([{}]), "outcome: Allowed"),
        (json!([null]), "outcome: Allowed"),
        (json!([]), "outcome: Allowed"),
        (json!({}), "outcome: Allowed"),
        (
            json!([{}, {"permission": "a.b.c", "granted": true}]),
            "outcome: Allowed",
        ),
        (
            json!({"permission": "a.b.c", "granted": true}),
            "outcome: Allowed",
        ),
        (json!([null, {"permission": "a.b.c"}]), "outcome: Denied"),
        (json!([{"resource": "projects/p"}]), "outcome: Denied"),
        (
            json!([{"permission": "a.b.c", "granted": false}]),
            "outcome: Denied",
        ),
    ] {
        let logged = event(&entry(
            "data_access",
            json!({"serviceName": "x.googleapis.com", "methodName": "Get", "authorizationInfo": checks}),
        ));
        assert_has(&logged, &[outcome]);
    }
}

#[test]
fn a_delta_beside_nulls_or_alone_is_not_lost() {
    let delta = json!({"action": "ADD", "role": "roles/owner", "member": "user:eve@x.example", "condition": {"expression": "a < b"}});
    for deltas in [json!([null, delta]), delta.clone()] {
        let logged = admin(
            "cloudresourcemanager.googleapis.com",
            "SetIamPolicy",
            "projects/p",
            json!({"serviceData": {"policyDelta": {"bindingDeltas": deltas}}}),
        );
        assert_has(&logged, &[DELTA]);
    }
}
