//! Hand-written policies in every export's shape, and the small formats beside them.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::FORMATS;
use super::*;
use crate::model::{Digest, FileId, Kept, Place};

pub(in crate::snapshot::gcp) fn read_by(format: &dyn Format, path: &str, value: &Value) -> Kept {
    let sample = Sample {
        path,
        value: Some(value),
        head: b"",
    };
    assert!(format.recognises(&sample), "{value}");
    let (verdict, kept) = Kept::of(format, path, value.to_string());
    assert_eq!(verdict, Verdict::Parsed, "{value}");
    kept
}

/// `object name=value` of every attribute.
pub(in crate::snapshot::gcp) fn lines(kept: &Kept) -> Vec<String> {
    let line =
        |a: &crate::model::Attribute| format!("{} {} {}={}", a.kind, a.object, a.name, a.value);
    kept.exports.attributes.iter().map(line).collect()
}

fn grants(kept: &Kept) -> Vec<String> {
    let line = |g: &Grant| {
        format!(
            "{} {} {} [{}]",
            g.holder, g.resource, g.capability, g.condition
        )
    };
    kept.exports.grants.iter().map(line).collect()
}

fn plain() -> Value {
    json!({"version": 3, "etag": "BwX=", "bindings": [
        {"role": "roles/run.invoker", "members": ["allUsers", "serviceAccount:CI@p.iam.gserviceaccount.com", "user:Bob@x.example"]},
        {"role": "roles/viewer_withcond_ab12", "members": ["group:Ops@x.example"]},
        {"role": "roles/editor", "members": ["principal://iam.googleapis.com/projects/1/subject/S"], "condition": {"title": "t", "expression": "request.time < x"}}
    ]})
}

#[test]
fn a_policy_grants_its_roles_to_the_ids_that_logs_use() {
    let kept = read_by(&IamPolicies, "x/service-a.json", &plain());
    assert_eq!(
        grants(&kept),
        [
            "gcp:principal/allUsers gcp:resource/service-a roles/run.invoker []",
            "gcp:sa/ci@p.iam.gserviceaccount.com gcp:resource/service-a roles/run.invoker []",
            "gcp:principal/user:bob@x.example gcp:resource/service-a roles/run.invoker []",
            "gcp:principal/group:ops@x.example gcp:resource/service-a roles/viewer [unknown: the policy was not read at version 3]",
            "gcp:principal/principal://iam.googleapis.com/projects/1/subject/S gcp:resource/service-a roles/editor [request.time < x]",
        ]
    );
    assert_eq!(
        lines(&kept),
        [
            "iam-policy gcp:resource/service-a version=3",
            "iam-policy gcp:resource/service-a etag=BwX=",
        ]
    );
}

#[test]
fn the_resource_comes_from_the_asset_the_search_or_the_path() {
    let name = "//cloudresourcemanager.googleapis.com/projects/1";
    let object = "gcp:resource/cloudresourcemanager.googleapis.com/projects/1";
    for value in [
        json!({"name": name, "asset_type": "t", "iam_policy": plain()}),
        json!([{"name": name, "assetType": "t", "iamPolicy": plain()}]),
        json!({"resource": name, "assetType": "t", "project": "projects/1", "policy": plain()}),
        json!({"results": [{"resource": name, "assetType": "t", "policy": plain()}]}),
    ] {
        let kept = read_by(&IamPolicies, "assets.json", &value);
        assert!(
            kept.exports
                .grants
                .iter()
                .all(|grant| grant.resource == object),
            "{value}"
        );
        assert_eq!(kept.exports.grants.len(), 5);
    }
    let recorded = json!({"headers": {"date": "Wed, 26 Apr 2023 11:39:14 GMT"}, "body": plain()});
    for (path, object) in [
        (
            "gcp/projects/acme/iam-policy.json",
            "gcp:resource/cloudresourcemanager.googleapis.com/projects/acme",
        ),
        (
            "organizations/1/policy.json",
            "gcp:resource/cloudresourcemanager.googleapis.com/organizations/1",
        ),
        (
            "run.googleapis.com/projects/p/locations/l/services/s.json",
            "gcp:resource/run.googleapis.com/projects/p/locations/l/services/s",
        ),
        (
            "run.googleapis.com/projects/p/locations/l/services/s/iam.json",
            "gcp:resource/run.googleapis.com/projects/p/locations/l/services/s",
        ),
        ("policy.json", "gcp:resource/policy"),
    ] {
        let kept = read_by(&IamPolicies, path, &recorded);
        assert_eq!(kept.exports.grants[0].resource, object, "{path}");
        let taken = kept.exports.attributes[0]
            .valid_from
            .map(|at| at.to_string());
        assert_eq!(taken.as_deref(), Some("2023-04-26T11:39:14.000000Z"));
    }
}

