//! The identity provider by which people log in, where its log is not there.
//!
//! Whoever it blocked is blocked, whatever GitLab knows of it.

use std::collections::BTreeSet;

use super::Minutes;
use crate::identity::Identity;
use crate::model::listed;
use crate::model::{Hole, id};

/// Auth methods that ask another system who somebody is.
const ASKING: [&str; 3] = ["oidc", "okta", "saml"];

/// A hole of Okta's log, where people log in to Vault through a provider that is Okta, or that no
/// exported settings name.
pub(super) fn hole(minutes: &Minutes, identity: &Identity) -> Option<Hole> {
    if minutes.names().any(|log| log == "okta") {
        return None;
    }
    let (ledger, directory) = (&identity.ledger, &identity.directory);
    let is_other = |namespace: &str, mount: &str| {
        let settings = id::vault_mount(Some(namespace).filter(|it| !it.is_empty()), mount);
        let mut stated = directory.of_kind("vault-auth-config");
        stated.any(|it| {
            let issuer = it.name == "oidc_discovery_url" || it.name == "bound_issuer";
            issuer && it.object == settings && !it.value.to_lowercase().contains("okta")
        })
    };
    let mut mounts = BTreeSet::new();
    for login in ledger.logins.iter().filter(|login| !login.child) {
        let mount = ledger.text(login.mount);
        let asking = ASKING.contains(&ledger.text(login.mount_type));
        if asking && !mounts.contains(mount) && !is_other(ledger.text(login.namespace), mount) {
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
