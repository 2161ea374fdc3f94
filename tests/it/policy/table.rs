//! Our own table of decisions, each with the sentence of the semantics that it tests.

use std::collections::BTreeMap;

use piperoll::model::Timestamp;
use piperoll::policy::{Acl, AclContext, Dialect, Entity, Policy, Request, parse};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::naive;

#[derive(Deserialize)]
struct Case {
    id: String,
    sentence: String,
    dialect: String,
    texts: BTreeMap<String, String>,
    request: Asked,
    allowed: bool,
    granting: Vec<String>,
    rule: Option<String>,
}

#[derive(Deserialize)]
struct Asked {
    policies: Vec<String>,
    operation: String,
    path: String,
    parameters: Option<Map<String, Value>>,
    namespace: Option<String>,
    wrap_ttl: Option<i64>,
    entity: Option<Entity>,
}

fn cases() -> Vec<Case> {
    let text = include_str!("../../../fixtures/policy/decisions.ndjson");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The naive evaluator knows neither templates nor OpenBao's own attributes.
fn naive_knows(case: &Case) -> bool {
    let own = |text: &String| {
        ["{{", "expiration", "pagination_limit"]
            .iter()
            .any(|word| text.contains(word))
    };
    !case.texts.values().any(own)
}

/// What the naive evaluator answers, where that is not what the table says.
fn naive_fault(
    case: &Case,
    held: &[(&str, &Policy)],
    dialect: Dialect,
    request: &Request<'_>,
) -> Option<String> {
    let inside = match case
        .request
        .namespace
        .as_deref()
        .map(|name| name.trim_matches('/'))
    {
        None | Some("") => String::new(),
        Some(inside) => format!("{inside}/"),
    };
    let answer = naive::decide(held, &inside, dialect, request);
    let vault_lists = case.sentence.starts_with("HashiCorp Vault looks into")
        || case.sentence.starts_with("HashiCorp Vault denies a list");
    let same = answer == (case.allowed, case.granting.clone());
    (!same && !vault_lists).then(|| format!("{} naively: {answer:?}", case.id))
}

#[test]
fn the_table_holds_for_the_engine_and_the_naive_evaluator() {
    let cases = cases();
    assert!(cases.len() >= 400, "{}", cases.len());
    let (mut wrong, mut naively) = (Vec::new(), 0);
    for case in &cases {
        let dialect: Dialect = case.dialect.parse().unwrap();
        let parsed: BTreeMap<&str, Policy> = case
            .texts
            .iter()
            .map(|(name, text)| {
                let (policy, errors) = parse(text, dialect);
                assert_eq!(errors, [], "{}: {text}", case.id);
                (name.as_str(), policy)
            })
            .collect();
        let names = case.request.policies.iter().map(String::as_str);
        let held: Vec<(&str, &Policy)> = names.map(|name| (name, &parsed[name])).collect();
        let namespace = case.request.namespace.as_deref().unwrap_or_default();
        let acl = Acl::new(
            &held,
            AclContext {
                dialect,
                namespace,
                entity: case.request.entity.as_ref(),
                as_of: Timestamp::parse("2026-01-01T00:00:00Z"),
                ..AclContext::default()
            },
        );
        let request = Request {
            operation: case.request.operation.parse().unwrap(),
            path: &case.request.path,
            parameters: case.request.parameters.as_ref(),
            wrap_ttl: case.request.wrap_ttl,
        };
        let decision = acl.decide(&request);
        let granting: Vec<String> = decision.granting().map(str::to_owned).collect();
        let got = (
            decision.allowed,
            granting,
            decision.rule().map(str::to_owned),
        );
        let wanted = (case.allowed, case.granting.clone(), case.rule.clone());
        if got != wanted {
            let (id, sentence) = (&case.id, &case.sentence);
            wrong.push(format!(
                "{id} {sentence}\n  got {got:?}\n  wanted {wanted:?}"
            ));
        }
        if naive_knows(case) {
            wrong.extend(naive_fault(case, &held, dialect, &request));
            naively += 1;
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(naively >= 400, "only {naively} checked naively");
}
