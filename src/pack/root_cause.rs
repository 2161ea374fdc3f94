//! Which things may stand behind a finding: what it says of configuration, never who acted.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use super::population::{HOLDERS, things};
use crate::estate::Estate;
use crate::finding::root_causes;
use crate::model::{Finding, RootCause, id};

/// Kinds of ids that configuration states. People, jobs and what was reached are no causes.
const CONFIGURED: [&str; 7] = [
    "vault:role/",
    "vault:policy/",
    "vault:entity/",
    "gcp:sa/",
    "aws:role/",
    "aws:policy/",
    "aws:oidc-provider/",
];

/// What configuration files state.
struct Stated {
    /// Files that are exports and no logs.
    files: BTreeSet<String>,
    /// The policies that a file states.
    policies: BTreeMap<String, BTreeSet<String>>,
    /// Who holds a policy.
    holders: BTreeMap<String, BTreeSet<String>>,
}

/// What stands behind several findings each, in the order of their worst.
pub(super) fn causes(estate: &Estate, findings: &[Finding]) -> Result<Vec<RootCause>, Error> {
    let stated = Stated::read(estate)?;
    let named: Vec<BTreeSet<String>> = findings
        .iter()
        .map(|finding| stated.behind(finding))
        .collect();
    let rules: Vec<&str> = findings
        .iter()
        .map(|finding| finding.rule_id.as_str())
        .collect();
    Ok(root_causes(&named, &rules))
}

impl Stated {
    fn read(estate: &Estate) -> Result<Stated, Error> {
        let exports = estate.coverage.iter().filter(|file| !file.is_log);
        let files = exports.map(|file| file.path.clone()).collect();
        let names: BTreeMap<_, _> = estate
            .files
            .iter()
            .map(|file| (file.id, file.name.as_str()))
            .collect();
        let mut policies: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for text in estate.policies.iter().map(|policy| &policy.text) {
            let namespace = Some(text.namespace.as_str()).filter(|name| !name.is_empty());
            if let Some(file) = names.get(&text.place.file) {
                let policy = id::vault_policy(namespace, &text.name);
                let of = policies.entry((*file).to_owned()).or_default();
                of.insert(policy);
            }
        }
        let mut holders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (kind, attribute) in HOLDERS {
            for thing in things(&estate.store, kind)? {
                for name in thing.values(attribute) {
                    let policy = id::vault_policy(thing.namespace().as_deref(), name);
                    let of = holders.entry(policy).or_default();
                    of.insert(thing.object.clone());
                }
            }
        }
        Ok(Stated {
            files,
            policies,
            holders,
        })
    }

    /// The things that may stand behind a finding.
    fn behind(&self, finding: &Finding) -> BTreeSet<String> {
        if finding.object.starts_with("setting:") {
            return BTreeSet::from([finding.object.clone()]);
        }
        let exported = |file: &str| self.files.contains(file);
        let rests = finding.evidence.iter().any(|piece| exported(&piece.file));
        let mut behind = BTreeSet::new();
        for id in [&finding.subject, &finding.object] {
            let configured = CONFIGURED.iter().any(|kind| id.starts_with(kind));
            if configured && (rests || id.starts_with("vault:policy/")) {
                behind.insert(id.clone());
            }
            behind.extend(written_at(id));
        }
        for piece in &finding.evidence {
            match self.policies.get(&piece.file) {
                Some(policies) if policies.len() == 1 => behind.extend(policies.iter().cloned()),
                _ if exported(&piece.file) => {}
                // Several rules may speak about one deed.
                _ => {
                    behind.insert(format!("record {}:{}", piece.file, piece.line));
                }
            }
        }
        behind.into_iter().map(|id| self.held(id)).collect()
    }

    /// A policy that one thing alone holds is that thing's power.
    fn held(&self, id: String) -> String {
        match self.holders.get(&id) {
            Some(holders) if holders.len() == 1 => holders.first().cloned().unwrap_or(id),
            _ => id,
        }
    }
}

/// The policy or role that a path of Vault's own configuration writes; none where it is a pattern.
fn written_at(path: &str) -> Option<String> {
    let path = path.strip_prefix("vault:path/")?;
    if path.contains(['*', '+']) {
        return None;
    }
    let within = |before: &str| {
        let namespace = before.trim_end_matches('/').to_owned();
        Some(namespace).filter(|namespace| !namespace.is_empty())
    };
    let policy = id::POLICY_PATHS
        .iter()
        .find_map(|start| path.split_once(start));
    if let Some((before, name)) = policy {
        return Some(id::vault_policy(within(before).as_deref(), name));
    }
    let (before, rest) = path.split_once("auth/")?;
    let (mount, role) = rest.split_once("/role/")?;
    Some(id::vault_role(within(before).as_deref(), mount, role))
}

#[cfg(test)]
mod tests {
    use super::written_at;

    #[test]
    fn paths_of_vaults_own_configuration_name_what_they_write() {
        let of = |path: &str| written_at(path).unwrap_or_default();
        assert_eq!(
            of("vault:path/sys/policies/acl/ci-billing"),
            "vault:policy/ci-billing"
        );
        assert_eq!(
            of("vault:path/team/sys/policy/ops"),
            "vault:policy/team/ops"
        );
        assert_eq!(
            of("vault:path/auth/gitlab/role/orders"),
            "vault:role/gitlab/orders"
        );
        for other in [
            "vault:path/sys/policies/acl/*",
            "vault:path/secret/data/x",
            "gcp:sa/a",
        ] {
            assert_eq!(of(other), "", "{other}");
        }
    }
}
