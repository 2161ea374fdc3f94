//! What a run knows beside the tables: which inputs came, what is configured, which numbers hold.

use std::collections::{BTreeMap, BTreeSet};

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
}
