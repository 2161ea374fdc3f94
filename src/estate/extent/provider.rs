//! The identity provider by which people log in, where its log is not there.
//!
//! Whoever it blocked is blocked, whatever GitLab knows of it.

use std::collections::BTreeSet;

use super::Minutes;
use crate::identity::Identity;
use crate::model::listed;
use crate::model::{Hole, id};

/// Auth methods that ask another system who somebody is.
pub(super) const ASKING: [&str; 3] = ["oidc", "okta", "saml"];

/// Whether the exported settings of a mount name another provider than Okta.
pub(super) fn is_of_another(identity: &Identity, namespace: &str, mount: &str) -> bool {
    let settings = id::vault_mount(Some(namespace).filter(|it| !it.is_empty()), mount);
    let mut stated = identity.directory.of_kind("vault-auth-config");
    stated.any(|it| {
        let issuer = it.name == "oidc_discovery_url" || it.name == "bound_issuer";
        issuer && it.object == settings && !it.value.to_lowercase().contains("okta")
    })
}

/// A hole of Okta's log, where people log in to Vault through a provider that is Okta, or that no
/// exported settings name.
pub(super) fn hole(minutes: &Minutes, identity: &Identity) -> Option<Hole> {
    if minutes.names().any(|log| log == "okta") {
        return None;
    }
    let ledger = &identity.ledger;
    let mut mounts = BTreeSet::new();
    for login in ledger.logins.iter().filter(|login| !login.child) {
        let mount = ledger.text(login.mount);
        let asking = ASKING.contains(&ledger.text(login.mount_type));
        let other = || is_of_another(identity, ledger.text(login.namespace), mount);
        if asking && !mounts.contains(mount) && !other() {
            mounts.insert(mount.to_owned());
        }
    }
    (!mounts.is_empty()).then(|| {
        let words = format!(
            "people log in through {}, and no log of their identity provider was supplied",
            listed(&mounts)
        );
        Hole::somewhere("okta", words)
    })
}
