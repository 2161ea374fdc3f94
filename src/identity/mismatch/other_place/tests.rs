//! Machines and tokens in and out of their place.

use super::{is_google, is_private};
use crate::identity::sample::{Sample, World, caller, networks, of, seen};
use crate::model::Confidence;

const ACCOUNT: &str = "gcp:sa/x@p.iam.gserviceaccount.com";

fn machine(principal: &'static str, address: &'static str, agent: &'static str) -> Vec<String> {
    let world = World {
        exempt: vec!["gcp:sa/admin@p.iam.gserviceaccount.com"],
        ..networks()
    };
    let identity = Sample::default().join(&world);
    let seen = seen("gcp:resource/b", address, 1);
    let found = identity.machine_elsewhere(caller(principal, agent), seen, &world.scope());
    found
        .into_iter()
        .map(|mismatch| mismatch.kind.as_str().to_owned())
        .collect()
}

#[test]
fn a_machine_from_the_internet_or_at_a_terminal_is_a_fact() {
    let federated = "gcp:principal/principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/gl/subject/job_1";
    assert_eq!(machine(ACCOUNT, "203.0.113.9", ""), ["machine-elsewhere"]);
    assert_eq!(machine(federated, "203.0.113.9", ""), ["machine-elsewhere"]);
    let gcloud = "google-cloud-sdk gcloud/531 environment/None interactive/True";
    assert_eq!(
        machine(ACCOUNT, "10.2.0.1", gcloud),
        ["machine-at-a-terminal"]
    );
    assert_eq!(
        machine(ACCOUNT, "10.9.9.9", ""),
        ["machine-at-a-private-address"]
    );
}

#[test]
fn own_networks_google_and_people_are_silent() {
    let nothing = Vec::<String>::new();
    for address in [
        "10.1.0.1",
        "10.2.0.1",
        "private",
        "gce-internal-ip",
        "",
        "2600:1900::1",
    ] {
        assert_eq!(machine(ACCOUNT, address, ""), nothing, "{address}");
    }
    let person = "gcp:principal/user:eve@x.example";
    assert_eq!(machine(person, "203.0.113.9", ""), nothing);
    let agent = "gcp:sa/service-1@gcp-sa-logging.iam.gserviceaccount.com";
    assert_eq!(machine(agent, "203.0.113.9", ""), nothing);
    let shell = "gcloud/531 environment/devshell interactive/True";
    let admin = "gcp:sa/admin@p.iam.gserviceaccount.com";
    assert_eq!(machine(admin, "203.0.113.9", shell), nothing);
    let script = "google-cloud-sdk gcloud/531 interactive/False from-script/True";
    assert_eq!(machine(ACCOUNT, "10.1.0.1", script), nothing);
}

#[test]
fn without_declared_networks_an_address_says_nothing() {
    let world = World::default();
    let identity = Sample::default().join(&world);
    let seen = seen("gcp:resource/b", "203.0.113.9", 1);
    assert!(
        identity
            .machine_elsewhere(caller(ACCOUNT, ""), seen, &world.scope())
            .is_none()
    );
}

#[test]
fn ranges_are_told_apart() {
    assert!(
        is_private("10.0.0.1".parse().unwrap()) && is_private("::ffff:10.0.0.1".parse().unwrap())
    );
    assert!(is_private("fd00::1".parse().unwrap()) && is_private("100.64.0.1".parse().unwrap()));
    assert!(
        !is_private("203.0.113.9".parse().unwrap()) && !is_private("2001:db8::1".parse().unwrap())
    );
    assert!(
        is_google("2600:190f::1".parse().unwrap()) && !is_google("2600:1800::1".parse().unwrap())
    );
}

fn moved(
    login_from: &'static str,
    used_from: &'static str,
    job: bool,
    world: &World,
) -> Vec<(String, Confidence)> {
    let mut sample = Sample::default();
    if job {
        sample.job(7, 1, 5, 20);
    }
    sample.login("l", "auth/gitlab/", 10, login_from, &[("project_id", "7")]);
    sample.login("m", "auth/gitlab/", 11, login_from, &[("project_id", "7")]);
    let op = sample.request("r", "l", 12);
    let identity = sample.join(world);
    let (session, facts) = of(&identity, op, world);
    let seen = seen("vault:path/secret/data/x", used_from, 12);
    let found = identity.request_mismatches(&facts, session, seen, &world.scope());
    found
        .into_iter()
        .map(|mismatch| (mismatch.object, mismatch.confidence))
        .collect()
}

#[test]
fn a_token_used_elsewhere_is_a_fact_with_or_without_its_job() {
    let expected = [("address:203.0.113.9".to_owned(), Confidence(95))];
    assert_eq!(
        moved("10.1.0.1", "203.0.113.9", true, &networks()),
        expected
    );
    assert_eq!(
        moved("10.1.0.1", "203.0.113.9", false, &networks()),
        expected
    );
}

#[test]
fn another_runner_of_the_pool_and_a_proxy_are_silent() {
    assert_eq!(moved("10.1.0.1", "10.1.0.2", true, &networks()), []);
    assert_eq!(moved("10.1.0.1", "10.1.0.1", true, &networks()), []);
    // All logins come from one address that is no runner's.
    assert_eq!(moved("198.51.100.1", "198.51.100.2", true, &networks()), []);
    assert_eq!(
        moved("10.1.0.1", "203.0.113.9", true, &World::default()),
        []
    );
}
