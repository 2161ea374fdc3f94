//! AWS configuration exports: roles, users, groups and policies (`aws iam
//! get-account-authorization-details`, `get-role`, `list-roles`), OIDC and SAML providers, access keys,
//! and trust or permission policies as plain JSON.
//!
//! Most answers do not name their account: it is that of an ARN in them, else the folder of twelve
//! digits that they lie in.

mod access_key;
mod account;
mod document;
mod provider;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::Value;

use super::exported::{Api, Exported};
use crate::model::aws_policy::{Statement, statements};
use crate::model::{About, Attribute, Format, Holds, Place, Record, Sample, Sink, Source, Verdict};

/// What its files are records of.
const SOURCE: Source = Source {
    name: "aws-config",
    holds: Holds::Configuration,
};

/// Every format of AWS configuration.
pub const FORMATS: &[&dyn Format] = &[
    &exported(
        "AWS account authorization details",
        account::is,
        account::push,
    ),
    &exported("AWS identity providers", provider::is, provider::push),
    &exported("AWS access keys", access_key::is, access_key::push),
    &exported("AWS policy document", document::is, document::push),
];

/// The answers of AWS's APIs.
struct Answers;

/// Tells a kind of answer.
type Is = fn(&Value) -> bool;

/// Pushes what an answer of a kind says, or says why it does not.
type Push = fn(&Value, &Account<'_>, &mut dyn Sink) -> Result<(), String>;

/// A kind of answer: how it is told, and what it says.
const fn exported(title: &'static str, told: Is, push: Push) -> Exported<Answers> {
    let about = About::json(&SOURCE, title);
    Exported { about, told, push }
}

impl Api for Answers {
    type Told = Is;
    type Push = Push;

    fn recognises(told: &Is, sample: &Sample<'_>) -> bool {
        sample.value.is_some_and(told)
    }

    fn read((told, push): (&Is, &Push), record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let Ok(value) = serde_json::from_slice::<Value>(record.bytes) else {
            return Verdict::Rejected("the record is not JSON".into());
        };
        if !told(&value) {
            return Verdict::Foreign;
        }
        let account = Account {
            path: record.path,
            place: record.place,
        };
        match push(&value, &account, sink) {
            Ok(()) => Verdict::Parsed,
            Err(reason) => Verdict::Rejected(Cow::Owned(reason)),
        }
    }
}

/// Where an export lies, which tells the account where nothing else does.
struct Account<'r> {
    path: &'r str,
    place: Place,
}

impl Account<'_> {
    /// The account of an ARN, else that of the folder; `unknown` where neither tells.
    fn of(&self, arn: Option<&str>) -> String {
        let own = arn.and_then(|arn| arn.split(':').nth(4));
        let own = own.filter(|account| !account.is_empty());
        let mut folders = self.path.rsplit('/').skip(1);
        let folder =
            folders.find(|name| name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit()));
        own.or(folder).unwrap_or("unknown").to_owned()
    }

    /// Starts the attributes of a thing.
    fn about<'s>(
        &self,
        kind: &'static str,
        object: String,
        sink: &'s mut dyn Sink,
    ) -> Attributes<'s> {
        Attributes {
            kind,
            object,
            place: self.place,
            sink,
        }
    }
}

/// Pushes the attributes of one thing.
struct Attributes<'s> {
    kind: &'static str,
    object: String,
    place: Place,
    sink: &'s mut dyn Sink,
}

impl Attributes<'_> {
    fn put(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.sink.attribute(Attribute {
            kind: self.kind,
            object: self.object.clone(),
            name: name.into(),
            value: value.into(),
            valid_from: None,
            place: self.place,
        });
    }

    fn put_some(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    /// The statements of a document, each as an attribute in JSON; gives them as read.
    fn statements(&mut self, name: &str, document: &Value) -> Result<Vec<Statement>, String> {
        let document = document::opened(document)?;
        let read = statements(&document).map_err(|refused| refused.to_string())?;
        match document.get("Statement") {
            Some(Value::Array(list)) => list.iter().for_each(|one| self.put(name, one.to_string())),
            Some(one) => self.put(name, one.to_string()),
            None => {}
        }
        Ok(read)
    }
}

/// A text member.
fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

/// The elements of a list member.
fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}
