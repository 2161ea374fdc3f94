//! Whom `[people] admins` may mean.

use std::collections::BTreeSet;

use super::over;
use crate::assess::declared::may_be_admin;
use crate::assess::example::with_configuration;
use crate::assess::meant::may_mean;
use crate::model::Hole;

const USERS: (&str, &str) = (
    "users.json",
    r#"[{"id": 2, "username": "zoe", "name": "Zoe", "state": "active", "email": "zoe@fen.example", "web_url": "https://git.fen.example/zoe"}]"#,
);

fn may_be(subject: &str, people: &str, files: &[(&str, &str)]) -> bool {
    may_be_beside(subject, people, files, &[])
}

fn may_be_beside(subject: &str, people: &str, files: &[(&str, &str)], holes: &[Hole]) -> bool {
    may_be_met(subject, people, files, holes, None)
}

fn may_be_met(
    subject: &str,
    people: &str,
    files: &[(&str, &str)],
    holes: &[Hole],
    met: Option<&BTreeSet<String>>,
) -> bool {
    let (rule, mut example) = over("GLC-001", &format!("[people]\n{people}"), files);
    example.sources = None;
    with_configuration(&rule, &example, |input, _| {
        may_be_admin(subject, input, holes, met)
    })
    .unwrap()
}

#[test]
fn where_nobody_is_declared_whoever_acts_for_anybody_may_be_meant() {
    let nobody = "break_glass = [\"ann\"]\n";
    for (subject, may) in [
        ("gcp:sa/deploy@fen.iam.gserviceaccount.com", true),
        ("aws:role/111122223333/apply", true),
        ("gitlab:project/7", true),
        ("aws:root/111122223333", false),
        ("run:service/fen/europe-west1/orders", false),
        ("vault:role/gitlab/deploy", true),
        ("gcp:principal/user:ann@fen.example", true),
        ("okta:user/ann@fen.example", true),
        ("ann", true),
    ] {
        assert_eq!(may_be(subject, nobody, &[USERS]), may, "{subject}");
    }
}

#[test]
fn an_account_that_nothing_ties_to_a_declared_name_may_be_theirs() {
    let ann = "admins = [\"ann\", \"gcp:sa/apply@fen.iam.gserviceaccount.com\"]\n";
    let okta = "okta:user/Ann@fen.example";
    assert!(may_be(okta, ann, &[USERS]), "of that name");
    assert!(!may_be("okta:user/bob@fen.example", ann, &[USERS]));
    assert!(
        may_be("okta:user/bob@fen.example", ann, &[]),
        "no users tie anybody"
    );
    assert!(
        may_be("okta:user/00uann", ann, &[USERS]),
        "its number alone"
    );
    let tied = format!("{ann}[people.aliases]\nann = [\"okta:user/a.b@fen.example\"]\n");
    assert!(!may_be(okta, &tied, &[]), "her account is another");
    assert!(may_be(
        "gcp:principal/user:ann@fen.example",
        &tied,
        &[USERS]
    ));
    assert!(!may_be("aws:role/111122223333/apply", ann, &[USERS]));
}

#[test]
fn a_name_that_no_user_bears_may_be_a_misspelt_one() {
    let zoe = "gcp:principal/user:zoe@fen.example";
    let declared = |name: &str| format!("admins = [\"{name}\"]\n");
    for name in ["zeo", "zo", "Zoee"] {
        assert!(may_be(zoe, &declared(name), &[USERS]), "{name}");
    }
    assert!(!may_be(zoe, &declared("ann"), &[USERS]));
    let zoa = "gcp:principal/user:zoa@fen.example";
    assert!(!may_be(zoa, &declared("zoe"), &[USERS]), "she is a user");
}

#[test]
fn an_entity_that_nothing_names_may_be_an_administrator_where_what_names_it_is_cut() {
    let eva = "admins = [\"okta:user/eva@fen.example\"]\n";
    let entity = "vault:entity/aaaaaaaa-0000-4000-8000-000000000015";
    let cut = Hole::somewhere("okta", "Okta's log begins late");
    assert!(!may_be(entity, eva, &[USERS]));
    assert!(may_be_beside(
        entity,
        eva,
        &[USERS],
        std::slice::from_ref(&cut)
    ));
    // No person is declared, so nobody behind the entity is.
    let pipeline = "admins = [\"gitlab:project/7\"]\n";
    assert!(!may_be_beside(entity, pipeline, &[USERS], &[cut]));
}

