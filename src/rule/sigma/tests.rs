//! Rules of our own writing in the form of Sigma.

use super::SigmaRules;
use crate::model::Severity;
use crate::rule::Rule;

/// A rule over CloudTrail with that detection.
fn aws(detection: &str) -> Rule {
    let text = format!(
        "title: Something\nid: 11111111-0000-4000-8000-000000000001\nlevel: high\n\
         logsource: {{product: aws, service: cloudtrail}}\ndetection:\n{detection}\n"
    );
    let mut set = read(&[("one.yml", &text)]);
    assert!(set.faults.is_empty(), "{:?}", set.faults);
    set.rules.remove(0)
}

fn read(files: &[(&str, &str)]) -> SigmaRules {
    let owned = files.iter();
    let owned: Vec<(String, String)> = owned
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    SigmaRules::read(&owned).unwrap()
}

/// What a rule asks of a row, behind its log and period.
fn asked(detection: &str) -> String {
    let rule = aws(detection);
    let sql = rule.sql.unwrap_or_else(|| panic!("{:?}", rule.broken));
    let (_, asked) = sql.split_once("e.in_period = 1 AND ").unwrap();
    asked.to_owned()
}

/// Why a rule cannot be asked.
fn why(detection: &str) -> String {
    aws(detection).broken.unwrap_or_default()
}

#[test]
fn values_and_modifiers_are_conditions() {
    for (selection, condition) in [
        (
            "eventName: DeleteTrail",
            "(e.operation IS NOT NULL AND lower(e.operation) = 'deletetrail')",
        ),
        (
            "eventName|cased: DeleteTrail",
            "(e.operation IS NOT NULL AND e.operation = 'DeleteTrail')",
        ),
        (
            "eventName|contains: 'it''s'",
            "(e.operation IS NOT NULL AND replace(lower(e.operation), 'it''s', '') <> lower(e.operation))",
        ),
        (
            "eventName|startswith: Delete",
            "(e.operation IS NOT NULL AND left(lower(e.operation), 6) = 'delete')",
        ),
        (
            "eventName: '*Trail'",
            "(e.operation IS NOT NULL AND right(lower(e.operation), 5) = 'trail')",
        ),
        (
            "eventName: 'Del*T?ail.x'",
            "(e.operation IS NOT NULL AND regexp_like(lower(e.operation), '(?s)^del.*t.ail[.]x$'))",
        ),
        ("eventName: '*'", "e.operation IS NOT NULL"),
    ] {
        let detection = format!("  selection:\n    {selection}\n  condition: selection");
        assert_eq!(asked(&detection), condition, "{selection}");
    }
    let list = "  selection:\n    eventName|contains|all: [a, b]\n  condition: selection";
    assert!(asked(list).contains("'a', '') <> lower(e.operation)) AND ("));
}

#[test]
fn absence_patterns_networks_and_words_are_conditions() {
    for (selection, condition) in [
        ("errorCode: null", "e.error IS NULL"),
        (
            "errorCode: ''",
            "(e.error IS NOT NULL AND lower(e.error) = '')",
        ),
        ("errorCode|exists: false", "e.error IS NULL"),
        (
            "userAgent|re|i: '^aws-\\w+/2\\.'",
            "(e.user_agent IS NOT NULL AND regexp_like(e.user_agent, '(?i)^aws-[0-9A-Za-z_]+/2[.]'))",
        ),
        (
            "sourceIPAddress|cidr: 10.16.0.0/15",
            "(e.remote_address IS NOT NULL AND (left(e.remote_address, 6) = '10.16.' OR left(e.remote_address, 6) = '10.17.'))",
        ),
        (
            "userIdentity.type: root",
            "array_contains(e.metadata, 'type=Root')",
        ),
        (
            "userIdentity.type|endswith: User",
            "(array_contains(e.metadata, 'type=IAMUser') OR array_contains(e.metadata, 'type=FederatedUser') OR array_contains(e.metadata, 'type=SAMLUser') OR array_contains(e.metadata, 'type=WebIdentityUser') OR array_contains(e.metadata, 'type=IdentityCenterUser'))",
        ),
        (
            "userIdentity.arn|fieldref: userAgent",
            "(e.entity_id IS NOT NULL AND e.user_agent IS NOT NULL AND lower(e.entity_id) = lower(e.user_agent))",
        ),
        (
            "readOnly: true",
            "array_contains(e.metadata, 'read_only=true')",
        ),
    ] {
        let detection = format!("  selection:\n    {selection}\n  condition: selection");
        assert_eq!(asked(&detection), condition, "{selection}");
    }
}