#[test]
fn a_flattened_export_grants_what_the_whole_one_does() {
    let flat = |binding: &Value| json!({"etag": "a", "version": 1, "bindings": binding});
    let binding =
        json!({"role": "roles/owner", "members": "serviceAccount:App@p.iam.gserviceaccount.com"});
    let expected = "gcp:sa/app@p.iam.gserviceaccount.com gcp:resource/cloudresourcemanager.googleapis.com/projects/acme roles/owner []";
    let name = "//cloudresourcemanager.googleapis.com/projects/acme";
    for value in [
        flat(&binding),
        json!([flat(&binding)]),
        json!({"bindings": binding}),
        json!({"resource": name, "assetType": "t", "policy": {"bindings": binding}}),
        json!({"name": name, "assetType": "t", "iamPolicy": flat(&binding)}),
        json!([{"type": "project", "id": "acme", "policy": flat(&binding)}]),
    ] {
        let kept = read_by(&IamPolicies, "projects/acme/iam-policy.json", &value);
        assert_eq!(grants(&kept), [expected], "{value}");
    }
    let logs = json!({"etag": "a", "auditConfigs": {"service": "allServices", "auditLogConfigs": {
        "logType": "DATA_READ", "exemptedMembers": "user:A@x.example"
    }}});
    let said = lines(&read_by(&IamPolicies, "p.json", &logs));
    assert_eq!(
        said[1..],
        [
            "audit-config gcp:resource/p allServices.DATA_READ=enabled",
            "audit-config gcp:resource/p allServices.DATA_READ.exempted=gcp:principal/user:a@x.example",
        ]
    );
}

#[test]
fn a_policy_that_cannot_be_read_is_refused_and_grants_nothing() {
    for value in [
        json!({"etag": "a", "bindings": "none"}),
        json!({"etag": "a", "version": 1, "bindings": {"role": "roles/owner"}}),
        json!({"name": "//x/projects/p", "assetType": "t", "iamPolicy": "text"}),
        json!([plain(), {"etag": "b", "bindings": [{"role": "r", "members": 7}]}]),
    ] {
        let sample = Sample {
            path: "p.json",
            value: Some(&value),
            head: b"",
        };
        assert!(IamPolicies.recognises(&sample), "{value}");
        let (verdict, _) = Kept::of(&IamPolicies, "p.json", value.to_string());
        assert!(matches!(verdict, Verdict::Rejected(_)), "{value}");
    }
}

/// It says that a service is audited, and nothing of what is logged of it.
#[test]
fn an_audit_configuration_that_lost_what_it_logs_is_refused() {
    for lost in [
        json!({"service": "allServices"}),
        json!({"service": "allServices", "auditLogConfigs": []}),
        json!({"service": "allServices", "auditLogConfigs": null}),
        json!({"service": null, "auditLogConfigs": [{"logType": "DATA_READ"}]}),
        json!({"auditLogConfigs": [{"logType": "DATA_READ"}]}),
        json!({"service": "allServices", "auditLogConfigs": [{"logType": "ADMIN_READ"}, {}]}),
        json!({"service": "allServices", "auditLogConfigs": [{"logType": ""}]}),
    ] {
        let mut policy = plain();
        policy["auditConfigs"] = json!([lost]);
        let (verdict, kept) = Kept::of(&IamPolicies, "iam-policy.json", policy.to_string());
        assert!(matches!(verdict, Verdict::Rejected(_)), "{lost}");
        assert_eq!(grants(&kept), Vec::<String>::new());
    }
}

#[test]
fn a_buckets_policy_names_the_bucket() {
    let value = json!({"kind": "storage#policy", "resourceId": "projects/_/buckets/b", "etag": "C",
        "bindings": [{"role": "roles/storage.objectViewer", "members": ["allUsers"]}]});
    let kept = read_by(&IamPolicies, "policy.json", &value);
    let bucket = "gcp:resource/storage.googleapis.com/projects/_/buckets/b";
    assert_eq!(kept.exports.grants[0].resource, bucket);
}

#[test]
fn audit_configs_say_what_is_logged_and_who_is_exempt() {
    let policy = json!({"etag": "a", "auditConfigs": [{"service": "allServices", "auditLogConfigs": [
        {"logType": "DATA_READ", "exemptedMembers": ["serviceAccount:X@p.iam.gserviceaccount.com"]}, {"logType": "ADMIN_READ"}
    ]}]});
    let kept = read_by(&IamPolicies, "p.json", &policy);
    assert_eq!(
        lines(&kept)[1..],
        [
            "audit-config gcp:resource/p allServices.DATA_READ=enabled",
            "audit-config gcp:resource/p allServices.DATA_READ.exempted=gcp:sa/x@p.iam.gserviceaccount.com",
            "audit-config gcp:resource/p allServices.ADMIN_READ=enabled",
        ]
    );
}

