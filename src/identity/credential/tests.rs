//! When credentials end, and how long they outlive their jobs.

use super::*;
use crate::identity::sample::{Sample, World, minute};
use crate::model::EventKind;

/// The ends of a token, of one that it asked for at `path` with `keys`, and of a lease.
fn ends(path: &'static str, keys: &[&'static str]) -> Vec<(&'static str, Option<Timestamp>)> {
    let mut sample = Sample::default();
    sample.login("l", "auth/gitlab/", 10, "10.1.0.1", &[]);
    sample.vault(EventKind::TokenCreate, "c", 11, |event| {
        event.caller.accessor = Some("accessor-l".into());
        event.path = path.into();
        event.request_keys = keys.iter().map(|key| (*key).into()).collect();
        let mut issued = crate::model::Issued::default();
        issued.handles.accessor = Some("accessor-c".into());
        event.issued = Some(issued);
    });
    sample.vault(EventKind::Request, "q", 12, |event| {
        event.caller.accessor = Some("accessor-l".into());
        event.path = "database/creds/x".into();
        event.issued = Some(crate::model::Issued {
            lease_id: Some("database/creds/x/1".into()),
            ..crate::model::Issued::default()
        });
    });
    sample.vault(EventKind::Request, "r", 13, |event| {
        event.caller.accessor = Some("accessor-l".into());
        event.path = "auth/token/revoke-self".into();
    });
    let world = World::default();
    let mut identity = sample.join(&world);
    let names = identity.credential_names();
    let scope = world.scope();
    let credentials = identity.credentials(&names, &scope);
    credentials
        .map(|credential| (credential.kind, credential.revoked_at))
        .collect()
}

#[test]
fn a_child_and_a_lease_end_with_the_token_that_asked_for_them() {
    let end = Some(minute(13));
    assert_eq!(
        ends("auth/token/create", &["ttl"]),
        [("wrapped-token", end), ("child-token", end), ("lease", end)]
    );
}

#[test]
fn an_orphan_does_not_end_with_the_token_that_asked_for_it() {
    let end = Some(minute(13));
    for (path, keys) in [
        ("auth/token/create-orphan", &[][..]),
        ("auth/token/create", &["no_parent"][..]),
        // The role decides, and it is not in the log.
        ("auth/token/create/ci", &[][..]),
    ] {
        let found = ends(path, keys);
        let wanted = [
            ("wrapped-token", end),
            ("child-token", None),
            ("lease", end),
        ];
        assert_eq!(found, wanted, "{path} {keys:?}");
    }
}

/// Residual seconds of the token of a job that ran from minute 5 to 20, got at minute 10.
fn residual(ttl_s: Option<i64>, revoked: Option<i64>, job: bool) -> Option<i64> {
    let mut sample = Sample::default();
    if job {
        sample.job(7, 1, 5, 20);
    }
    sample.login("l", "auth/gitlab/", 10, "10.1.0.1", &[("job_id", "1")]);
    sample.last_login_lives(ttl_s);
    if let Some(at) = revoked {
        sample.vault(EventKind::Request, "end", at, |event| {
            event.caller.accessor = Some("accessor-l".into());
            event.path = "auth/token/revoke-self".into();
        });
    }
    let world = World::default();
    let mut identity = sample.join(&world);
    let (names, scope) = (HashMap::new(), world.scope());
    let first = identity.credentials(&names, &scope).next();
    first.unwrap().residual_s
}

#[test]
fn access_outlives_its_job_until_it_is_revoked_or_expires() {
    assert_eq!(residual(Some(3_600), None, true), Some(50 * 60));
    assert_eq!(residual(Some(3_600), Some(25), true), Some(5 * 60));
    // Expired before it was revoked, and both before the job ended.
    assert_eq!(residual(Some(900), Some(40), true), Some(5 * 60));
    assert_eq!(residual(Some(300), Some(19), true), Some(0));
    assert_eq!(residual(None, None, true), None);
    assert_eq!(residual(Some(3_600), None, false), None);
}
