//! Entities, roles and accounts that are not one to one, and those that are.

use crate::identity::sample::{Sample, World, minute, subjects};
use crate::model::{Confidence, Key, Period};
use std::collections::BTreeMap;

/// (mount, alias) of one exported entity.
fn collides(aliases: &[(&str, &str)], also: impl FnOnce(&mut Sample)) -> bool {
    let mut sample = Sample::default();
    for (number, (mount, name)) in aliases.iter().enumerate() {
        sample.says(
            "vault-entity",
            "vault:entity/e",
            &format!("alias.{number}.name"),
            name,
        );
        sample.says(
            "vault-entity",
            "vault:entity/e",
            &format!("alias.{number}.mount_path"),
            mount,
        );
    }
    also(&mut sample);
    let world = World {
        people: BTreeMap::from([("gitlab:user/carla", "carla"), ("gitlab:user/cw", "carla")]),
        ..World::default()
    };
    !subjects(
        &sample.join(&world).mismatches_ever(&world),
        "entity-collision",
    )
    .is_empty()
}

#[test]
fn different_principals_of_one_entity_are_a_fact() {
    assert!(collides(
        &[("auth/oidc/", "bruno"), ("auth/gitlab/", "acme/p7")],
        |_| {}
    ));
    assert!(collides(
        &[("auth/gitlab/", "acme/p7"), ("auth/gitlab2/", "acme/p8")],
        |_| {}
    ));
    assert!(collides(
        &[
            ("auth/run/", "a@p.iam.gserviceaccount.com"),
            ("auth/run2/", "b@p.iam.gserviceaccount.com")
        ],
        |_| {}
    ));
}

/// On mounts that nobody declared, one name may be one principal; two names are two.
#[test]
fn one_name_on_undeclared_mounts_is_doubted() {
    let confidence = |names: [&str; 2]| {
        let mut sample = Sample::default();
        for (number, name) in names.iter().enumerate() {
            let mount = ["auth/a/", "auth/b/"][number];
            let mut says = |what: &str, value: &str| {
                let name = format!("alias.{number}.{what}");
                sample.says("vault-entity", "vault:entity/e", &name, value);
            };
            says("name", name);
            says("mount_path", mount);
        }
        let world = World::default();
        let found = sample.join(&world).mismatches_ever(&world);
        let found = found
            .iter()
            .find(|row| row.kind.as_str() == "entity-collision");
        found.map(|row| row.confidence)
    };
    assert_eq!(
        confidence(["carla", "Carla@x.example"]),
        Some(Key::K4.confidence())
    );
    assert_eq!(confidence(["carla", "bruno"]), Some(Confidence::CERTAIN));
}

#[test]
fn spellings_of_one_principal_are_silent() {
    assert!(!collides(
        &[("auth/oidc/", "carla"), ("auth/userpass/", "cw")],
        |_| {}
    ));
    assert!(!collides(
        &[
            ("auth/oidc/", "Emil+vault@x.example"),
            ("auth/userpass/", "emil")
        ],
        |_| {}
    ));
    let number = |sample: &mut Sample| {
        sample.job(7, 1, 5, 20);
    };
    assert!(!collides(
        &[("auth/gitlab/", "acme/p7"), ("auth/gitlab2/", "7")],
        number
    ));
    assert!(!collides(
        &[
            ("auth/gitlab/", "acme/p7"),
            (
                "auth/gitlab2/",
                "project_path:acme/p7:ref_type:branch:ref:main"
            )
        ],
        |_| {}
    ));
    let id = |sample: &mut Sample| {
        sample.says(
            "gcp-service-account",
            "gcp:sa/a@p.iam.gserviceaccount.com",
            "unique_id",
            "111",
        );
    };
    assert!(!collides(
        &[
            ("auth/run/", "a@p.iam.gserviceaccount.com"),
            ("auth/run2/", "111")
        ],
        id
    ));
    assert!(!collides(&[("auth/oidc/", "carla")], |_| {}));
}

fn by_logins(
    first: (&'static str, &'static str),
    second: (&'static str, &'static str),
    exported: bool,
) -> bool {
    let mut sample = Sample::default();
    sample.job(7, 1, 5, 20);
    sample.job(7, 3, 5, 20);
    sample.job(8, 2, 5, 20);
    sample.service("a", "a@p.iam.gserviceaccount.com");
    sample.service("b", "b@p.iam.gserviceaccount.com");
    if exported {
        sample.says("vault-entity", "vault:entity/e", "name", "e");
    }
    for (id, (name, value)) in [("l", first), ("m", second)] {
        let mount = match name {
            "username" => "auth/oidc/",
            "service_account_email" => "auth/run/",
            _ => "auth/gitlab/",
        };
        sample.login(id, mount, 10, "10.1.0.1", &[("entity", "e"), (name, value)]);
    }
    let world = World::default();
    !subjects(
        &sample.join(&world).mismatches_ever(&world),
        "entity-collision",
    )
    .is_empty()
}