#[test]
fn keys_accounts_and_providers_name_what_the_audit_log_names() {
    for (value, expected) in [
        (
            json!([{"name": "projects/p/serviceAccounts/a@p.iam.gserviceaccount.com", "email": "A@p.iam.gserviceaccount.com", "uniqueId": "1", "disabled": true}]),
            "gcp-service-account gcp:sa/a@p.iam.gserviceaccount.com disabled=true",
        ),
        (
            json!({"keys": [{"name": "projects/p/serviceAccounts/a@p.x/keys/k1", "keyType": "USER_MANAGED", "validAfterTime": "2024-01-01T00:00:00Z"}]}),
            "gcp-service-account-key gcp:resource/iam.googleapis.com/projects/p/serviceAccounts/a@p.x/keys/k1 key_type=USER_MANAGED",
        ),
        (
            json!({"name": "projects/1/locations/global/workloadIdentityPools/gl/providers/gitlab", "oidc": {"issuerUri": "https://gitlab.com"}, "attributeCondition": "assertion.namespace_id == '1'"}),
            "wif-provider gcp:resource/iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/gl/providers/gitlab condition=assertion.namespace_id == '1'",
        ),
        (
            json!([{"name": "projects/p/locations/l/keyRings/r/cryptoKeys/k", "purpose": "ENCRYPT_DECRYPT", "rotationPeriod": "7776000s"}]),
            "kms-key gcp:resource/cloudkms.googleapis.com/projects/p/locations/l/keyRings/r/cryptoKeys/k rotation_period=7776000s",
        ),
        (
            json!({"kind": "storage#bucket", "name": "b", "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": false}}}),
            "gcs-bucket gcp:resource/storage.googleapis.com/projects/_/buckets/b uniform_access=false",
        ),
        (
            json!({"versions": [{"name": "projects/1/secrets/db/versions/5", "state": "DISABLED"}]}),
            "gcp-secret-version gcp:resource/secretmanager.googleapis.com/projects/1/secrets/db/versions/5 state=DISABLED",
        ),
        (
            json!([{"projectId": "acme-prod", "projectNumber": "12", "name": "Acme", "lifecycleState": "ACTIVE"}]),
            "gcp-project gcp:resource/cloudresourcemanager.googleapis.com/projects/acme-prod number=12",
        ),
        (
            json!({"projects": [{"name": "projects/12", "projectId": "acme-prod", "state": "ACTIVE"}]}),
            "gcp-project gcp:resource/cloudresourcemanager.googleapis.com/projects/acme-prod number=12",
        ),
    ] {
        let formats: Vec<_> = FORMATS
            .iter()
            .filter(|format| {
                let sample = Sample {
                    path: "x.json",
                    value: Some(&value),
                    head: b"",
                };
                format.recognises(&sample)
            })
            .collect();
        assert_eq!(formats.len(), 1, "{value}");
        let kept = read_by(*formats[0], "x.json", &value);
        let lines = lines(&kept);
        assert!(lines.iter().any(|line| line == expected), "{lines:#?}");
    }
}

#[test]
fn other_documents_are_no_configuration_of_googles() {
    for value in [
        json!({"data": {"bindings": {"x": {}}}}),
        json!({"bindings": []}),
        json!({"type": "service_account", "private_key_id": "1", "private_key": "k", "client_email": "a@b"}),
        json!({"logName": "projects/p/logs/x", "protoPayload": {"request": {"policy": plain()}}}),
        json!({"id": 1, "name": "group/project", "services": []}),
        json!({"keys": ["a", "b"]}),
    ] {
        for format in FORMATS {
            let sample = Sample {
                path: "x",
                value: Some(&value),
                head: b"",
            };
            assert!(
                !format.recognises(&sample),
                "{} {value}",
                format.about().title
            );
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_json_never_panics(value in json_value(), path in ".{0,20}") {
        for text in [value.to_string(), plain().to_string().replace("\"role\"", &value.to_string())] {
            let record = Record {
                path: &path,
                bytes: text.as_bytes(),
                place: Place { file: FileId(0), line: 1, byte: 0, sha256: Digest([0; 32]) },
            };
            for format in FORMATS {
                format.read(&record, &mut Kept::default());
                format.recognises(&Sample { path: &path, value: Some(&value), head: text.as_bytes() });
            }
        }
    }
}

/// Arbitrary JSON with the names that the formats look for.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(Value::from("projects/p/locations/é/services/s/keys/k")),
        Just(Value::from("serving.knative.dev/v1")),
    ];
    let name = proptest::sample::select(vec![
        "apiVersion",
        "kind",
        "metadata",
        "name",
        "namespace",
        "labels",
        "spec",
        "template",
        "env",
        "containers",
        "items",
        "policy",
        "bindings",
        "members",
        "role",
        "etag",
        "auditConfigs",
        "iamPolicy",
        "resource",
        "data",
        "headers",
        "body",
        "keys",
        "email",
        "uniqueId",
        "é",
    ]);
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::vec((name.clone(), inner), 0..6).prop_map(|members| {
                let owned = members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value));
                Value::Object(owned.collect())
            }),
        ]
    })
}
