//! Decisions and verdicts recorded from a running OpenBao server, read in place.

use std::collections::BTreeMap;
use std::path::PathBuf;

use piperoll::model::Timestamp;
use piperoll::policy::{Acl, AclContext, Dialect, Policy, Request, parse};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct Token {
    policies: BTreeMap<String, String>,
    decisions: Vec<Recorded>,
}

#[derive(Deserialize)]
struct Text {
    text: String,
    accepted: bool,
    error: String,
    decisions: Vec<Recorded>,
}

#[derive(Deserialize, Debug)]
struct Recorded {
    operation: String,
    path: String,
    parameters: Option<Map<String, Value>>,
    allowed: bool,
    granting: Option<Vec<String>>,
}

/// The lines of a recording.
fn lines<T: for<'de> Deserialize<'de>>(name: &str) -> Vec<T> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/recordings");
    let path = folder.join("openbao-decisions").join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The moment of the recording; its expired stanzas are decades away on either side.
fn context() -> AclContext<'static> {
    AclContext {
        dialect: Dialect::OpenBao,
        as_of: Timestamp::parse("2026-01-01T00:00:00Z"),
        ..AclContext::default()
    }
}

fn compare(acl: &Acl, recorded: &Recorded, wrong: &mut Vec<String>) {
    let decision = acl.decide(&Request {
        operation: recorded.operation.parse().unwrap(),
        path: &recorded.path,
        parameters: recorded.parameters.as_ref(),
        wrap_ttl: None,
    });
    let granting: Vec<&str> = decision.granting().collect();
    let same = decision.allowed == recorded.allowed
        && recorded
            .granting
            .as_ref()
            .is_none_or(|wanted| granting == *wanted);
    if !same {
        let rule = decision.rule();
        let reason = decision.reason;
        wrong.push(format!(
            "{recorded:?}: got {reason:?} by {rule:?} from {granting:?}"
        ));
    }
}

#[test]
fn every_recorded_decision_is_reproduced() {
    let tokens = lines::<Token>("decisions.ndjson");
    let (mut count, mut wrong) = (0, Vec::new());
    for token in &tokens {
        let parsed: Vec<(&str, Policy)> = token
            .policies
            .iter()
            .map(|(name, text)| {
                let (policy, errors) = parse(text, Dialect::OpenBao);
                assert_eq!(errors, [], "{text}");
                (name.as_str(), policy)
            })
            .collect();
        let held: Vec<(&str, &Policy)> = parsed.iter().map(|(n, p)| (*n, p)).collect();
        let acl = Acl::new(&held, context());
        for recorded in &token.decisions {
            compare(&acl, recorded, &mut wrong);
            count += 1;
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(count > 8_000, "only {count} decisions in the recording");
}

#[test]
fn every_recorded_text_is_taken_or_refused_as_the_server_did() {
    let texts = lines::<Text>("texts.ndjson");
    let mut wrong = Vec::new();
    for text in &texts {
        let (policy, errors) = parse(&text.text, Dialect::OpenBao);
        if errors.is_empty() != text.accepted {
            wrong.push(format!(
                "{:?}\n  server: {}\n  ours: {errors:?}",
                text.text, text.error
            ));
        }
        if text.accepted {
            let acl = Acl::new(&[("p", &policy)], context());
            for recorded in &text.decisions {
                compare(&acl, recorded, &mut wrong);
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        texts.len(),
        wrong.join("\n")
    );
    assert!(texts.len() >= 266);
}
