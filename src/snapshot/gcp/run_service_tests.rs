//! Hand-written services in both APIs' spelling.

use serde_json::{Value, json};

use super::super::iam_policy::tests::{lines, read_by};
use super::*;

fn v1() -> Value {
    json!({
        "apiVersion": "serving.knative.dev/v1", "kind": "Service",
        "metadata": {
            "name": "shop", "namespace": "123456", "creationTimestamp": "2025-01-02T03:04:05.123Z",
            "labels": {"cloud.googleapis.com/location": "europe-west1", "commit-sha": "abc"},
            "annotations": {"run.googleapis.com/ingress": "all", "serving.knative.dev/lastModifier": "ci@p.iam.gserviceaccount.com"}
        },
        "spec": {"template": {
            "metadata": {"annotations": {"autoscaling.knative.dev/minScale": "2"}},
            "spec": {
                "serviceAccountName": "Shop@p.iam.gserviceaccount.com",
                "containers": [{"image": "eu.gcr.io/p/shop@sha256:1", "env": [
                    {"name": "VAULT_ADDR", "value": "https://vault.example"},
                    {"name": "DB_PASSWORD", "value": "hunter2"},
                    {"name": "API", "valueFrom": {"secretKeyRef": {"name": "api", "key": "latest"}}}
                ]}],
                "volumes": [{"name": "tls", "secret": {"secretName": "tls", "items": [{"key": "3", "path": "p"}]}}]
            }
        }},
        "status": {"latestReadyRevisionName": "shop-00002"}
    })
}

#[test]
fn a_v1_service_shows_its_identity_and_hides_its_secrets() {
    let kept = read_by(&RunServices, "projects/acme/run/shop.json", &v1());
    let service = &kept.exports.services[0];
    assert_eq!(service.id, "run:service/acme/europe-west1/shop");
    assert_eq!(service.service_account, "shop@p.iam.gserviceaccount.com");
    assert_eq!(service.revision, "shop-00002");
    assert_eq!(service.deployed_by, "ci@p.iam.gserviceaccount.com");
    assert_eq!(service.images, ["eu.gcr.io/p/shop@sha256:1"]);
    let object = "run-service run:service/acme/europe-west1/shop";
    let lines = lines(&kept);
    for expected in [
        "ingress=all",
        "min_instances=2",
        "project_number=123456",
        "label.commit-sha=abc",
        "env.VAULT_ADDR=https://vault.example",
        "env_kind.VAULT_ADDR=literal",
        "env.DB_PASSWORD=[REDACTED]",
        "env_kind.DB_PASSWORD=literal",
        "env_kind.API=secret-ref",
        "secret_ref.API=api:latest",
        "secret_volume.tls=tls:3",
    ] {
        let expected = format!("{object} {expected}");
        assert!(lines.contains(&expected), "{expected} in {lines:#?}");
    }
    assert!(!lines.iter().any(|line| line.contains("hunter2")));
}

#[test]
fn a_v2_service_says_the_same() {
    let value = json!({"services": [{
        "name": "projects/acme/locations/europe-west1/services/shop",
        "ingress": "INGRESS_TRAFFIC_INTERNAL_ONLY", "invokerIamDisabled": true,
        "createTime": "2025-01-02T03:04:05Z", "updateTime": "2025-02-02T03:04:05Z",
        "creator": "a@x.example", "lastModifier": "b@x.example",
        "latestReadyRevision": "projects/acme/locations/europe-west1/services/shop/revisions/shop-2",
        "template": {"containers": [{"image": "i", "env": [
            {"name": "API", "valueSource": {"secretKeyRef": {"secret": "api", "version": "4"}}}, {"name": "EMPTY"}
        ]}]}
    }]});
    let kept = read_by(&RunServices, "services.json", &value);
    let service = &kept.exports.services[0];
    assert_eq!(service.id, "run:service/acme/europe-west1/shop");
    assert_eq!(service.service_account, "");
    assert_eq!(
        (service.revision.as_str(), service.ingress.as_str()),
        ("shop-2", "internal")
    );
    assert_eq!(service.deployed_by, "b@x.example");
    let lines = lines(&kept);
    let has = |end: &str| lines.iter().any(|line| line.ends_with(end));
    assert!(has("invoker_iam_disabled=true") && has("secret_ref.API=api:4"));
    assert!(has("env_kind.EMPTY=literal"));
    assert!(!lines.iter().any(|line| line.contains(" service_account=")));
}

#[test]
fn lists_revisions_and_assets_are_services_too() {
    let list = json!({"apiVersion": "serving.knative.dev/v1", "kind": "ServiceList", "items": [v1(), v1()]});
    assert_eq!(
        read_by(&RunServices, "s.json", &list)
            .exports
            .services
            .len(),
        2
    );
    let revision = json!({
        "apiVersion": "serving.knative.dev/v1", "kind": "Revision",
        "metadata": {"name": "shop-1", "namespace": "1", "labels": {"serving.knative.dev/service": "shop", "cloud.googleapis.com/location": "l"}},
        "spec": {"serviceAccountName": "s@p.iam.gserviceaccount.com", "containers": []}
    });
    let kept = read_by(&RunServices, "s.json", &revision);
    assert_eq!(kept.exports.services[0].id, "run:service/1/l/shop");
    assert_eq!(kept.exports.services[0].revision, "shop-1");
    let asset = json!({
        "name": "//run.googleapis.com/projects/p/locations/l/services/shop", "asset_type": "run.googleapis.com/Service",
        "resource": {"data": {"template": {"serviceAccount": "s@p.iam.gserviceaccount.com", "containers": []}}}
    });
    let kept = read_by(&RunServices, "s.json", &asset);
    assert_eq!(
        kept.exports.services[0].service_account,
        "s@p.iam.gserviceaccount.com"
    );
}

