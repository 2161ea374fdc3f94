//! Hand-written requests (synthetic), in the spelling of the services' REST references.

use serde_json::{Value, json};

use super::super::audit::tests::{entry, event};

/// The facts of a call, as the event's metadata shows them.
fn facts(service: &str, method: &str, over: Value) -> String {
    let mut payload = json!({"serviceName": service, "methodName": method, "resourceName": "projects/p/policies/x.y"});
    if let (Some(payload), Value::Object(over)) = (payload.as_object_mut(), over) {
        payload.extend(over);
    }
    event(&entry("activity", payload))
}

#[track_caller]
fn assert_effect(service: &str, method: &str, request: Value, effect: Option<&str>) {
    let seen = facts(service, method, json!({"request": request}));
    match effect {
        Some(effect) => assert!(
            seen.contains(&format!(r#"("effect", "{effect}")"#)),
            "{seen}"
        ),
        None => assert!(!seen.contains(r#"("effect""#), "{seen}"),
    }
}

#[test]
fn a_made_key_is_named_by_the_answer() {
    let name = "projects/p/serviceAccounts/a@p.iam.gserviceaccount.com/keys/0a1b";
    let made = "google.iam.admin.v1.CreateServiceAccountKey";
    let seen = facts(
        "iam.googleapis.com",
        made,
        json!({"response": {"name": name}}),
    );
    assert!(
        seen.contains(r#"("service_account_key", "0a1b")"#),
        "{seen}"
    );
    let seen = facts("iam.googleapis.com", made, json!({}));
    assert!(!seen.contains("service_account_key"), "{seen}");
}

#[test]
fn an_organisation_policy_says_whether_it_loosens() {
    let service = "orgpolicy.googleapis.com";
    let update = "google.cloud.orgpolicy.v2.OrgPolicy.UpdatePolicy";
    for (policy, effect) in [
        (json!({"spec": {"rules": [{"enforce": false}]}}), "weakened"),
        (json!({"spec": {"rules": [{"allowAll": true}]}}), "weakened"),
        (json!({"spec": {"reset": true}}), "weakened"),
        (json!({"spec": {"rules": [{"enforce": true}]}}), "enforced"),
        (
            json!({"spec": {"rules": [{"values": {"allowedValues": ["a"]}}]}}),
            "changed",
        ),
        (
            json!({"dryRunSpec": {"rules": [{"enforce": false}]}}),
            "dry-run",
        ),
        (json!({"booleanPolicy": {}}), "weakened"),
        (json!({"booleanPolicy": {"enforced": true}}), "enforced"),
        (json!({"listPolicy": {"allValues": "ALLOW"}}), "weakened"),
        (json!({"restoreDefault": {}}), "weakened"),
    ] {
        assert_effect(service, update, json!({"policy": policy}), Some(effect));
    }
    let delete = "google.cloud.orgpolicy.v2.OrgPolicy.DeletePolicy";
    assert_effect(service, delete, json!({}), Some("deleted"));
    let named = facts(
        service,
        delete,
        json!({"request": {"name": "projects/1/policies/iam.disableServiceAccountKeyCreation"}}),
    );
    assert!(
        named.contains(r#"("org_constraint", "iam.disableServiceAccountKeyCreation")"#),
        "{named}"
    );
    let old = facts(
        "cloudresourcemanager.googleapis.com",
        "SetOrgPolicy",
        json!({"request": {"policy": {"constraint": "constraints/iam.allowedPolicyMemberDomains", "restoreDefault": {}}}}),
    );
    assert!(
        old.contains(r#"("org_constraint", "iam.allowedPolicyMemberDomains")"#),
        "{old}"
    );
}

#[test]
fn a_perimeter_is_compared_with_its_state_before() {
    let service = "accesscontextmanager.googleapis.com";
    let update =
        "google.identity.accesscontextmanager.v1.AccessContextManager.UpdateServicePerimeter";
    let request =
        json!({"servicePerimeter": {"status": {"resources": ["projects/1", "projects/2"]}}});
    assert_effect(service, update, request.clone(), Some("unknown"));
    for (before, effect) in [
        (json!(["projects/1"]), "only-added"),
        (json!(["projects/1", "projects/3"]), "removed"),
    ] {
        let seen = facts(
            service,
            update,
            json!({
                "request": request, "metadata": {"previousState": {"status": {"resources": before}}}
            }),
        );
        assert!(seen.contains(effect), "{seen}");
    }
    let rehearsed = json!({"servicePerimeter": {"useExplicitDryRunSpec": true}});
    assert_effect(service, update, rehearsed, Some("dry-run"));
}

#[test]
fn a_firewall_rule_for_the_world_is_known_by_what_it_says_and_leaves_out() {
    let service = "compute.googleapis.com";
    let insert = "v1.compute.firewalls.insert";
    let ssh = json!([{"IPProtocol": "tcp", "ports": ["22"]}]);
    let web = json!([{"IPProtocol": "tcp", "ports": ["80", "443"]}]);
    for (request, effect) in [
        (
            json!({"alloweds": ssh, "sourceRanges": ["0.0.0.0/0"]}),
            Some("open-to-world"),
        ),
        (
            json!({"allowed": ssh, "sourceRanges": ["10.0.0.0/8", "::/0"]}),
            Some("open-to-world"),
        ),
        (
            json!({"alloweds": web, "sourceRanges": ["0.0.0.0/0"]}),
            Some("open-to-world-web"),
        ),
        (json!({"alloweds": ssh}), Some("open-to-world")),
        (json!({"alloweds": ssh, "sourceTags": ["bastion"]}), None),
        (
            json!({"alloweds": ssh, "sourceRanges": ["10.0.0.0/8"]}),
            None,
        ),
        (
            json!({"alloweds": ssh, "sourceRanges": ["0.0.0.0/0"], "disabled": true}),
            None,
        ),
        (
            json!({"alloweds": ssh, "sourceRanges": ["0.0.0.0/0"], "direction": "EGRESS"}),
            None,
        ),
        (json!({"denieds": ssh, "sourceRanges": ["0.0.0.0/0"]}), None),
    ] {
        assert_effect(service, insert, request, effect);
    }
}

#[test]
fn a_patch_says_what_it_switches_off_and_a_copy_where_it_comes_from() {
    let service = "compute.googleapis.com";
    let ssh = json!([{"IPProtocol": "tcp", "ports": ["22"]}]);
    assert_effect(
        service,
        "v1.compute.firewalls.patch",
        json!({"alloweds": ssh}),
        None,
    );
    assert_effect(
        service,
        "v1.compute.subnetworks.patch",
        json!({"enableFlowLogs": false}),
        Some("log-off"),
    );
    assert_effect(
        service,
        "v1.compute.subnetworks.patch",
        json!({"enableFlowLogs": true}),
        None,
    );
    let copy = facts(
        service,
        "v1.compute.images.insert",
        json!({"request": {"sourceDisk": "projects/other/zones/z/disks/d"}}),
    );
    assert!(copy.contains(r#"("source_project", "other")"#), "{copy}");
}

#[test]
fn a_bucket_says_whom_it_opens_to() {
    let acl = json!({"acl": [{"entity": "allUsers", "role": "READER"}]});
    assert_effect(
        "storage.googleapis.com",
        "storage.buckets.update",
        acl.clone(),
        Some("public-acl"),
    );
    assert_effect("storage.googleapis.com", "storage.buckets.get", acl, None);
    let inherited = json!({"iamConfiguration": {"publicAccessPrevention": "inherited"}});
    assert_effect(
        "storage.googleapis.com",
        "storage.buckets.patch",
        inherited,
        Some("public-access-allowed"),
    );
}

#[test]
fn logging_database_run_and_group_changes_say_what_they_ask() {
    let update = "google.logging.v2.ConfigServiceV2.UpdateBucket";
    let short = facts(
        "logging.googleapis.com",
        update,
        json!({"request": {"bucket": {"retentionDays": 7}}}),
    );
    assert!(
        short.contains(r#"("retention_below", "30"), ("retention_below", "180")"#),
        "{short}"
    );
    let long = facts(
        "logging.googleapis.com",
        update,
        json!({"request": {"bucket": {"retentionDays": 400}}}),
    );
    assert!(!long.contains("retention_below"), "{long}");
    let open = json!({"body": {"settings": {"ipConfiguration": {"authorizedNetworks": [{"value": "0.0.0.0/0"}]}}}});
    assert_effect(
        "cloudsql.googleapis.com",
        "cloudsql.instances.update",
        open,
        Some("open-to-world"),
    );
    let off = json!({"service": {"invokerIamDisabled": true}});
    assert_effect(
        "run.googleapis.com",
        "google.cloud.run.v2.Services.UpdateService",
        off,
        Some("invoker-check-off"),
    );
    let joined = facts(
        "admin.googleapis.com",
        "google.admin.AdminService.addGroupMember",
        json!({"metadata": {"event": [{"parameter": [
            {"name": "USER_EMAIL", "value": "Eve@x.example"}, {"name": "GROUP_EMAIL", "value": "admins@x.example"}
        ]}]}}),
    );
    assert!(
        joined.contains(r#"("group", "admins@x.example")"#),
        "{joined}"
    );
    assert!(
        joined.contains(r#"("member", "eve@x.example")"#),
        "{joined}"
    );
}
