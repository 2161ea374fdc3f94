//! What the tables of a store are made of: the same makes the same tables.

use serde::Serialize;

use crate::cli::Failure;
use crate::cli::settings::Loaded;
use crate::estate::Estate;
use crate::model::Digest;
use crate::pack::VERSION;

/// Everything that decides what stands in the tables, but where it lies.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct MadeOf {
    version: &'static str,
    /// What was read out of the inputs; none where they were read themselves.
    store: Option<String>,
    /// Digest of the configuration file.
    configuration: Option<String>,
    from: String,
    to: String,
    as_of: String,
}

impl MadeOf {
    /// Of an estate that was read.
    pub(in crate::cli) fn new(loaded: &Loaded, estate: &Estate) -> MadeOf {
        let store = estate.inputs.as_ref();
        MadeOf {
            version: VERSION,
            store: store.map(|store| store.digest().to_string()),
            configuration: loaded.config_sha256().map(str::to_owned),
            from: estate.period.from.to_string(),
            to: estate.period.to.to_string(),
            as_of: estate.as_of.to_string(),
        }
    }

    /// The digest that tables and answers carry.
    pub(in crate::cli) fn digest(&self) -> Result<Digest, Failure> {
        let text = serde_json::to_string(self).map_err(std::io::Error::from)?;
        Ok(Digest::of(text))
    }
}
