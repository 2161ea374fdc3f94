//! The identity against which a templated path is resolved.

use std::collections::BTreeMap;

use serde::Deserialize;

/// An entity as `identity/entity/id/<id>` shows it, with the groups it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Entity {
    /// The entity's id.
    pub id: String,
    /// The entity's name.
    pub name: String,
    /// Metadata of the entity.
    #[serde(deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
    /// The aliases, one for each login mount.
    #[serde(deserialize_with = "null_as_default")]
    pub aliases: Vec<Alias>,
    /// The groups the entity belongs to.
    #[serde(deserialize_with = "null_as_default")]
    pub groups: Vec<Group>,
}

/// One alias of an entity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Alias {
    /// Accessor of the mount that the alias belongs to.
    pub mount_accessor: String,
    /// The alias' id.
    pub id: String,
    /// The alias' name.
    pub name: String,
    /// Metadata that the login wrote.
    #[serde(deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
    /// Metadata that an operator wrote.
    #[serde(deserialize_with = "null_as_default")]
    pub custom_metadata: BTreeMap<String, String>,
}

/// One group of an entity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Group {
    /// The group's id.
    pub id: String,
    /// The group's name.
    pub name: String,
    /// Metadata of the group.
    #[serde(deserialize_with = "null_as_default")]
    pub metadata: BTreeMap<String, String>,
}

/// The API writes an empty map or list as `null`.
fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
