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
        let mut caller = Caller {
            kind: text(&["type"]),
            arn: text(&["arn"]),
            account: text(&["accountId"]).or_else(|| issuer("accountId")),
            invoked_by: text(&["invokedBy"]),
            key: text(&["accessKeyId"]),
            source_identity: text(&["sessionContext", "sourceIdentity"]),
            created_at: text(&["sessionContext", "attributes", "creationDate"]),
            mfa: text(&["sessionContext", "attributes", "mfaAuthenticated"]),
            ..Caller::default()
        };
        match caller.kind.as_deref() {
            Some("AssumedRole") => {
                let assumed = caller
                    .arn
                    .as_deref()
                    .and_then(|arn| last(arn, ":assumed-role/"));
                let parts = assumed.as_deref().and_then(|rest| rest.split_once('/'));
                caller.session_name = parts.map(|(_, session)| session.to_owned());
                let role = parts.map(|(role, _)| role.to_owned());
                caller.role = issuer("userName").or(role);
            }
            Some("FederatedUser") => {
                let arn = caller.arn.as_deref();
                caller.session_name = arn.and_then(|arn| last(arn, ":federated-user/"));
            }
            Some("WebIdentityUser") => {
                let named = text(&["identityProvider"]);
                caller.provider = named.as_deref().map(|named| host(named).to_owned());
            }
            Some("SAMLUser") => caller.provider = text(&["identityProvider"]),
            _ => {}
        }
        caller.principal = caller.named(identity);
        caller
    }

    /// The id of who called.
    fn named(&self, identity: &Members) -> Option<String> {
        let text = |path: &[&str]| identity.text(path);
        let account = self.account.as_deref();
        let root = || account.map(|account| format!("aws:root/{account}"));
        let in_account = |what: &str, name: Option<String>| {
            let (account, name) = (account?, name?);
            Some(format!("aws:{what}/{account}/{name}"))
        };
        match self.kind.as_deref() {
            Some("Root") => root(),
            Some("IAMUser") => {
                let of_arn = || last(self.arn.as_deref()?, ":user/");
                in_account("user", text(&["userName"]).or_else(of_arn))
            }
            Some("AssumedRole") => in_account("role", self.role.clone()),
            Some("FederatedUser") => {
                let issuer = |name| text(&["sessionContext", "sessionIssuer", name]);
                match issuer("type").as_deref() {
                    Some("Root") => root(),
                    _ => in_account("user", issuer("userName")),
                }
            }
            Some("WebIdentityUser") => {
                let of = self.provider.as_deref().unwrap_or("unknown");
                text(&["userName"]).map(|sub| format!("aws:web-identity/{of}/{sub}"))
            }
            Some("SAMLUser") => text(&["userName"]).map(|name| format!("aws:saml-user/{name}")),
            Some("IdentityCenterUser") => {
                let user = text(&["onBehalfOf", "userId"]);
                user.map(|user| format!("aws:identity-center-user/{user}"))
            }
            Some("AWSAccount") => account.map(|account| format!("aws:account/{account}")),
            Some("AWSService") | None => {
                let service = self.invoked_by.as_ref();
                service.map(|service| format!("aws:service/{service}"))
            }
            Some(_) => self.arn.clone(),
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
