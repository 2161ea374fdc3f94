//! Members that an object states twice. One program takes the first, another the last, so that
//! neither is evidence of what was in force.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::model::{Event, Export, Sink};

/// A sink for what is read only to learn whether it can be.
pub(super) struct Untold;

impl Sink for Untold {
    fn event(&mut self, _: &Event<'_>) {}
    fn export(&mut self, _: Export) {}
}

/// The first member that an object of a JSON text states twice, however deep it lies.
pub(super) fn member(bytes: &[u8]) -> Option<String> {
    let mut found = None;
    let mut stream = serde_json::Deserializer::from_slice(bytes);
    // A text that is no JSON is the reader's to refuse.
    let _ = Once { found: &mut found }.deserialize(&mut stream);
    found
}

/// A value in which every member stands once.
struct Once<'f> {
    found: &'f mut Option<String>,
}

impl<'de> DeserializeSeed<'de> for Once<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if seen.contains(&name) {
                *self.found = Some(name);
                return Err(A::Error::custom("a member stands twice"));
            }
            seen.insert(name);
            map.next_value_seed(Once {
                found: &mut *self.found,
            })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        loop {
            let next = list.next_element_seed(Once {
                found: &mut *self.found,
            })?;
            if next.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_stands_twice_is_named_however_deep() {
        for (text, named) in [
            (r#"{"a": 1, "b": 2}"#, None),
            (r#"{"a": 1, "a": 2}"#, Some("a")),
            (
                r#"[{"x": [{"b": null, "c": {}, "\u0062": true}]}]"#,
                Some("b"),
            ),
            (r#"[{"a": 1}, {"a": 1}]"#, None),
            (r#"{"a": "#, None),
            ("no JSON", None),
        ] {
            assert_eq!(member(text.as_bytes()).as_deref(), named, "{text}");
        }
    }
}
