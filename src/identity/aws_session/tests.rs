//! Who is behind a session, by each key.

use crate::identity::Identity;
use crate::identity::aws_job::NoJob;
use crate::identity::sample::{Sample, World, minute, place};
use crate::model::{Event, EventKind, Key, Outcome, System, Text};
use crate::table::row::half::Half;
use crate::table::row::{Symbols, Translated, Translation};

const ROLE: &str = "aws:role/1/deploy";
const SUBJECT: &str = "project_path:acme/p7:ref_type:branch:ref:main";

/// A call of AWS.
fn call<'e>(sample: &mut Sample, operation: &'e str, at: i64, with: impl FnOnce(&mut Event<'e>)) {
    let mut event = Event::new(
        System::Aws,
        EventKind::CloudTrail,
        "e".into(),
        place(at.unsigned_abs()),
        minute(at),
    );
    event.outcome = Outcome::Allowed;
    event.operation = operation.into();
    with(&mut event);
    let mut symbols = Symbols::new();
    let half = Half::new(&event, &mut symbols);
    let mut known = Translation::default();
    let said = Translated::new(&half, &symbols, &mut known);
    sample.ledger.record(&half, said);
}

/// An exchange of a job's token for the key `K`, from the runner's address.
fn exchange(sample: &mut Sample, name: &'static str, at: i64) {
    exchange_of(sample, "ASIAK", name, at);
}

/// An exchange for a key.
pub(in crate::identity) fn exchange_of(
    sample: &mut Sample,
    key: &'static str,
    name: &'static str,
    at: i64,
) {
    call(sample, "AssumeRoleWithWebIdentity", at, |event| {
        event.object = ROLE.into();
        event.display_name = Some(name.into());
        event.target_account = Some(key.into());
        event.remote_address = Some("10.1.0.1".into());
        event.metadata = vec![("subject".into(), SUBJECT.into())];
    });
}

fn join(sample: Sample) -> Identity {
    sample.join(&World::default())
}

/// The ids of the jobs behind the only session, with the key, and what speaks against them.
fn jobs(sample: Sample) -> (Option<(Vec<u64>, Key)>, Option<NoJob>) {
    let identity = join(sample);
    let session = identity.aws.sessions.first().unwrap();
    let found = session.jobs.as_ref().map(|jobs| {
        let ids = jobs
            .found
            .iter()
            .map(|job| identity.directory.job(*job).unwrap().id);
        (ids.collect(), jobs.key)
    });
    (found, session.no_job)
}

/// Jobs of project 7 by id, pipeline and runner, all from minute 5 to 40.
fn parallel(jobs: &[(u64, u64, &str)]) -> Sample {
    let mut sample = Sample::default();
    for (id, pipeline, runner) in jobs {
        let job = sample.job(7, *id, 5, 40);
        job.pipeline_id = Some(*pipeline);
        job.runner_addresses = vec![(*runner).to_owned()];
    }
    sample
}

#[test]
fn a_name_that_holds_the_job_comes_before_the_pipeline_and_that_before_the_runner() {
    let both = [(71, 900, "10.1.0.1"), (72, 901, "10.1.0.2")];
    for (name, expected) in [
        ("ci-72", Some((vec![72], Key::K1))),
        ("GitLabRunner-7-901", Some((vec![72], Key::K3))),
        ("deploy", Some((vec![71], Key::K4))),
    ] {
        let mut sample = parallel(&both);
        exchange(&mut sample, name, 10);
        assert_eq!(jobs(sample), (expected, None), "{name}");
    }
    let mut sample = parallel(&[(71, 900, "10.9.0.1"), (72, 901, "10.9.0.1")]);
    exchange(&mut sample, "deploy", 10);
    assert_eq!(jobs(sample), (Some((vec![71, 72], Key::K5)), None));
}

/// A number is an id only as a whole run of digits, and only of a job of the subject's project.
#[test]
fn a_part_of_a_number_and_a_job_of_another_project_name_nobody() {
    let mut sample = parallel(&[(71, 900, "")]);
    sample.job(8, 555, 5, 40);
    exchange(&mut sample, "run-710-and-555", 10);
    assert_eq!(jobs(sample), (Some((vec![71], Key::K5)), None));
}

