//! Which owners a set of policies can reach at all.

use std::collections::BTreeMap;

use crate::config::Owner;
use crate::model::kv;
use crate::policy::Pattern;
use crate::rule::{Configuration, VaultPolicy};

/// The literal prefixes, sorted, that some pattern may reach: with thousands of owners and of
/// policies not every pair can be decided. No pattern reaches what is left out; what is in, the
/// decision function tells.
pub(in crate::rule) fn owners_near<'c>(
    policies: &[&VaultPolicy<'_>],
    input: &Configuration<'c>,
) -> BTreeMap<&'c str, &'c Owner> {
    let stanzas = policies.iter().flat_map(|policy| &policy.policy.stanzas);
    let paths = stanzas.flat_map(|stanza| logical(Pattern::new(&stanza.path, "").as_str()));
    let owners = &input.settings.owners;
    paths.flat_map(|path| owners.near(&path)).collect()
}

/// What logical paths that a pattern matches begin with: its literal part as it is, and without
/// `data/` wherever a mount may end before it.
fn logical(pattern: &str) -> Vec<String> {
    let end = pattern.find(['+', '*', '{']).unwrap_or(pattern.len());
    let head = pattern.get(..end).unwrap_or_default();
    let data = format!("{}/", kv::Endpoint::Data.segment());
    let mounts = head.match_indices('/').filter_map(|(at, _)| {
        let (mount, below) = head.split_at_checked(at + 1)?;
        if data.starts_with(below) {
            return Some(mount.to_owned());
        }
        Some(format!("{mount}{}", below.strip_prefix(&data)?))
    });
    [head.to_owned()].into_iter().chain(mounts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    /// Every path by which a prefix is asked for, whichever of its segments the mount ends at.
    fn asked(prefix: &str) -> Vec<String> {
        let below = format!("{prefix}/x");
        let mounts = below.match_indices('/').map(|(at, _)| at + 1);
        let version2 = mounts.map(|at| format!("{}data/{}", &below[..at], &below[at..]));
        version2.chain([below.clone()]).collect()
    }

    #[test]
    fn whatever_a_pattern_matches_is_near() {
        let prefixes = [
            "secret",
            "secret/a",
            "secret/a/prod",
            "secret/ab",
            "kv/t/a",
            "data/a",
        ];
        let text: String = prefixes
            .iter()
            .map(|prefix| format!("[[owner]]\nprefix = \"{prefix}/\"\nproject = \"g/p\"\n"))
            .collect();
        let settings = Settings::parse("piperoll.toml", &text, &[]).unwrap();
        let mut met = 0;
        for pattern in [
            "*",
            "+/data/a/*",
            "secret/*",
            "secret/data/*",
            "secret/da*",
            "secret/data/a*",
            "secret/data/a/prod/x",
            "secret/data/a/+/x",
            "secret/a/x",
            "kv/+/data/a/*",
            "kv/t/data/a/*",
            "kv/t/data/a/x",
            "data/data/a/*",
            "data/*",
            "secret/data/data/*",
            "secret/data/{{identity.entity.name}}/*",
            "s*",
        ] {
            let pattern = Pattern::new(pattern, "");
            let heads = logical(pattern.as_str());
            let near: Vec<&str> = heads
                .iter()
                .flat_map(|head| settings.owners.near(head))
                .map(|(prefix, _)| prefix)
                .collect();
            for prefix in prefixes {
                if asked(prefix).iter().any(|path| pattern.matches(path)) {
                    met += 1;
                    assert!(
                        near.contains(&prefix),
                        "{pattern:?} reaches {prefix}: {near:?}"
                    );
                }
            }
        }
        assert!(met > 30, "{met}");
    }

    #[test]
    fn what_lies_elsewhere_is_not_near() {
        let text = "[[owner]]\nprefix = \"secret/a/\"\nproject = \"g/p\"\n";
        let settings = Settings::parse("piperoll.toml", text, &[]).unwrap();
        for pattern in ["secret/data/b/*", "kv/data/a/*", "auth/token/renew-self"] {
            let heads = logical(pattern);
            assert!(
                heads
                    .iter()
                    .all(|head| settings.owners.near(head).is_empty())
            );
        }
    }
}