#[test]
fn an_entity_whose_login_is_in_no_log_may_be_an_administrator() {
    let ann = "admins = [\"ann\"]\n";
    let entity = "vault:entity/aaaaaaaa-0000-4000-8000-000000000015";
    let nobody = BTreeSet::new();
    assert!(may_be_met(entity, ann, &[USERS], &[], Some(&nobody)));
    let logged_in = BTreeSet::from([entity.to_owned()]);
    assert!(!may_be_met(entity, ann, &[USERS], &[], Some(&logged_in)));
    let pipeline = "admins = [\"gitlab:project/7\"]\n";
    assert!(!may_be_met(entity, pipeline, &[USERS], &[], Some(&nobody)));
}

#[test]
fn where_the_users_are_cut_a_name_may_be_tied_to_any_account() {
    let ann = "admins = [\"ann\"]\n";
    let account = "gcp:principal/user:a.b@fen.example";
    let cut = Hole::somewhere("gitlab-config", "users.json: 1 unit(s) could not be read");
    assert!(!may_be(account, ann, &[USERS]));
    assert!(may_be_beside(account, ann, &[USERS], &[cut]));
    let other = Hole::somewhere("vault-config", "policies");
    assert!(!may_be_beside(account, ann, &[USERS], &[other]));
}

#[test]
fn an_entry_that_nothing_matches_may_mean_whoever_is_of_its_kind() {
    let project = "gitlab:project/106";
    for (entry, subject, may) in [
        ("gitlab:project/16", project, true),
        ("gitlab:poject/106", project, true),
        ("gitlab:project/16", "vault:entity/1", true),
        ("gitlab:project/16", "gitlab:user/eve", false),
        ("gcp:sa/apply@fen.example", "gcp:sa/aply@fen.example", true),
        ("gcp:sa/apply@fen.example", "aws:role/1/apply", false),
        (
            "okta:user/an@fen.example",
            "okta:user/ann@fen.example",
            true,
        ),
        ("an@fen.example", "gcp:principal/user:ann@fen.example", true),
        (
            "bea@fen.example",
            "gcp:principal/user:eve@other.example",
            false,
        ),
        // A policy or a role, whatever origin its token has.
        ("op", "vault:entity/1", true),
        ("vault:role/gitlab/deploy", project, true),
        ("op", "gcp:sa/apply@fen.example", false),
        ("gcp:s/apply@fen.example", "aws:root/1", false),
    ] {
        assert_eq!(may_mean(entry, subject), may, "{entry} for {subject}");
    }
}

#[test]
fn a_user_of_gitlab_bears_the_name_by_which_he_is_declared() {
    let ann = "admins = [\"ann\"]\n";
    assert!(
        !may_be("gitlab:user/bob", ann, &[]),
        "no users were exported"
    );
    assert!(may_be("gitlab:user/anne", ann, &[USERS]), "one letter off");
    assert!(!may_be("gitlab:user/bob", ann, &[USERS]));
}

#[test]
fn a_role_for_the_jobs_of_a_declared_project_alone_is_that_projects() {
    let role = |claims: &str| {
        format!(
            r#"{{"request_id": "r", "data": {{"role_type": "jwt", "user_claim": "project_id", "token_policies": ["config"], "token_ttl": 600, "bound_claims": {claims}}}}}"#
        )
    };
    let policy = (
        "policies/config.hcl",
        "path \"sys/auth/*\" { capabilities = [\"sudo\"] }",
    );
    let projects = (
        "projects.json",
        r#"[{"id": 7, "path_with_namespace": "fen/vault", "default_branch": "main"}]"#,
    );
    let own = "admins = [\"gitlab:project/7\"]\n";
    for (claims, may) in [
        (r#"{"project_id": "7"}"#, true),
        (r#"{"project_path": "fen/vault"}"#, true),
        (r#"{"project_id": ["7", "8"]}"#, false),
        (r#"{"namespace_id": "3"}"#, false),
    ] {
        let role = role(claims);
        let files = [
            ("auth/gitlab/role/config.json", role.as_str()),
            policy,
            projects,
        ];
        for subject in ["vault:role/gitlab/config", "vault:policy/config"] {
            assert_eq!(may_be(subject, own, &files), may, "{claims} {subject}");
        }
    }
    assert!(
        !may_be("vault:policy/config", own, &[policy]),
        "nobody holds it"
    );
}
