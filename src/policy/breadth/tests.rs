//! Breadth, one property at a time.

use super::*;
use crate::policy::acl::AclContext;
use crate::policy::{DEFAULT_CAP, Dialect, Operation, Policy, parse};

fn input() -> BreadthInput {
    let mount = |path: &str, kind| Mount {
        path: path.to_owned(),
        kind,
    };
    let owner = |prefix: &str, name: &str| Owner {
        prefix: prefix.to_owned(),
        name: name.to_owned(),
        shared: false,
    };
    BreadthInput {
        mounts: vec![
            mount("secret/", MountKind::Kv2),
            mount("db/", MountKind::Dynamic),
            mount("auth/gitlab/", MountKind::Auth),
        ],
        owners: vec![owner("secret/shop/", "shop"), owner("secret/pay/", "pay")],
        holder_owners: ["shop".to_owned()].into(),
        sessions: 100,
        window_days: 90,
        ..BreadthInput::default()
    }
}

fn measure(text: &str, input: &BreadthInput) -> Breadth {
    let (policy, errors) = parse(text, Dialect::Vault);
    assert_eq!(errors, [], "{text}");
    let acl = Acl::new(&[("p", &policy)], AclContext::default());
    breadth(
        &acl,
        &Universe::new(input, Dialect::Vault),
        input,
        DEFAULT_CAP,
    )
}

#[test]
fn the_empty_set_is_zero_and_root_the_maximum() {
    let empty = measure("#", &input());
    assert_eq!(
        (empty.score, empty.granted_atoms, empty.openness),
        (0, 0, 0)
    );
    assert!(!empty.is_overly_broad());
    let all = "path \"*\" { capabilities = \
               [\"create\", \"read\", \"update\", \"patch\", \"delete\", \"list\", \"sudo\"] }";
    let (nothing, input) = (Policy::default(), input());
    let root = Acl::new(&[("root", &nothing)], AclContext::default());
    let root = breadth(
        &root,
        &Universe::new(&input, Dialect::Vault),
        &input,
        DEFAULT_CAP,
    );
    let star = measure(all, &input);
    assert!(root.score >= star.score && root.granted_weight == star.granted_weight);
    assert_eq!(root.openness, 5);
    assert!(root.rulings.contains(&Ruling::Escalation));
}

#[test]
fn openness_tells_the_levels_apart() {
    let mounts = input().mounts;
    for (pattern, level) in [
        ("secret/data/shop/db", 0),
        ("secret/data/+/db", 1),
        ("secret/data/shop/db*", 2),
        ("secret/data/sh*", 2),
        ("secret/data/shop/*", 3),
        ("secret/data/+/*", 4),
        ("secret/data/+/+/*", 4),
        ("secret/data/+/app/*", 3),
        ("secret/data/*", 4),
        ("secret/*", 4),
        ("sec*", 5),
        ("+/data/*", 5),
        ("+/data/x", 4),
        ("*", 5),
        ("sys/*", 4),
        ("auth/*", 5),
        ("auth/gitlab/*", 4),
        ("db/creds/shop", 0),
        ("db/creds/*", 4),
    ] {
        assert_eq!(openness(pattern, &mounts), level, "{pattern}");
    }
}

#[test]
fn use_lowers_over_privilege_and_never_raises_it() {
    let text = "path \"secret/data/shop/*\" { capabilities = [\"read\"] }\n\
                path \"secret/data/shop/a\" { capabilities = [\"read\"] }";
    let mut input = input();
    input.listed = vec!["secret/data/shop/a".to_owned()];
    let before = measure(text, &input);
    assert!((before.over_privilege - 1.0).abs() < f64::EPSILON);
    input.observed.push(Observed {
        path: "secret/data/shop/a".to_owned(),
        operation: Operation::Read,
        allowed: true,
    });
    let after = measure(text, &input);
    assert!(after.over_privilege < before.over_privilege);
    assert_eq!(
        after.unused.len(),
        1,
        "the canary stays unused: {:?}",
        after.unused
    );
    let exact = "path \"secret/data/shop/a\" { capabilities = [\"read\"] }";
    assert!(measure(exact, &input).over_privilege.abs() < f64::EPSILON);
}

