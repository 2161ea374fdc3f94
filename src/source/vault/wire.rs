//! The Vault audit record as it is logged (`vault.md` sections 2 to 5).
//!
//! Every field may be absent, which means its zero value; the order differs between versions and
//! unknown fields are passed over.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::source::borrowed::{Pairs, Str, Strs};

/// One line of an audit device.
#[derive(Debug, Deserialize)]
pub(super) struct Entry<'a> {
    #[serde(borrow, default)]
    pub(super) time: Str<'a>,
    #[serde(borrow, rename = "type", default)]
    pub(super) kind: Str<'a>,
    #[serde(borrow, default)]
    pub(super) auth: Option<Auth<'a>>,
    #[serde(borrow, default)]
    pub(super) request: Option<Request<'a>>,
    #[serde(borrow, default)]
    pub(super) response: Option<Response<'a>>,
    #[serde(borrow, default)]
    pub(super) error: Str<'a>,
    /// Vault Enterprise: who passed the request on.
    #[serde(borrow, default)]
    pub(super) forwarded_from: Str<'a>,
}

/// `auth`: of the caller at the top, of the new token in the response.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Auth<'a> {
    #[serde(borrow, default)]
    pub(super) accessor: Str<'a>,
    #[serde(borrow, default)]
    pub(super) client_token: Str<'a>,
    #[serde(borrow, default)]
    pub(super) display_name: Str<'a>,
    #[serde(borrow, default)]
    pub(super) entity_id: Str<'a>,
    #[serde(borrow, default)]
    pub(super) policies: Strs<'a>,
    #[serde(borrow, default)]
    pub(super) token_policies: Strs<'a>,
    #[serde(borrow, default)]
    pub(super) metadata: Pairs<'a>,
    #[serde(borrow, default)]
    pub(super) token_type: Str<'a>,
    #[serde(default)]
    pub(super) token_ttl: Whole,
    #[serde(borrow, default)]
    pub(super) token_issue_time: Str<'a>,
    #[serde(borrow, default)]
    pub(super) policy_results: Option<PolicyResults<'a>>,
}

/// `auth.policy_results`.
#[derive(Debug, Deserialize)]
pub(super) struct PolicyResults<'a> {
    #[serde(default)]
    pub(super) allowed: Option<bool>,
    #[serde(borrow, default)]
    pub(super) granting_policies: Option<Vec<GrantingPolicy<'a>>>,
}

/// One element of `granting_policies`.
#[derive(Debug, Deserialize)]
pub(super) struct GrantingPolicy<'a> {
    #[serde(borrow, default)]
    pub(super) name: Str<'a>,
}

/// `request`.
#[derive(Debug, Deserialize)]
pub(super) struct Request<'a> {
    #[serde(borrow, default)]
    pub(super) id: Str<'a>,
    #[serde(borrow, default)]
    pub(super) operation: Str<'a>,
    #[serde(borrow, default)]
    pub(super) mount_point: Str<'a>,
    #[serde(borrow, default)]
    pub(super) mount_type: Str<'a>,
    #[serde(borrow, default)]
    pub(super) client_token: Str<'a>,
    #[serde(borrow, default)]
    pub(super) client_token_accessor: Str<'a>,
    #[serde(borrow, default)]
    pub(super) namespace: Option<Namespace<'a>>,
    #[serde(borrow, default)]
    pub(super) path: Str<'a>,
    #[serde(borrow, default)]
    pub(super) data: RequestData<'a>,
    #[serde(borrow, default)]
    pub(super) remote_address: Str<'a>,
    #[serde(borrow, default)]
    pub(super) headers: Headers<'a>,
    /// Seconds, where the answer is to be wrapped.
    #[serde(default)]
    pub(super) wrap_ttl: Whole,
    /// OpenBao: `unwrap-deferred` where a control group let the request pass later.
    #[serde(borrow, default)]
    pub(super) forwarded_from: Str<'a>,
}

/// `request.namespace`; absent path means root.
#[derive(Debug, Deserialize)]
pub(super) struct Namespace<'a> {
    #[serde(borrow, default)]
    pub(super) path: Str<'a>,
}

/// `response`.
#[derive(Debug, Deserialize)]
pub(super) struct Response<'a> {
    #[serde(borrow, default)]
    pub(super) auth: Option<Auth<'a>>,
    #[serde(default)]
    pub(super) data: ResponseData,
    #[serde(borrow, default)]
    pub(super) secret: Option<Secret<'a>>,
    #[serde(borrow, default)]
    pub(super) wrap_info: Option<WrapInfo<'a>>,
    #[serde(borrow, default)]
    pub(super) mount_point: Str<'a>,
    #[serde(borrow, default)]
    pub(super) mount_type: Str<'a>,
}

/// `response.secret`.
#[derive(Debug, Deserialize)]
pub(super) struct Secret<'a> {
    #[serde(borrow, default)]
    pub(super) lease_id: Str<'a>,
}

/// `response.wrap_info`.
#[derive(Debug, Deserialize)]
pub(super) struct WrapInfo<'a> {
    #[serde(borrow, default)]
    pub(super) accessor: Str<'a>,
    #[serde(borrow, default)]
    pub(super) token: Str<'a>,
    #[serde(borrow, default)]
    pub(super) creation_path: Str<'a>,
    #[serde(borrow, default)]
    pub(super) wrapped_accessor: Str<'a>,
    #[serde(default)]
    pub(super) ttl: Whole,
}