#[test]
fn logins_alone_show_an_entity_of_several() {
    assert!(by_logins(("job_id", "1"), ("job_id", "2"), false));
    assert!(by_logins(("job_id", "1"), ("username", "alice"), false));
    // Two candidate jobs of one project: every candidate agrees on the project.
    assert!(by_logins(("project_id", "7"), ("job_id", "2"), false));
}

#[test]
fn one_project_two_services_and_exported_entities_are_silent() {
    assert!(!by_logins(("job_id", "1"), ("job_id", "3"), false));
    let (a, b) = ("a@p.iam.gserviceaccount.com", "b@p.iam.gserviceaccount.com");
    assert!(!by_logins(
        ("service_account_email", a),
        ("service_account_email", b),
        false
    ));
    assert!(!by_logins(("job_id", "1"), ("job_id", "2"), true));
    // A login without a known origin is nobody's.
    assert!(!by_logins(("job_id", "1"), ("job_id", "77"), false));
}

fn shared(bound: &[(&str, &str)], logins: &[(&'static str, &'static str)]) -> Vec<String> {
    let mut sample = Sample::default();
    for (role, account) in bound {
        sample.says("vault-role", role, "bound_claims.email", account);
    }
    for (number, &(mount, account)) in logins.iter().enumerate() {
        let id = ["l", "m", "n"][number];
        sample.login(
            id,
            mount,
            10,
            "10.2.0.1",
            &[("service_account_email", account)],
        );
    }
    let world = World::default();
    subjects(
        &sample.join(&world).mismatches_ever(&world),
        "role-not-one-to-one",
    )
    .into_iter()
    .collect()
}

#[test]
fn roles_and_accounts_that_are_not_one_to_one_are_facts() {
    let (a, b) = ("a@p.iam.gserviceaccount.com", "b@p.iam.gserviceaccount.com");
    assert_eq!(
        shared(&[], &[("auth/run/", a), ("auth/run/", b)]),
        ["vault:role/run/app"]
    );
    assert_eq!(
        shared(&[("vault:role/run/app", a), ("vault:role/run/app", b)], &[]),
        ["vault:role/run/app"]
    );
    assert_eq!(
        shared(&[("vault:role/run/app", a), ("vault:role/run/web", a)], &[]),
        [format!("gcp:sa/{a}")]
    );
}

#[test]
fn one_role_on_each_of_two_mounts_and_patterns_are_silent() {
    let a = "a@p.iam.gserviceaccount.com";
    assert!(
        shared(
            &[("vault:role/run/app", a), ("vault:role/run2/app", a)],
            &[("auth/run/", a), ("auth/run2/", a)]
        )
        .is_empty()
    );
    assert!(
        shared(
            &[
                ("vault:role/run/app", a),
                ("vault:role/run/app", "*@p.iam.gserviceaccount.com")
            ],
            &[]
        )
        .is_empty()
    );
    assert!(shared(&[], &[]).is_empty());
}

/// What was seen outside the period is no evidence of it; what shows a role inside is its earliest
/// login, whatever was read first.
#[test]
fn logins_outside_the_period_share_no_role_and_take_none_back() {
    let (a, b) = ("a@p.iam.gserviceaccount.com", "b@p.iam.gserviceaccount.com");
    let found = |logins: &[(&'static str, &'static str, i64)]| {
        let mut sample = Sample::default();
        for &(id, account, at) in logins {
            let said = [("service_account_email", account)];
            sample.login(id, "auth/run/", at, "10.2.0.1", &said);
        }
        let world = World::default();
        let period = Period {
            from: minute(100),
            to: minute(200),
        };
        let found = sample.join(&world).mismatches(&world.scope(), period);
        let found = found.into_iter();
        let shared = found.filter(|found| found.kind.as_str() == "role-not-one-to-one");
        shared.map(|found| found.at).collect::<Vec<_>>()
    };
    assert_eq!(found(&[("l", a, 10), ("m", b, 120)]), []);
    let both = [minute(110), minute(120)];
    let before = [("k", a, 9), ("l", b, 10), ("m", a, 110), ("n", b, 120)];
    assert_eq!(found(&before), both);
    let later_first = [("k", a, 150), ("l", b, 160), ("m", a, 110), ("n", b, 120)];
    assert_eq!(found(&later_first), both);
}