#[test]
fn a_foreign_owner_is_a_ruling_of_its_own() {
    let own = measure(
        "path \"secret/data/shop/*\" { capabilities = [\"read\"] }",
        &input(),
    );
    assert!(own.foreign_owners.is_empty() && !own.rulings.contains(&Ruling::CrossOwner));
    let both = measure(
        "path \"secret/data/+/*\" { capabilities = [\"read\"] }",
        &input(),
    );
    assert_eq!(both.foreign_owners, ["pay".to_owned()].into());
    assert!(both.rulings.contains(&Ruling::CrossOwner));
    assert!(both.rulings.contains(&Ruling::OpenEnded));
}

#[test]
fn without_known_holders_one_owner_is_taken_for_theirs() {
    let mut unknown = input();
    unknown.holder_owners.clear();
    let one = measure(
        "path \"secret/data/shop/*\" { capabilities = [\"read\"] }",
        &unknown,
    );
    assert!(one.foreign_owners.is_empty(), "{:?}", one.foreign_owners);
    let two = measure(
        "path \"secret/data/+/*\" { capabilities = [\"read\"] }",
        &unknown,
    );
    assert_eq!(two.foreign_owners.len(), 2);
    assert!((two.cross_owner - 0.25).abs() < f64::EPSILON);
}

#[test]
fn a_control_plane_write_is_an_escalation_unless_sudo_is_missing() {
    let policies = "path \"sys/policies/acl/ci-*\" { capabilities = [\"update\"] }";
    let found = measure(policies, &input()).escalations;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].region, "sys/policies/*");
    assert!(
        found[0].path.starts_with("sys/policies/acl/ci-"),
        "{found:?}"
    );
    let without = "path \"sys/auth/x\" { capabilities = [\"update\"] }";
    assert!(measure(without, &input()).escalations.is_empty());
    let with = "path \"sys/auth/x\" { capabilities = [\"update\", \"sudo\"] }";
    assert_eq!(measure(with, &input()).escalations.len(), 1);
}

#[test]
fn what_gives_more_is_known_wherever_a_method_is_mounted() {
    let count = |path: &str| {
        let text = format!("path \"{path}\" {{ capabilities = [\"update\", \"sudo\"] }}");
        let (policy, errors) = parse(&text, Dialect::Vault);
        assert_eq!(errors, [], "{path}");
        let context = AclContext {
            keep_templates: true,
            ..AclContext::default()
        };
        let acl = Acl::new(&[("p", &policy)], context);
        let nothing = BreadthInput::default();
        let found = breadth(&acl, &Universe::default(), &nothing, DEFAULT_CAP);
        found.escalations.len()
    };
    for path in [
        "auth/ldap/groups/devs",
        "auth/okta/groups/x",
        "auth/cert/certs/x",
        "auth/team/gitlab/role/x",
        "auth/team/gitlab/role/*",
        "auth/a/b/gitlab/config",
        "+/+/+/users/ada",
        "auth/userpass/users/ada/password",
        "auth/userpass/users/{{identity.entity.aliases.auth_userpass_1.name}}",
        "auth/userpass/users/{{identity.entity.metadata.x}}/password",
        "auth/token/roles/x",
        "sys/plugins/catalog/secret/x",
        "sys/storage/raft/snapshot-force",
        "sys/policies/*",
    ] {
        assert!(count(path) > 0, "{path}");
    }
    for path in [
        "sys/policies/password/*",
        "auth/approle/role/x/secret-id/lookup",
        "auth/userpass/users/{{identity.entity.aliases.auth_userpass_1.name}}/password",
        "auth/userpass/login/config",
        "auth/userpass/login/+",
        "auth/team/userpass/login/*",
        "auth/token/create/config",
        "auth/token/create/*",
        "auth/token/renew-self",
        "sys/storage/raft/configuration",
        "secret/data/auth/team/role/x",
    ] {
        assert_eq!(count(path), 0, "{path}");
    }
}

#[test]
fn too_few_sessions_say_nothing() {
    let mut few = input();
    few.sessions = 29;
    let text = "path \"secret/data/shop/*\" { capabilities = [\"update\"] }";
    let measured = measure(text, &few);
    assert_eq!(measured.evidence, Evidence::Insufficient);
    assert!(!measured.rulings.contains(&Ruling::UnusedWrite));
    let enough = measure(text, &input());
    assert_eq!(enough.evidence, Evidence::Bound(0.03));
    assert!(enough.rulings.contains(&Ruling::UnusedWrite));
}