/// A number that some versions log as text or leave null.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Whole(pub(super) Option<i64>);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Whole, D::Error> {
        let text = Str::deserialize(deserializer)?;
        Ok(Whole(text.as_str().parse().ok()))
    }
}

/// `request.data`: names of its keys, and the few values that are logged in clear and matter.
#[derive(Debug, Default)]
pub(super) struct RequestData<'a> {
    /// Top-level keys, sorted.
    pub(super) keys: Vec<Cow<'a, str>>,
    /// `lease_id`, where the mount does not hash it.
    pub(super) lease_id: Str<'a>,
    /// `role`, where the mount is tuned not to hash it.
    pub(super) role: Str<'a>,
    /// The highest of `versions`. Numbers are logged in clear; the command line sends texts, which
    /// are hashed.
    pub(super) version: Option<i64>,
}

struct RequestDataVisitor;

impl<'de> Visitor<'de> for RequestDataVisitor {
    type Value = RequestData<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("request data")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut data = RequestData::default();
        while let Some(key) = map.next_key::<Str<'de>>()? {
            match key.as_str() {
                "lease_id" => data.lease_id = map.next_value()?,
                "role" => data.role = map.next_value()?,
                "versions" => {
                    let versions: Strs<'de> = map.next_value()?;
                    let numbers: Option<Vec<i64>> =
                        versions.0.iter().map(|text| text.parse().ok()).collect();
                    data.version = numbers.and_then(|numbers| numbers.into_iter().max());
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            data.keys.push(key.0);
        }
        data.keys.sort();
        Ok(data)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(RequestData::default())
    }
    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(RequestData::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(RequestData::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(RequestData::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(RequestData::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(RequestData::default())
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(RequestData::default())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RequestData<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RequestDataVisitor)
    }
}

/// `response.data`: whether it carries an error, and a version; lists may be elided to numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct ResponseData {
    /// Whether there is anything at all.
    pub(super) present: bool,
    /// Whether there is a key `error`: a refused login has no other sign.
    pub(super) error: bool,
    /// `version` (the answer to a KV write) or `metadata.version` (to a read): numbers are logged
    /// in clear.
    pub(super) version: Option<i64>,
    /// `token_ttl` beside `expires_at_seconds`: the life of a Google access token.
    pub(super) cloud_token_ttl: Option<i64>,
    /// `access_key` of AWS, which names a key and opens nothing, where the mount logs it in clear
    /// (`audit_non_hmac_response_keys`).
    pub(super) access_key: Option<Box<str>>,
}

/// Whether a text is the id of a long-lived key of AWS or of one that ends.
fn is_access_key(text: &str) -> bool {
    (text.starts_with("AKIA") || text.starts_with("ASIA"))
        && (16..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

struct ResponseDataVisitor;

impl<'de> Visitor<'de> for ResponseDataVisitor {
    type Value = ResponseData;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("response data")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ResponseData, A::Error> {
        let mut data = ResponseData::default();
        let (mut ttl, mut expires) = (None, false);
        while let Some(key) = map.next_key::<Str<'de>>()? {
            data.present = true;
            data.error |= key.as_str() == "error";
            match key.as_str() {
                "version" => data.version = map.next_value::<Whole>()?.0,
                "token_ttl" => ttl = map.next_value::<Whole>()?.0,
                "access_key" => {
                    let key = map.next_value::<Str<'de>>()?;
                    let clear = Some(key.as_str()).filter(|key| is_access_key(key));
                    data.access_key = clear.map(Box::from);
                }
                "expires_at_seconds" => expires = map.next_value::<Whole>()?.0.is_some(),
                "metadata" => {
                    let metadata: Pairs<'de> = map.next_value()?;
                    let version = metadata.0.iter().find(|(name, _)| name == "version");
                    let version = version.and_then(|(_, value)| value.parse().ok());
                    data.version = data.version.or(version);
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        // Roles have a `token_ttl` too, for the tokens of others.
        data.cloud_token_ttl = ttl.filter(|_| expires);
        Ok(data)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<ResponseData, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(ResponseData::default())
    }
    fn visit_str<E>(self, _: &str) -> Result<ResponseData, E> {
        Ok(ResponseData::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<ResponseData, E> {
        Ok(ResponseData::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<ResponseData, E> {
        Ok(ResponseData::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<ResponseData, E> {
        Ok(ResponseData::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<ResponseData, E> {
        Ok(ResponseData::default())
    }
    fn visit_unit<E>(self) -> Result<ResponseData, E> {
        Ok(ResponseData::default())
    }
}

impl<'de> Deserialize<'de> for ResponseData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ResponseData, D::Error> {
        deserializer.deserialize_any(ResponseDataVisitor)
    }
}

/// `request.headers`: only the user agent, where the operator switched it on.
#[derive(Debug, Default)]
pub(super) struct Headers<'a> {
    pub(super) user_agent: Str<'a>,
}

struct HeadersVisitor;

impl<'de> Visitor<'de> for HeadersVisitor {
    type Value = Headers<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("headers")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers<'de>, A::Error> {
        let mut headers = Headers::default();
        while let Some(key) = map.next_key::<Str<'de>>()? {
            if key.as_str().eq_ignore_ascii_case("user-agent") {
                let values: Strs<'de> = map.next_value()?;
                headers.user_agent = Str(values.0.into_iter().next().unwrap_or_default());
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(headers)
    }
    fn visit_unit<E>(self) -> Result<Headers<'de>, E> {
        Ok(Headers::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Headers<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Headers::default())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Headers<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(HeadersVisitor)
    }
}