fn container(name: &str, version: impl Into<Value>) -> Value {
    let version: Value = version.into();
    json!({"image": "i", "env": [
        {"name": "PASS", "valueFrom": {"secretKeyRef": {"name": name, "key": version}}}
    ]})
}

#[test]
fn an_alias_stands_for_the_secret_of_another_project() {
    let alias = json!({"run.googleapis.com/secrets": "other:projects/9/secrets/x, db-pass:projects/222/secrets/db"});
    let volumes = json!([{"name": "tls", "secret": {"secretName": "db-pass", "items": [
        {"key": "3", "path": "a"}, {"key": 4, "path": "b"}
    ]}}]);
    let spec = json!({"containers": [container("db-pass", 3)], "volumes": volumes});
    let metadata = json!({"name": "shop", "namespace": "1"});
    let mut annotated = metadata.clone();
    annotated["annotations"] = alias.clone();
    let of = |kind: &str, metadata: &Value, spec: Value| {
        let api = match kind {
            "Service" => "serving.knative.dev/v1",
            _ => "run.googleapis.com/v1",
        };
        json!({"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec})
    };
    let inner = json!({"metadata": {"annotations": alias}, "spec": spec});
    for (value, id) in [
        (
            of("Service", &metadata, json!({"template": inner})),
            "run:service/acme//shop",
        ),
        (
            of("Service", &annotated, json!({"template": {"spec": spec}})),
            "run:service/acme//shop",
        ),
        (
            of("WorkerPool", &metadata, json!({"template": inner})),
            "run:worker-pool/acme//shop",
        ),
        (
            of(
                "Job",
                &metadata,
                json!({"template": {"metadata": {"annotations": alias}, "spec": {"template": {"spec": spec}}}}),
            ),
            "run:job/acme//shop",
        ),
    ] {
        let kept = read_by(&RunServices, "projects/acme/run/x.json", &value);
        assert_eq!(kept.exports.services[0].id, id);
        let lines = lines(&kept);
        for expected in [
            "secret_ref.PASS=projects/222/secrets/db:3",
            "secret_volume.tls=projects/222/secrets/db:3",
            "secret_volume.tls=projects/222/secrets/db:4",
        ] {
            assert!(
                lines.iter().any(|line| line.ends_with(expected)),
                "{expected} in {lines:#?}"
            );
        }
    }
}

#[test]
fn a_secret_without_an_alias_is_one_of_the_project() {
    let metadata = json!({"name": "shop", "namespace": "1", "annotations": {"run.googleapis.com/secrets": "db:secrets/none"}});
    let value = json!({"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": metadata,
        "spec": {"template": {"spec": {"containers": [container("db", "3")]}}}});
    let lines = lines(&read_by(&RunServices, "s.json", &value));
    assert!(
        lines
            .iter()
            .any(|line| line.ends_with("secret_ref.PASS=db:3")),
        "{lines:#?}"
    );
}

#[test]
fn jobs_and_worker_pools_of_v2_are_read_and_jobs_of_others_are_not() {
    let pod = json!({"serviceAccount": "b@p.iam.gserviceaccount.com", "containers": [{"image": "i", "env": [
        {"name": "PASS", "valueSource": {"secretKeyRef": {"secret": "projects/222/secrets/db", "version": "3"}}}
    ]}]});
    for (value, id) in [
        (
            json!({"jobs": [{"name": "projects/p/locations/l/jobs/bill", "template": {"taskCount": 1, "template": pod}}]}),
            "run:job/p/l/bill",
        ),
        (
            json!({"workerPools": [{"name": "projects/p/locations/l/workerPools/pull", "template": pod}]}),
            "run:worker-pool/p/l/pull",
        ),
    ] {
        let kept = read_by(&RunServices, "x.json", &value);
        assert_eq!(kept.exports.services[0].id, id);
        assert_eq!(
            kept.exports.services[0].service_account,
            "b@p.iam.gserviceaccount.com"
        );
        let lines = lines(&kept);
        assert!(
            lines
                .iter()
                .any(|line| line.ends_with("secret_ref.PASS=projects/222/secrets/db:3"))
        );
    }
    for value in [
        json!({"name": "projects/p/locations/l/jobs/cron", "schedule": "* * * * *", "httpTarget": {}}),
        json!({"name": "projects/p/locations/l/jobs/batch", "taskGroups": [], "template": {}}),
        json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "x"}, "spec": {}}),
    ] {
        let sample = Sample {
            path: "x.json",
            value: Some(&value),
            head: b"",
        };
        assert!(!RunServices.recognises(&sample), "{value}");
    }
}
