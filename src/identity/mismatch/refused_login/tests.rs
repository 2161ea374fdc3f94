//! Tests of refused logins.

use crate::identity::sample::{Sample, World, seen};
use crate::identity::{Mismatch, Seen};

const ROLE: &str = "vault:role/gitlab/app";
const AUDIENCE: &str = "error validating token: audience claim does not match any bound audience";
const PROTECTED: &str = "claim \"ref_protected\" does not match any associated bound claim values";

fn refused(sample: Sample, error: &str) -> Option<Mismatch> {
    let world = World::default();
    let request = Seen {
        error,
        ..seen("", "10.1.0.1", 10)
    };
    sample.join(&world).refused_login(request, &world.scope())
}

/// What a refusal says: expected, observed.
fn said(sample: Sample, error: &str) -> (String, String) {
    let found = refused(sample, error).unwrap();
    assert_eq!(found.confidence.0, 100);
    (found.expected, found.observed)
}

fn detail(error: &str) -> Option<(&'static str, String)> {
    refused(Sample::default(), error).map(|mismatch| (mismatch.kind.class(), mismatch.object))
}

#[test]
fn readable_refusals_name_the_claim() {
    assert_eq!(
        detail(AUDIENCE),
        Some(("IM-1", format!("{ROLE} claim aud")))
    );
    assert_eq!(
        detail(PROTECTED),
        Some(("IM-2", format!("{ROLE} claim ref_protected")))
    );
    assert_eq!(
        detail("claim \"job_id\" is missing"),
        Some(("IM-2", format!("{ROLE} claim job_id")))
    );
}

#[test]
fn other_and_hashed_refusals_say_nothing() {
    assert_eq!(detail("permission denied"), None);
    assert_eq!(detail("role \"portl\" could not be found"), None);
    assert_eq!(detail("hmac-sha256:00"), None);
    assert_eq!(detail(""), None);
}

/// Job 1 of project 7 runs; its CI file names the role and asks for `audience`.
fn asking(audience: &str) -> Sample {
    let mut sample = Sample::default();
    sample.job(7, 1, 5, 20);
    let job = "gitlab:ci-job/7/deploy";
    sample.says("ci-job", job, "vault_auth_role", "app");
    sample.says("ci-job", job, "id_tokens.V.aud", audience);
    sample.says("vault-role", ROLE, "bound_audiences", "https://vault");
    sample
}

#[test]
fn the_job_that_names_the_role_tells_its_audience_and_is_to_change() {
    assert_eq!(
        said(asking("https://other"), AUDIENCE),
        (
            "aud = https://vault".to_owned(),
            "suspected gitlab:job/7/1 asks for https://other; change id_tokens:aud of the job"
                .to_owned()
        )
    );
}

#[test]
fn a_role_that_is_unlike_the_others_of_its_mount_is_to_change() {
    let mut sample = asking("https://other");
    let beside = "vault:role/gitlab/beside";
    sample.says("vault-role", beside, "bound_audiences", "https://other");
    let observed = said(sample, AUDIENCE).1;
    assert!(
        observed.ends_with("change bound_audiences of the role"),
        "{observed}"
    );
    let unbound = "audience claim found in JWT but no audiences bound to the role";
    let (expected, observed) = said(asking("https://other"), unbound);
    assert_eq!(expected, "no audience is bound to the role");
    assert!(
        observed.ends_with("change bound_audiences of the role"),
        "{observed}"
    );
}

