//! Entities of the exports, as templates are resolved against them.

use std::collections::BTreeMap;

use crate::policy::{Alias, Entity};
use crate::posture::{Thing, Things};

/// Every exported entity, by id.
pub(crate) fn entities(things: &Things<'_>) -> BTreeMap<String, Entity> {
    let all = things.of("vault-entity").filter_map(|thing| {
        let id = thing.object.strip_prefix("vault:entity/")?;
        Some((id.to_owned(), entity(id, &thing)))
    });
    all.collect()
}

fn entity(id: &str, thing: &Thing<'_>) -> Entity {
    let mut aliases: BTreeMap<&str, Alias> = BTreeMap::new();
    for (name, value) in thing.below("alias.") {
        let Some((number, field)) = name.split_once('.') else {
            continue;
        };
        let alias = aliases.entry(number).or_default();
        let value = value.to_owned();
        match field.split_once('.') {
            Some(("metadata", key)) => {
                alias.metadata.insert(key.to_owned(), value);
            }
            Some(("custom_metadata", key)) => {
                alias.custom_metadata.insert(key.to_owned(), value);
            }
            _ => match field {
                "id" => alias.id = value,
                "name" => alias.name = value,
                "mount_accessor" => alias.mount_accessor = value,
                _ => {}
            },
        }
    }
    let metadata = thing.below("metadata.");
    Entity {
        id: id.to_owned(),
        name: thing.value("name").unwrap_or_default().to_owned(),
        metadata: metadata
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
        aliases: aliases.into_values().collect(),
        groups: Vec::new(),
    }
}
