//! One event of the Okta System Log as logged (`developer.okta.com/docs/reference/api/system-log`).
//!
//! Every member may be null, and tools write the text `null` where a value was missing.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use sonic_rs::LazyValue;

use crate::source::borrowed::{Present, Str};

/// What tells an event, and what one may come in: EventBridge's `detail`, a hook's `data.events`.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Outer<'a> {
    event_type: Present,
    actor: Present,
    published: Present,
    #[serde(borrow)]
    pub(super) detail: Option<LazyValue<'a>>,
    #[serde(borrow)]
    pub(super) data: Option<LazyValue<'a>>,
}

impl Outer<'_> {
    /// Whether it is an event itself.
    pub(super) fn is_event(&self) -> bool {
        self.event_type.0 && self.actor.0 && self.published.0
    }
}

/// `data` of an event hook.
#[derive(Deserialize)]
pub(super) struct Hook<'a> {
    #[serde(borrow)]
    pub(super) events: Vec<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Wire<'a> {
    #[serde(borrow)]
    pub(super) uuid: Str<'a>,
    #[serde(borrow)]
    pub(super) published: Str<'a>,
    #[serde(borrow)]
    pub(super) event_type: Str<'a>,
    #[serde(borrow, deserialize_with = "said")]
    pub(super) actor: Option<Party<'a>>,
    #[serde(borrow, deserialize_with = "said")]
    pub(super) target: Option<Vec<Party<'a>>>,
    #[serde(borrow, deserialize_with = "said")]
    pub(super) outcome: Option<Outcome<'a>>,
    #[serde(borrow, deserialize_with = "said")]
    pub(super) client: Option<Client<'a>>,
    #[serde(borrow, deserialize_with = "said")]
    pub(super) transaction: Option<Transaction<'a>>,
    #[serde(borrow, deserialize_with = "said")]
    pub(super) debug_context: Option<DebugContext<'a>>,
    #[serde(borrow, deserialize_with = "said")]
    pub(super) authentication_context: Option<Authentication<'a>>,
    #[serde(borrow, deserialize_with = "said")]
    pub(super) security_context: Option<Security<'a>>,
}

/// `actor`, and each `target[]`.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Party<'a> {
    #[serde(borrow)]
    pub(super) id: Str<'a>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Str<'a>,
    #[serde(borrow)]
    pub(super) alternate_id: Str<'a>,
    #[serde(borrow)]
    pub(super) display_name: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Outcome<'a> {
    #[serde(borrow)]
    pub(super) result: Str<'a>,
    #[serde(borrow)]
    pub(super) reason: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Client<'a> {
    #[serde(borrow)]
    pub(super) ip_address: Str<'a>,
    #[serde(borrow)]
    pub(super) device: Str<'a>,
    #[serde(borrow, deserialize_with = "said")]
    pub(super) user_agent: Option<UserAgent<'a>>,
    #[serde(borrow, deserialize_with = "said")]
    pub(super) geographical_context: Option<Geography<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct UserAgent<'a> {
    #[serde(borrow)]
    pub(super) raw_user_agent: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Geography<'a> {
    #[serde(borrow)]
    pub(super) country: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Transaction<'a> {
    #[serde(borrow)]
    pub(super) id: Str<'a>,
    #[serde(borrow, deserialize_with = "said")]
    pub(super) detail: Option<TransactionDetail<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TransactionDetail<'a> {
    #[serde(borrow)]
    pub(super) request_api_token_id: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct DebugContext<'a> {
    #[serde(borrow, deserialize_with = "said")]
    pub(super) debug_data: Option<DebugData<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct DebugData<'a> {
    #[serde(borrow)]
    pub(super) dt_hash: Str<'a>,
    #[serde(borrow)]
    pub(super) factor: Str<'a>,
    #[serde(borrow)]
    pub(super) threat_suspected: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Authentication<'a> {
    #[serde(borrow)]
    pub(super) external_session_id: Str<'a>,
    #[serde(borrow)]
    pub(super) root_session_id: Str<'a>,
    #[serde(borrow)]
    pub(super) credential_type: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Security<'a> {
    #[serde(borrow)]
    pub(super) as_number: Str<'a>,
    #[serde(borrow)]
    pub(super) is_proxy: Str<'a>,
}

/// An object or list; nothing where it is null, or the text that tools write for null.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    deserializer.deserialize_any(Said(PhantomData))
}

struct Said<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Said<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, a list or null")
    }
    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Option<T>, E> {
        match text {
            "" | "null" => Ok(None),
            _ => Err(E::custom("a text where an object belongs")),
        }
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Option<T>, A::Error> {
        T::deserialize(SeqAccessDeserializer::new(seq)).map(Some)
    }
}
