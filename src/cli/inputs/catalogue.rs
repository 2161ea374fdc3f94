//! The inputs that piperoll reads, one row each: how to export it, with which right, where it lies,
//! and what rules call it.

/// One input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Input {
    /// The system that exports it.
    pub(super) system: &'static str,
    /// What it is.
    pub(super) what: &'static str,
    /// The end of its path.
    pub(super) path: &'static str,
    /// The least right that reads it, with the product tier where one is needed.
    pub(super) right: &'static str,
    /// How it is exported.
    pub(super) command: &'static str,
    /// Sources, logs and kinds of things that it brings, as rules name them.
    pub(super) brings: &'static [&'static str],
    /// What goes wrong without a word.
    pub(super) trap: &'static str,
}

const fn input(
    system: &'static str,
    what: &'static str,
    path: &'static str,
    right: &'static str,
    command: &'static str,
    brings: &'static [&'static str],
    trap: &'static str,
) -> Input {
    Input {
        system,
        what,
        path,
        right,
        command,
        brings,
        trap,
    }
}

const VAULT: &str = "piperoll inputs --script vault > vault.sh; sh vault.sh exports/vault";
const GITLAB: &str =
    "piperoll inputs --script gitlab > gitlab.sh; sh gitlab.sh exports/gitlab GROUP FROM TO";
const AWS: &str = "piperoll inputs --script aws > aws.sh; sh aws.sh exports/aws FROM TO REGION...";
const GCP: &str = "piperoll inputs --script gcp > gcp.sh; sh gcp.sh exports/gcp PROJECT...";

