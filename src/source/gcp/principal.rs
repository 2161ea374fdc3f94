//! Who called: the principal, and the chain of accounts that were impersonated to get there.

use crate::model::id;

use super::wire::{Authentication, Delegation};

/// The id of the caller; `None` when it is redacted or the call was anonymous.
///
/// The e-mail is the last identity of the chain and comes first. Federated callers have only a
/// subject. `system:...` (GKE) and `system@google.com` are no people and stay as they are logged.
pub(super) fn of(authentication: &Authentication<'_>) -> Option<String> {
    authentication
        .principal_email
        .get()
        .map(of_email)
        .or_else(|| authentication.principal_subject.get().map(id::gcp_member))
}

/// The caller as people call it: the e-mail, also where a subject of its own kind of account alone
/// says it.
pub(super) fn name<'a>(authentication: &'a Authentication<'_>) -> Option<&'a str> {
    let subject = || {
        let subject = authentication.principal_subject.get()?;
        let email = ["serviceAccount:", "user:"]
            .iter()
            .find_map(|kind| subject.strip_prefix(kind));
        Some(email.filter(|email| email.contains('@')).unwrap_or(subject))
    };
    authentication.principal_email.get().or_else(subject)
}

fn of_email(email: &str) -> String {
    if email.contains("://") || email.starts_with("serviceAccount:") {
        return id::gcp_member(email);
    }
    if !email.contains('@') || email.starts_with("system:") || email == "system@google.com" {
        return id::gcp_principal(email);
    }
    id::gcp_email(email)
}

/// The ids of `serviceAccountDelegationInfo`, origin first; it ends before the caller.
pub(super) fn delegation(authentication: &Authentication<'_>) -> Vec<String> {
    authentication
        .service_account_delegation_info
        .iter()
        .filter_map(hop)
        .collect()
}

fn hop(hop: &Delegation<'_>) -> Option<String> {
    let first_party = hop
        .first_party_principal
        .as_ref()
        .and_then(|principal| principal.principal_email.get());
    match (hop.principal_subject.get(), first_party) {
        (Some(subject), _) => Some(id::gcp_member(subject)),
        (None, Some(email)) => Some(of_email(email)),
        (None, None) => None,
    }
}
