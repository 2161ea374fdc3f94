//! How a login may come to its token: at once, wrapped, or after a second factor.
//!
//! - `auth/<mount>/login...` hands out a token (`response.auth`).
//! - With `X-Vault-Wrap-TTL` the token is wrapped: `response.wrap_info` carries its accessor, and
//!   identity, policies and metadata stand in the record's top-level `auth`. What unwraps it later
//!   (`sys/wrapping/unwrap`) is no second login.
//! - With a second factor in a request of its own, the answer to the login is a `response.auth` that
//!   names nobody, and `sys/mfa/validate` hands out the token (`handleLoginRequest`).

use super::wire::Auth;
use crate::model::{Event, Issued, Text};

/// Where the second factor of a login is checked.
pub(super) const VALIDATE: &str = "sys/mfa/validate";
/// Where a wrapped answer is taken out.
pub(super) const UNWRAP: &str = "sys/wrapping/unwrap";

/// What is said of a login whose answer has neither a token nor a reason: every server gives one.
pub(super) const CUT: &str = "the answer holds neither a token nor a reason";

/// `auth/<mount>/login`, `auth/<mount>/login/<user>`, `auth/<mount>/oidc/callback`, or the second
/// half of one.
pub(super) fn is_login(path: &str) -> bool {
    path == VALIDATE
        || path.starts_with("auth/")
            && (path.ends_with("/login")
                || path.contains("/login/")
                || path.ends_with("/oidc/callback"))
}

/// Whether the answer to a login hands out nothing yet: a second factor is still due.
pub(super) fn is_pending(auth: &Auth<'_>) -> bool {
    [
        &auth.accessor,
        &auth.client_token,
        &auth.display_name,
        &auth.entity_id,
    ]
    .iter()
    .all(|text| text.as_str().is_empty())
        && auth.policies.0.is_empty()
        && auth.token_policies.0.is_empty()
        && auth.metadata.0.is_empty()
}

/// Fills in whom a wrapped token was made for: the record names the new token as its caller.
pub(super) fn take_wrapped(issued: &mut Issued<'_>, event: &Event<'_>) {
    let owned = |text: &Option<Text<'_>>| text.clone().map(|text| Text::Owned(text.into_owned()));
    let each = |text: &Text<'_>| Text::Owned(text.clone().into_owned());
    issued.handles.token = owned(&event.caller.token);
    if issued.handles.accessor.is_none() {
        issued.handles.accessor = owned(&event.caller.accessor);
    }
    issued.display_name = owned(&event.display_name);
    issued.entity_id = owned(&event.entity_id);
    issued.policies = event.policies.iter().map(each).collect();
    issued.metadata = event
        .metadata
        .iter()
        .map(|(key, value)| (each(key), each(value)))
        .collect();
    issued.ttl_seconds = event.token_ttl_seconds;
}

/// The mount that a login by second factor went through, as far as its own record says: the display
/// name is the mount's path and the alias, and of the methods that ask for a password the alias is
/// the name of the user.
pub(super) fn mount_of_validated(issued: &Issued<'_>, namespace: Option<&str>) -> Option<String> {
    let user = issued.metadata.iter().find(|(key, _)| key == "username")?;
    let mount = issued
        .display_name
        .as_deref()?
        .strip_suffix(user.1.as_ref())?
        .strip_suffix('-')?;
    // In a namespace the whole path from the root is in the name.
    let above = namespace.map(|namespace| format!("{}-auth-", namespace.replace('/', "-")));
    let mount = above
        .and_then(|above| mount.strip_prefix(above.as_str()))
        .unwrap_or(mount);
    (!mount.is_empty()).then(|| format!("auth/{mount}/"))
}
