//! The top level of a policy text: `name` and `path`.

use super::decode;
use super::error::Faults;
use super::stanza;
use super::tree::Item;
use crate::model::Timestamp;
use crate::policy::dialect::Dialect;
use crate::policy::stanza::Policy;

/// Reads the items of a text as a policy.
pub(super) fn read(
    items: &[Item],
    dialect: Dialect,
    now: Option<Timestamp>,
    faults: &mut Faults<'_>,
) -> Policy {
    let mut policy = Policy::default();
    for item in items {
        match item.first_key() {
            "path" => {
                if let Some(stanza) = stanza::read(item, dialect, now, faults) {
                    policy.stanzas.push(stanza);
                }
            }
            "name" => {
                if item.keys.len() > 1 {
                    decode::wrong_kind(item, "a string", faults);
                } else if let Some(name) = decode::string(&item.value, "name", faults) {
                    policy.name = Some(name);
                }
            }
            key => {
                let help = if key.eq_ignore_ascii_case("path") {
                    "keys are case-sensitive: write `path`".to_owned()
                } else if dialect.stanza_keys().any(|known| known == key) {
                    format!("`{key}` belongs inside a `path \"...\" {{ }}` stanza")
                } else {
                    "the top level of a policy holds `path` and `name` only".to_owned()
                };
                let span = item.keys.first().map_or(item.value.span, |key| key.span);
                faults.add(span, format!("invalid key `{key}`"), key, help);
            }
        }
    }
    policy
}
