//! What a run knows beside the tables: which inputs came, what is configured, which numbers hold.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Settings, Threshold};

/// What was supplied and configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Sources of which at least one file was read (`vault`, `gitlab-jobs`, ...).
    pub sources: BTreeSet<String>,
    /// Dotted configuration keys that are set (`vault.ci_mounts`, `owner`, ...).
    pub settings: BTreeSet<String>,
    /// Thresholds in force that differ from the rule's default: plain numbers as they are,
    /// lengths of time in whole seconds.
    pub thresholds: BTreeMap<String, i64>,
    /// Why a setting that is set counts for nothing, by dotted key: nothing that was read matches
    /// any of its values.
    pub unmatched: BTreeMap<String, String>,
    /// Why the addresses in Vault's log do not tell callers apart, where they do not.
    pub hidden_addresses: Option<String>,
}

/// Every key that a rule may ask for.
const KEYS: [&str; 14] = [
    "vault.ci_mounts",
    "vault.workload_mounts",
    "vault.human_mounts",
    "owner",
    "owner.project",
    "owner.service",
    "owner.environment",
    "network.runner_cidrs",
    "network.egress_cidrs",
    "people.admins",
    "people.break_glass",
    "people.bots",
    "people.aliases",
    "environments",
];

impl Facts {
    /// The facts without settings of which nothing that was read matches any value: a rule that
    /// rests on one of them would pass on nothing.
    #[must_use]
    pub fn without(mut self, unmatched: BTreeMap<String, String>) -> Facts {
        let named = |key: &String| {
            let of_table = unmatched.keys().any(|gone| {
                key.strip_prefix(gone.as_str())
                    .is_some_and(|rest| rest.starts_with('.'))
            });
            unmatched.contains_key(key) || of_table
        };
        self.settings.retain(|key| !named(key));
        self.unmatched = unmatched;
        self
    }

    /// The facts of a configuration, with the sources that were read.
    #[must_use]
    pub fn new(sources: BTreeSet<String>, settings: &Settings) -> Facts {
        let set = KEYS.iter().filter(|key| settings.is_set(key));
        // JOI-025 measures changes against a pipeline; people alone declare none.
        let projects = settings
            .people
            .admins()
            .any(|who| who.starts_with("gitlab:project/"));
        let thresholds = settings.thresholds.iter().map(|(name, threshold)| {
            let value = match threshold {
                Threshold::Duration(micros) => micros / 1_000_000,
                Threshold::Number(number) => number as i64,
            };
            (name.to_owned(), value)
        });
        Facts {
            sources,
            settings: set
                .map(|key| (*key).to_owned())
                .chain(projects.then(|| "people.admins.project".to_owned()))
                .collect(),
            thresholds: thresholds.collect(),
            unmatched: BTreeMap::new(),
            hidden_addresses: None,
        }
    }
}