/// Every input, by system.
#[rustfmt::skip] // A row reads as a row.
pub(super) const INPUTS: &[Input] = &[
    input("vault", "Audit log of every device, rotated files too", "vault/<device>/audit*.log",
        "read the file on the server, or in the log store",
        "kubectl cp vault-0:/vault/audit exports/vault/vault-0   (or the shipper's own export)",
        &["vault", "refused-login", "request-address"],
        "In a pod each replica has its own files, and rotation renames them: bring all of all nodes. Two devices hash with different salts: bring both, each in a folder of its own."),
    input("vault", "Auth methods, secrets engines and audit devices", "vault/{auth,secrets,audit}-list.json",
        "`read` on sys/auth and sys/mounts; sys/audit takes `sudo` too (-a)", VAULT,
        &["vault-config", "vault-auth-mount", "vault-secret-mount", "vault-audit-device"],
        "Without the list of audit devices a device whose log is missing is not missed."),
    input("vault", "Roles", "vault/auth/<mount>/role/<name>.json",
        "`list` and `read` on auth/+/role, `read` on auth/+/config", VAULT, &["vault-config", "vault-role", "vault-auth-config", "vault-jwt-method"],
        "A list that is refused is not an empty one: the script stops there."),
    input("vault", "Policies", "vault/policies/<name>.hcl",
        "`list` and `read` on sys/policies/acl", VAULT, &["vault-config", "vault-policy", "policy-text"],
        "A slash in a name is a folder; a namespace's policies go below v1/<namespace>/."),
    input("vault", "Entities and groups", "vault/identity/{entity,group}/id/<id>.json",
        "`list` and `read` on identity", VAULT, &[], ""),
    input("gitlab", "Jobs, retried ones too", "gitlab/projects/<id>/jobs*.json",
        "scope read_api, Reporter", GITLAB, &["gitlab-jobs", "job-environment", "job-pipeline"],
        "One call gives one page, 20 jobs by default, and no retried job unless include_retried=true."),
    input("gitlab", "Pipelines and merge requests with approvals", "gitlab/projects/<id>/{pipelines,merge_requests}.json",
        "scope read_api, Reporter", GITLAB, &["gitlab-pipelines", "gitlab-config", "gitlab-merge-request"], ""),
    input("gitlab", "CI files", "gitlab/projects/<id>/.gitlab-ci.yml",
        "scope read_api, Reporter", GITLAB, &["gitlab-config", "ci-file"],
        "`include:` of other projects is not followed."),
    input("gitlab", "Projects, protected branches and environments, variables", "gitlab/projects/<id>/*.json",
        "scope read_api, Maintainer; protected environments: Premium", GITLAB, &["gitlab-config", "gitlab-project", "gitlab-variable"],
        "Values of variables are not kept."),
    input("gitlab", "Access and deploy tokens", "gitlab/projects/<id>/{access,deploy}_tokens.json",
        "scope read_api, Maintainer", GITLAB, &["gitlab-config", "gitlab-token"],
        "The token itself is never kept."),
    input("gitlab", "Users and members", "gitlab/users.json",
        "scope read_api", GITLAB, &["gitlab-config", "gitlab-user"], ""),
    input("gitlab", "Audit events", "gitlab/audit_events*.json",
        "Administrator; Premium", GITLAB, &["gitlab-audit"], "At most 30 days a query."),
    input("gitlab", "Job traces", "gitlab/projects/<id>/jobs/<id>/trace.log",
        "scope read_api, Reporter", "curl .../projects/<id>/jobs/<id>/trace", &["gitlab-trace"],
        "Traces expire with the project's settings."),
    input("gcp", "Admin Activity log", "gcp/ and anything below",
        "roles/logging.viewer",
        "gcloud logging read 'logName:\"cloudaudit.googleapis.com\" AND timestamp>=\"FROM\" AND timestamp<\"TO\"' --project=P --format=json",
        &["gcp-audit", "gcp-audit/admin-activity"],
        "Without a timestamp in the filter `gcloud logging read` gives one day (--freshness=1d)."),
    input("gcp", "Data Access log", "gcp/ and anything below",
        "roles/logging.privateLogViewer", "the same call, or the objects of a sink",
        &["gcp-audit", "gcp-audit/data-access", "gcp-audit/data-access/cloudkms", "gcp-audit/data-access/iamcredentials", "gcp-audit/data-access/secretmanager", "gcp-audit/data-access/storage"],
        "Off by default for most services, and kept 30 days in _Default: a sink keeps it longer."),
    input("gcp", "Cloud Run request log", "gcp/ and anything below",
        "roles/logging.viewer", "gcloud logging read 'logName:\"run.googleapis.com%2Frequests\" AND timestamp>=\"FROM\"' --project=P --format=json",
        &["gcp-requests"], "Kept 30 days in _Default."),
    input("gcp", "IAM policies", "gcp/projects/<id>/iam-policy.json",
        "roles/iam.securityReviewer", GCP, &["gcp-config", "iam-policy"],
        "Of a project alone: grants of folders and of the organisation come by an asset export."),
    input("gcp", "Projects", "gcp/projects.json",
        "roles/browser on each", "gcloud projects list --format=json > exports/gcp/projects.json",
        &["gcp-config", "gcp-project"], "Without the list a project whose exports are missing is not missed."),
    input("gcp", "Cloud Run services, jobs and worker pools", "gcp/projects/<id>/run/*.json",
        "roles/run.viewer", GCP, &["gcp-config", "run-service"], ""),
    input("gcp", "Buckets of Cloud Logging", "gcp/projects/<id>/log-buckets.json",
        "roles/logging.viewer", GCP, &["gcp-config", "gcp-log-bucket"], ""),
    input("gcp", "Service accounts, keys, federation, secrets' versions", "gcp/projects/<id>/**.json",
        "roles/iam.serviceAccountViewer, roles/iam.workloadIdentityPoolViewer, roles/secretmanager.viewer",
        GCP, &["gcp-config", "gcp-secret", "kms-key"], "No secret's value is read."),
    input("okta", "System Log", "okta/ and anything below",
        "scope okta.logs.read, or a token of a read-only administrator",
        "curl -H \"Authorization: SSWS $OKTA_TOKEN\" \"https://ORG.okta.com/api/v1/logs?since=FROM&until=TO&limit=1000\"   (follow `Link: rel=\"next\"`; EventBridge, event hooks and JSON lines are read too)",
        &["okta", "sign-on-device"], "Kept 90 days. A call gives at most 1000 events, 100 by default; without `since` the last 7 days."),
    input("hoop", "Sessions of the proxy", "hoop/sessions*.json",
        "a token of an auditor or administrator",
        "curl -H \"Authorization: Bearer $HOOP_TOKEN\" \"https://HOOP/api/sessions?start_date=FROM&end_date=TO&limit=100&offset=0\"   (and on while has_next_page is true)",
        &["hoop"], "A call gives one page. What was typed is not read."),
    input("hoop", "Connections, machine identities, access request rules", "hoop/{connections,machine-identities,access-request-rules}.json",
        "a token of an administrator",
        "for kind in connections machine-identities access-request-rules; do curl -H \"Authorization: Bearer $HOOP_TOKEN\" https://HOOP/api/$kind > exports/hoop/$kind.json; done",
        &["hoop-config"], "Secrets of connections are not kept."),
    input("mesh", "Resources of Kuma", "kuma/*.{yaml,json}",
        "read the resources of the mesh: a user token of the API, or `get` and `list` on kuma.io",
        "for kind in meshes dataplanes meshtrafficpermissions meshaccesslogs meshtlses meshidentities; do kumactl get $kind -o yaml > exports/kuma/$kind.yaml; done; kumactl inspect dataplanes -o json > exports/kuma/insights.json   (or kubectl get -A -o yaml, or the repository's files)",
        &["mesh-config", "mesh", "mesh-access-log", "mesh-dataplane", "mesh-insight", "mesh-permission"],
        "`kumactl get` asks for one mesh: name each with --mesh. Certificates stand in the insights alone."),
    input("mesh", "Access logs of Kuma's proxies", "kuma/logs/*",
        "read where a MeshAccessLog sends them",
        "kubectl logs -c kuma-sidecar --timestamps=false ...   (or the files and collector that the MeshAccessLog's backend names; Kuma's own formats, and JSON whose keys are named like its commands)",
        &["mesh"],
        "A format of one's own is read where the MeshAccessLog that writes it out is among the inputs. Caller and called are what the control plane wrote, no proof of identity."),
    input("aws", "CloudTrail, every account and region", "aws/<account>/cloudtrail/lookup-events-<region>.json, or .../AWSLogs/<account>/CloudTrail/**.json.gz",
        "cloudtrail:LookupEvents; for a trail s3:ListBucket and s3:GetObject on its bucket", AWS,
        &["cloudtrail"],
        "`lookup-events` gives management events of one region and 90 days; data events (objects read, functions called) are in no trail until they are switched on. Digest files are no log."),
    input("aws", "Roles with their trust, users, groups, policies", "aws/<account>/account-authorization-details.json",
        "iam:GetAccountAuthorizationDetails", AWS, &["aws-config", "aws-role", "aws-role-permissions"],
        "Of one account; it holds no access keys."),
    input("aws", "Identity providers", "aws/<account>/open-id-connect-providers/<host>.json, saml-providers.json",
        "iam:ListOpenIDConnectProviders, iam:GetOpenIDConnectProvider, iam:ListSAMLProviders", AWS, &["aws-config"],
        "An answer does not name its account: the folder does."),
    input("review", "Worksheets of an earlier pack, filled in", "reviews/{exceptions,user_access_review}.csv",
        "read the earlier pack",
        "cp evidence-q2/data/exceptions.csv evidence-q2/data/user_access_review.csv exports/reviews/   (then fill in who decided what, when and why)",
        &["review"],
        "`report --reviews FILE` brings the answers back into the next pack; as inputs they are held against the time that a review may take."),
];

/// The scripts that export, by the name they are asked by.
pub(super) const SCRIPTS: [(&str, &str); 7] = [
    ("vault", include_str!("../../../deploy/export/vault.sh")),
    (
        "vault-policy",
        include_str!("../../../deploy/export/vault-policy.hcl"),
    ),
    ("gitlab", include_str!("../../../deploy/export/gitlab.sh")),
    ("gcp", include_str!("../../../deploy/export/gcp.sh")),
    ("okta", include_str!("../../../deploy/export/okta.sh")),
    ("mesh", include_str!("../../../deploy/export/kuma.sh")),
    ("aws", include_str!("../../../deploy/export/aws.sh")),
];