#[test]
fn where_no_job_ran_it_says_so_and_where_nothing_was_exported_too() {
    let mut sample = parallel(&[(71, 900, "")]);
    sample.job(7, 73, 130, 140);
    exchange(&mut sample, "x", 70);
    assert_eq!(jobs(sample), (None, Some(NoJob::NoneRan)));
    let mut sample = parallel(&[(71, 900, "")]);
    exchange(&mut sample, "x", 7_000);
    assert_eq!(jobs(sample), (None, Some(NoJob::NotExported)));
    // The job that it names is over: it is that job's, and the fact stays.
    let mut sample = parallel(&[(71, 900, "")]);
    exchange(&mut sample, "job-71", 50);
    let found = (Some((vec![71], Key::K1)), Some(NoJob::NamedJobElsewhen));
    assert_eq!(jobs(sample), found);
}

#[test]
fn a_session_of_a_session_goes_back_to_the_job_and_a_users_key_does_not() {
    let mut sample = parallel(&[(71, 900, "")]);
    exchange(&mut sample, "ci-71", 10);
    for (operation, key) in [("AssumeRole", "ASIAL"), ("CreateAccessKey", "AKIAM")] {
        call(&mut sample, operation, 11, |event| {
            event.key_name = Some("ASIAK".into());
            event.target_account = Some(key.into());
        });
    }
    let identity = join(sample);
    let root = |key| {
        let used = identity.aws.used(key, "", "", None).unwrap();
        let root = identity.aws.get(identity.aws.root(used.session)).unwrap();
        root.key.clone()
    };
    assert_eq!(root("ASIAL"), "ASIAK");
    assert_eq!(root("AKIAM"), "AKIAM");
}

#[test]
fn another_key_of_the_session_is_told_by_role_name_and_second() {
    let mut sample = parallel(&[(71, 900, "")]);
    exchange(&mut sample, "ci-71", 10);
    let identity = join(sample);
    let arn = "arn:aws:sts::1:assumed-role/deploy/ci-71";
    let used = |role, begun| {
        let used = identity
            .aws
            .used("ASIAOTHER", role, arn, Some(minute(begun)));
        used.map(|used| used.key)
    };
    assert_eq!(used(ROLE, 10), Some(Key::K3));
    assert_eq!(used(ROLE, 11), None);
    assert_eq!(used("aws:role/1/other", 10), None);
}

/// Vault's engine: the name holds display name, role and time; the key itself where it is logged.
#[test]
fn what_vault_made_goes_back_to_its_lease() {
    let leased_at = |user: &str, clear: Option<&'static str>, made: i64| {
        let mut sample = Sample::default();
        sample.vault(EventKind::Request, "r", 10, |event| {
            event.service = Some("aws".into());
            event.mount = Some("aws/".into());
            event.path = "aws/creds/app".into();
            event.display_name = Some("gitlab-acme/p7".into());
            event.target_account = clear.map(Text::Borrowed);
            event.issued = Some(crate::model::Issued {
                lease_id: Some("aws/creds/app/x".into()),
                ..crate::model::Issued::default()
            });
        });
        let object = format!("aws:user/1/{user}");
        call(&mut sample, "CreateAccessKey", made, |event| {
            event.object = object.into();
            event.target_account = Some("AKIAMADE".into());
        });
        let identity = join(sample);
        let session = identity.aws.sessions.first().unwrap();
        let key = session.leases.as_ref().map(|leases| leases.key);
        (key, identity.aws.leases_are_off)
    };
    let leased = |user: &str, clear| leased_at(user, clear, 10).0;
    let named = "vault-gitlab-acme_p7-app-600-AbC";
    assert_eq!(leased_at(named, None, 10), (Some(Key::K3), false));
    // AWS's clock is an hour ahead of Vault's.
    assert_eq!(leased_at(named, None, 70), (Some(Key::K3), true));
    assert_eq!(
        leased("vault-gitlab-acme_p7-app-600-AbC", None),
        Some(Key::K3)
    );
    assert_eq!(leased("vault-gitlab-acme_p7-other-600-AbC", None), None);
    assert_eq!(leased("vault-gitlab-acme_p7-app-9000-AbC", None), None);
    assert_eq!(leased("anybody", None), None);
    assert_eq!(leased("anybody", Some("AKIAMADE")), Some(Key::K1));
}
