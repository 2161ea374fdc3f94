//! What the fields of Sigma are in the table `event`, as `fields.toml` says.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What the fields of one log are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Log {
    product: String,
    services: Vec<String>,
    /// The source that must be supplied.
    pub(super) source: String,
    /// Which rows of `event` it has.
    pub(super) rows: String,
    #[serde(default)]
    column: BTreeMap<String, String>,
    #[serde(default)]
    number: BTreeMap<String, String>,
    #[serde(default)]
    words: BTreeMap<String, Words>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    metadata: Option<String>,
    #[serde(default)]
    among: Vec<String>,
    #[serde(default)]
    means: BTreeMap<String, String>,
}

/// Where a field stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Field<'l> {
    /// A column of text.
    Text(&'l str),
    /// A column of numbers.
    Number(&'l str),
    /// One of few words, each with the condition that it stands for.
    Words(Vec<(&'l str, String)>),
}

/// Every log that has fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Logs {
    log: Vec<Log>,
}

impl Logs {
    /// What is in the box.
    pub(super) fn embedded() -> Result<Logs, String> {
        toml::from_str(include_str!("fields.toml")).map_err(|error| error.to_string())
    }

    /// The log of a product and service.
    pub(super) fn of(&self, product: &str, service: Option<&str>) -> Option<&Log> {
        self.log.iter().find(|log| {
            let serves = |service: &str| log.services.iter().any(|name| name == service);
            log.product == product && service.is_some_and(serves)
        })
    }

    /// Whether some log is of that product.
    pub(super) fn knows(&self, product: &str) -> bool {
        self.log.iter().any(|log| log.product == product)
    }
}

impl Log {
    /// Where a field stands; names are compared without regard to case, as Sigma's backends do not
    /// agree on it.
    pub(super) fn field(&self, name: &str) -> Result<Field<'_>, String> {
        fn held<'m, T>(map: &'m BTreeMap<String, T>, name: &str) -> Option<&'m T> {
            let found = map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value)
        }
        if let Some(column) = held(&self.column, name) {
            return Ok(Field::Text(column));
        }
        if let Some(column) = held(&self.number, name) {
            return Ok(Field::Number(column));
        }
        let words = held(&self.words, name);
        let words = words.ok_or_else(|| format!("the field `{name}` is in no table"))?;
        let key = words.metadata.as_deref().unwrap_or_default();
        let among = words.among.iter().map(|word| {
            let condition = format!("array_contains(e.metadata, '{key}={word}')");
            (word.as_str(), condition)
        });
        let means = words.means.iter();
        let means = means.map(|(word, condition)| (word.as_str(), condition.clone()));
        Ok(Field::Words(among.chain(means).collect()))
    }
}