#[test]
fn conditions_are_read_with_their_names() {
    let named = "  a_1: {eventName: x}\n  a_2: {eventName: y}\n  b: [{eventName: z}, {errorCode: w}]\n  _no: {eventName: n}\n";
    let x = "(e.operation IS NOT NULL AND lower(e.operation) = 'x')";
    let y = "(e.operation IS NOT NULL AND lower(e.operation) = 'y')";
    let b = "((e.operation IS NOT NULL AND lower(e.operation) = 'z') OR (e.error IS NOT NULL AND lower(e.error) = 'w'))";
    for (condition, wanted) in [
        ("1 of a_*", format!("({x} OR {y})")),
        ("all of a_*", format!("({x} AND {y})")),
        ("all of them", format!("({x} AND {y} AND {b})")),
        (
            "a_1 and not (a_2 or b)",
            format!("({x} AND (NOT ({y} OR {b})))"),
        ),
        (
            "not 1 of a_* and b",
            format!("((NOT ({x} OR {y})) AND {b})"),
        ),
    ] {
        let found = asked(&format!("{named}  condition: {condition}"));
        assert_eq!(found, wanted, "{condition}");
    }
}

#[test]
fn what_cannot_be_asked_says_why() {
    for (selection, said) in [
        (
            "requestParameters.name: x",
            "the field `requestParameters.name` is in no table",
        ),
        ("eventName|base64: x", "the modifier `base64`"),
        ("eventName|expand: '%x%'", "the modifier `expand`"),
        ("eventName|contains|re: x", "do not go together"),
        ("eventName|gt: 4", "is compared as a number"),
        ("eventName: 'a\\b'", "backslash"),
        ("eventName: 'a[*b'", "`[` beside a wildcard"),
        ("eventName|re: 'a\\bc'", "`\\b` in the pattern"),
        ("eventName|re: '(?=a)b'", "the pattern `(?=a)b`"),
        ("sourceIPAddress|cidr: 'fd00::/8'", "no network of IPv4"),
        ("userIdentity.type: Robot", "none of the words"),
        (
            "userIdentity.type|exists: true",
            "in a way that is not read",
        ),
    ] {
        let detection = format!("  selection:\n    {selection}\n  condition: selection");
        let why = why(&detection);
        assert!(why.contains(said), "{selection}: {why}");
    }
    assert!(why("  k: [word]\n  condition: k").contains("without a field"));
    assert!(why("  a: {eventName: x}\n  condition: 2 of them").contains("`2 of`"));
    assert!(why("  a: {eventName: x}\n  condition: b").contains("names no selection"));
    assert!(why("  a: {eventName: x}\n  timeframe: 5m\n  condition: a").contains("timeframe"));
}

#[test]
fn rules_of_other_logs_and_files_that_are_none_are_told() {
    let rule = |id: u8, log: &str, more: &str| {
        format!(
            "title: T\nid: 11111111-0000-4000-8000-00000000000{id}\nlogsource: {log}\n{more}\
             detection:\n  a: {{eventName: x}}\n  condition: a\n"
        )
    };
    let level = "level: critical\n";
    let set = read(&[
        (
            "a.yml",
            &rule(1, "{product: windows, category: process_creation}", level),
        ),
        (
            "b.yml",
            &rule(2, "{product: gcp, service: google_workspace.admin}", level),
        ),
        ("c.yml", &rule(3, "{product: aws, service: cloudtrail}", "")),
        (
            "d.yml",
            &rule(
                4,
                "{product: aws, service: cloudtrail}",
                "status: deprecated\nlevel: low\n",
            ),
        ),
        (
            "e.yml",
            &rule(5, "{product: aws, service: cloudtrail}", level),
        ),
        (
            "f.yml",
            &rule(5, "{product: aws, service: cloudtrail}", level),
        ),
        ("g.yml", "title: [\n"),
        (
            "h.yml",
            &rule(6, "{product: aws, service: cloudtrail}", level).replace("id: ", "ident: "),
        ),
    ]);
    assert_eq!(
        set.elsewhere,
        [("a.yml".to_owned(), "windows/process_creation".to_owned())]
    );
    let said = |number: u8| {
        let id = format!("SIGMA-11111111-0000-4000-8000-00000000000{number}");
        let rule = set.rules.iter().find(|rule| rule.id == id).unwrap();
        rule.broken.clone().unwrap_or_default()
    };
    assert!(said(2).contains("google_workspace.admin is in no table"));
    assert!(said(3).contains("no level"));
    assert!(said(4).contains("deprecated"));
    assert_eq!(said(5), "");
    let rule = &set.rules[3];
    assert_eq!((rule.severity, rule.soc2.len()), (Severity::Crit, 0));
    let faults: Vec<&str> = set.faults.iter().map(|fault| fault.file.as_str()).collect();
    assert_eq!(faults, ["g.yml", "f.yml", "h.yml"]);
    let others = set.of_other_logs().unwrap();
    assert_eq!(others.broken.unwrap(), "1 rules of other logs: windows 1");
}

