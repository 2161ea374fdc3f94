//! `[environments]`: which environment names are production, staging and development.

use std::collections::BTreeMap;

use super::problem::nearest;
use super::reading::Fields;

/// The tiers without configuration, with the names that mean them.
const DEFAULTS: [(&str, &[&str]); 3] = [
    ("prod", &["prod", "production", "live"]),
    ("staging", &["staging", "stage"]),
    ("dev", &["dev", "development"]),
];

/// Environment names and the tier each belongs to.
///
/// A tier that the configuration names has exactly the names written there; the others keep
/// their defaults. Further tiers may be added under any name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environments {
    /// Lower-case environment name -> tier.
    tiers: BTreeMap<String, String>,
}

impl Default for Environments {
    fn default() -> Self {
        Environments::with(&[])
    }
}

impl Environments {
    fn with(written: &[(String, Vec<String>)]) -> Environments {
        let mut tiers = BTreeMap::new();
        for (tier, names) in written {
            for name in names {
                tiers.insert(name.trim().to_lowercase(), tier.clone());
            }
        }
        for (tier, names) in DEFAULTS {
            if written.iter().all(|(found, _)| found != tier) {
                for name in names {
                    tiers
                        .entry((*name).to_owned())
                        .or_insert_with(|| tier.to_owned());
                }
            }
        }
        Environments { tiers }
    }

    /// The tier of an environment name, in any case of letters.
    ///
    /// The whole name decides; if it is not listed, what stands before the first `/` does, so that
    /// `prod/eu` is production.
    #[must_use]
    pub fn tier(&self, name: &str) -> Option<&str> {
        let name = name.trim().to_lowercase();
        let first = name.split('/').next().unwrap_or_default();
        self.tiers
            .get(&name)
            .or_else(|| self.tiers.get(first))
            .map(String::as_str)
    }

    /// Whether the name means production.
    #[must_use]
    pub fn is_production(&self, name: &str) -> bool {
        self.tier(name) == Some("prod")
    }

    /// Every known name with its tier, sorted by name.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tiers
            .iter()
            .map(|(name, tier)| (name.as_str(), tier.as_str()))
    }
}

/// Reads `[environments]`.
pub(super) fn read(fields: Fields<'_>) -> Environments {
    let document = fields.document;
    for (tier, span) in fields.keys() {
        let meant = DEFAULTS.iter().find(|(name, _)| *name == tier);
        let named = DEFAULTS.iter().find(|(_, names)| names.contains(&tier));
        let near = nearest(tier, DEFAULTS.map(|(name, _)| name));
        match (meant, named, near) {
            (Some(_), _, _) => {}
            (None, Some((name, _)), _) => document.complain(
                &span,
                format!("`environments.{tier}` is a name of the tier `{name}`"),
                format!("write `{name} = [\"{tier}\", ...]`"),
            ),
            (None, None, Some(name)) => document.warn(
                &span,
                format!("`environments.{tier}` is a tier of its own"),
                format!("did you mean `{name}`?"),
            ),
            (None, None, None) => {}
        }
    }
    let mut written: Vec<(String, Vec<String>)> = Vec::new();
    for (tier, names) in fields.open_lists() {
        let mut kept = Vec::new();
        for (name, span) in names {
            let lower = name.trim().to_lowercase();
            match written.iter().find(|(_, names)| names.contains(&lower)) {
                Some((other, _)) => document.complain(
                    &span,
                    format!("environment \"{name}\" stands in both `{other}` and `{tier}`"),
                    "an environment has one tier; keep it in one list",
                ),
                None => kept.push(lower),
            }
        }
        written.push((tier, kept));
    }
    Environments::with(&written)
}
