//! A policy document by itself.
//!
//! One whose statements let somebody assume a role is the trust of the role that the file is named
//! after: kind `aws-role` with `name`, `account`, `trust` (a statement in JSON each). Any other is
//! `aws-policy` with `name`, `account`, `statement`.

use std::borrow::Cow;

use serde_json::Value;

use super::{Account, text};
use crate::model::Sink;
use crate::model::aws_policy::{Statement, statements};

pub(super) fn is(value: &Value) -> bool {
    let named = ["Action", "NotAction", "Effect"];
    let first = match value.get("Statement") {
        Some(Value::Array(list)) => list.first(),
        other => other,
    };
    let dated = text(value, "Version").is_some_and(|version| version.starts_with("20"));
    let stated = first.is_some_and(|first| named.iter().any(|name| first.get(name).is_some()));
    stated || (dated && value.get("Statement").is_some())
}

pub(super) fn push(
    value: &Value,
    account: &Account<'_>,
    sink: &mut dyn Sink,
) -> Result<(), String> {
    let read = statements(value).map_err(|refused| refused.to_string())?;
    let name = account.path.rsplit('/').next().unwrap_or(account.path);
    let stem = name.split('.').next().unwrap_or(name);
    let federated = read
        .iter()
        .filter_map(|statement| statement.principals.get("Federated"))
        .flatten()
        .find(|arn| arn.starts_with("arn:"));
    let owner = account.of(federated.map(String::as_str));
    let trusts = |statement: &Statement| {
        statement.names_somebody() && ASSUME.iter().any(|action| statement.covers(action))
    };
    let (kind, id, attribute) = match read.iter().any(trusts) {
        true => ("aws-role", format!("aws:role/{owner}/{stem}"), "trust"),
        false => (
            "aws-policy",
            format!("aws:policy/{owner}/{stem}"),
            "statement",
        ),
    };
    let mut thing = account.about(kind, id, sink);
    thing.put("name", stem);
    thing.put("account", owner);
    thing.statements(attribute, value).map(drop)
}

/// The actions that begin a session of a role.
const ASSUME: [&str; 3] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithSAML",
];

/// A document that stands as an object, as JSON in a text, or encoded as the API sends it.
pub(super) fn opened(document: &Value) -> Result<Cow<'_, Value>, String> {
    let Value::String(text) = document else {
        return Ok(Cow::Borrowed(document));
    };
    let plain = match text.trim_start().starts_with('{') {
        true => text.clone(),
        false => decoded(text),
    };
    serde_json::from_str(&plain)
        .map(Cow::Owned)
        .map_err(|_| "a policy document that is no JSON".to_owned())
}

/// A text with its `%7B` put back; what is no UTF-8 then is no document.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let pair = after
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match byte.filter(|_| first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or(&[]);
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
