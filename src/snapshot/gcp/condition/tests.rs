//! Conditions as Google documents them, and what they say in September 2026.

use super::*;

fn at() -> Timestamp {
    Timestamp::parse("2026-09-15T00:00:00Z").unwrap()
}

#[test]
fn time_decides_and_what_recurs_stays_open() {
    use Standing::{Absent, Fails, Holds, Open};
    for (condition, expected) in [
        ("", Absent),
        (
            "request.time < timestamp('2020-10-01T00:00:00.000Z')",
            Fails,
        ),
        ("request.time < timestamp(\"2028-01-01T00:00:00Z\")", Holds),
        ("timestamp('2020-10-01T00:00:00Z') > request.time", Fails),
        ("request.time > timestamp('2027-01-01T00:00:00Z')", Fails),
        (
            "request.time < timestamp('2026-09-15T02:00:00+02:00')",
            Fails,
        ),
        (
            "request.time <= timestamp('2026-09-15T02:00:00+02:00')",
            Holds,
        ),
        (
            "request.time >= timestamp('2026-01-01T00:00:00Z') && request.time < timestamp('2026-06-01T00:00:00Z')",
            Fails,
        ),
        (
            "request.time < timestamp('2020-01-01T00:00:00Z') || resource.name.startsWith('projects/_/buckets/a')",
            Open,
        ),
        (
            "request.time < timestamp('2020-01-01T00:00:00Z') && resource.name.startsWith('projects/_/buckets/a')",
            Fails,
        ),
        ("!(request.time < timestamp('2020-01-01T00:00:00Z'))", Holds),
        (
            "request.time < timestamp('2026-09-14T12:00:00Z') + duration('24h')",
            Holds,
        ),
        (
            "request.time.getHours('Europe/Berlin') >= 9 && request.time.getHours('Europe/Berlin') <= 17",
            Open,
        ),
        (
            "request.time.getDayOfWeek('UTC') < 5 && request.time < timestamp('2020-01-01T00:00:00Z')",
            Fails,
        ),
        ("request.time.getFullYear('Europe/Berlin') == 2020", Fails),
        ("request.time.getFullYear() == 2026", Holds),
        ("resource.matchTag('1/env', 'prod')", Open),
        (
            "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/viewer'])",
            Open,
        ),
        ("'a' in ['b', 'c']", Fails),
        ("destination.ip in ['10.0.0.1']", Open),
        ("false", Fails),
        ("unknown: the policy was not read at version 3", Open),
        ("request.time < timestamp('no time')", Open),
    ] {
        assert_eq!(standing(condition, at()), expected, "{condition}");
    }
}

#[test]
fn a_date_is_the_beginning_of_its_day() {
    use Standing::{Fails, Holds, Open};
    for (condition, expected) in [
        ("request.time < date('2020-01-01')", Fails),
        ("request.time >= date(\"2026-01-01\")", Holds),
        ("request.time < date('2020-01')", Open),
    ] {
        assert_eq!(standing(condition, at()), expected, "{condition}");
    }
}

#[test]
fn a_choice_is_what_its_condition_chooses() {
    use Standing::{Fails, Holds, Open};
    for (condition, expected) in [
        (
            "true ? request.time < timestamp('2020-01-01T00:00:00Z') : true",
            Fails,
        ),
        (
            "request.time < timestamp('2020-01-01T00:00:00Z') ? false : true",
            Holds,
        ),
        (
            "resource.type == 'x' ? request.time < timestamp('2020-01-01T00:00:00Z') : false",
            Fails,
        ),
        ("resource.type == 'x' ? true : false", Open),
        ("false ? true : false ? true : true", Holds),
        ("(true ? 1 : 2) == 2", Fails),
        ("true ? false", Open),
    ] {
        assert_eq!(standing(condition, at()), expected, "{condition}");
    }
}

#[test]
fn a_name_narrows_and_a_collection_does_not() {
    for condition in [
        "resource.name.startsWith('projects/_/buckets/logs')",
        "resource.name == 'projects/12/secrets/db'",
        "'projects/12/secrets/db' == resource.name",
        "resource.type == 'x' && resource.name.startsWith(\"projects/12/secrets/db\")",
        "resource.name.startsWith('projects/p/locations/l/keyRings/r')",
        "resource.name in ['projects/12/secrets/a', 'projects/12/secrets/b']",
        "resource.name.startsWith('projects/_/buckets/a') || resource.name.endsWith('/public')",
        "resource.type == 'x' ? resource.name == 'projects/12/secrets/db' : false",
    ] {
        assert!(narrows(condition), "{condition}");
    }
    for condition in [
        "",
        "resource.name.startsWith('')",
        "resource.name.startsWith('projects/')",
        "resource.name.startsWith('projects/12/secrets/')",
        "resource.name.startsWith('projects/p/locations/l/keyRings/')",
        "!resource.name.startsWith('projects/_/buckets/logs')",
        "resource.name != 'projects/12/secrets/db'",
        "resource.name.startsWith('projects/12/secrets/db') || request.time < timestamp('2028-01-01T00:00:00Z')",
        "resource.type == 'secretmanager.googleapis.com/Secret'",
        "resource.name.startsWith(",
        "resource.name == 'projects/12/secrets/db' ? true : request.time > timestamp('2020-01-01T00:00:00Z')",
    ] {
        assert!(!narrows(condition), "{condition}");
    }
}

#[test]
fn deep_and_long_conditions_end() {
    for text in [
        "(".repeat(100_000),
        "!".repeat(100_000),
        "a.".repeat(100_000),
        "a||".repeat(100_000),
        "[".repeat(100_000),
        "a?".repeat(100_000),
        "a?b:".repeat(100_000),
    ] {
        assert_eq!(standing(&text, at()), Standing::Open);
    }
}

proptest::proptest! {
    #[test]
    fn any_condition_has_a_standing(text in "[a-c.()'\"!|&<>=,\\[\\] 0-9é\\\\-]{0,40}") {
        let _ = standing(&text, at());
        let _ = narrows(&text);
    }
}