#[test]
fn where_nothing_tells_the_audience_of_the_token_nobody_is_named() {
    let unknown = "what the token says is not known";
    // A variable, an audience that the role accepts, no CI file, no job at the time.
    for audience in ["$AUD", "https://vault"] {
        let observed = said(asking(audience), AUDIENCE).1;
        assert!(observed.starts_with(unknown), "{audience}: {observed}");
    }
    let mut without = Sample::default();
    without.job(7, 1, 5, 20);
    assert!(said(without, AUDIENCE).1.starts_with(unknown));
    let mut late = asking("https://other");
    late.job(7, 1, 60, 70);
    assert_eq!(
        said(Sample::default(), AUDIENCE).0,
        "aud as the role asks, which was not exported"
    );
    // Two jobs that ask for different audiences.
    let mut two = asking("https://other");
    two.job(8, 2, 5, 20);
    two.says(
        "ci-job",
        "gitlab:ci-job/8/deploy",
        "login_role",
        "gitlab/app",
    );
    two.says(
        "ci-job",
        "gitlab:ci-job/8/deploy",
        "id_tokens.V.aud",
        "https://third",
    );
    assert!(said(two, AUDIENCE).1.starts_with(unknown));
}

/// The role asks for protected refs; `main` of project 7 is protected or not.
fn bound(protected: &str, addresses: &[(u64, &str)]) -> Sample {
    let mut sample = Sample::default();
    for &(project, address) in addresses {
        let job = sample.job(project, project, 5, 20);
        job.runner_addresses = vec![address.to_owned()];
    }
    sample.says("vault-role", ROLE, "bound_claims.ref_protected", "true");
    for project in [7, 8] {
        let object = format!("gitlab:branch/{project}/{protected}");
        sample.says("protected-branch", &object, "name", protected);
    }
    sample
}

#[test]
fn the_job_behind_the_address_tells_its_value_of_the_claim() {
    let sample = bound("release/*", &[(7, "10.1.0.1"), (8, "10.1.0.2")]);
    assert_eq!(
        said(sample, PROTECTED),
        (
            "ref_protected = true".to_owned(),
            "suspected gitlab:job/7/7 has ref_protected = false; change the pipeline: the bound \
             guards production"
                .to_owned()
        )
    );
    // Behind one address: both have the value, so it is true of either.
    let sample = bound("release/*", &[(7, "10.1.0.1"), (8, "10.1.0.1")]);
    let observed = said(sample, PROTECTED).1;
    assert!(observed.starts_with("each of 2 suspected jobs has ref_protected = false"));
}

#[test]
fn a_job_that_the_role_would_have_let_in_is_not_suspected() {
    let sample = bound("main", &[(7, "10.1.0.1")]);
    assert_eq!(said(sample, PROTECTED).1, PROTECTED);
    // Of two jobs behind one address the one with an allowed value is not it.
    let mut sample = bound("main", &[(7, "10.1.0.1")]);
    let job = sample.job(8, 9, 5, 20);
    job.runner_addresses = vec!["10.1.0.1".to_owned()];
    job.git_ref = "feature/x".to_owned();
    let observed = said(sample, PROTECTED).1;
    assert!(
        observed.starts_with("suspected gitlab:job/8/9 has"),
        "{observed}"
    );
}

#[test]
fn claims_are_told_as_gitlab_writes_them() {
    let told = |claim: &str, allowed: &str, kind: &str| {
        let mut sample = Sample::default();
        sample.job(7, 1, 5, 20).runner_addresses = vec!["10.1.0.1".to_owned()];
        sample.says(
            "vault-role",
            ROLE,
            &format!("bound_claims.{claim}"),
            allowed,
        );
        sample.says("vault-role", ROLE, "bound_claims_type", kind);
        let error = format!("claim \"{claim}\" does not match any associated bound claim values");
        said(sample, &error).1
    };
    let project = told("project_id", "9", "string");
    assert_eq!(
        project,
        "suspected gitlab:job/7/1 has project_id = 7; change the pipeline, or the bound if the \
         value is meant"
    );
    let subject = told(
        "sub",
        "project_path:acme/p9:ref_type:branch:ref:main",
        "string",
    );
    assert!(subject.contains("sub = project_path:acme/p7:ref_type:branch:ref:main;"));
    assert!(told("project_path", "other/*", "glob").contains("project_path = acme/p7;"));
    assert!(told("project_path", "acme/*", "glob").starts_with("claim"));
    assert!(told("hostname", "x", "string").starts_with("claim"));
}
