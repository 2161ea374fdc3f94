//! Sigma rules beside those in the box: what they match is found with their id, level and title, and
//! what cannot be asked is named.

use std::fs;

use super::product::{Pack, fixture, run_in};

const DETECTIONS: &str = "\
title: A trail was stopped
id: 33333333-0000-4000-8000-000000000001
level: critical
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventSource: cloudtrail.amazonaws.com, eventName|startswith: [stop, delete]}
  filter_declared: {userIdentity.type: AssumedRole}
  condition: selection and not 1 of filter_*
---
title: A group that is asked for
id: 33333333-0000-4000-8000-000000000002
level: low
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {requestParameters.groupName: admins}
  condition: selection
---
title: A shell
id: 33333333-0000-4000-8000-000000000003
level: low
logsource: {product: linux, category: process_creation}
detection:
  selection: {Image|endswith: /sh}
  condition: selection
";

const CORRELATIONS: &str = "\
title: Sign-on
name: sign_on
id: 33333333-0000-4000-8000-000000000004
level: low
logsource: {product: okta, service: okta}
detection:
  selection: {eventType: user.session.start}
  condition: selection
---
title: Second factor
name: factor
id: 33333333-0000-4000-8000-000000000005
level: low
logsource: {product: okta, service: okta}
detection:
  selection: {eventType: user.authentication.auth_via_mfa}
  condition: selection
---
title: Many sign-ons
id: 33333333-0000-4000-8000-000000000006
level: medium
correlation:
  type: event_count
  rules: [sign_on]
  group-by: [actor.alternateId]
  timespan: 10m
  condition: {gte: 6}
---
title: Many people on one device
id: 33333333-0000-4000-8000-000000000007
level: medium
correlation:
  type: value_count
  rules: [sign_on]
  group-by: [debugContext.debugData.dtHash]
  timespan: 2h
  condition: {field: actor.alternateId, gte: 2}
---
title: Every sign-on
id: 33333333-0000-4000-8000-000000000009
level: low
correlation:
  type: event_count
  rules: [sign_on]
  timespan: 1m
  condition: {gte: 1}
---
title: Sign-on with a second factor
id: 33333333-0000-4000-8000-000000000008
level: informational
correlation:
  type: temporal
  rules: [sign_on, factor]
  group-by: [actor.alternateId]
  timespan: 1m
";

#[test]
fn sigma_rules_are_asked_and_what_cannot_be_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let rules = dir.path().join("sigma");
    fs::create_dir(&rules).unwrap();
    fs::write(rules.join("detections.yml"), DETECTIONS).unwrap();
    fs::write(rules.join("correlations.yaml"), CORRELATIONS).unwrap();
    let (okta, aws) = (fixture("estate-beyond/okta"), fixture("estate-beyond/aws"));
    let inputs = [okta.to_str().unwrap(), aws.to_str().unwrap()];
    let words = ["--sigma", "sigma", "--select", "SIGMA-", "-o", "pack"];
    let ran = run_in(dir.path(), &[&["report"], &inputs[..], &words].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err.contains("5 of 6 Sigma rules") && ran.err.contains("linux 1"),
        "{}",
        ran.err
    );
    let pack = Pack::read(&dir.path().join("pack"));
    let id = |number: u8| format!("SIGMA-33333333-0000-4000-8000-00000000000{number}");
    let found = |number: u8| -> Vec<String> {
        let rows = pack.rows("findings").into_iter();
        let rows = rows.filter(|row| row["rule_id"] == id(number));
        rows.map(|row| format!("{} {} {}", row["severity"], row["subject"], row["title"]))
            .collect()
    };
    let one = |number: u8, wanted: &str| assert_eq!(found(number), [wanted.to_owned()]);
    one(1, "crit aws:user/111122223333/gero A trail was stopped");
    one(6, "med okta:user/bruno@mill.example Many sign-ons");
    one(
        7,
        "med okta:user/bruno@mill.example Many people on one device",
    );
    let with_factor: Vec<String> = ["ada", "carla", "dora"]
        .map(|login| format!("info okta:user/{login}@mill.example Sign-on with a second factor"))
        .to_vec();
    assert_eq!(found(8), with_factor);
    assert!(found(9).len() > found(6).len());
    let rows = pack.rows("rules");
    let row = |id: &str| rows.iter().find(|row| row["rule_id"] == id).unwrap();
    assert_eq!(row(&id(2))["outcome"], "not-assessed");
    assert!(row(&id(2))["reason"].contains("`requestParameters.groupName` is in no table"));
    assert!(row("SIGMA-OTHER-LOGS")["reason"].contains("linux 1"));
    assert!(
        !rows.iter().any(|row| row["rule_id"] == id(4)),
        "asked in correlations alone"
    );
    let again = run_in(dir.path(), &["rerun", "pack"]);
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);

    let done = |words: &[&str]| {
        let ran = run_in(dir.path(), words);
        assert_eq!(ran.code, 0, "{words:?}: {}", ran.err);
    };
    done(&[&["ingest", "--store", "store"], &inputs[..]].concat());
    let stored = ["--store", "store", "--sigma", "sigma"];
    done(&[&["tables", "-o", "tables", "--answered"], &stored[..]].concat());
    let words = [
        "--select",
        "SIGMA-",
        "--answers",
        "tables/answers",
        "-o",
        "answered",
    ];
    done(&[&["pack"], &words[..], &stored].concat());
    let answered = Pack::read(&dir.path().join("answered"));
    assert_eq!(answered.rows("findings"), pack.rows("findings"));

    fs::write(rules.join("broken.yml"), "title: [\n").unwrap();
    let checked = run_in(dir.path(), &["rules", "check", "--sigma", "sigma"]);
    assert!(
        checked.code == 2 && checked.err.contains("broken.yml: "),
        "{}",
        checked.err
    );
    assert!(
        checked
            .out
            .contains("5 Sigma rules can be asked, 1 cannot, 1 are of other logs")
    );
    assert!(
        checked
            .out
            .contains("detections.yml not read: a rule of linux/process_creation")
    );
}

#[test]
fn a_list_of_hundreds_of_values_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let mut rule = String::from(
        "title: A trail was stopped\nid: 33333333-0000-4000-8000-000000000010\nlevel: high\n\
         logsource: {product: aws, service: cloudtrail}\ndetection:\n  listed:\n    eventName:\n",
    );
    for number in 0..800 {
        rule.push_str(&format!("      - L{number}\n"));
    }
    rule.push_str("      - StopLogging\n  condition: listed\n");
    fs::write(dir.path().join("listed.yml"), rule).unwrap();
    let aws = fixture("estate-beyond/aws");
    let words = ["--sigma", "listed.yml", "--select", "SIGMA-", "-o", "pack"];
    let ran = run_in(
        dir.path(),
        &[&["report", aws.to_str().unwrap()], &words[..]].concat(),
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let findings = Pack::read(&dir.path().join("pack")).rows("findings");
    let found = findings.iter().map(|row| row["subject"].as_str());
    assert_eq!(found.collect::<Vec<_>>(), ["aws:user/111122223333/gero"]);
}
