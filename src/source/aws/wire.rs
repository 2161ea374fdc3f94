//! One record of CloudTrail as logged (AWS, "CloudTrail record contents").
//!
//! Athena and CloudTrail Lake answer with names in lower case, and with objects as texts.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use sonic_rs::LazyValue;

use crate::source::borrowed::Str;

/// What a record is told by, and what it may come in: EventBridge's `detail`, the text in an answer
/// of `lookup-events`, the list of a file in S3.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Outer<'a> {
    #[serde(borrow, alias = "eventsource")]
    pub(super) event_source: Str<'a>,
    #[serde(borrow, alias = "eventname")]
    pub(super) event_name: Str<'a>,
    #[serde(borrow, alias = "awsregion")]
    pub(super) aws_region: Str<'a>,
    #[serde(borrow)]
    pub(super) detail: Option<LazyValue<'a>>,
    #[serde(borrow, rename = "CloudTrailEvent")]
    pub(super) cloud_trail_event: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "Records")]
    pub(super) records: Option<Vec<LazyValue<'a>>>,
    #[serde(borrow, rename = "Events")]
    pub(super) events: Option<Vec<LazyValue<'a>>>,
}

impl Outer<'_> {
    /// Whether it is a record itself.
    pub(super) fn is_record(&self) -> bool {
        [&self.event_source, &self.event_name, &self.aws_region]
            .iter()
            .all(|member| member.get().is_some())
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Wire<'a> {
    #[serde(borrow, rename = "eventID", alias = "eventid")]
    pub(super) event_id: Str<'a>,
    #[serde(borrow, alias = "eventtime")]
    pub(super) event_time: Str<'a>,
    #[serde(borrow, alias = "eventsource")]
    pub(super) event_source: Str<'a>,
    #[serde(borrow, alias = "eventname")]
    pub(super) event_name: Str<'a>,
    #[serde(borrow, alias = "eventtype")]
    pub(super) event_type: Str<'a>,
    #[serde(borrow, alias = "eventcategory")]
    pub(super) event_category: Str<'a>,
    #[serde(borrow, alias = "awsregion")]
    pub(super) aws_region: Str<'a>,
    #[serde(borrow, rename = "sourceIPAddress", alias = "sourceipaddress")]
    pub(super) source_ip_address: Str<'a>,
    #[serde(borrow, alias = "useragent")]
    pub(super) user_agent: Str<'a>,
    #[serde(borrow, alias = "errorcode")]
    pub(super) error_code: Str<'a>,
    #[serde(borrow, alias = "errormessage")]
    pub(super) error_message: Str<'a>,
    #[serde(borrow, alias = "readonly")]
    pub(super) read_only: Str<'a>,
    #[serde(borrow, alias = "recipientaccountid")]
    pub(super) recipient_account_id: Str<'a>,
    #[serde(borrow, alias = "vpcendpointid")]
    pub(super) vpc_endpoint_id: Str<'a>,
    #[serde(borrow, alias = "useridentity")]
    user_identity: Option<LazyValue<'a>>,
    #[serde(borrow, alias = "requestparameters")]
    request_parameters: Option<LazyValue<'a>>,
    #[serde(borrow, alias = "responseelements")]
    response_elements: Option<LazyValue<'a>>,
    #[serde(borrow)]
    resources: Option<LazyValue<'a>>,
}

impl Wire<'_> {
    pub(super) fn identity(&self) -> Result<Members, &'static str> {
        Members::of(
            self.user_identity.as_ref(),
            "CloudTrail record whose userIdentity is no JSON",
        )
    }

    pub(super) fn request(&self) -> Result<Members, &'static str> {
        Members::of(
            self.request_parameters.as_ref(),
            "CloudTrail record whose requestParameters are no JSON",
        )
    }

    pub(super) fn response(&self) -> Result<Members, &'static str> {
        Members::of(
            self.response_elements.as_ref(),
            "CloudTrail record whose responseElements are no JSON",
        )
    }

    pub(super) fn resources(&self) -> Result<Members, &'static str> {
        Members::of(
            self.resources.as_ref(),
            "CloudTrail record whose resources are no JSON",
        )
    }
}

/// A value whose members are found whatever the case of their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Members(Value);

impl Members {
    fn of(value: Option<&LazyValue<'_>>, fault: &'static str) -> Result<Members, &'static str> {
        let Some(value) = value else {
            return Ok(Members::default());
        };
        let value = serde_json::from_str::<Value>(value.as_raw_str()).map_err(|_| fault)?;
        match value {
            Value::String(text) if text.trim().is_empty() => Ok(Members::default()),
            Value::String(text) => serde_json::from_str(&text).map(Members).map_err(|_| fault),
            value => Ok(Members(value)),
        }
    }

    /// The member that a path of names leads to.
    fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&self.0, |value, name| {
            let members = value.as_object()?;
            members.get(*name).or_else(|| {
                let mut same = members.iter();
                same.find(|(key, _)| key.eq_ignore_ascii_case(name))
                    .map(|(_, value)| value)
            })
        })
    }

    /// A text, number or flag, as text; nothing where it is empty.
    pub(super) fn text(&self, path: &[&str]) -> Option<String> {
        match self.at(path)? {
            Value::String(text) => (!text.is_empty()).then(|| text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => None,
        }
    }

    /// The elements of a list, each as a value of its own.
    pub(super) fn list(&self, path: &[&str]) -> Option<Vec<Members>> {
        let elements = self.at(path)?.as_array()?;
        Some(elements.iter().cloned().map(Members).collect())
    }

    /// A document that stands in a text, or as an object.
    pub(super) fn document(&self, path: &[&str]) -> Option<Value> {
        match self.at(path)? {
            Value::String(text) => serde_json::from_str(text).ok(),
            value @ Value::Object(_) => Some(value.clone()),
            _ => None,
        }
    }

    /// The names and texts of an object, by name.
    pub(super) fn pairs(&self, path: &[&str]) -> Vec<(String, String)> {
        let members = self.at(path).and_then(Value::as_object);
        let pairs = members.into_iter().flatten();
        pairs
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect()
    }

    /// Whether a list holds a text.
    pub(super) fn names(&self, list: &str, text: &str) -> bool {
        let listed = self.at(&[list]).and_then(Value::as_array);
        listed.is_some_and(|listed| listed.iter().any(|value| value.as_str() == Some(text)))
    }

    /// The ARN of the first of a list of resources.
    pub(super) fn first_arn(&self) -> Option<String> {
        let first = Members(self.0.as_array()?.first()?.clone());
        first.text(&["ARN"])
    }
}