const BASES: &str = "title: Refused\nname: refused\nid: 22222222-0000-4000-8000-000000000001\nlevel: low\n\
    logsource: {product: okta, service: okta}\ndetection:\n  s: {eventType: user.session.start}\n  condition: s\n---\n\
    title: Granted\nname: granted\nid: 22222222-0000-4000-8000-000000000002\nlevel: low\n\
    logsource: {product: okta, service: okta}\ndetection:\n  s: {eventType: group.privilege.grant}\n  condition: s\n---\n";

fn correlation(body: &str) -> Rule {
    let text = format!(
        "{BASES}title: Both\nid: 22222222-0000-4000-8000-000000000003\nlevel: high\ncorrelation:\n{body}\n"
    );
    let mut set = read(&[("c.yml", &text)]);
    assert!(set.faults.is_empty(), "{:?}", set.faults);
    set.rules.pop().unwrap()
}

#[test]
fn correlations_count_events_values_and_rules_in_a_window() {
    let group = "  group-by: [actor.alternateId]\n  timespan: 10m\n";
    for (body, wanted) in [
        (
            "  type: event_count\n  rules: [refused]\n  condition: {gte: 5}\n",
            "lag(at, 4) OVER (PARTITION BY one, group_0 ORDER BY at, event_id)",
        ),
        (
            "  type: value_count\n  rules: [refused]\n  condition: {field: client.ipAddress, gt: 2}\n",
            "counted AS told",
        ),
        (
            "  type: temporal\n  rules: [refused, granted]\n",
            "HAVING count(DISTINCT b.told) >= 2",
        ),
    ] {
        let rule = correlation(&format!("{body}{group}"));
        let sql = rule.sql.unwrap_or_else(|| panic!("{:?}", rule.broken));
        assert!(sql.contains(wanted) && sql.contains("group_0"), "{sql}");
        assert!(sql.contains("INTERVAL '600 seconds'"), "{sql}");
    }
    for (body, said) in [
        (
            "  type: event_count\n  rules: [refused]\n  condition: {lt: 5}\n",
            "that there were few",
        ),
        (
            "  type: event_count\n  rules: [other]\n  condition: {gte: 5}\n",
            "`other` is no detection",
        ),
        (
            "  type: temporal_ordered\n  rules: [refused, granted]\n",
            "`temporal_ordered`",
        ),
        (
            "  type: value_count\n  rules: [refused]\n  condition: {field: x, gte: 5}\n",
            "`x` is in no table",
        ),
        (
            "  type: temporal\n  rules: [refused, granted]\n  timespan: 2d\n  aliases: {}\n",
            "above a day",
        ),
    ] {
        let group = match body.contains("timespan") {
            true => "  group-by: [actor.alternateId]\n",
            false => group,
        };
        let why = correlation(&format!("{body}{group}")).broken.unwrap();
        assert!(why.contains(said), "{why}");
    }
}

#[test]
fn the_rules_of_a_correlation_are_asked_in_it_alone_and_are_told_where_it_cannot_be() {
    let with = |kind: &str| {
        let text = format!(
            "{BASES}title: Both\nid: 22222222-0000-4000-8000-000000000003\nlevel: high\ncorrelation:\n  type: {kind}\n  \
             rules: [refused, granted]\n  timespan: 5m\n  group-by: [actor.alternateId]\n"
        );
        let rules = read(&[("c.yml", &text)]).rules;
        let unasked = rules.iter().filter(|rule| rule.broken.is_some()).count();
        (rules.len(), unasked)
    };
    assert_eq!(with("temporal"), (1, 0));
    assert_eq!(with("temporal_ordered"), (3, 3));
}
