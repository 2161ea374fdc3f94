//! Wire values that borrow from the record wherever JSON allows it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A member that is there, whatever it holds.
#[derive(Debug, Default)]
pub struct Present(pub bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Present, D::Error> {
        IgnoredAny::deserialize(deserializer)?;
        Ok(Present(true))
    }
}

/// A JSON value read as text: strings borrow unless escaped, numbers and booleans are written
/// out, `null`, arrays and objects are empty.
///
/// `Option<Cow<str>>` would always allocate: serde forwards options to an owned `Cow`. Formats
/// differ in what they quote (GitLab ids are strings in one place and numbers in another), so a
/// field that is only ever text to us must not fail on a number.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Str<'a>(pub Cow<'a, str>);

impl<'a> Str<'a> {
    /// The text, or `None` when it is empty: in these logs absent and empty mean the same.
    #[must_use]
    pub fn get(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(self.0.as_ref())
    }

    /// The text to hand on, or `None` when it is empty.
    #[must_use]
    pub fn take(self) -> Option<Cow<'a, str>> {
        (!self.0.is_empty()).then_some(self.0)
    }

    /// The text as a slice, possibly empty.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }
}

struct StrVisitor;

impl<'de> Visitor<'de> for StrVisitor {
    type Value = Str<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Str<'de>, E> {
        Ok(Str(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Str<'de>, E> {
        Ok(Str(Cow::Owned(text.to_owned())))
    }
    fn visit_string<E>(self, text: String) -> Result<Str<'de>, E> {
        Ok(Str(Cow::Owned(text)))
    }
    fn visit_bool<E>(self, value: bool) -> Result<Str<'de>, E> {
        Ok(Str(Cow::Borrowed(if value { "true" } else { "false" })))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Str<'de>, E> {
        Ok(Str(Cow::Owned(value.to_string())))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Str<'de>, E> {
        Ok(Str(Cow::Owned(value.to_string())))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Str<'de>, E> {
        Ok(Str(Cow::Owned(value.to_string())))
    }
    fn visit_unit<E>(self) -> Result<Str<'de>, E> {
        Ok(Str::default())
    }
    fn visit_none<E>(self) -> Result<Str<'de>, E> {
        Ok(Str::default())
    }
    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Str<'de>, D::Error> {
        inner.deserialize_any(StrVisitor)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Str<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Str::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Str<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Str::default())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Str<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Str<'a>, D::Error> {
        deserializer.deserialize_any(StrVisitor)
    }
}

/// A JSON array of values read as text; a lone value is an array of one, `null` an empty one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strs<'a>(pub Vec<Cow<'a, str>>);

struct StrsVisitor;

impl<'de> Visitor<'de> for StrsVisitor {
    type Value = Strs<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of strings")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Strs<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<Str<'de>>()? {
            items.push(item.0);
        }
        Ok(Strs(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Strs<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Strs::default())
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Strs<'de>, E> {
        Ok(Strs(vec![Cow::Borrowed(text)]))
    }
    fn visit_str<E>(self, text: &str) -> Result<Strs<'de>, E> {
        Ok(Strs(vec![Cow::Owned(text.to_owned())]))
    }
    fn visit_bool<E>(self, _: bool) -> Result<Strs<'de>, E> {
        Ok(Strs::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Strs<'de>, E> {
        Ok(Strs::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Strs<'de>, E> {
        Ok(Strs::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Strs<'de>, E> {
        Ok(Strs::default())
    }
    fn visit_unit<E>(self) -> Result<Strs<'de>, E> {
        Ok(Strs::default())
    }
    fn visit_none<E>(self) -> Result<Strs<'de>, E> {
        Ok(Strs::default())
    }
    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Strs<'de>, D::Error> {
        inner.deserialize_any(StrsVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Strs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Strs<'a>, D::Error> {
        deserializer.deserialize_any(StrsVisitor)
    }
}

/// The entries of a JSON object with values read as text, in key order; anything else is empty.
///
/// Values that are objects or arrays are kept as empty text: newest Vault may log such metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs<'a>(pub Vec<(Cow<'a, str>, Cow<'a, str>)>);

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
        let mut pairs = Vec::new();
        while let Some((key, value)) = map.next_entry::<Str<'de>, Str<'de>>()? {
            pairs.push((key.0, value.0));
        }
        pairs.sort();
        // Which of two values holds, each reader would decide for itself.
        let twice = |pair: &[(Cow<'de, str>, Cow<'de, str>)]| match pair {
            [a, b] => a.0 == b.0 && a.1 != b.1,
            _ => false,
        };
        if pairs.windows(2).any(twice) {
            return Err(de::Error::custom("a member that is stated twice"));
        }
        pairs.dedup();
        Ok(Pairs(pairs))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Pairs<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Pairs::default())
    }
    fn visit_str<E>(self, _: &str) -> Result<Pairs<'de>, E> {
        Ok(Pairs::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Pairs<'de>, E> {
        Ok(Pairs::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Pairs<'de>, E> {
        Ok(Pairs::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Pairs<'de>, E> {
        Ok(Pairs::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Pairs<'de>, E> {
        Ok(Pairs::default())
    }
    fn visit_unit<E>(self) -> Result<Pairs<'de>, E> {
        Ok(Pairs::default())
    }
    fn visit_none<E>(self) -> Result<Pairs<'de>, E> {
        Ok(Pairs::default())
    }
    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Pairs<'de>, D::Error> {
        inner.deserialize_any(PairsVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Pairs<'a>, D::Error> {
        deserializer.deserialize_any(PairsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Default)]
    struct Wire<'a> {
        #[serde(borrow, default)]
        name: Str<'a>,
        #[serde(borrow, default)]
        policies: Strs<'a>,
        #[serde(borrow, default)]
        metadata: Pairs<'a>,
    }

    #[test]
    fn plain_strings_borrow_and_other_values_do_not_fail() {
        let json = r#"{"name":"a","policies":["x","y"],"metadata":{"k":"v","b":true,"o":{"z":1}}}"#;
        let wire: Wire<'_> = sonic_rs::from_str(json).unwrap_or_default();
        assert!(matches!(wire.name.0, Cow::Borrowed("a")));
        assert_eq!(wire.policies.0, ["x", "y"]);
        let pairs: Vec<(&str, &str)> = wire
            .metadata
            .0
            .iter()
            .map(|(key, value)| (key.as_ref(), value.as_ref()))
            .collect();
        assert_eq!(pairs, [("b", "true"), ("k", "v"), ("o", "")]);
    }

    #[test]
    fn a_member_that_says_two_things_is_damage() {
        let read = |json: &'static str| sonic_rs::from_str::<Wire<'_>>(json).is_ok();
        assert!(!read(r#"{"metadata":{"k":"v","j":"x","k":"w"}}"#));
        assert!(!read(r#"{"metadata":{"k":"v","\u006b":"w"}}"#));
        assert!(read(r#"{"metadata":{"k":"v","k":"v","K":"w"}}"#));
    }

    #[test]
    fn numbers_nulls_and_escapes_are_read_as_text() {
        for (json, expected) in [
            (r#"{"name":12}"#, "12"),
            (r#"{"name":null}"#, ""),
            (r#"{"name":"a\"b"}"#, "a\"b"),
        ] {
            let wire: Result<Wire<'_>, _> = sonic_rs::from_str(json);
            assert_eq!(
                wire.map(|wire| wire.name.0.into_owned()).ok().as_deref(),
                Some(expected)
            );
        }
    }
}
