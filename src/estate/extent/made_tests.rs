//! Things that were made are looked for in the log that tells of them.

use super::*;
use crate::model::{Event, EventKind, Part, Place, Text};

const HOUR: i64 = 3_600_000_000;
const PERIOD: Period = Period {
    from: Timestamp(0),
    to: Timestamp(24 * HOUR),
};
const KEY: &str =
    "gcp:resource/iam.googleapis.com/projects/p/serviceAccounts/a@p.iam.gserviceaccount.com/keys/k";

/// What is said of exported things, each of kind, object, name and value, beside a log of
/// operations, each of system, name, project and hour.
fn said(
    log: &[(System, &'static str, &'static str, i64)],
    exported: &[(&'static str, &str, &str, &str)],
) -> Vec<(String, String)> {
    let mut symbols = Symbols::new();
    let mut makings = Makings::default();
    let place = Place::of_line(1);
    for (system, operation, project, hour) in log {
        let kind = match system {
            System::Aws => EventKind::CloudTrail,
            _ => EventKind::AdminActivity,
        };
        let at = Timestamp(hour * HOUR);
        let mut event = Event::new(*system, kind, Text::Borrowed("id"), place, at);
        event.part = Part::Whole;
        event.outcome = Outcome::Allowed;
        event.operation = Text::Borrowed(operation);
        event.project = Some(Text::Borrowed(project));
        makings.record(&Half::new(&event, &mut symbols), &symbols);
    }
    let attributes = exported
        .iter()
        .map(|(kind, object, name, value)| Attribute {
            kind,
            object: (*object).to_owned(),
            name: (*name).to_owned(),
            value: (*value).to_owned(),
            valid_from: None,
            place,
        });
    let numbers = BTreeMap::from([("77".to_owned(), "p".to_owned())]);
    let attributes: Vec<Attribute> = attributes.collect();
    let holes = makings.holes(&attributes, &numbers, PERIOD);
    holes
        .into_iter()
        .map(|hole| (hole.of, hole.words))
        .collect()
}

#[test]
fn a_key_of_whose_making_the_log_says_nothing_is_a_hole_of_the_log() {
    let key = [(
        "gcp-service-account-key",
        KEY,
        "valid_after",
        "1970-01-01T05:00:00Z",
    )];
    let other = (System::Gcp, "SetIamPolicy", "p", 7);
    let [(of, words)] = &said(&[other], &key)[..] else {
        panic!("no hole");
    };
    assert_eq!(of, "gcp-audit/admin-activity");
    assert!(
        words.ends_with(&format!("that an export holds: {KEY}")),
        "{words}"
    );
    let made = |hour| (System::Gcp, "CreateServiceAccountKey", "p", hour);
    assert_eq!(said(&[other, made(5)], &key), []);
    // At another time it was another.
    assert_eq!(said(&[other, made(9)], &key).len(), 1);
}

#[test]
fn nothing_is_missed_in_a_log_that_is_not_there_or_of_another_time_or_project() {
    let key = |at| [("gcp-service-account-key", KEY, "valid_after", at)];
    let inside = "1970-01-01T05:00:00Z";
    assert_eq!(said(&[], &key(inside)), []);
    assert_eq!(
        said(&[(System::Gcp, "SetIamPolicy", "q", 7)], &key(inside)),
        []
    );
    let log = [(System::Gcp, "SetIamPolicy", "p", 7)];
    for at in ["1969-12-31T05:00:00Z", "1970-01-03T00:00:00Z", "soon"] {
        assert_eq!(said(&log, &key(at)), [], "{at}");
    }
}

#[test]
fn keys_that_were_not_made_there_are_not_missed() {
    let log = [(System::Gcp, "SetIamPolicy", "p", 7)];
    let at = (
        "gcp-service-account-key",
        KEY,
        "valid_after",
        "1970-01-01T05:00:00Z",
    );
    for (name, value, holes) in [
        ("key_type", "SYSTEM_MANAGED", 0),
        ("key_origin", "USER_PROVIDED", 0),
        ("key_type", "USER_MANAGED", 1),
        ("key_origin", "GOOGLE_PROVIDED", 1),
    ] {
        let origin = ("gcp-service-account-key", KEY, name, value);
        assert_eq!(said(&log, &[at, origin]).len(), holes, "{name} {value}");
    }
}

#[test]
fn a_project_is_known_by_its_number_and_an_account_by_its_user() {
    let secret = "gcp:resource/secretmanager.googleapis.com/projects/77/secrets/s";
    let at = "1970-01-01T05:00:00Z";
    let secret = [("gcp-secret", secret, "created_at", at)];
    assert_eq!(said(&[(System::Gcp, "X", "p", 1)], &secret).len(), 1);
    assert_eq!(said(&[(System::Gcp, "CreateSecret", "p", 5)], &secret), []);
    let key = "aws:key/AKIDEXAMPLE";
    let user = ("aws-access-key", key, "user", "aws:user/111122223333/eve");
    let key = [user, ("aws-access-key", key, "created_at", at)];
    let trail = |operation| (System::Aws, operation, "111122223333", 5);
    let [(of, _)] = &said(&[trail("AssumeRole")], &key)[..] else {
        panic!("no hole");
    };
    assert_eq!(of, "cloudtrail");
    assert_eq!(said(&[trail("CreateAccessKey")], &key), []);
    // Whose key it is, nobody says.
    assert_eq!(said(&[trail("AssumeRole")], &key[1..]), []);
}

#[test]
fn the_project_of_a_name_that_leaves_it_open_is_that_of_the_account() {
    let open = "gcp:resource/iam.googleapis.com/projects/-/serviceAccounts/a@p.iam.gserviceaccount.com/keys/k";
    assert_eq!(place(open), Some("p"));
    assert_eq!(place(KEY), Some("p"));
    assert_eq!(
        place("gcp:resource/storage.googleapis.com/projects/_/buckets/b"),
        None
    );
    assert_eq!(place("gcp:sa/a"), None);
}
