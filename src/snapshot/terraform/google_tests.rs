//! Tests of what Terraform grants in Google Cloud.

use super::tests::read;

/// Grants as `holder role resource [condition]`, things as `kind object name=value`.
fn stated(text: &str) -> Vec<String> {
    let (_, kept) = read(text);
    let grants = kept.exports.grants.iter().map(|grant| {
        let condition = Some(grant.condition.as_str()).filter(|text| !text.is_empty());
        let condition = condition.map(|text| format!(" if {text}"));
        let (holder, role) = (&grant.holder, &grant.capability);
        let resource = grant.resource.trim_start_matches("gcp:resource/");
        format!(
            "{holder} {role} {resource}{}",
            condition.unwrap_or_default()
        )
    });
    let things = kept
        .exports
        .attributes
        .iter()
        .map(|said| format!("{} {} {}={}", said.kind, said.object, said.name, said.value));
    grants.chain(things).collect()
}

fn resource(kind: &str, body: &str) -> String {
    format!("resource \"{kind}\" \"x\" {{\n{body}\n}}\n")
}

const ROLE: &str = "role = \"roles/owner\"\n";
const ANN: &str = "member = \"user:ann@x.example\"\n";
const MANAGER: &str = "cloudresourcemanager.googleapis.com";

/// A kind, what names the thing that it grants on, and the full name of that.
const ON: [[&str; 3]; 13] = [
    [
        "google_project_iam_member",
        "project = \"p\"",
        "cloudresourcemanager.googleapis.com/projects/p",
    ],
    [
        "google_folder_iam_member",
        "folder = \"folders/1\"",
        "cloudresourcemanager.googleapis.com/folders/1",
    ],
    [
        "google_folder_iam_member",
        "folder = \"1\"",
        "cloudresourcemanager.googleapis.com/folders/1",
    ],
    [
        "google_organization_iam_member",
        "org_id = \"9\"",
        "cloudresourcemanager.googleapis.com/organizations/9",
    ],
    [
        "google_service_account_iam_member",
        "service_account_id = \"projects/p/serviceAccounts/a@p.iam.gserviceaccount.com\"",
        "iam.googleapis.com/projects/p/serviceAccounts/a@p.iam.gserviceaccount.com",
    ],
    [
        "google_secret_manager_secret_iam_member",
        "project = \"p\"\nsecret_id = \"db\"",
        "secretmanager.googleapis.com/projects/p/secrets/db",
    ],
    [
        "google_secret_manager_secret_iam_member",
        "secret_id = \"projects/p/secrets/db\"",
        "secretmanager.googleapis.com/projects/p/secrets/db",
    ],
    [
        "google_storage_bucket_iam_member",
        "bucket = \"b\"",
        "storage.googleapis.com/projects/_/buckets/b",
    ],
    [
        "google_storage_bucket_iam_member",
        "bucket = \"b/b\"",
        "storage.googleapis.com/projects/_/buckets/b",
    ],
    [
        "google_cloud_run_service_iam_member",
        "project = \"p\"\nlocation = \"l\"\nservice = \"s\"",
        "run.googleapis.com/projects/p/locations/l/services/s",
    ],
    [
        "google_cloud_run_v2_service_iam_member",
        "project = \"p\"\nlocation = \"l\"\nname = \"s\"",
        "run.googleapis.com/projects/p/locations/l/services/s",
    ],
    [
        "google_kms_crypto_key_iam_member",
        "crypto_key_id = \"projects/p/locations/l/keyRings/r/cryptoKeys/k\"",
        "cloudkms.googleapis.com/projects/p/locations/l/keyRings/r/cryptoKeys/k",
    ],
    [
        "google_project_iam_member",
        "project = var.p",
        "cloudresourcemanager.googleapis.com/projects/var.p",
    ],
];

#[test]
fn a_role_is_granted_on_what_the_kind_names() {
    for [kind, on, resource_name] in ON {
        let said = stated(&resource(kind, &format!("{on}\n{ROLE}{ANN}")));
        let expected = format!("gcp:principal/user:ann@x.example roles/owner {resource_name}");
        assert_eq!(said, [expected], "{kind} {on}");
    }
}

const PROJECT: &str = "project = \"p\"\n";
const MEMBER: &str = "google_project_iam_member";
const POLICY: &str = "google_project_iam_policy";

fn ann() -> String {
    format!("gcp:principal/user:ann@x.example roles/owner {MANAGER}/projects/p")
}

fn left(kind: &str, name: &str) -> String {
    format!("terraform-not-read terraform:{kind}.x unresolved={name}")
}

fn member(text: &str) -> String {
    resource(MEMBER, &format!("{PROJECT}{ROLE}{text}"))
}

