//! Who called: `userIdentity` as a principal.
//!
//! | type | principal |
//! |---|---|
//! | `Root` | `aws:root/<account>` |
//! | `IAMUser` | `aws:user/<account>/<name>` |
//! | `AssumedRole` | `aws:role/<account>/<name>`, the session's issuer |
//! | `FederatedUser` | the user or root that the session was issued by |
//! | `WebIdentityUser` | `aws:web-identity/<host>/<sub>` |
//! | `SAMLUser` | `aws:saml-user/<name>` |
//! | `IdentityCenterUser` | `aws:identity-center-user/<id>` |
//! | `AWSAccount` | `aws:account/<account>` |
//! | `AWSService`, or none | `aws:service/<invokedBy>` |

use super::wire::Members;

/// Who called, as far as the record says.
#[derive(Debug, Default)]
pub(super) struct Caller {
    /// `Root`, `IAMUser`, ...
    pub(super) kind: Option<String>,
    pub(super) principal: Option<String>,
    /// The account whose principal it is.
    pub(super) account: Option<String>,
    /// What the session is called, of a role.
    pub(super) session_name: Option<String>,
    /// Name of the role, of a session.
    pub(super) role: Option<String>,
    /// Access key id.
    pub(super) key: Option<String>,
    /// ARN as logged.
    pub(super) arn: Option<String>,
    /// The service that called on somebody's behalf.
    pub(super) invoked_by: Option<String>,
    pub(super) source_identity: Option<String>,
    /// When the session began.
    pub(super) created_at: Option<String>,
    pub(super) mfa: Option<String>,
    /// Host (and path) of the identity provider, of a federated caller.
    pub(super) provider: Option<String>,
}

impl Caller {
    pub(super) fn of(identity: &Members) -> Caller {
        let text = |path: &[&str]| identity.text(path);
        let issuer = |name: &str| text(&["sessionContext", "sessionIssuer", name]);
        let kind = text(&["type"]);
        let arn = text(&["arn"]);
        let account = text(&["accountId"]).or_else(|| issuer("accountId"));
        let invoked_by = text(&["invokedBy"]);
        let mut session_name = None;
        let mut role = None;
        let mut provider = None;
        let in_account = |what: &str, name: Option<String>| {
            let (account, name) = (account.as_deref()?, name?);
            Some(format!("aws:{what}/{account}/{name}"))
        };
        let principal = match kind.as_deref() {
            Some("Root") => account
                .as_ref()
                .map(|account| format!("aws:root/{account}")),
            Some("IAMUser") => {
                let named = text(&["userName"]).or_else(|| last(arn.as_deref()?, ":user/"));
                in_account("user", named)
            }
            Some("AssumedRole") => {
                let assumed = arn.as_deref().and_then(|arn| last(arn, ":assumed-role/"));
                let parts = assumed.as_deref().and_then(|rest| rest.split_once('/'));
                session_name = parts.map(|(_, session)| session.to_owned());
                role = issuer("userName").or_else(|| parts.map(|(role, _)| role.to_owned()));
                in_account("role", role.clone())
            }
            Some("FederatedUser") => {
                session_name = arn.as_deref().and_then(|arn| last(arn, ":federated-user/"));
                match issuer("type").as_deref() {
                    Some("Root") => account
                        .as_ref()
                        .map(|account| format!("aws:root/{account}")),
                    _ => in_account("user", issuer("userName")),
                }
            }
            Some("WebIdentityUser") => {
                let named = text(&["identityProvider"]);
                provider = named.as_deref().map(|named| host(named).to_owned());
                let of = provider.as_deref().unwrap_or("unknown");
                text(&["userName"]).map(|sub| format!("aws:web-identity/{of}/{sub}"))
            }
            Some("SAMLUser") => {
                provider = text(&["identityProvider"]);
                text(&["userName"]).map(|name| format!("aws:saml-user/{name}"))
            }
            Some("IdentityCenterUser") => text(&["onBehalfOf", "userId"])
                .map(|user| format!("aws:identity-center-user/{user}")),
            Some("AWSAccount") => account
                .as_ref()
                .map(|account| format!("aws:account/{account}")),
            Some("AWSService") | None => invoked_by
                .as_ref()
                .map(|service| format!("aws:service/{service}")),
            _ => arn.clone(),
        };
        Caller {
            principal,
            session_name,
            role,
            provider,
            key: text(&["accessKeyId"]),
            source_identity: text(&["sessionContext", "sourceIdentity"]),
            created_at: text(&["sessionContext", "attributes", "creationDate"]),
            mfa: text(&["sessionContext", "attributes", "mfaAuthenticated"]),
            kind,
            account,
            arn,
            invoked_by,
        }
    }
}

/// What follows a mark of an ARN.
fn last(arn: &str, mark: &str) -> Option<String> {
    let (_, rest) = arn.split_once(mark)?;
    (!rest.is_empty()).then(|| rest.to_owned())
}

/// The host (and path) of an OIDC provider, named by its ARN or by itself.
pub(super) fn host(provider: &str) -> &str {
    let (_, host) = provider
        .split_once(":oidc-provider/")
        .unwrap_or(("", provider));
    host.strip_prefix("https://").unwrap_or(host)
}
