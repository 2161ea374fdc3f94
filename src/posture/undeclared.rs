//! What the inputs show and no setting speaks of.
//!
//! A setting that lacks an entry makes rules look away, as one that is wrong does: a secret that
//! machines use and nobody owns, an auth mount that somebody logs in by and that has no class.

use std::collections::BTreeSet;

use super::tally::Tally;
use crate::config::Settings;
use crate::model::{Hole, listed};

/// What the holes of settings are called: of `[[owner]]`, and of the mounts under `[vault]`.
pub const OWNERS: &str = "owner";
/// See [`OWNERS`].
pub const CLASSES: &str = "mount-class";
/// What holes of jobs are called of which nothing says that they are for production.
pub const ENVIRONMENTS: &str = "job-environment";
/// What holes of jobs are called of which nothing says what started their pipeline.
pub const PIPELINES: &str = "job-pipeline";
/// How alike two names of environments are of which one may mean the other.
const ALIKE: f64 = 0.9;

/// What the logs show that settings should speak of.
#[derive(Clone, Debug, Default)]
pub struct Undeclared {
    /// Logical paths of secrets that tokens of machines reached and nobody owns.
    pub unowned: Tally,
    /// Auth mounts that logins were taken by.
    pub logins: Tally,
}

impl Undeclared {
    /// What is missing of the settings, as far as the logs show it.
    #[must_use]
    pub fn holes(&self, settings: &Settings) -> Vec<Hole> {
        let quoted = |name: &String| format!("`{name}`");
        let mut holes = Vec::new();
        if settings.is_set("owner") && !self.unowned.is_empty() {
            let words = format!(
                "machines use secrets that no `[[owner]]` names: {}",
                listed(self.unowned.keys().map(quoted))
            );
            holes.push(Hole::somewhere(OWNERS, words));
        }
        // Tokens that tokens make are of the login that made the first.
        let open =
            |mount: &&String| !mount.ends_with("auth/token/") && !is_classed(settings, mount);
        let open: BTreeSet<&String> = self.logins.keys().filter(open).collect();
        if !open.is_empty() {
            let words = format!(
                "`[vault]` does not say whether jobs, services or people log in by {}",
                listed(open.into_iter().map(quoted))
            );
            holes.push(Hole::somewhere(CLASSES, words));
        }
        holes
    }
}

/// The hole of jobs whose environments tell nobody which of them are for production: no job says
/// one, none of those said is declared as such, or one is written nearly as one that is declared.
#[must_use]
pub fn environments(seen: &Tally, settings: &Settings) -> Option<Hole> {
    let declared = &settings.environments;
    let quoted = |name: &&String| format!("`{name}`");
    let unknown = seen.keys().filter(|name| declared.tier(name).is_none());
    let meant = unknown.clone().filter(|name| {
        let mut names = declared.names();
        names.any(|(known, _)| strsim::jaro_winkler(known, &name.to_lowercase()) > ALIKE)
    });
    let meant: BTreeSet<&String> = meant.collect();
    let words = if seen.is_empty() {
        "no job says which environment it is for".to_owned()
    } else if !seen.keys().any(|name| declared.is_production(name)) {
        let names: BTreeSet<&String> = seen.keys().collect();
        let names = listed(names.iter().map(quoted));
        format!("no job is for an environment that `[environments]` calls production: {names}")
    } else if meant.is_empty() {
        return None;
    } else {
        let names = listed(meant.iter().map(quoted));
        format!("`[environments]` names nearly, and not quite, what jobs are for: {names}")
    };
    Some(Hole::somewhere(ENVIRONMENTS, words))
}

/// Whether a mount, `[<namespace>/]auth/<mount>/`, has a class.
pub(super) fn is_classed(settings: &Settings, seen: &str) -> bool {
    let (namespace, mount) = match seen.split_once("/auth/") {
        Some((namespace, mount)) => (Some(namespace), format!("auth/{mount}")),
        None => (None, seen.to_owned()),
    };
    settings.mounts.class(namespace, &mount).is_some()
}

/// Whether what a token of a machine reached is a secret that an owner may be asked for: a secret of
/// the KV engine, or a path at a mount of which other paths have an owner.
#[must_use]
pub fn is_secret(path: &str, logical: &str, settings: &Settings) -> bool {
    let first = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
    if ["sys", "auth", "identity", "cubbyhole"].contains(&first(path).as_str()) {
        return false;
    }
    let owners = &settings.owners;
    let mut owned = owners.prefixes().map(|(prefix, _)| prefix);
    // The other paths of a KV engine, such as its metadata, are not what is logical.
    path.contains("/data/")
        || (logical.ends_with(path) && owned.any(|it| first(it) == first(logical)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNED: &str = "[[owner]]\nprefix = \"kv/shop/\"\nproject = \"a/shop\"\n";

    fn settings(text: &str) -> Settings {
        Settings::parse("piperoll.toml", text, &[]).unwrap()
    }

    fn said(text: &str, unowned: &[&str], logins: &[&str]) -> Vec<String> {
        let tally = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), 1)).collect();
        let seen = Undeclared {
            unowned: tally(unowned),
            logins: tally(logins),
        };
        let holes = seen.holes(&settings(text)).into_iter();
        holes.map(|hole| hole.of).collect()
    }

    #[test]
    fn a_used_secret_without_an_owner_is_missing_where_owners_are_declared() {
        assert_eq!(said(OWNED, &["kv/bank/db"], &[]), [OWNERS]);
        assert_eq!(said(OWNED, &[], &[]), [""; 0]);
        assert_eq!(said("", &["kv/bank/db"], &[]), [""; 0]);
    }

    #[test]
    fn a_mount_that_somebody_logs_in_by_has_a_class() {
        let classed = "[vault]\nci_mounts = [\"auth/jwt/\", \"a/auth/jwt/\"]\n";
        let used = ["auth/jwt/", "a/auth/jwt/", "auth/token/", "a/auth/token/"];
        assert_eq!(said(classed, &[], &used), [""; 0]);
        assert_eq!(said(classed, &[], &["auth/oidc/"]), [CLASSES]);
        assert_eq!(said("", &[], &["auth/jwt/"]), [CLASSES]);
    }

    #[test]
    fn jobs_of_which_nothing_says_that_they_are_for_production_are_told() {
        const DECLARED: &str = "[environments]\nprod = [\"production\", \"live-eu\"]\n";
        let said = |names: &[&str]| {
            let seen: Tally = names.iter().map(|name| ((*name).to_owned(), 1)).collect();
            environments(&seen, &settings(DECLARED)).map(|hole| hole.words)
        };
        assert_eq!(said(&["production", "review/shop"]), None);
        assert!(said(&[]).unwrap().starts_with("no job says"));
        assert!(
            said(&["staging"])
                .unwrap()
                .ends_with("production: `staging`")
        );
        let nearly = said(&["production", "live-us"]).unwrap();
        assert!(nearly.ends_with("what jobs are for: `live-us`"), "{nearly}");
    }

    #[test]
    fn what_is_no_secret_of_an_owner_is_not_asked_for_one() {
        let settings = settings(OWNED);
        for (path, logical, is) in [
            ("kv/data/bank/db", "kv/bank/db", true),
            ("other/data/db", "other/db", true),
            ("kv/bank/db", "kv/bank/db", true),
            ("kv/metadata/bank/", "kv/bank/", false),
            ("transit/encrypt/a", "transit/encrypt/a", false),
            ("sys/policies/acl/data/x", "sys/policies/acl/data/x", false),
        ] {
            assert_eq!(is_secret(path, logical, &settings), is, "{path}");
        }
    }
}