#[test]
fn an_account_of_the_configuration_is_granted_the_role() {
    let account = |project: &str| {
        format!(
            "resource \"google_service_account\" \"a\" {{\n  account_id = \"a\"\n  project = {project}\n}}\n"
        )
    };
    let known = account("\"p\"");
    let sa = format!("gcp:sa/a@p.iam.gserviceaccount.com roles/owner {MANAGER}/projects/p");
    let by_email = "member = \"serviceAccount:${google_service_account.a.email}\"";
    let by_member = "member = google_service_account.a.member";
    let both = format!(
        "{PROJECT}{ROLE}members = [\"user:ann@x.example\", google_service_account.a.member]"
    );
    let both = resource("google_project_iam_binding", &both);
    assert_eq!(stated(&(member(by_member) + &known)), [sa.as_str()]);
    assert_eq!(stated(&(member(by_email) + &known)), [sa.as_str()]);
    let unknown = sa.replace("@p.", "@${var.p}.");
    assert_eq!(stated(&(member(by_member) + &account("var.p"))), [unknown]);
    assert_eq!(stated(&(both + &known)), [ann(), sa]);
}

#[test]
fn a_member_that_can_be_known_is_granted_the_role() {
    let provider = "provider \"google\" {\n  project = \"p\"\n}\n".to_owned();
    let variable = "variable \"who\" { default = \"ann\" }\n".to_owned();
    let condition = |expression: &str| {
        member(&format!(
            "{ANN}condition {{\n  title = \"t\"\n  expression = {expression}\n}}"
        ))
    };
    let each = "for_each = toset([\"ann\"])\nmember = \"user:${each.key}@x.example\"";
    for (text, expected) in [
        (provider + &resource(MEMBER, &format!("{ROLE}{ANN}")), ann()),
        (member(each), ann()),
        (
            variable + &member("member = \"user:${var.who}@x.example\""),
            ann(),
        ),
        (condition("\"false\""), format!("{} if false", ann())),
        (condition("var.e"), left(MEMBER, "condition")),
        (member("member = var.m"), left(MEMBER, "member")),
        (
            member("member = \"serviceAccount:${var.m}\""),
            left(MEMBER, "member"),
        ),
    ] {
        assert_eq!(stated(&text), [expected], "{text}");
    }
}

#[test]
fn of_a_policy_what_is_known_is_granted() {
    let policy = "data \"google_iam_policy\" \"a\" {\n  binding {\n    role = \"roles/owner\"\n    members = [\"user:ann@x.example\", var.b]\n  }\n  binding {\n    role = var.r\n    members = [\"user:bob@x.example\"]\n  }\n}\n";
    let data = |text: &str| resource(POLICY, &format!("{PROJECT}policy_data = {text}"));
    let encoded = "jsonencode({ bindings = [{ role = \"roles/owner\", members = [\"user:ann@x.example\"] }] })";
    let named = data("data.google_iam_policy.a.policy_data") + policy;
    assert_eq!(
        stated(&named),
        [ann(), left(POLICY, "member"), left(POLICY, "role")]
    );
    assert_eq!(stated(&data(encoded)), [ann()]);
    assert_eq!(
        stated(&data("file(\"x.json\")")),
        [left(POLICY, "policy_data")]
    );
}

#[test]
fn a_provider_of_a_pool_is_one_as_exported() {
    let body = |condition: &str| {
        resource(
            "google_iam_workload_identity_pool_provider",
            &format!(
                "project = \"p\"\nworkload_identity_pool_id = \"pool\"\nworkload_identity_pool_provider_id = \"gl\"\n{condition}attribute_mapping = {{\n  \"google.subject\" = \"assertion.sub\"\n}}\noidc {{\n  issuer_uri = \"https://gitlab.com\"\n  allowed_audiences = [\"a\"]\n}}"
            ),
        )
    };
    let object = "wif-provider gcp:resource/iam.googleapis.com/projects/p/locations/global/workloadIdentityPools/pool/providers/gl";
    let said = |text: &str| {
        let all = stated(text).into_iter();
        all.filter(|said| !said.contains(" address="))
            .collect::<Vec<String>>()
    };
    let open = [
        "mapping.google.subject=assertion.sub",
        "issuer=https://gitlab.com",
        "audience=a",
    ];
    let open = open.map(|said| format!("{object} {said}"));
    assert_eq!(said(&body("")), open);
    let bound = said(&body(
        "attribute_condition = \"assertion.project_id == '7'\"\n",
    ));
    assert_eq!(
        bound.first().unwrap(),
        &format!("{object} condition=assertion.project_id == '7'")
    );
    let left = "terraform-not-read terraform:google_iam_workload_identity_pool_provider.x unresolved=condition";
    assert_eq!(said(&body("attribute_condition = var.c\n")), [left]);
}

#[test]
fn members_of_a_pool_are_known_but_for_its_name() {
    let pool = "resource \"google_iam_workload_identity_pool\" \"gl\" {\n  workload_identity_pool_id = \"gl\"\n}\n";
    for (name, end, judged) in [
        ("google_iam_workload_identity_pool.gl.name", "/*", true),
        ("var.pool", "/*", true),
        ("var.pool", "/attribute.project_id/7", true),
        ("var.pool", "/attribute.project_id/${var.p}", false),
        ("var.pool", "", false),
    ] {
        let text = format!("member = \"principalSet://iam.googleapis.com/${{{name}}}{end}\"");
        let said = stated(
            &(resource(
                "google_project_iam_member",
                &format!("project = \"p\"\n{ROLE}{text}"),
            ) + pool),
        );
        let granted = said
            .iter()
            .any(|said| said.contains(&format!("{end} roles/owner")));
        assert_eq!(granted, judged, "{text}: {said:?}");
    }
}
